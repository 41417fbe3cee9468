#ifndef CLINUX_INOTIFY_H
#define CLINUX_INOTIFY_H

#include <limits.h>
#include <stdint.h>
#include <sys/inotify.h>

/// The events that a watched folder reports here: anything that changes its listing or a file's
/// content, and its own end.
static const uint32_t clinux_folder_events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM
    | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

static const uint32_t clinux_in_moved_from = IN_MOVED_FROM;
static const uint32_t clinux_in_delete_self = IN_DELETE_SELF;
static const uint32_t clinux_in_move_self = IN_MOVE_SELF;
static const uint32_t clinux_in_is_directory = IN_ISDIR;
static const uint32_t clinux_in_unmount = IN_UNMOUNT;
static const uint32_t clinux_in_overflow = IN_Q_OVERFLOW;
static const uint32_t clinux_in_ignored = IN_IGNORED;

/// One event without its name.
struct clinux_inotify_event {
    int watch;
    uint32_t mask;
    uint32_t cookie;
};

/// Opens an inotify instance that neither blocks nor survives exec.
int clinux_inotify_open(void);

/// Watches a folder for `mask`; returns the watch.
int clinux_inotify_add(int descriptor, const char *folder, uint32_t mask);

/// Ends a watch.
int clinux_inotify_remove(int descriptor, int watch);

/// Cuts one event out of `length` bytes that were read from an instance, beginning at `offset`.
///
/// Copies the name, closed by NUL, into `name` (`capacity` bytes; NAME_MAX + 1 hold every name).
/// Returns the offset of the next event, or 0 where the bytes hold no whole event.
long clinux_inotify_next(const void *bytes, long length, long offset,
                         struct clinux_inotify_event *event, char *name, long capacity);

#endif
