/*
 * Included before LMDB and src/store, as they are built for this test: the calls on files become those of the
 * board's storage, and a page has 1 KB, as on a board.
 */
#ifndef POWER_LMDB_NAMES_H
#define POWER_LMDB_NAMES_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "rtos/storage/storage.h"

#define POWER_PAGE 1024

int power_open(const char *path, int flags, ...);
int power_fcntl(int fd, int command, ...);
int power_fstat(int fd, struct stat *st);
ssize_t power_writev(int fd, const struct iovec *parts, int count);
void *power_mmap(void *address, size_t len, int protection, int flags, int fd, off_t offset);
int power_munmap(void *address, size_t len);

#define open(...) power_open(__VA_ARGS__)
#define fcntl(...) power_fcntl(__VA_ARGS__)
#define fstat(fd, st) power_fstat(fd, st)
#define close(fd) lk_storage_close(fd)
#define pread(fd, out, len, offset) lk_storage_pread(fd, out, len, offset)
#define pwrite(fd, data, len, offset) lk_storage_pwrite(fd, data, len, offset)
#define write(fd, data, len) lk_storage_write(fd, data, len)
#define writev(fd, parts, count) power_writev(fd, parts, count)
#define lseek(fd, offset, whence) lk_storage_lseek(fd, offset, whence)
#define ftruncate(fd, len) lk_storage_ftruncate(fd, len)
#define fdatasync(fd) lk_storage_fdatasync(fd)
#define fsync(fd) lk_storage_fdatasync(fd)
#define mmap(...) power_mmap(__VA_ARGS__)
#define munmap(address, len) power_munmap(address, len)
#define sysconf(name) ((void)(name), (long)POWER_PAGE)

#endif
