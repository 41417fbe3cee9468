#ifndef CLINUX_SOCKETS_H
#define CLINUX_SOCKETS_H

#include <sys/types.h>

/// Who is at the other end of a Unix socket, as the kernel saw it when it connected.
struct clinux_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/// The peer of a connected Unix socket.
int clinux_peer_credentials(int socket, struct clinux_peer *peer);

/// The supplementary groups of a socket's peer (SO_PEERGROUPS): fills `groups` and returns their
/// number; ERANGE where `capacity` is too small, ENOPROTOOPT before Linux 4.13.
int clinux_peer_groups(int socket, gid_t *groups, int capacity);

/// Sends bytes without SIGPIPE when the other end is gone.
ssize_t clinux_send(int socket, const void *bytes, size_t length);

#endif
