/* Sockets are lwIP's, by their own names (LWIP_COMPAT_SOCKETS 2). */
#ifndef LK_RTOS_SYS_SOCKET_H
#define LK_RTOS_SYS_SOCKET_H

#include <lwip/sockets.h>

#define SOMAXCONN 16
/* A board has no signals: a peer that left is EPIPE or ECONNRESET, never SIGPIPE. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#endif
