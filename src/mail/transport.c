/* TCP with deadlines; the TLS half is in transport_tls.c. */
#include "mail/transport.h"

#include "base/buf.h"
#include "mail/transport_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- connecting ----------------------------------------------------------------------------------------- */

/* A lookup cannot be broken off: while it runs, the stopping thread is told not to wait for this one. */
static int resolve(struct lk_transport *t, const char *host, uint16_t port, struct addrinfo **list) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char service[8];
    struct lk_buf b;

    lk_buf_init(&b, service, sizeof(service));
    lk_buf_put_u64(&b, port);
    lk_buf_put_char(&b, '\0');
    if (t->stop != NULL) {
        pthread_mutex_lock(&t->stop->lock);
        t->stop->resolving = true;
        pthread_mutex_unlock(&t->stop->lock);
    }
    int err = getaddrinfo(host, service, &hints, list);
    bool stopping = false;
    if (t->stop != NULL) {
        pthread_mutex_lock(&t->stop->lock);
        stopping = t->stop->stopping;
        t->stop->resolving = false;
        pthread_cond_broadcast(&t->stop->changed);
        pthread_mutex_unlock(&t->stop->lock);
    }
    if (err == 0 && stopping) {
        freeaddrinfo(*list);
    }
    if (stopping) {
        return LK_ERR_CLOSED;
    }
    if (err != 0) {
        lk_transport_set_why(t, gai_strerror(err));
        return LK_ERR_NOT_FOUND;
    }
    return 0;
}

static bool is_loopback(const struct addrinfo *at) {
    if (at->ai_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)at->ai_addr;
        return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    }
    const struct sockaddr_in6 *in6 = (const void *)at->ai_addr;
    return at->ai_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static int connect_one(struct lk_transport *t, const struct addrinfo *at) {
    int error = 0;
    socklen_t len = sizeof(error);

    t->fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
    if (t->fd < 0) {
        lk_transport_set_why(t, strerror(errno));
        return LK_ERR_IO;
    }
    int flags = fcntl(t->fd, F_GETFL);
    if (flags < 0 || fcntl(t->fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(t->fd, F_SETFD, FD_CLOEXEC) < 0) {
        return LK_ERR_IO;
    }
    if (connect(t->fd, at->ai_addr, at->ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        lk_transport_set_why(t, strerror(errno));
        return LK_ERR_IO;
    }
    int err = lk_transport_wait(t, true);
    if (err < 0) {
        return err;
    }
    if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0) {
        lk_transport_set_why(t, strerror(error));
        return LK_ERR_IO;
    }
    return 0;
}

int lk_transport_connect(struct lk_transport *t, const char *host, uint16_t port, int64_t each_ms) {
    struct addrinfo *list;
    int64_t end = t->deadline;
    int err = resolve(t, host, port, &list);

    if (err < 0) {
        return err;
    }
    err = LK_ERR_NOT_FOUND;
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        int64_t mine = lk_mail_clock() + each_ms;
        t->deadline = mine < end ? mine : end;
        err = connect_one(t, at);
        if (err == 0 || err == LK_ERR_CLOSED) {
            t->loopback = is_loopback(at);
            break;
        }
        if (t->fd >= 0) {
            close(t->fd);
            t->fd = -1;
        }
    }
    freeaddrinfo(list);
    t->deadline = end;
    return err;
}

/* --- bytes ---------------------------------------------------------------------------------------------- */

static int plain_read(struct lk_transport *t, char *out, size_t cap) {
    for (;;) {
        ssize_t n = recv(t->fd, out, cap, 0);
        if (n > 0) {
            return (int)n;
        }
        if (n == 0) {
            return LK_ERR_CLOSED;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            int err = lk_transport_wait(t, false);
            if (err < 0) {
                return err;
            }
        } else if (errno != EINTR) {
            lk_transport_set_why(t, strerror(errno));
            return LK_ERR_IO;
        }
    }
}

int lk_transport_read(struct lk_transport *t, char *out, size_t cap) {
    int n = t->tls != NULL ? lk_transport_tls_read(t, out, cap) : plain_read(t, out, cap);

    if (n == LK_ERR_CLOSED && !lk_mail_stopping(t->stop)) {
        lk_transport_set_why(t, "the server dropped the connection");
    }
    return n;
}

static int plain_write(struct lk_transport *t, struct lk_str data) {
    while (data.len > 0) {
        ssize_t n = send(t->fd, data.ptr, data.len, MSG_NOSIGNAL);
        if (n >= 0) {
            data = lk_str_sub(data, (size_t)n, data.len);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            int err = lk_transport_wait(t, true);
            if (err < 0) {
                return err;
            }
        } else if (errno != EINTR) {
            lk_transport_set_why(t, strerror(errno));
            return LK_ERR_IO;
        }
    }
    return 0;
}

int lk_transport_write(struct lk_transport *t, struct lk_str data) {
    return t->tls != NULL ? lk_transport_tls_write(t, data) : plain_write(t, data);
}

void lk_transport_close(struct lk_transport *t) {
    lk_transport_tls_free(t);
    if (t->fd >= 0) {
        close(t->fd);
        t->fd = -1;
    }
}
