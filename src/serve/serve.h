/*
 * The server's engine: it owns every connection from accept to close, decrypts, checks how requests are
 * framed and lends a connection to a worker thread only when a whole request lies in memory. No thread ever
 * waits for a client's bytes; a client that takes its time costs a descriptor and a few hundred bytes until
 * its deadline passes.
 */
#ifndef LK_SERVE_SERVE_H
#define LK_SERVE_SERVE_H

#include "base/err.h"
#include "serve/framing.h"

struct lk_serve;
struct lk_conn;

/* Where to listen. */
struct lk_serve_address {
    const char *address; /* numeric, "[…]" around IPv6; "" or "0.0.0.0": every IPv4 address, "[::]": IPv6 */
    uint16_t port;       /* 0: one that is free, see lk_serve_port */
    bool tls;
};

/* A request that was refused before it could be handled. */
struct lk_refused {
    int status;
    const char *detail; /* a constant English sentence */
    struct lk_str path; /* as in struct lk_request_head; empty without a good header block */
    bool tls;
};

/* What the application does for the engine. The callbacks run on worker threads, several at once. */
struct lk_serve_handler {
    /*
     * Answers one request by lk_conn_answer, or by lk_conn_write for an answer made piece by piece. An answer
     * that was not begun becomes a 500.
     */
    void (*handle)(void *arg, struct lk_conn *conn);
    /*
     * The most bytes that the body of a request may have, asked once its header block is there; strings are
     * as in struct lk_request_head. NULL: options.max_body for all.
     */
    size_t (*body_limit)(void *arg, struct lk_str method, struct lk_str path, struct lk_str content_type);
    /*
     * Writes the whole answer (head and body, Connection: close) to a refused request. Returns its length, at
     * most `cap`. NULL: a short JSON body {"detail": …}.
     */
    size_t (*refusal)(void *arg, const struct lk_refused *refused, char *out, size_t cap);
    void *arg;
};

/* Zero takes the default in brackets. Times in milliseconds, sizes in bytes. */
struct lk_serve_options {
    const struct lk_serve_address *addresses;
    size_t address_count;
    struct lk_str certificate; /* PEM, the chain with the leaf first; needed when an address has tls */
    struct lk_str key;         /* PEM */
    struct lk_serve_handler handler;

    unsigned threads;         /* worker threads, 1..1024 [active + 14] */
    unsigned active;          /* of those, how many run at once [the number of processors] */
    unsigned max_connections; /* [4096] */
    unsigned max_per_address; /* one IPv4 address or one IPv6 /64 [half of max_connections] */
    size_t max_body;          /* [1 MB] */
    size_t max_buffered;      /* requests and answers in memory, all connections together [LK_BUFFERED_MAX] */

    unsigned handshake_ms; /* from accept to the end of the TLS handshake [10 s] */
    unsigned header_ms;    /* from there, or from a request's first byte, to the end of its header [10 s] */
    unsigned body_ms;      /* for the body, and as much again as its length needs at min_rate [30 s] */
    unsigned min_rate;     /* bytes a second [64 KB] */
    unsigned idle_ms;      /* between two requests [60 s] */
    unsigned write_ms;     /* for a whole answer [30 s] */
    unsigned linger_ms;    /* for a client to see why it was refused while it still sends [5 s] */
    unsigned stop_ms;      /* for requests under way when the server stops [10 s] */
};

/*
 * Starts to serve. Everything in `options` is copied but the handler's `arg`. Needs lk_crypto_init. Its
 * threads have the hook of base/blocking.h. Returns 0, LK_ERR_INVALID (options, certificate or key),
 * LK_ERR_IO (an address cannot be listened on), LK_ERR_ENTROPY or LK_ERR_NO_MEMORY; *why is then a constant
 * English sentence.
 */
int lk_serve_start(struct lk_serve **out, const struct lk_serve_options *options, const char **why);

/* Closes the listeners and the idle connections, lets requests under way finish (stop_ms at most), and
   frees. */
void lk_serve_stop(struct lk_serve *s);

/* Uses another certificate and key from the next connection on. Returns 0 or LK_ERR_INVALID: then the old
   ones stay. */
int lk_serve_set_certificate(struct lk_serve *s, struct lk_str certificate, struct lk_str key);

/* The port that the listener of this index is bound to. */
uint16_t lk_serve_port(struct lk_serve *s, size_t index);

struct lk_serve_stats {
    unsigned connections; /* open now */
    unsigned idle;        /* of those, waiting for a next request */
    unsigned busy;        /* of those, with a request being handled */
    size_t buffered;      /* bytes of requests and answers in memory */
    uint64_t accepted;
    uint64_t requests;    /* handed to the handler */
    uint64_t refused;     /* requests answered by the engine itself */
    uint64_t turned_away; /* connections closed at accept: every place taken by a request under way */
    uint64_t evicted;     /* connections closed to make room or memory for another */
    uint64_t expired;     /* connections closed at a deadline */
    uint64_t handshakes;
    uint64_t resumed; /* of those, by a session ticket */
};
void lk_serve_stats(struct lk_serve *s, struct lk_serve_stats *stats);

/* The answer that the engine gives without a refusal callback: {"detail": …} with the fields every answer
   carries. */
size_t lk_serve_refusal(int status, const char *detail, char *out, size_t cap);

/* --- a request, as the handler sees it; all strings live until the handler returns ---------------------- */

const struct lk_request_head *lk_conn_head(const struct lk_conn *conn);
/* The whole body, out of its chunks. */
struct lk_str lk_conn_body(const struct lk_conn *conn);

bool lk_conn_is_tls(const struct lk_conn *conn);
/* True when the client reached an address of the loopback network. */
bool lk_conn_is_loopback(const struct lk_conn *conn);
/* The client's address; an IPv4 one as ::ffff:a.b.c.d. */
const uint8_t *lk_conn_peer_address(const struct lk_conn *conn);

/* True while the connection is to stay open after this answer: for the answer's Connection field. */
bool lk_conn_keep_alive(const struct lk_conn *conn);
/* Closes the connection after this answer. */
void lk_conn_set_close(struct lk_conn *conn);

/*
 * Sends the whole answer, head and body in one piece (copied where the client does not take it at once), and
 * never waits. Once a request, last. Returns 0, or LK_ERR_CLOSED when the client is gone, or was let go
 * because the server has no memory for what it did not take.
 */
int lk_conn_answer(struct lk_conn *conn, const void *data, size_t len);

/*
 * Sends a piece of an answer that is made as it goes; waits for the client (lk_blocking_begin/end), for
 * write_ms in all from the first piece on. Returns 0, LK_ERR_CLOSED or LK_ERR_TIMEOUT; the connection is then
 * closed after the handler.
 */
int lk_conn_write(struct lk_conn *conn, const void *data, size_t len);

#endif
