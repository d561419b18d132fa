/*
 * What the files of the engine share. A connection belongs to exactly one of: the poller (it waits for its
 * socket), the ready queue (it has bytes left to look at), or one worker thread. Only the owner reads or
 * writes its fields, but for those said to be under the lock. Nobody but the worker that owns a connection
 * ever frees it: the sweep and the eviction only mark it and shut its socket down, which makes the poller
 * hand it to a worker.
 */
#ifndef LK_SERVE_ENGINE_H
#define LK_SERVE_ENGINE_H

#include "base/blocking.h"
#include "options.h"
#include "serve/serve.h"
#include "serve/tls.h"

#include <pthread.h>
#include <stdatomic.h>

/* What a connection waits for. Those up to CONN_WAITS wait for the client, each in a list ordered by
   deadline. */
enum conn_state {
    CONN_HANDSHAKE,
    CONN_HEADER,
    CONN_BODY,
    CONN_IDLE,    /* for the next request */
    CONN_WRITING, /* for the client to take the rest of an answer */
    CONN_LINGER,  /* for a refused client to stop sending */
    CONN_WAITS,
    CONN_RUNNING = CONN_WAITS, /* for nothing: it is with a handler or in the ready queue */
};

struct conn_address; /* connections.c: one client address and its connections */

struct lk_conn {
    struct lk_serve *serve;
    struct lk_tls_session *ssl; /* NULL on a plain listener, and until the first byte came */
    struct conn_worker *worker;
    int fd;
    bool tls;
    bool refused;       /* by the engine: the client may still be sending */
    bool broken;        /* nothing more can be sent to it */
    bool close;         /* after this answer */
    bool answered;      /* an answer was begun */
    bool complete;      /* and is all sent, or lies in `out` */
    bool continued;     /* 100 Continue was sent for this request */
    atomic_bool doomed; /* set under the lock: close it when it comes up */
    atomic_bool handed; /* orders what one owner wrote before what the next one reads */

    /* Written under the lock. */
    enum conn_state state;
    uint64_t deadline;
    struct lk_conn *prev, *next;           /* of its state's list, or of the ready queue */
    struct lk_conn *peer_prev, *peer_next; /* of its address, least recently active first */
    struct conn_address *address;

    /* What was received: the request so far, and after it what came too early. Decoded chunks stay behind
       the head. */
    char *in;
    size_t in_cap, in_len;
    size_t scanned;  /* how far the end of the head was looked for */
    size_t head_len; /* 0 until it was found */
    size_t body_len; /* so far, decoded */
    size_t end;      /* where the request ends: what came too early starts there */
    bool chunked;
    uint64_t body_want;
    struct lk_chunked chunks;

    /* Encrypted bytes that a worker read ahead and TLS did not take yet. */
    char *ahead;
    size_t ahead_len;

    /* The answer that the client has not taken yet. */
    char *out;
    size_t out_len, out_sent;
    uint64_t write_deadline;
    atomic_size_t held; /* bytes of `in`, `ahead` and `out` together */
    size_t promised;    /* of those, what it was to give back when it was doomed; under the lock */
    size_t drained;     /* bytes thrown away while lingering */
    unsigned lent;      /* bytes of our request line that CivetWeb has read */

    uint8_t peer[16];
    bool loopback;
};

/* One thread that serves. `slot` is under the lock, the rest its own. */
struct conn_worker {
    struct lk_serve *serve;
    struct lk_conn *lent; /* the connection that CivetWeb answers now */
    bool slot;            /* counted in serve->running */
    bool turn;            /* whose turn it is: the ready queue's or the poller's */
    unsigned receives;    /* on this connection in this turn */
    size_t ahead_pos, ahead_len;
    char *ahead;
    struct lk_request_head head;
    struct lk_blocking_hook blocking; /* the thread's */
};

struct conn_list {
    struct lk_conn *first, *last;
    unsigned count;
};

#define LISTENERS_TEXT_MAX 1024

struct lk_serve {
    struct lk_serve_options options;
    struct lk_serve_address *listen;
    struct mg_context *civetweb;
    struct lk_poller *poller;
    struct lk_tls *tls;
    struct conn_worker *workers;
    pthread_key_t self; /* the thread's worker */

    pthread_mutex_t lock;
    pthread_cond_t wake; /* a slot is free, or the server stops */
    atomic_uint running; /* written under the lock */
    unsigned sleeping;
    struct conn_list waits[CONN_WAITS];
    struct conn_list ready;
    atomic_uint ready_count; /* written under the lock */
    struct conn_address *addresses[LK_ADDRESS_BUCKETS];
    uint32_t hash_seed;
    unsigned connections; /* open and not doomed */
    unsigned doomed;      /* open still, but marked */
    uint64_t stop_at;     /* 0, or when to stop at last */
    atomic_bool stopping;

