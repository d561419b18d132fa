/*
 * Where the engine and CivetWeb meet. CivetWeb listens, accepts, and runs the threads. It is lent a
 * connection for one request at a time and reads from it a request line that is always the same: the real
 * request was read and checked by the engine (framing.c), so that nothing a client sends reaches CivetWeb's
 * own parser.
 */
#include "base/buf.h"
#include "base/log.h"
#include "serve/engine.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <civetweb.h>
#include <openssl/ssl.h>

static const char request_line[] = "GET / HTTP/1.1\r\n\r\n";

void lk_civetweb_complain(const char *message);

void lk_civetweb_complain(const char *message) {
    LK_LOG(LK_LOG_WARN, "civetweb", LK_LOG_STR("message", lk_str_from(message)));
}

/* --- accepted sockets ----------------------------------------------------------------------------------- */

/* The address in 16 bytes, an IPv4 one mapped (RFC 4291 §2.5.5.2). */
static void read_address(const struct sockaddr *from, uint8_t out[16]) {
    memset(out, 0, 16);
    if (from->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof(in));
        out[10] = out[11] = 0xff;
        memcpy(out + 12, &in.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof(in6));
        memcpy(out, &in6.sin6_addr, 16);
    }
}

static bool is_mapped(const uint8_t a[16]) {
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(a, prefix, sizeof(prefix)) == 0;
}

static bool is_loopback(const uint8_t a[16]) {
    static const uint8_t one[16] = {[15] = 1};
    return is_mapped(a) ? a[12] == 127 : memcmp(a, one, sizeof(one)) == 0;
}

void mg_external_accepted(void *user_data, int fd, const struct sockaddr *remote,
                          const struct sockaddr *local, int is_ssl) {
    struct lk_serve *s = user_data;
    struct lk_conn *c = conn_new(s, fd);
    uint8_t here[16];

    if (c == NULL) {
        close(fd);
        return;
    }
    c->tls = is_ssl != 0;
    read_address(remote, c->peer);
    read_address(local, here);
    c->loopback = is_loopback(here);
    engine_accept(s, c);
}

void mg_external_accept_failed(void *user_data) {
    static const struct timespec pause = {0, 10000000};

    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        /* The client stays in the listener's queue, so that the next look at it comes at once: a worker
           must have the time to close what is given up for it. */
        connections_evict(user_data);
        nanosleep(&pause, NULL);
    }
}

/* --- a lent connection ---------------------------------------------------------------------------------- */

struct lk_conn *mg_external_next(void *user_data, int thread) {
    struct lk_serve *s = user_data;
    struct lk_conn *c = engine_next(s, (unsigned)thread);

    s->workers[thread].lent = c;
    return c;
}

int lk_civetweb_pending(const struct lk_conn *c) {
    return (int)(sizeof(request_line) - 1 - c->lent);
}

int lk_civetweb_read(struct lk_conn *c, void *out, int cap) {
    int left = lk_civetweb_pending(c);
    int n = left < cap ? left : cap;

    memcpy(out, request_line + c->lent, (size_t)n);
    c->lent += (unsigned)n;
    return n;
}

int lk_civetweb_write(struct lk_conn *c, const void *data, int len) {
    return lk_conn_write(c, data, (size_t)len) == 0 ? len : -1;
}

void lk_civetweb_done(struct lk_conn *c) {
    engine_done(c);
}

static int begin_request(struct mg_connection *conn) {
    struct lk_serve *s = mg_get_user_data(mg_get_context(conn));
    struct conn_worker *w = pthread_getspecific(s->self);

    s->options.handler.handle(s->options.handler.arg, w->lent);
    return 200;
}

/* CivetWeb asks for a TLS context and is told that there is one: it never gets to see a handshake. */
static int have_context(void **context, void *user_data) {
    *context = user_data;
    return 1;
}

/* --- start and stop ------------------------------------------------------------------------------------- */

static int write_listeners(const struct lk_serve *s, char *out, size_t cap) {
    struct lk_buf b;

    lk_buf_init(&b, out, cap);
    for (size_t i = 0; i < s->options.address_count; i++) {
        const struct lk_serve_address *l = &s->listen[i];
        if (i > 0) {
            lk_buf_put_char(&b, ',');
        }
        if (l->address != NULL && l->address[0] != '\0') {
            lk_buf_put_cstr(&b, l->address);
            lk_buf_put_char(&b, ':');
        }
        lk_buf_put_u64(&b, l->port);
        if (l->tls) {
            lk_buf_put_char(&b, 's');
        }
    }
    return lk_buf_end_cstr(&b);
}

int civetweb_start(struct lk_serve *s) {
    char threads[12];
    char *ports = malloc(LISTENERS_TEXT_MAX);
    struct lk_buf b;

    if (ports == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    lk_buf_init(&b, threads, sizeof(threads));
    lk_buf_put_u64(&b, s->options.threads);
    if (lk_buf_end_cstr(&b) != 0 || write_listeners(s, ports, LISTENERS_TEXT_MAX) != 0) {
        free(ports);
        return LK_ERR_INVALID;
    }
    const char *options[] = {"listening_ports",
                             ports,
                             "num_threads",
                             threads,
                             "tcp_nodelay",
                             "1",
                             "enable_keep_alive",
                             "no",
                             "max_request_size",
                             "1024",
                             "decode_url",
                             "no",
                             "enable_auth_domain_check",
                             "no",
                             "connection_queue",
                             "1",
                             "listen_backlog",
                             "1024",
                             NULL};
    struct mg_callbacks callbacks = {.begin_request = begin_request, .external_ssl_ctx = have_context};
    struct mg_init_data init = {.callbacks = &callbacks, .user_data = s, .configuration_options = options};
    mg_init_library(MG_FEATURES_TLS);
    s->civetweb = mg_start2(&init, NULL);
    free(ports);
    if (s->civetweb == NULL) {
        mg_exit_library();
        return LK_ERR_IO;
    }
    return 0;
}

void civetweb_stop(struct lk_serve *s) {
    mg_stop(s->civetweb);
    mg_exit_library();
    s->civetweb = NULL;
}

uint16_t civetweb_port(struct lk_serve *s, size_t index) {
    struct mg_server_port *ports = calloc(s->options.address_count, sizeof(*ports));
    uint16_t port = 0;

    if (ports != NULL) {
        int count = mg_get_server_ports(s->civetweb, (int)s->options.address_count, ports);
        if (count > 0 && index < (size_t)count) {
            port = (uint16_t)ports[index].port;
        }
        free(ports);
    }
    return port;
}
