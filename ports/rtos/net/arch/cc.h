/* lwIP on gcc, newlib and Cortex-M. */
#ifndef LK_ARCH_CC_H
#define LK_ARCH_CC_H

#include <errno.h>
#include <fcntl.h> /* O_NONBLOCK as newlib has it; lwIP would take another number */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/types.h>

#include "rtos/kernel/kernel.h"

/* struct sockaddr has its length as on BSD. Debian's sockets.c leaves these to whoever names the headers. */
#define IP4ADDR_SOCKADDR_SET_LEN(sin) ((sin)->sin_len = sizeof(struct sockaddr_in))
#define IPADDR_SOCKADDR_GET_LEN(addr) ((addr)->sa.sa_len)

/* From a source that nobody can guess: first sequence numbers, ports and transaction numbers hang on it. */
uint32_t lk_net_random(void);
#define LWIP_RAND() lk_net_random()

/*
 * An assertion that fails is a fault of ours: it stops the board with its place. The texts are left out. One of
 * them is wrong: a connection that finds its listener's queue full is freed without ever having been marked,
 * since nobody knew of it.
 */
#define LWIP_PLATFORM_ASSERT(x)                                                                              \
    do {                                                                                                     \
        if (__builtin_strcmp(x, "netconn marked closed") != 0) {                                             \
            lk_kernel_panic("lwIP line %d", __LINE__);                                                       \
        }                                                                                                    \
    } while (0)
#define LWIP_PLATFORM_DIAG(x)

#endif
