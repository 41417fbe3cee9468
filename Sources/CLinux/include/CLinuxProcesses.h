#ifndef CLINUX_PROCESSES_H
#define CLINUX_PROCESSES_H

#include <sys/types.h>

/// Names the calling thread (at most 15 bytes are kept), as `ps` and `top` show it.
int clinux_set_thread_name(const char *name);

/// Opens a descriptor of a process that becomes readable when the process ends. It is closed on
/// exec. ENOSYS before Linux 5.3.
int clinux_pidfd_open(pid_t pid);

/// Sends a signal to the process behind a descriptor, never to a later one with the same number.
int clinux_pidfd_send_signal(int descriptor, int signal);

/// Sets the calling process to a niceness (0...19), which its children inherit.
int clinux_lower_priority(int niceness);

/// How a process ended, from the status that wait filled in: the macros do not reach Swift.
int clinux_exit_code(int status);
int clinux_signaled(int status);
int clinux_term_signal(int status);

/// Gives memory that was freed back to the system: allocators keep it otherwise, and a service that has
/// just read a long list is to be small again.
void clinux_return_memory(void);

#endif
