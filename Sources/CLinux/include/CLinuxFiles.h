#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <dirent.h>
#include <stdint.h>

/// What stat tells of a file, in the fields that show whether it changed.
struct clinux_file {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_ns;
    int64_t changed_ns;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    int is_folder;
    int is_file;
    int is_link;
};

/// Looks at `name` in the open folder `descriptor` (AT_FDCWD for paths), following links if asked.
int clinux_stat(int descriptor, const char *name, int follows_links, struct clinux_file *file);

/// What a folder's entry is, where the file system says so without a stat.
enum clinux_kind {
    CLINUX_KIND_UNKNOWN,
    CLINUX_KIND_FILE,
    CLINUX_KIND_FOLDER,
    CLINUX_KIND_LINK,
    CLINUX_KIND_OTHER
};

/// The next entry of an open folder but `.` and `..`: 1, 0 at the end, -1 on failure.
///
/// `name` is valid until the next call for the same folder.
int clinux_next_entry(DIR *folder, const char **name, enum clinux_kind *kind);

/// Whether this process, by its effective ids, may search (1), read (4) or write (2) `path`.
int clinux_may_access(const char *path, int rights);

/// AT_FDCWD, for Swift.
int clinux_current_folder(void);

/// The magic number of the file system that holds `path`, or 0 with errno set.
uint64_t clinux_filesystem_magic(const char *path);

/// Whether inotify is blind to changes that other machines make there: NFS, SMB, FUSE and the like.
int clinux_filesystem_needs_polling(uint64_t magic);

/// Writes the folder `path` itself to disk, so that a rename in it survives a power cut.
int clinux_sync_folder(const char *path);

#endif
