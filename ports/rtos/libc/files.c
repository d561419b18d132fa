/*
 * The C library's calls on descriptors: each goes to the console, the storage or lwIP by its number. newlib
 * asks for the names with an underscore; LMDB, CivetWeb and src/ for the others.
 */
#include "rtos/board.h"
#include "rtos/libc/libc.h"
#include "rtos/storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int _open(const char *path, int flags, int mode);
int _close(int fd);
ssize_t _read(int fd, void *out, size_t len);
ssize_t _write(int fd, const void *data, size_t len);
off_t _lseek(int fd, off_t offset, int whence);
int _fstat(int fd, struct stat *st);
int _isatty(int fd);
int _stat(const char *path, struct stat *st);
int _unlink(const char *path);

static int fail(int error) {
    errno = error;
    return -1;
}

/* --- any descriptor ------------------------------------------------------------------------------------- */

int _open(const char *path, int flags, int mode) {
    (void)mode;
    return lk_storage_owns(path) ? lk_storage_open(path, flags) : fail(ENOENT);
}

int _close(int fd) {
    if (lk_is_socket(fd)) {
        return lwip_close(fd);
    }
    return lk_storage_owns_fd(fd) ? lk_storage_close(fd) : 0;
}

/* The console is read by the firmware's own loop, a byte at a time (struct lk_board). */
ssize_t _read(int fd, void *out, size_t len) {
    return lk_is_socket(fd) ? lwip_read(fd, out, len) : fail(EBADF);
}

ssize_t _write(int fd, const void *data, size_t len) {
    if (lk_is_socket(fd)) {
        return lwip_write(fd, data, len);
    }
    if (lk_storage_owns_fd(fd)) {
        return lk_storage_write(fd, data, len);
    }
    if (fd != STDOUT_FILENO && fd != STDERR_FILENO) {
        return fail(EBADF);
    }
    lk_board.console_write(data, len);
    return (ssize_t)len;
}

/* Nothing waits on a file's lock here: there is one program. */
int fcntl(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    int value = command == F_SETFL || command == F_SETFD ? va_arg(rest, int) : 0;
    va_end(rest);
    return lk_is_socket(fd) ? lk_socket_fcntl(fd, command, value) : 0;
}

/* --- the store's files ---------------------------------------------------------------------------------- */

off_t _lseek(int fd, off_t offset, int whence) {
    return lk_storage_owns_fd(fd) ? lk_storage_lseek(fd, offset, whence) : fail(ESPIPE);
}

int _fstat(int fd, struct stat *st) {
    memset(st, 0, sizeof(*st));
    if (!lk_storage_owns_fd(fd)) {
        st->st_mode = S_IFCHR;
        return 0;
    }
    st->st_mode = S_IFREG | S_IRUSR | S_IWUSR;
    st->st_size = lk_storage_size(fd);
    return st->st_size < 0 ? -1 : 0;
}

int _isatty(int fd) {
    return fd >= 0 && fd <= STDERR_FILENO;
}

int _stat(const char *path, struct stat *st) {
    (void)path;
    (void)st;
    return fail(ENOENT);
}

int _unlink(const char *path) {
    (void)path;
    return fail(ENOENT);
}

ssize_t pread(int fd, void *out, size_t len, off_t offset) {
    return lk_storage_owns_fd(fd) ? lk_storage_pread(fd, out, len, offset) : fail(EBADF);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset) {
    return lk_storage_owns_fd(fd) ? lk_storage_pwrite(fd, data, len, offset) : fail(EBADF);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ssize_t sum = 0;
    for (int i = 0; i < count; i++) {
        ssize_t n = _write(fd, parts[i].iov_base, parts[i].iov_len);
        if (n < 0) {
            return sum > 0 ? sum : n;
        }
        sum += n;
        if ((size_t)n < parts[i].iov_len) {
            break;
        }
    }
    return sum;
}

int ftruncate(int fd, off_t len) {
    return lk_storage_owns_fd(fd) ? lk_storage_ftruncate(fd, len) : fail(EBADF);
}

int fdatasync(int fd) {
    return lk_storage_owns_fd(fd) ? lk_storage_fdatasync(fd) : fail(EBADF);
}

int fsync(int fd) {
    return fdatasync(fd);
}

/* --- maps ----------------------------------------------------------------------------------------------- */

void *mmap(void *address, size_t len, int protection, int flags, int fd, off_t offset) {
    (void)address;
    (void)protection;
    (void)flags;
    void *memory = offset == 0 && lk_storage_owns_fd(fd) ? lk_storage_mmap(fd, len) : NULL;
    if (memory == NULL) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return memory;
}

int munmap(void *address, size_t len) {
    (void)address;
    (void)len;
    return 0;
}

/* What is written through the map goes nowhere: LMDB writes with pwrite (no MDB_WRITEMAP). */
int msync(void *address, size_t len, int flags) {
    (void)address;
    (void)len;
    (void)flags;
    return 0;
}

int madvise(void *address, size_t len, int advice) {
    (void)address;
    (void)len;
    (void)advice;
    return 0;
}
