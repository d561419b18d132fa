/* Mapping a file on a board: the map is the RAM mirror of the store's file, whatever is asked for. */
#ifndef LK_RTOS_SYS_MMAN_H
#define LK_RTOS_SYS_MMAN_H

#include <sys/types.h>

#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_SHARED 1
#define MAP_FAILED ((void *)-1)
#define MS_ASYNC 1
#define MS_SYNC 4
#define MADV_RANDOM 1
#define POSIX_MADV_RANDOM 1

void *mmap(void *address, size_t len, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t len);
int msync(void *address, size_t len, int flags);
int madvise(void *address, size_t len, int advice);

#endif
