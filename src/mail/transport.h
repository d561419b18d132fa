/*
 * A byte stream to a mail server: a TCP connection that can become a TLS one (native wolfSSL, TLS 1.2 or
 * newer). Every wait ends at a deadline, and at once when the mailer is being stopped.
 */
#ifndef LK_MAIL_TRANSPORT_H
#define LK_MAIL_TRANSPORT_H

#include "base/err.h"
#include "base/str.h"

#include <pthread.h>

/* Lets another thread break waits off. `resolving` tells it that the thread sits in a name lookup, which
   nothing can break off. */
struct lk_mail_stop {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    bool resolving;
};

/* How the server's certificate is judged. */
struct lk_mail_trust {
    char ca_file[256]; /* PEM; not read when pinned */
    bool pinned;
    uint8_t fingerprint[32]; /* SHA-256 of the certificate's DER form */
};

struct lk_transport {
    int fd;        /* -1: closed */
    bool loopback; /* the other end is this machine */
    bool pin_matched;
    void *tls_context;         /* WOLFSSL_CTX, NULL before TLS */
    void *tls;                 /* WOLFSSL */
    struct lk_mail_stop *stop; /* may be NULL */
    const struct lk_mail_trust *trust;
    int64_t deadline; /* of the step under way, in milliseconds of the monotonic clock */
    char why[96];     /* after a failure: what went wrong, NUL-terminated */
};

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t lk_mail_clock(void);
/* True when the mailer is being stopped. `stop` may be NULL. */
bool lk_mail_stopping(struct lk_mail_stop *stop);

/* Connects to the first address of `host` that answers, trying each for at most `each_ms` until t->deadline.
   `t` is zeroed but for stop, trust and deadline. Returns 0, LK_ERR_NOT_FOUND (no such name), LK_ERR_IO,
   LK_ERR_TIMEOUT or LK_ERR_CLOSED (stopping). Closed by lk_transport_close, also after a failure. */
int lk_transport_connect(struct lk_transport *t, const char *host, uint16_t port, int64_t each_ms);

/* Turns the connection into a TLS one. The certificate must name `host` and its chain end in the CA file, or
   match the pinned fingerprint. Returns 0, LK_ERR_MISMATCH (certificate), LK_ERR_NOT_FOUND (no CA certificate
   to be had), LK_ERR_IO, LK_ERR_TIMEOUT, LK_ERR_CLOSED, LK_ERR_NO_MEMORY. */
int lk_transport_start_tls(struct lk_transport *t, const char *host);

/* Reads 1..cap bytes. Returns their number, LK_ERR_CLOSED (the end), LK_ERR_IO or LK_ERR_TIMEOUT. */
int lk_transport_read(struct lk_transport *t, char *out, size_t cap);
/* Writes all of it. Returns 0, LK_ERR_CLOSED, LK_ERR_IO or LK_ERR_TIMEOUT. */
int lk_transport_write(struct lk_transport *t, struct lk_str data);

void lk_transport_close(struct lk_transport *t);

#endif
