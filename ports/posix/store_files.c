/*
 * The store's folder, the lock of the one server, and the room on the disk (store/store_port.h).
 */
#include "base/err.h"
#include "base/str.h"
#include "store/store_port.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Less free space than this and a commit may not fit. */
#define ROOM_BYTES (256u * 1024u)

static int err_of(int error) {
    switch (error) {
    case ENOENT:
        return LK_ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return LK_ERR_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return LK_ERR_FULL;
    default:
        return LK_ERR_IO;
    }
}

/* `dir` and `name` as one path. Returns 0 or LK_ERR_IO when it does not fit. */
static int path_in(char *path, size_t cap, const char *dir, const char *name) {
    int len = snprintf(path, cap, "%s/%s", dir, name);

    return len > 0 && (size_t)len < cap ? 0 : LK_ERR_IO;
}

/* Makes the folder, and its name in its parent durable. */
static int make_dir(const char *dir) {
    char parent[512];
    size_t len = strlen(dir);

    if (mkdir(dir, 0700) != 0) {
        return errno == ENOENT ? LK_ERR_NOT_FOUND : err_of(errno);
    }
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    while (len > 0 && dir[len - 1] != '/') {
        len--;
    }
    if (len >= sizeof(parent)) {
        return LK_ERR_IO;
    }
    memcpy(parent, len == 0 ? "." : dir, len == 0 ? 1 : len);
    parent[len == 0 ? 1 : len] = '\0';
    return lk_port_store_sync_dir(parent);
}

int lk_port_store_dir(const char *dir, bool make, struct lk_port_dir_id *id) {
    struct stat st;
    int rc;

    if (stat(dir, &st) != 0) {
        if (errno != ENOENT || !make) {
            return err_of(errno);
        }
        rc = make_dir(dir);
        if (rc != 0) {
            return rc;
        }
        if (stat(dir, &st) != 0) {
            return err_of(errno);
        }
    }
    if (!S_ISDIR(st.st_mode)) {
        return LK_ERR_IO;
    }
    if ((st.st_mode & 077) != 0) {
        return LK_ERR_DENIED;
    }
    id->device = (uint64_t)st.st_dev;
    id->number = (uint64_t)st.st_ino;
    return 0;
}

int lk_port_store_lock(const char *dir, int *lock) {
    char path[600];
    int fd;
    int rc = path_in(path, sizeof(path), dir, "server.lock");

    if (rc != 0) {
        return rc;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_of(errno);
    }
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) {
            continue;
        }
        rc = errno == EWOULDBLOCK ? LK_ERR_BUSY : LK_ERR_IO;
        close(fd);
        return rc;
    }
    *lock = fd;
    return 0;
}

void lk_port_store_unlock(int lock) {
    if (lock >= 0) {
        close(lock);
    }
}

int lk_port_store_sync_dir(const char *dir) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc;

    if (fd < 0) {
        return LK_ERR_IO;
    }
    /* A file system that cannot sync a folder says EINVAL; its names are then as durable as they get. */
    rc = fsync(fd) == 0 || errno == EINVAL ? 0 : LK_ERR_IO;
    close(fd);
    return rc;
}

/* True when the process may not make the data file longer (setrlimit). */
static bool at_size_limit(const char *dir) {
    char path[600];
    struct rlimit limit;
    struct stat st;

    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return false;
    }
    return path_in(path, sizeof(path), dir, "data.mdb") == 0 && stat(path, &st) == 0 &&
           (uint64_t)st.st_size + ROOM_BYTES > (uint64_t)limit.rlim_cur;
}

int lk_port_store_room(const char *dir) {
    struct statvfs fs;

    if (access(dir, W_OK) != 0) {
        return err_of(errno);
    }
    if (statvfs(dir, &fs) != 0) {
        return LK_ERR_IO;
    }
    if ((fs.f_flag & ST_RDONLY) != 0) {
        return LK_ERR_READ_ONLY;
    }
    if ((uint64_t)fs.f_bavail * fs.f_frsize < ROOM_BYTES || at_size_limit(dir)) {
        return LK_ERR_FULL;
    }
    return 0;
}
