/*
 * What ports/rtos/libc does on a board, for the calls that are not the storage's own.
 */
#include "lmdb_names.h"

#include <errno.h>
#include <string.h>

int power_open(const char *path, int flags, ...) {
    return lk_storage_open(path, flags);
}

int power_fcntl(int fd, int command, ...) {
    (void)fd;
    (void)command;
    return 0;
}

int power_fstat(int fd, struct stat *st) {
    memset(st, 0, sizeof(*st));
    st->st_mode = S_IFREG;
    st->st_size = lk_storage_size(fd);
    return st->st_size < 0 ? -1 : 0;
}

ssize_t power_writev(int fd, const struct iovec *parts, int count) {
    ssize_t sum = 0;

    for (int i = 0; i < count; i++) {
        ssize_t n = lk_storage_write(fd, parts[i].iov_base, parts[i].iov_len);

        if (n < 0) {
            return sum > 0 ? sum : n;
        }
        sum += n;
    }
    return sum;
}

void *power_mmap(void *address, size_t len, int protection, int flags, int fd, off_t offset) {
    void *memory = offset == 0 ? lk_storage_mmap(fd, len) : NULL;

    (void)address;
    (void)protection;
    (void)flags;
    if (memory == NULL) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return memory;
}

int power_munmap(void *address, size_t len) {
    (void)address;
    (void)len;
    return 0;
}
