#include "serve/engine.h"

#include "base/time.h"
#include "port.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Receives in a row on one connection before others get their turn. */
#define ROUNDS 16
/* A client that was refused may send so much more before it is cut off. */
#define DRAIN_MAX (64u << 20)

void engine_close(struct lk_conn *c) {
    if (c->ssl != NULL && !c->broken && c->state != CONN_HANDSHAKE && !atomic_load(&c->doomed)) {
        lk_tls_goodbye(c->ssl);
    }
    lk_poller_remove(c->serve->poller, c->fd);
    /* What a doomed one promised must be there before the promise ends. */
    conn_drop_all(c);
    /* Nobody may shut this descriptor down once its number can belong to another. */
    connections_remove(c);
    close(c->fd);
    conn_free(c);
}

/* Gives the connection to the poller. It may be another thread's before this returns. */
static void wait_socket(struct lk_conn *c, bool for_write) {
    struct lk_poller *poller = c->serve->poller;
    int fd = c->fd;

    atomic_store_explicit(&c->handed, true, memory_order_release);
    if (lk_poller_arm(poller, fd, c, for_write) != 0) {
        engine_close(c);
    }
}

/* Puts the connection behind the others that have bytes left to look at. */
static void make_ready(struct lk_conn *c) {
    struct lk_serve *s = c->serve;

    if (c->state == CONN_HANDSHAKE || c->state == CONN_HEADER || c->state == CONN_BODY) {
        /* Its deadline runs on, in the list whose links the queue needs: so it goes round by the poller
           instead. */
        wait_socket(c, true);
        return;
    }
    connections_move(c, CONN_RUNNING, 0);
    pthread_mutex_lock(&s->lock);
    c->prev = NULL;
    c->next = NULL;
    if (s->ready.last != NULL) {
        s->ready.last->next = c;
    } else {
        s->ready.first = c;
    }
    s->ready.last = c;
    atomic_fetch_add(&s->ready_count, 1);
    pthread_mutex_unlock(&s->lock);
}

struct lk_conn *engine_take_ready(struct lk_serve *s) {
    pthread_mutex_lock(&s->lock);
    struct lk_conn *c = s->ready.first;
    if (c != NULL) {
        s->ready.first = c->next;
        if (c->next == NULL) {
            s->ready.last = NULL;
        }
        c->next = NULL;
        atomic_fetch_sub(&s->ready_count, 1);
    }
    pthread_mutex_unlock(&s->lock);
    return c;
}

/* Ends the sending half and lets the client finish, so that it sees the answer instead of a reset. */
static void begin_linger(struct lk_conn *c) {
    if (c->ssl != NULL) {
        lk_tls_goodbye(c->ssl);
    }
    c->broken = true;
    shutdown(c->fd, SHUT_WR);
    connections_move(c, CONN_LINGER, c->serve->options.linger_ms);
    wait_socket(c, false);
}

static void drain(struct lk_conn *c, struct conn_worker *w) {
    for (int i = 0; i < ROUNDS; i++) {
        ssize_t n = recv(c->fd, w->ahead, LK_READ_AHEAD, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        }
        if (n <= 0 || (c->drained += (size_t)n) > DRAIN_MAX) {
            engine_close(c);
            return;
        }
    }
    wait_socket(c, false);
}

/* The answer is all sent. */
static void end_answer(struct lk_conn *c) {
    if (!c->complete || c->broken) {
        engine_close(c);
    } else if (!lk_conn_keep_alive(c)) {
        if (c->refused || c->in_len > c->end) {
            begin_linger(c);
        } else {
            engine_close(c);
        }
    } else {
        conn_next_request(c);
        if (conn_has_input(c)) {
            make_ready(c);
        } else {
            connections_move(c, CONN_IDLE, c->serve->options.idle_ms);
            wait_socket(c, false);
        }
    }
}

/* What the client did not take at once waits for it in the poller. */
static void send_rest(struct lk_conn *c) {
    if (c->out == NULL) {
        end_answer(c);
        return;
    }
    connections_move(c, CONN_WRITING, c->serve->options.write_ms);
    wait_socket(c, true);
}

static void refuse(struct lk_conn *c, int status, const char *detail) {
    conn_refuse(c, status, detail);
    send_rest(c);
}

void engine_done(struct lk_conn *c) {
    if (!c->answered) {
        refuse(c, 500, "The request was not answered.");
        return;
    }
    send_rest(c);
}

/* True once the session is there; otherwise *err says what it waits for. */
static bool step_handshake(struct lk_conn *c, int *err) {
    struct lk_serve *s = c->serve;

    *err = LK_ERR_CLOSED;
    if (c->ssl == NULL) {
        c->ssl = lk_tls_session_new(s->tls, c);
        if (c->ssl == NULL) {
            return false;
        }
    }
    *err = lk_tls_handshake(c->ssl);
    if (*err != 0) {
        return false;
    }
    atomic_fetch_add_explicit(&s->handshakes, 1, memory_order_relaxed);
    if (lk_tls_resumed(c->ssl)) {
        atomic_fetch_add_explicit(&s->resumed, 1, memory_order_relaxed);
    }
    connections_move(c, CONN_HEADER, s->options.header_ms);
    return true;
}

