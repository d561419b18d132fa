#include "serve/tls.h"

#include "base/time.h"
#include "crypto/crypto.h"
#include "options.h"
#include "serve/tickets.h"

#include <pthread.h>
#include <stdlib.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/sha512.h>

/* The server's order of preference: TLS 1.3 first, ephemeral keys and AEAD alone. */
static const char ciphers[] =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/* The longest private key in DER form, in bytes: RSA with 8192 bits. */
#define KEY_DER_MAX 5120

struct lk_tls {
    struct lk_tls_io io;
    pthread_mutex_t lock; /* over `context`: sessions are made while it is replaced */
    WOLFSSL_CTX *context;
    struct lk_tickets tickets;
};

struct lk_tls_session {
    WOLFSSL *ssl;
    const struct lk_tls_io *io;
    void *arg;
};

static int receive(WOLFSSL *ssl, char *out, int cap, void *arg) {
    const struct lk_tls_session *t = arg;
    int n = t->io->receive(t->arg, out, cap);

    (void)ssl;
    if (n > 0) {
        return n;
    }
    if (n == 0) {
        return WOLFSSL_CBIO_ERR_CONN_CLOSE;
    }
    return n == LK_ERR_AGAIN ? WOLFSSL_CBIO_ERR_WANT_READ : WOLFSSL_CBIO_ERR_CONN_RST;
}

static int send_bytes(WOLFSSL *ssl, char *data, int len, void *arg) {
    const struct lk_tls_session *t = arg;
    int n = t->io->send(t->arg, data, len);

    (void)ssl;
    if (n >= 0) {
        return n;
    }
    return n == LK_ERR_AGAIN ? WOLFSSL_CBIO_ERR_WANT_WRITE : WOLFSSL_CBIO_ERR_CONN_RST;
}

