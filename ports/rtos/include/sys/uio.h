/* struct iovec is lwIP's; LMDB writes with it to the store's file (libc/files.c). */
#ifndef LK_RTOS_SYS_UIO_H
#define LK_RTOS_SYS_UIO_H

#include <lwip/sockets.h>

ssize_t writev(int fd, const struct iovec *parts, int count);

#endif
