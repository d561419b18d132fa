/* What the C library's calls on descriptors share. 0..2 is the console, LK_STORAGE_FD.. are the store's files,
   LWIP_SOCKET_OFFSET.. are sockets. */
#ifndef LK_RTOS_LIBC_H
#define LK_RTOS_LIBC_H

#include <stdbool.h>
#include <sys/socket.h>

static inline bool lk_is_socket(int fd) {
    return fd >= LWIP_SOCKET_OFFSET;
}

/* fcntl of a socket. */
int lk_socket_fcntl(int fd, int command, int value);

#endif
