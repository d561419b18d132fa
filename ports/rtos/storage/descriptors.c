/*
 * LMDB's two files as POSIX descriptors: data.mdb is the mirror, whose writes are logged; lock.mdb is memory.
 */
#include "rtos/storage/descriptors.h"
#include "base/err.h"
#include "rtos/storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#ifndef O_DSYNC
#define O_DSYNC O_SYNC /* newlib has the stronger one alone */
#endif

enum use { FREE, DATA, LOCK };

static struct {
    enum use use;
    bool sync; /* O_DSYNC */
    uint32_t offset;
} open_files[LK_STORAGE_FDS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct {
    uint8_t *mem;
    uint32_t size;
    uint32_t len;
} lock_file;

void lk_descriptors_init(void *lock, size_t size) {
    memset(open_files, 0, sizeof(open_files));
    lock_file.mem = lock;
    lock_file.size = (uint32_t)size;
    lock_file.len = 0;
}

/* The memory of a file, its length and the most it may have. */
static uint8_t *memory_of(enum use use, uint32_t *len, uint32_t *size) {
    if (use == LOCK) {
        *len = lock_file.len;
        *size = lock_file.size;
        return lock_file.mem;
    }
    return lk_storage_map(len, size);
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int fail_as(int err) {
    switch (err) {
    case LK_ERR_FULL:
        return fail(ENOSPC);
    case LK_ERR_READ_ONLY:
        return fail(EROFS);
    default:
        return fail(EIO);
    }
}

static bool ends_in(const char *path, const char *name) {
    size_t len = strlen(path);
    size_t name_len = strlen(name);

    return len > name_len && path[len - name_len - 1] == '/' && strcmp(path + len - name_len, name) == 0;
}

static enum use use_of(const char *path) {
    return ends_in(path, "data.mdb") ? DATA : ends_in(path, "lock.mdb") ? LOCK : FREE;
}

/* What an open descriptor stands for, or FREE. */
static enum use use_of_fd(int fd) {
    return lk_storage_owns_fd(fd) ? open_files[fd - LK_STORAGE_FD].use : FREE;
}

bool lk_storage_owns(const char *path) {
    return use_of(path) != FREE;
}

int lk_storage_open(const char *path, int flags) {
    enum use use = use_of(path);
    uint32_t len;
    uint32_t size;
    int i = 0;

    memory_of(use, &len, &size);
    if (use == FREE || (len == 0 && (flags & O_CREAT) == 0)) {
        return fail(ENOENT);
    }
    if (len > 0 && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
        return fail(EEXIST);
    }
    pthread_mutex_lock(&mutex);
    while (i < LK_STORAGE_FDS && open_files[i].use != FREE) {
        i++;
    }
    if (i < LK_STORAGE_FDS) {
        open_files[i].use = use;
        open_files[i].sync = (flags & O_DSYNC) != 0;
        open_files[i].offset = 0;
    }
    pthread_mutex_unlock(&mutex);
    return i < LK_STORAGE_FDS ? LK_STORAGE_FD + i : fail(EMFILE);
}

int lk_storage_close(int fd) {
    if (use_of_fd(fd) == FREE) {
        return fail(EBADF);
    }
    open_files[fd - LK_STORAGE_FD].use = FREE;
    return 0;
}

ssize_t lk_storage_pread(int fd, void *out, size_t len, off_t offset) {
    enum use use = use_of_fd(fd);
    uint32_t file_len;
    uint32_t size;
    const uint8_t *mem;

    if (use == FREE) {
        return fail(EBADF);
    }
    mem = memory_of(use, &file_len, &size);
    if (offset < 0 || (uint64_t)offset >= file_len) {
        return 0;
    }
    len = len < file_len - (size_t)offset ? len : file_len - (size_t)offset;
    memcpy(out, mem + offset, len);
    return (ssize_t)len;
}

ssize_t lk_storage_pwrite(int fd, const void *data, size_t len, off_t offset) {
    int rc;

    if (use_of_fd(fd) != DATA) {
        return fail(EBADF);
    }
    if (offset < 0 || (uint64_t)offset > UINT32_MAX || len > UINT32_MAX) {
        return fail(ENOSPC);
    }
    rc = lk_storage_map_write((uint32_t)offset, data, (uint32_t)len, open_files[fd - LK_STORAGE_FD].sync);
    return rc == 0 ? (ssize_t)len : fail_as(rc);
}

ssize_t lk_storage_write(int fd, const void *data, size_t len) {
    ssize_t n;

    if (use_of_fd(fd) != DATA) {
        return fail(EBADF);
    }
    n = lk_storage_pwrite(fd, data, len, (off_t)open_files[fd - LK_STORAGE_FD].offset);
    if (n > 0) {
        open_files[fd - LK_STORAGE_FD].offset += (uint32_t)n;
    }
    return n;
}

off_t lk_storage_lseek(int fd, off_t offset, int whence) {
    off_t size = lk_storage_size(fd);

    if (size < 0) {
        return -1;
    }
    if (whence == SEEK_END) {
        offset += size;
    } else if (whence == SEEK_CUR) {
        offset += (off_t)open_files[fd - LK_STORAGE_FD].offset;
    }
    if (offset < 0) {
        return fail(EINVAL);
    }
    open_files[fd - LK_STORAGE_FD].offset = (uint32_t)offset;
    return offset;
}

off_t lk_storage_size(int fd) {
    enum use use = use_of_fd(fd);
    uint32_t len;
    uint32_t size;

    if (use == FREE) {
        return fail(EBADF);
    }
    memory_of(use, &len, &size);
    return (off_t)len;
}

int lk_storage_ftruncate(int fd, off_t len) {
    if (use_of_fd(fd) != LOCK) {
        return fail(EBADF);
    }
    if (len < 0 || (uint64_t)len > lock_file.size) {
        return fail(ENOSPC);
    }
    memset(lock_file.mem, 0, lock_file.size);
    lock_file.len = (uint32_t)len;
    return 0;
}

int lk_storage_fdatasync(int fd) {
    int rc = use_of_fd(fd) == DATA ? lk_storage_map_sync() : LK_ERR_IO;

    return rc == 0 ? 0 : fail_as(rc);
}

void *lk_storage_mmap(int fd, size_t len) {
    uint32_t file_len;
    uint32_t size;
    void *mem;

    if (use_of_fd(fd) == FREE) {
        return NULL;
    }
    mem = memory_of(use_of_fd(fd), &file_len, &size);
    return len <= size ? mem : NULL;
}
