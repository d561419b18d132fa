/* Addresses are lwIP's. A build without IPv6 still has its structure, for code that looks at sa_family. */
#ifndef LK_RTOS_NETINET_IN_H
#define LK_RTOS_NETINET_IN_H

#include <lwip/sockets.h>

#if !LWIP_IPV6
struct sockaddr_in6 {
    u8_t sin6_len;
    sa_family_t sin6_family;
    in_port_t sin6_port;
    u32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    u32_t sin6_scope_id;
};
/* lwIP then takes AF_UNSPEC for it, which is no case of its own in a switch. */
#undef AF_INET6
#define AF_INET6 10
#endif

#ifndef INET6_ADDRSTRLEN
#define INET6_ADDRSTRLEN 46
#endif

#define IN6_IS_ADDR_LOOPBACK(a)                                                                              \
    ((a)->un.u32_addr[0] == 0 && (a)->un.u32_addr[1] == 0 && (a)->un.u32_addr[2] == 0 &&                     \
     (a)->un.u32_addr[3] == PP_HTONL(1))

#endif
