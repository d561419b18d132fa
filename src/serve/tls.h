/*
 * TLS for the engine, on wolfSSL: TLS 1.3 and 1.2, AES-GCM and ChaCha20-Poly1305, ephemeral keys only,
 * session tickets under keys that live in memory and change by themselves.
 */
#ifndef LK_SERVE_TLS_H
#define LK_SERVE_TLS_H

#include "base/err.h"
#include "base/str.h"

struct lk_tls;
struct lk_tls_session;

/* How sessions reach the network; `arg` is the one given to lk_tls_session_new. Both return a count, 0 at
   the end of the stream (receive), LK_ERR_AGAIN or LK_ERR_CLOSED. */
struct lk_tls_io {
    int (*receive)(void *arg, char *out, int cap);
    int (*send)(void *arg, const char *data, int len);
};

/* Reads the chain and the key (PEM). Returns 0, LK_ERR_INVALID, LK_ERR_ENTROPY or LK_ERR_NO_MEMORY. */
int lk_tls_new(struct lk_tls **out, struct lk_str certificate, struct lk_str key, const struct lk_tls_io *io);
/* Sessions under way keep what they were made with. */
void lk_tls_free(struct lk_tls *tls);
/* Replaces chain and key for sessions to come; none from before is resumed. Returns 0 or LK_ERR_INVALID, with nothing changed. */
int lk_tls_set_certificate(struct lk_tls *tls, struct lk_str certificate, struct lk_str key);

/* A server's session, or NULL without memory. To be freed before `tls`. */
struct lk_tls_session *lk_tls_session_new(struct lk_tls *tls, void *arg);
void lk_tls_session_free(struct lk_tls_session *t);

/* One step of the handshake. Returns 0 when it is done, LK_ERR_AGAIN (wants to read), LK_ERR_BUSY (wants
   to write) or LK_ERR_CLOSED. */
int lk_tls_handshake(struct lk_tls_session *t);
bool lk_tls_resumed(struct lk_tls_session *t);
/* Returns a count, LK_ERR_AGAIN (wants to read), LK_ERR_BUSY (wants to write) or LK_ERR_CLOSED. */
int lk_tls_read(struct lk_tls_session *t, void *out, size_t cap);
/* Returns a count, LK_ERR_AGAIN or LK_ERR_CLOSED. After LK_ERR_AGAIN it is repeated with the same bytes. */
int lk_tls_write(struct lk_tls_session *t, const void *data, size_t len);
/* True when decrypted bytes wait inside the session. */
bool lk_tls_pending(struct lk_tls_session *t);
/* Says goodbye (close_notify) if the network takes it at once. */
void lk_tls_goodbye(struct lk_tls_session *t);

/* --- certificates --------------------------------------------------------------------------------------- */

struct lk_self_signed {
    const struct lk_str *names; /* DNS names and IP addresses it is good for; the first is its subject */
    size_t name_count;          /* 1..16 */
    unsigned days;              /* 1..3650; it begins yesterday, as clocks differ */
};

/*
 * Makes an ECDSA P-256 key and a certificate it signs itself (RFC 5280: subjectAltName, serverAuth). Writes
 * both as PEM without NUL: `certificate` and `key` hold `*certificate_len` and `*key_len` bytes before, and
 * say how many after. 2048 and 512 bytes are enough. Returns 0, LK_ERR_INVALID, LK_ERR_TOO_LARGE,
 * LK_ERR_ENTROPY or LK_ERR_NO_MEMORY. The caller wipes the key.
 */
int lk_tls_make_self_signed(const struct lk_self_signed *how, char *certificate, size_t *certificate_len,
                            char *key, size_t *key_len);

/* SHA-256 of the first certificate's DER form, which browsers show. Returns 0 or LK_ERR_INVALID. */
int lk_tls_fingerprint(struct lk_str certificate, uint8_t out[32]);

/* When the first certificate begins and ceases to be good, in seconds since 1970 (RFC 5280 §4.1.2.5). Returns 0 or
   LK_ERR_INVALID. */
int lk_tls_validity(struct lk_str certificate, int64_t *begins, int64_t *ends);

#endif
