#include "crypto/crypto.h"
#include "serve/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first piece of memory for a request: most fit, and the allocator keeps blocks of this size at hand. */
#define FIRST_BUFFER 1000
/* Receives in a row for one TLS session. */
#define RECEIVES_MAX 4

struct lk_conn *conn_new(struct lk_serve *s, int fd) {
    struct lk_conn *c = calloc(1, sizeof(*c));

    if (c != NULL) {
        c->serve = s;
        c->fd = fd;
        c->state = CONN_RUNNING;
        atomic_init(&c->doomed, false);
        atomic_init(&c->handed, false);
        atomic_init(&c->held, 0);
    }
    return c;
}

bool conn_reserve(struct lk_conn *c, size_t size) {
    struct lk_serve *s = c->serve;
    /* A first piece is there for everyone: the number of connections bounds their sum. */
    bool first = atomic_load_explicit(&c->held, memory_order_relaxed) == 0 && size <= FIRST_BUFFER;

    atomic_fetch_add(&s->buffered, size);
    while (!first && atomic_load(&s->buffered) > s->options.max_buffered + atomic_load(&s->promised)) {
        if (!connections_reclaim(c, size)) {
            atomic_fetch_sub(&s->buffered, size);
            return false;
        }
    }
    atomic_fetch_add_explicit(&c->held, size, memory_order_relaxed);
    return true;
}

void conn_release(struct lk_conn *c, size_t size) {
    atomic_fetch_sub(&c->serve->buffered, size);
    atomic_fetch_sub_explicit(&c->held, size, memory_order_relaxed);
}

/* Requests hold passwords and answers hold tokens: neither stays behind in the heap. */
static void wipe_free(void *p, size_t len) {
    if (p != NULL) {
        lk_wipe(p, len);
        free(p);
    }
}

static void drop_input(struct lk_conn *c) {
    wipe_free(c->in, c->in_cap);
    conn_release(c, c->in_cap);
    c->in = NULL;
    c->in_cap = c->in_len = 0;
}

static void drop_ahead(struct lk_conn *c) {
    free(c->ahead);
    conn_release(c, c->ahead_len);
    c->ahead = NULL;
    c->ahead_len = 0;
}

void conn_drop_output(struct lk_conn *c) {
    wipe_free(c->out, c->out_len);
    conn_release(c, c->out_len);
    c->out = NULL;
    c->out_len = c->out_sent = 0;
}

void conn_drop_all(struct lk_conn *c) {
    drop_input(c);
    drop_ahead(c);
    conn_drop_output(c);
}

void conn_free(struct lk_conn *c) {
    if (c->ssl != NULL) {
        lk_tls_session_free(c->ssl);
    }
    conn_drop_all(c);
    free(c);
}

void conn_attach(struct lk_conn *c, struct conn_worker *w) {
    c->worker = w;
    w->receives = 0;
    w->ahead_pos = 0;
    w->ahead_len = c->ahead_len;
    if (c->ahead != NULL) {
        memcpy(w->ahead, c->ahead, c->ahead_len);
        drop_ahead(c);
    }
}

int conn_detach(struct lk_conn *c) {
    struct conn_worker *w = c->worker;
    size_t left = w->ahead_len - w->ahead_pos;

    if (left == 0) {
        return 0;
    }
    if (!conn_reserve(c, left)) {
        return LK_ERR_NO_MEMORY;
    }
    c->ahead = malloc(left);
    if (c->ahead == NULL) {
        conn_release(c, left);
        return LK_ERR_NO_MEMORY;
    }
    memcpy(c->ahead, w->ahead + w->ahead_pos, left);
    c->ahead_len = left;
    w->ahead_pos = w->ahead_len = 0;
    return 0;
}

/* recv, with its errors as ours. Returns a count, 0 at the end of the stream. */
static int receive(int fd, void *out, size_t cap) {
    ssize_t n;

    do {
        n = recv(fd, out, cap, 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? LK_ERR_AGAIN : LK_ERR_CLOSED;
    }
    return (int)n;
}

int conn_receive_raw(void *arg, char *out, int cap) {
    struct lk_conn *c = arg;
    struct conn_worker *w = c->worker;

    if (w->ahead_pos == w->ahead_len) {
        /* A session may ask for more as long as more comes, and hand out nothing: others get their turn
           first. */
        if (w->receives++ == RECEIVES_MAX) {
            return LK_ERR_AGAIN;
        }
        int n = receive(c->fd, w->ahead, LK_READ_AHEAD);
        if (n <= 0) {
            return n;
        }
        w->ahead_pos = 0;
        w->ahead_len = (size_t)n;
    }
    size_t left = w->ahead_len - w->ahead_pos;
    size_t take = left < (size_t)cap ? left : (size_t)cap;
    memcpy(out, w->ahead + w->ahead_pos, take);
    w->ahead_pos += take;
    return (int)take;
}

int conn_send_raw(void *arg, const char *data, int len) {
    struct lk_conn *c = arg;
    ssize_t n;

    do {
        n = send(c->fd, data, (size_t)len, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? LK_ERR_AGAIN : LK_ERR_CLOSED;
    }
    return (int)n;
}

static int grow_input(struct lk_conn *c) {
    size_t cap = c->in_cap == 0 ? FIRST_BUFFER : c->in_cap * 2;
    uint64_t whole = c->head_len > 0 && !c->chunked ? c->head_len + c->body_want : 0;

    if (whole > c->in_cap && whole < cap) {
        cap = (size_t)whole; /* nothing beyond what was announced */
    }

    if (!conn_reserve(c, cap - c->in_cap)) {
        return LK_ERR_NO_MEMORY;
    }
    char *in = malloc(cap);
    if (in == NULL) {
        conn_release(c, cap - c->in_cap);
        return LK_ERR_NO_MEMORY;
    }
    if (c->in_len > 0) {
        memcpy(in, c->in, c->in_len);
    }
    wipe_free(c->in, c->in_cap);
    c->in = in;
    c->in_cap = cap;
    return 0;
}

int conn_fill(struct lk_conn *c) {
    if (c->in_len == c->in_cap) {
        int err = grow_input(c);
        if (err != 0) {
            return err;
        }
    }
    char *to = c->in + c->in_len;
    size_t room = c->in_cap - c->in_len;
    int n = c->ssl != NULL ? lk_tls_read(c->ssl, to, room) : receive(c->fd, to, room);
    if (n > 0) {
        c->in_len += (size_t)n;
        return 0;
    }
    return n == 0 ? LK_ERR_CLOSED : n;
}

bool conn_has_input(const struct lk_conn *c) {
    return c->in_len > 0 || c->ahead_len > 0 || (c->ssl != NULL && lk_tls_pending(c->ssl));
}

void conn_next_request(struct lk_conn *c) {
    size_t left = c->in_len - c->end;

    if (left == 0) {
        drop_input(c);
    } else {
        memmove(c->in, c->in + c->end, left);
        c->in_len = left;
    }
    c->scanned = c->head_len = c->body_len = c->end = 0;
    c->chunked = c->continued = c->answered = c->complete = c->close = false;
    c->write_deadline = 0;
    c->lent = 0;
}
