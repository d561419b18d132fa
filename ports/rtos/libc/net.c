/*
 * What lwIP lacks of the sockets' world: addresses as text by getnameinfo, and fcntl on a socket.
 */
#include "rtos/libc/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>

/* Decimal digits of `value` to `out`; false when they do not fit with their NUL. */
static bool put_number(unsigned value, char *out, size_t cap) {
    char digits[10];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    if (n >= cap) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[n - 1 - i];
    }
    out[n] = '\0';
    return true;
}

int getnameinfo(const struct sockaddr *address, socklen_t len, char *host, socklen_t host_cap, char *service,
                socklen_t service_cap, int flags) {
    const struct sockaddr_in *in = (const void *)address;
    (void)flags;
    if (len < sizeof(*in) || address->sa_family != AF_INET) {
        return EAI_FAMILY;
    }
    if (host_cap > 0 && inet_ntop(AF_INET, &in->sin_addr, host, host_cap) == NULL) {
        return EAI_MEMORY;
    }
    if (service_cap > 0 && !put_number(lwip_ntohs(in->sin_port), service, service_cap)) {
        return EAI_MEMORY;
    }
    return 0;
}

const char *gai_strerror(int error) {
    switch (error) {
    case EAI_NONAME:
    case HOST_NOT_FOUND:
        return "no such host";
    case EAI_MEMORY:
        return "no memory";
    default:
        return "the name cannot be resolved";
    }
}

/* The flags of lwIP's sockets hold O_NONBLOCK alone. Nothing is inherited, so that FD_CLOEXEC means nothing. */
int lk_socket_fcntl(int fd, int command, int value) {
    switch (command) {
    case F_GETFD:
    case F_SETFD:
        return 0;
    case F_GETFL:
        return lwip_fcntl(fd, F_GETFL, 0);
    case F_SETFL:
        return lwip_fcntl(fd, F_SETFL, value & O_NONBLOCK);
    default:
        errno = EINVAL;
        return -1;
    }
}