    /* Of one machine word each: a Cortex-M has no larger atomics. */
    atomic_uint next_sweep; /* the low 32 bits of a time */
    atomic_size_t buffered;
    atomic_size_t promised; /* of those, what the doomed are about to give back; under the lock */
    atomic_size_t accepted, requests, refused, turned_away, evicted, expired, handshakes, resumed;
};

/* --- connections.c: who is there, who must go; takes the lock itself ------------------------------------ */

/* Makes a place for a client from `peer`, evicts for it if it must. False: every place is taken by
   requests. */
bool connections_admit(struct lk_serve *s, struct lk_conn *c);
/* Moves it to another state and so to the end of its list; `ms` from now is its deadline. */
void connections_move(struct lk_conn *c, enum conn_state state, uint64_t ms);
/* Dooms the heaviest connection of the heaviest address, so that `c` can have `size` bytes. False when `c`
   weighs more than whoever could go. */
bool connections_reclaim(struct lk_conn *c, size_t size);
/* Dooms the idlest, when the system is out of descriptors. */
void connections_evict(struct lk_serve *s);
/* Forgets it, before its socket is closed. */
void connections_remove(struct lk_conn *c);
/* Dooms those whose deadline has passed. */
void connections_sweep(struct lk_serve *s, uint64_t now);
/* Dooms all idle ones. */
void connections_stop_idle(struct lk_serve *s);
/* Any connection at all, or NULL: for the end, when no thread is left. */
struct lk_conn *connections_any(struct lk_serve *s);

/* --- conn.c: the bytes of one connection ---------------------------------------------------------------- */

/* Takes and gives back memory that all connections share. Where it would pass its bound, the heaviest client
   gives way; false when that is this one itself. */
bool conn_reserve(struct lk_conn *c, size_t size);
void conn_release(struct lk_conn *c, size_t size);
void conn_drop_output(struct lk_conn *c);
/* Everything that it holds of the memory all share. */
void conn_drop_all(struct lk_conn *c);
struct lk_conn *conn_new(struct lk_serve *s, int fd);
void conn_free(struct lk_conn *c);
/* Lends the worker's read-ahead buffer and takes it back. */
void conn_attach(struct lk_conn *c, struct conn_worker *w);
int conn_detach(struct lk_conn *c);
/* Reads what is there into `in`, at least one byte. Returns 0, LK_ERR_AGAIN (wants to read), LK_ERR_BUSY
   (wants to write), LK_ERR_CLOSED or LK_ERR_NO_MEMORY. */
int conn_fill(struct lk_conn *c);
/* True when bytes wait in memory, so that the socket may stay silent. */
bool conn_has_input(const struct lk_conn *c);
/* Drops the request that was answered and keeps what came after it. */
void conn_next_request(struct lk_conn *c);
/* The network under a session of tls.h. */
int conn_receive_raw(void *arg, char *out, int cap);
int conn_send_raw(void *arg, const char *data, int len);

/* --- answer.c: what goes back --------------------------------------------------------------------------- */

/* Sends without waiting. Returns a count, LK_ERR_AGAIN or LK_ERR_CLOSED. */
int conn_send(struct lk_conn *c, const void *data, size_t len);
/* Goes on with `out`. Returns 0 when all is sent, LK_ERR_AGAIN or LK_ERR_CLOSED. */
int conn_flush(struct lk_conn *c);
/* Answers a request that is not to be handled, and closes. */
void conn_refuse(struct lk_conn *c, int status, const char *detail);

/* --- request.c: from bytes to a whole request ----------------------------------------------------------- */

enum take_result { TAKE_MORE, TAKE_WHOLE, TAKE_REFUSE, TAKE_CLOSE };
/* Looks at what arrived. TAKE_REFUSE sets *status and *detail. */
enum take_result request_take(struct lk_conn *c, int *status, const char **detail);

/* --- engine.c ------------------------------------------------------------------------------------------- */

/* Takes charge of a socket just accepted. Never waits. */
void engine_accept(struct lk_serve *s, struct lk_conn *c);
/* Ends a connection at once. */
void engine_close(struct lk_conn *c);
/* The handler is done with it. */
void engine_done(struct lk_conn *c);
/* Goes on with a connection that came up. True when a whole request is there: it is then the caller's. */
bool engine_advance(struct lk_conn *c, struct conn_worker *w);
/* The next one that has bytes left to look at, or NULL. */
struct lk_conn *engine_take_ready(struct lk_serve *s);

/* --- threads.c ------------------------------------------------------------------------------------------ */

/* The next connection with a whole request, or NULL when the server stops. */
struct lk_conn *engine_next(struct lk_serve *s, unsigned thread);

/* --- civetweb.c ----------------------------------------------------------------------------------------- */

/* Opens the listeners and starts the threads. Returns 0, LK_ERR_INVALID, LK_ERR_IO or LK_ERR_NO_MEMORY. */
int civetweb_start(struct lk_serve *s);
/* Closes the listeners and waits for the threads. */
void civetweb_stop(struct lk_serve *s);
uint16_t civetweb_port(struct lk_serve *s, size_t index);

#endif
