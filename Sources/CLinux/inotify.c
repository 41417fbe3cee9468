#include "CLinuxInotify.h"

#include <string.h>

int clinux_inotify_open(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int clinux_inotify_add(int descriptor, const char *folder, uint32_t mask) {
    return inotify_add_watch(descriptor, folder, mask);
}

int clinux_inotify_remove(int descriptor, int watch) { return inotify_rm_watch(descriptor, watch); }

long clinux_inotify_next(const void *bytes, long length, long offset,
                         struct clinux_inotify_event *event, char *name, long capacity) {
    struct inotify_event header;
    const long head = (long)sizeof(header);
    if (offset < 0 || capacity < 1 || length - offset < head) return 0;
    const char *start = (const char *)bytes + offset;
    memcpy(&header, start, sizeof(header));
    if ((long)header.len > length - offset - head) return 0;
    event->watch = header.wd;
    event->mask = header.mask;
    event->cookie = header.cookie;
    long count = (long)strnlen(start + head, header.len);
    if (count > capacity - 1) count = capacity - 1;
    memcpy(name, start + head, (size_t)count);
    name[count] = 0;
    return offset + head + (long)header.len;
}
