#define _GNU_SOURCE
#include "CLinuxFiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static int64_t nanoseconds(struct timespec time) {
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int clinux_stat(int descriptor, const char *name, int follows_links, struct clinux_file *file) {
    struct stat status;
    if (fstatat(descriptor, name, &status, follows_links ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return -1;
    file->device = status.st_dev;
    file->inode = status.st_ino;
    file->size = status.st_size;
    file->modified_ns = nanoseconds(status.st_mtim);
    file->changed_ns = nanoseconds(status.st_ctim);
    file->mode = status.st_mode & 07777;
    file->uid = status.st_uid;
    file->gid = status.st_gid;
    file->is_folder = S_ISDIR(status.st_mode) ? 1 : 0;
    file->is_file = S_ISREG(status.st_mode) ? 1 : 0;
    file->is_link = S_ISLNK(status.st_mode) ? 1 : 0;
    return 0;
}

int clinux_next_entry(DIR *folder, const char **name, enum clinux_kind *kind) {
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(folder);
        if (!entry) return errno ? -1 : 0;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        *name = entry->d_name;
        switch (entry->d_type) {
        case DT_REG: *kind = CLINUX_KIND_FILE; break;
        case DT_DIR: *kind = CLINUX_KIND_FOLDER; break;
        case DT_LNK: *kind = CLINUX_KIND_LINK; break;
        case DT_UNKNOWN: *kind = CLINUX_KIND_UNKNOWN; break;
        default: *kind = CLINUX_KIND_OTHER; break;
        }
        return 1;
    }
}

int clinux_may_access(const char *path, int rights) {
    return faccessat(AT_FDCWD, path, rights, AT_EACCESS);
}

int clinux_current_folder(void) { return AT_FDCWD; }

uint64_t clinux_filesystem_magic(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return 0;
    return (uint64_t)(uint32_t)status.f_type;
}

int clinux_filesystem_needs_polling(uint64_t magic) {
    switch (magic) {
    case 0x6969:      // NFS
    case 0x517B:      // SMB
    case 0xFF534D42:  // CIFS
    case 0xFE534D42:  // SMB 2
    case 0x65735546:  // FUSE
    case 0x01021997:  // 9p
    case 0x00C36400:  // Ceph
    case 0x5346414F:  // AFS
    case 0x0BD00BD0:  // Lustre
        return 1;
    default:
        return 0;
    }
}

int clinux_sync_folder(const char *path) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = fsync(descriptor);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return result;
}
