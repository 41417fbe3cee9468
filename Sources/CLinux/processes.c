#define _GNU_SOURCE
#include "CLinuxProcesses.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

int clinux_pidfd_open(pid_t pid) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    errno = ENOSYS;
    return -1;
#endif
}

int clinux_pidfd_send_signal(int descriptor, int signal) {
#ifdef SYS_pidfd_send_signal
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
#else
    (void)descriptor;
    (void)signal;
    errno = ENOSYS;
    return -1;
#endif
}

int clinux_lower_priority(int niceness) { return setpriority(PRIO_PROCESS, 0, niceness); }

int clinux_exit_code(int status) { return WEXITSTATUS(status); }
int clinux_signaled(int status) { return WIFSIGNALED(status) ? 1 : 0; }
int clinux_term_signal(int status) { return WTERMSIG(status); }