static bool is_zero(const unsigned char *bytes, size_t len) {
    unsigned char any = 0;

    for (size_t i = 0; i < len; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

/* wolfSSL's fields for nonce and tag are longer than ours: the rest is 0, and nothing else is taken. */
static int seal_or_open(WOLFSSL *ssl, unsigned char name[WOLFSSL_TICKET_NAME_SZ],
                        unsigned char iv[WOLFSSL_TICKET_IV_SZ], unsigned char mac[WOLFSSL_TICKET_MAC_SZ],
                        int seal, unsigned char *ticket, int len, int *out_len, void *arg) {
    struct lk_tickets *tickets = arg;
    uint64_t now = lk_time_mono_ms();

    (void)ssl;
    *out_len = len;
    if (!seal) {
        bool good = is_zero(iv + LK_TICKET_IV_LEN, WOLFSSL_TICKET_IV_SZ - LK_TICKET_IV_LEN) &&
                    is_zero(mac + LK_TICKET_TAG_LEN, WOLFSSL_TICKET_MAC_SZ - LK_TICKET_TAG_LEN) &&
                    lk_tickets_open(tickets, now, name, iv, mac, ticket, (size_t)len) == 0;
        return good ? WOLFSSL_TICKET_RET_OK : WOLFSSL_TICKET_RET_REJECT;
    }
    memset(iv, 0, WOLFSSL_TICKET_IV_SZ);
    memset(mac, 0, WOLFSSL_TICKET_MAC_SZ);
    int err = lk_tickets_seal(tickets, now, name, iv, mac, ticket, (size_t)len);
    return err == 0 ? WOLFSSL_TICKET_RET_OK : WOLFSSL_TICKET_RET_FATAL;
}

/* The first certificate of a PEM chain in DER form; freed by wc_FreeDer. NULL when there is none. */
static DerBuffer *first_certificate(struct lk_str chain) {
    DerBuffer *der = NULL;

    if (wc_PemToDer((const unsigned char *)chain.ptr, (long)chain.len, CERT_TYPE, &der, NULL, NULL, NULL) !=
        0) {
        return NULL;
    }
    return der;
}

/* wolfSSL would find out that they do not belong together at the first handshake. */
static bool is_pair(struct lk_str chain, struct lk_str key) {
    DecodedCert *decoded = malloc(sizeof(*decoded));
    unsigned char *key_der = malloc(KEY_DER_MAX);
    DerBuffer *der = first_certificate(chain);
    bool pair = false;

    if (decoded != NULL && key_der != NULL && der != NULL) {
        int len = wc_KeyPemToDer((const unsigned char *)key.ptr, (int)key.len, key_der, KEY_DER_MAX, NULL);
        wc_InitDecodedCert(decoded, der->buffer, der->length, NULL);
        pair = len > 0 && wc_ParseCert(decoded, CERT_TYPE, NO_VERIFY, NULL) == 0 &&
               wc_CheckPrivateKeyCert(key_der, (word32)len, decoded) == 1;
        wc_FreeDecodedCert(decoded);
        lk_wipe(key_der, KEY_DER_MAX);
    }
    wc_FreeDer(&der);
    free(key_der);
    free(decoded);
    return pair;
}

static WOLFSSL_CTX *make_context(struct lk_tls *tls, struct lk_str chain, struct lk_str key) {
    if (chain.len == 0 || key.len == 0 || chain.len > INT32_MAX || key.len > INT32_MAX ||
        !is_pair(chain, key)) {
        return NULL;
    }
    WOLFSSL_CTX *context = wolfSSL_CTX_new(wolfSSLv23_server_method());
    if (context == NULL) {
        return NULL;
    }
    if (wolfSSL_CTX_SetMinVersion(context, LK_TLS12 ? WOLFSSL_TLSV1_2 : WOLFSSL_TLSV1_3) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(context, ciphers) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_use_certificate_chain_buffer(context, (const unsigned char *)chain.ptr,
                                                 (long)chain.len) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_use_PrivateKey_buffer(context, (const unsigned char *)key.ptr, (long)key.len,
                                          WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_TicketEncCb(context, seal_or_open) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_TicketEncCtx(context, &tls->tickets) != WOLFSSL_SUCCESS) {
        wolfSSL_CTX_free(context);
        return NULL;
    }
    wolfSSL_CTX_set_group_messages(context);
    wolfSSL_CTX_SetIORecv(context, receive);
    wolfSSL_CTX_SetIOSend(context, send_bytes);
    return context;
}

/* wolfCrypt looks at the processor when an algorithm is first used, and threads that do so at once race. */
static bool use_ciphers_once(void) {
    static const uint8_t key[32] = {0};
    uint8_t tag[16];
    uint8_t text[1] = {0};
    bool done = false;
    Aes *aes = calloc(1, sizeof(*aes));

    if (aes != NULL && wc_AesInit(aes, NULL, INVALID_DEVID) == 0) {
        done = wc_AesGcmSetKey(aes, key, 16) == 0 &&
               wc_AesGcmEncrypt(aes, text, text, 1, key, 12, tag, 16, NULL, 0) == 0 &&
               wc_ChaCha20Poly1305_Encrypt(key, key, NULL, 0, text, 1, text, tag) == 0;
        wc_AesFree(aes);
    }
    free(aes);
#ifdef WOLFSSL_SHA384
    wc_Sha384 sha384;
    done = done && wc_InitSha384(&sha384) == 0;
    if (done) {
        wc_Sha384Free(&sha384);
    }
#endif
    return done;
}

int lk_tls_new(struct lk_tls **out, struct lk_str certificate, struct lk_str key,
               const struct lk_tls_io *io) {
    struct lk_tls *tls = calloc(1, sizeof(*tls));

    *out = NULL;
    if (tls == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    tls->io = *io;
    wolfSSL_Init();
    int err = use_ciphers_once() ? lk_tickets_init(&tls->tickets, lk_time_mono_ms()) : LK_ERR_NO_MEMORY;
    if (err == 0) {
        tls->context = make_context(tls, certificate, key);
        if (tls->context == NULL) {
            lk_tickets_free(&tls->tickets);
            err = LK_ERR_INVALID;
        }
    }
    if (err != 0) {
        wolfSSL_Cleanup();
        free(tls);
        return err;
    }
    pthread_mutex_init(&tls->lock, NULL);
    *out = tls;
    return 0;
}

void lk_tls_free(struct lk_tls *tls) {
    wolfSSL_CTX_free(tls->context);
    lk_tickets_free(&tls->tickets);
    wolfSSL_Cleanup();
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

int lk_tls_set_certificate(struct lk_tls *tls, struct lk_str certificate, struct lk_str key) {
    WOLFSSL_CTX *fresh = make_context(tls, certificate, key);

    if (fresh == NULL) {
        return LK_ERR_INVALID;
    }
    /* Who resumes does not see the certificate: all are made to. Without a key there is no resuming. */
    (void)lk_tickets_renew(&tls->tickets, lk_time_mono_ms());
    pthread_mutex_lock(&tls->lock);
    WOLFSSL_CTX *old = tls->context;
    tls->context = fresh;
    pthread_mutex_unlock(&tls->lock);
    /* Sessions hold references of their own. */
    wolfSSL_CTX_free(old);
    return 0;
}

struct lk_tls_session *lk_tls_session_new(struct lk_tls *tls, void *arg) {
    struct lk_tls_session *t = malloc(sizeof(*t));

    if (t == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&tls->lock);
    t->ssl = wolfSSL_new(tls->context);
    pthread_mutex_unlock(&tls->lock);
    if (t->ssl == NULL) {
        free(t);
        return NULL;
    }
    t->io = &tls->io;
    t->arg = arg;
    wolfSSL_SetIOReadCtx(t->ssl, t);
    wolfSSL_SetIOWriteCtx(t->ssl, t);
    wolfSSL_set_using_nonblock(t->ssl, 1);
    return t;
}

void lk_tls_session_free(struct lk_tls_session *t) {
    wolfSSL_free(t->ssl);
    free(t);
}

/* What a session waits for after a call that gave `n`. */
static int failure(const struct lk_tls_session *t, int n) {
    switch (wolfSSL_get_error(t->ssl, n)) {
    case WOLFSSL_ERROR_WANT_READ:
        return LK_ERR_AGAIN;
    case WOLFSSL_ERROR_WANT_WRITE:
        return LK_ERR_BUSY;
    default:
        return LK_ERR_CLOSED;
    }
}

int lk_tls_handshake(struct lk_tls_session *t) {
    int n = wolfSSL_accept(t->ssl);

    return n == WOLFSSL_SUCCESS ? 0 : failure(t, n);
}

bool lk_tls_resumed(struct lk_tls_session *t) {
    return wolfSSL_session_reused(t->ssl) == 1;
}

int lk_tls_read(struct lk_tls_session *t, void *out, size_t cap) {
    int n = wolfSSL_read(t->ssl, out, (int)(cap < INT32_MAX ? cap : INT32_MAX));

    return n > 0 ? n : failure(t, n);
}

int lk_tls_write(struct lk_tls_session *t, const void *data, size_t len) {
    int n = wolfSSL_write(t->ssl, data, (int)(len < INT32_MAX ? len : INT32_MAX));

    if (n > 0) {
        return n;
    }
    return failure(t, n) == LK_ERR_CLOSED ? LK_ERR_CLOSED : LK_ERR_AGAIN;
}

bool lk_tls_pending(struct lk_tls_session *t) {
    return wolfSSL_pending(t->ssl) > 0;
}

void lk_tls_goodbye(struct lk_tls_session *t) {
    (void)wolfSSL_shutdown(t->ssl);
}

int lk_tls_fingerprint(struct lk_str certificate, uint8_t out[32]) {
    DerBuffer *der = first_certificate(certificate);

    if (der == NULL) {
        return LK_ERR_INVALID;
    }
    int err = lk_sha256(der->buffer, der->length, out);
    wc_FreeDer(&der);
    return err;
}

/* YYMMDDHHMMSSZ (UTCTime: 1950 to 2049) or YYYYMMDDHHMMSSZ (GeneralizedTime), behind its tag and length. */
static int read_time(const byte *der, int len, int64_t *seconds) {
    unsigned n[7] = {0}; /* the century's two digits, year, month, day, hour, minute, second */
    bool general = len > 0 && der[0] == ASN_GENERALIZED_TIME;
    size_t first = general ? 0 : 1;
    size_t count = 7 - first;

    if (len < 2 || der[1] != 2 * count + 1 || len < 2 + der[1] || der[1 + der[1]] != 'Z') {
        return LK_ERR_INVALID;
    }
    for (size_t i = 0; i < 2 * count; i++) {
        if (der[2 + i] < '0' || der[2 + i] > '9') {
            return LK_ERR_INVALID;
        }
        n[first + i / 2] = n[first + i / 2] * 10 + (unsigned)(der[2 + i] - '0');
    }
    struct lk_date d = {
        .year = general ? n[0] * 100 + n[1] : (n[1] < 50 ? 2000 : 1900) + n[1],
        .month = n[2],
        .day = n[3],
        .hour = n[4],
        .minute = n[5],
        .second = n[6],
    };
    if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 || d.hour > 23 || d.minute > 59 ||
        d.second > 59) {
        return LK_ERR_INVALID;
    }
    *seconds = lk_date_seconds(&d);
    return 0;
}

int lk_tls_validity(struct lk_str certificate, int64_t *begins, int64_t *ends) {
    DerBuffer *der = first_certificate(certificate);
    DecodedCert *cert = der != NULL ? malloc(sizeof(*cert)) : NULL;
    int err = LK_ERR_INVALID;

    if (cert != NULL) {
        InitDecodedCert(cert, der->buffer, der->length, NULL);
        if (ParseCert(cert, CERT_TYPE, NO_VERIFY, NULL) == 0 &&
            read_time(cert->beforeDate, cert->beforeDateLen, begins) == 0) {
            err = read_time(cert->afterDate, cert->afterDateLen, ends);
        }
        FreeDecodedCert(cert);
    }
    free(cert);
    if (der != NULL) {
        wc_FreeDer(&der);
    }
    return err;
}