/* A request is there in part: its deadline runs from the first look at this part of it, and is never set
   again. */
static void note_part(struct lk_conn *c) {
    const struct lk_serve_options *o = &c->serve->options;

    if (c->head_len == 0) {
        if (c->state != CONN_HEADER) {
            connections_move(c, CONN_HEADER, o->header_ms);
        }
    } else if (c->state != CONN_BODY) {
        connections_move(c, CONN_BODY, o->body_ms + c->body_want * 1000 / o->min_rate);
    }
}

/* Reads until a request is whole or nothing more is there. */
static enum take_result read_request(struct lk_conn *c, int *err, int *status, const char **detail) {
    bool look = c->in_len > 0;

    for (int i = 0; i < ROUNDS; i++) {
        if (look) {
            enum take_result result = request_take(c, status, detail);
            if (result != TAKE_MORE) {
                return result;
            }
            note_part(c);
        }
        *err = conn_fill(c);
        if (*err == LK_ERR_NO_MEMORY) {
            *status = 503;
            *detail = "The server is full.";
            return TAKE_REFUSE;
        }
        if (*err != 0) {
            return TAKE_MORE;
        }
        look = true;
    }
    return TAKE_MORE;
}

/* Reads as far as it goes without waiting. True when a whole request is there: the connection is then the
   caller's; otherwise it has gone on its own way. */
static bool advance_reading(struct lk_conn *c, struct conn_worker *w) {
    int err = 0;
    int status = 0;
    const char *detail = NULL;
    enum take_result result = TAKE_MORE;

    conn_attach(c, w);
    if (c->state != CONN_HANDSHAKE || step_handshake(c, &err)) {
        result = read_request(c, &err, &status, &detail);
    }
    if (conn_detach(c) != 0) {
        result = TAKE_CLOSE;
    }
    switch (result) {
    case TAKE_WHOLE:
        connections_move(c, CONN_RUNNING, 0);
        return true;
    case TAKE_REFUSE:
        connections_move(c, CONN_RUNNING, 0);
        refuse(c, status, detail);
        return false;
    case TAKE_CLOSE:
        engine_close(c);
        return false;
    case TAKE_MORE:
        break;
    }
    if (err == LK_ERR_CLOSED) {
        engine_close(c);
    } else if (err == 0) {
        make_ready(c);
    } else {
        wait_socket(c, err == LK_ERR_BUSY);
    }
    return false;
}

bool engine_advance(struct lk_conn *c, struct conn_worker *w) {
    (void)atomic_load_explicit(&c->handed, memory_order_acquire);
    c->worker = w;
    if (atomic_load(&c->doomed)) {
        engine_close(c);
        return false;
    }
    if (c->state == CONN_WRITING) {
        int err = conn_flush(c);
        if (err == LK_ERR_AGAIN) {
            wait_socket(c, true);
        } else if (err != 0) {
            engine_close(c);
        } else {
            end_answer(c);
        }
        return false;
    }
    if (c->state == CONN_LINGER) {
        drain(c, w);
        return false;
    }
    if (!advance_reading(c, w)) {
        return false;
    }
    if (atomic_load(&c->doomed)) {
        engine_close(c);
        return false;
    }
    return true;
}

static void turn_away(struct lk_conn *c) {
    char scratch[256];

    atomic_fetch_add(&c->serve->turned_away, 1);
    if (!c->tls) {
        conn_refuse(c, 503, "The server is full.");
        /* Closing with bytes unread would send a reset, which can overtake the answer. */
        shutdown(c->fd, SHUT_WR);
        for (int i = 0; i < ROUNDS && recv(c->fd, scratch, sizeof(scratch), 0) > 0; i++) {
        }
    }
    close(c->fd);
    conn_free(c);
}

void engine_accept(struct lk_serve *s, struct lk_conn *c) {
    if (!connections_admit(s, c)) {
        turn_away(c);
        return;
    }
    atomic_fetch_add_explicit(&s->accepted, 1, memory_order_relaxed);
    if (c->tls) {
        connections_move(c, CONN_HANDSHAKE, s->options.handshake_ms);
    } else {
        connections_move(c, CONN_HEADER, s->options.header_ms);
    }
    int fd = c->fd;
    atomic_store_explicit(&c->handed, true, memory_order_release);
    if (lk_poller_add(s->poller, fd, c, false) != 0) {
        connections_remove(c);
        close(c->fd);
        conn_free(c);
    }
}
