/* Names are resolved by lwIP; getnameinfo writes numbers alone (libc/net.c). */
#ifndef LK_RTOS_NETDB_H
#define LK_RTOS_NETDB_H

#include <lwip/netdb.h>
#include <netinet/in.h>

#define NI_NUMERICHOST 1
#define NI_NUMERICSERV 2
#define NI_MAXHOST 64
#define NI_MAXSERV 8

/* The address as text, always numeric. Returns 0, EAI_FAMILY, or EAI_MEMORY when it does not fit. */
int getnameinfo(const struct sockaddr *address, socklen_t len, char *host, socklen_t host_cap, char *service,
                socklen_t service_cap, int flags);
const char *gai_strerror(int error);

#endif
