/* Answers on their way to the client, and what a handler asks of its connection. */
#include "base/blocking.h"
#include "base/time.h"
#include "serve/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* The most bytes of an answer to a request that is not handled. */
#define REFUSAL_MAX 1024

int conn_send(struct lk_conn *c, const void *data, size_t len) {
    if (c->broken) {
        return LK_ERR_CLOSED;
    }
    int n = c->ssl != NULL ? lk_tls_write(c->ssl, data, len)
                           : conn_send_raw(c, data, (int)(len < INT32_MAX ? len : INT32_MAX));
    if (n == LK_ERR_CLOSED) {
        c->broken = true;
    }
    return n;
}

int conn_flush(struct lk_conn *c) {
    while (c->out_sent < c->out_len) {
        int n = conn_send(c, c->out + c->out_sent, c->out_len - c->out_sent);
        if (n < 0) {
            return n;
        }
        c->out_sent += (size_t)n;
    }
    conn_drop_output(c);
    return 0;
}

/* Keeps what the client did not take, for the poller to go on with. */
static int keep_output(struct lk_conn *c, const char *data, size_t len) {
    if (!conn_reserve(c, len)) {
        return LK_ERR_NO_MEMORY;
    }
    c->out = malloc(len);
    if (c->out == NULL) {
        conn_release(c, len);
        return LK_ERR_NO_MEMORY;
    }
    memcpy(c->out, data, len);
    c->out_len = len;
    c->out_sent = 0;
    return 0;
}

int lk_conn_answer(struct lk_conn *c, const void *data, size_t len) {
    const char *at = data;

    c->answered = true;
    while (len > 0) {
        int n = conn_send(c, at, len);
        if (n == LK_ERR_AGAIN) {
            /* Without memory to keep it in, the client goes: a thread that waited would be lost to all. */
            c->complete = keep_output(c, at, len) == 0;
            c->broken = !c->complete;
            return c->complete ? 0 : LK_ERR_CLOSED;
        }
        if (n < 0) {
            return LK_ERR_CLOSED;
        }
        at += n;
        len -= (size_t)n;
    }
    c->complete = true;
    return 0;
}

/* Read anew: the worker may hold another request's head by now. */
static struct lk_str refused_path(struct lk_conn *c) {
    const char *why;

    if (c->head_len == 0 ||
        lk_framing_parse((struct lk_str){c->in, c->head_len}, &c->worker->head, &why) != 0) {
        return (struct lk_str){NULL, 0};
    }
    return c->worker->head.path;
}

void conn_refuse(struct lk_conn *c, int status, const char *detail) {
    const struct lk_serve_handler *h = &c->serve->options.handler;
    char *text = malloc(REFUSAL_MAX);

    atomic_fetch_add_explicit(&c->serve->refused, 1, memory_order_relaxed);
    c->answered = c->refused = c->close = true;
    if (text == NULL) {
        return;
    }
    struct lk_refused refused = {.status = status, .detail = detail, .tls = c->tls, .path = refused_path(c)};
    size_t len = h->refusal != NULL ? h->refusal(h->arg, &refused, text, REFUSAL_MAX)
                                    : lk_serve_refusal(status, detail, text, REFUSAL_MAX);
    int n = conn_send(c, text, len);
    if (n == LK_ERR_AGAIN || (n > 0 && (size_t)n < len)) {
        size_t sent = n > 0 ? (size_t)n : 0;
        c->complete = keep_output(c, text + sent, len - sent) == 0;
    } else {
        c->complete = n > 0;
    }
    free(text);
}

/* Waits until the socket takes more, or the answer's deadline. */
static int wait_writable(struct lk_conn *c) {
    uint64_t now = lk_time_mono_ms();
    struct pollfd p = {.fd = c->fd, .events = POLLOUT, .revents = 0};

    if (now >= c->write_deadline) {
        return LK_ERR_TIMEOUT;
    }
    lk_blocking_begin();
    int n = poll(&p, 1, (int)(c->write_deadline - now));
    lk_blocking_end();
    if (n < 0 && errno != EINTR) {
        return LK_ERR_CLOSED;
    }
    return n == 0 ? LK_ERR_TIMEOUT : 0;
}

int lk_conn_write(struct lk_conn *c, const void *data, size_t len) {
    const char *at = data;

    c->answered = true;
    if (c->write_deadline == 0) {
        c->write_deadline = lk_time_mono_ms() + c->serve->options.write_ms;
    }
    while (len > 0) {
        int n = conn_send(c, at, len);
        if (n == LK_ERR_AGAIN) {
            n = wait_writable(c);
        }
        if (n < 0) {
            c->broken = true;
            c->complete = false;
            return n;
        }
        at += n;
        len -= (size_t)n;
    }
    c->complete = true;
    return 0;
}

/* --- what a handler asks -------------------------------------------------------------------------------- */

const struct lk_request_head *lk_conn_head(const struct lk_conn *c) {
    return &c->worker->head;
}

struct lk_str lk_conn_body(const struct lk_conn *c) {
    return (struct lk_str){c->in + c->head_len, c->body_len};
}

bool lk_conn_is_tls(const struct lk_conn *c) {
    return c->tls;
}

bool lk_conn_is_loopback(const struct lk_conn *c) {
    return c->loopback;
}

const uint8_t *lk_conn_peer_address(const struct lk_conn *c) {
    return c->peer;
}

bool lk_conn_keep_alive(const struct lk_conn *c) {
    return !c->close && !atomic_load_explicit(&c->serve->stopping, memory_order_relaxed);
}

void lk_conn_set_close(struct lk_conn *c) {
    c->close = true;
}
