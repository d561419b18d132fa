/* TLS to the mail server, on wolfSSL's own client API. */
#include "crypto/crypto.h"
#include "mail/transport_io.h"
#include "options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfio.h>

#define CERTIFICATE_MAX 12288 /* bytes of one PEM certificate taken from the CA file */

/* --- trust ---------------------------------------------------------------------------------------------- */

/*
 * Certificates are loaded one at a time: a bundle of the public authorities holds some whose key or signature
 * this build does not know, and they are passed over. `mem` holds CERTIFICATE_MAX bytes.
 */
static unsigned load_certificates(WOLFSSL_CTX *context, FILE *file, char *mem) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    static const char end[] = "-----END CERTIFICATE-----";
    unsigned loaded = 0;
    size_t len = 0;
    char line[128];

    while (fgets(line, sizeof(line), file) != NULL) {
        size_t line_len = strlen(line);
        if (strncmp(line, begin, sizeof(begin) - 1) == 0) {
            len = 0;
        }
        if (len + line_len > CERTIFICATE_MAX) {
            len = 0;
            continue;
        }
        memcpy(mem + len, line, line_len);
        len += line_len;
        if (strncmp(line, end, sizeof(end) - 1) == 0) {
            loaded += wolfSSL_CTX_load_verify_buffer(context, (const unsigned char *)mem, (long)len,
                                                     WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS
                          ? 1
                          : 0;
            len = 0;
        }
    }
    return loaded;
}

static int load_ca_file(struct lk_transport *t) {
    FILE *file = fopen(t->trust->ca_file, "re");
    char *mem = malloc(CERTIFICATE_MAX);
    unsigned loaded = file != NULL && mem != NULL ? load_certificates(t->tls_context, file, mem) : 0;

    if (file != NULL) {
        fclose(file);
    }
    free(mem);
    if (loaded == 0) {
        lk_transport_set_why(t, "no certificate could be read from the file of trusted ones (mail_ca_file)");
        return LK_ERR_NOT_FOUND;
    }
    return 0;
}

/* With a pinned fingerprint no authority is loaded, so that verification always comes here: the first
   certificate, whose key the handshake proves, must be the pinned one. */
static int check_pin(int preverified, WOLFSSL_X509_STORE_CTX *store) {
    struct lk_transport *t = store->userCtx;
    uint8_t hash[LK_SHA256_LEN];

    (void)preverified;
    if (store->totalCerts < 1 || store->certs == NULL ||
        lk_sha256(store->certs[0].buffer, store->certs[0].length, hash) < 0) {
        return 0;
    }
    t->pin_matched = lk_equal_ct(hash, t->trust->fingerprint, sizeof(hash));
    return t->pin_matched ? 1 : 0;
}

/* Without the option nothing of this file is linked, and wolfSSL has no clients. */
static WOLFSSL_CTX *new_context(void) {
#if LK_SMTP
    return wolfSSL_CTX_new(wolfTLS_client_method());
#else
    return NULL;
#endif
}

static int make_context(struct lk_transport *t) {
    t->tls_context = new_context();
    if (t->tls_context == NULL ||
        wolfSSL_CTX_SetMinVersion(t->tls_context, LK_TLS12 ? WOLFSSL_TLSV1_2 : WOLFSSL_TLSV1_3) !=
            WOLFSSL_SUCCESS) {
        return LK_ERR_NO_MEMORY;
    }
    if (t->trust->pinned) {
        wolfSSL_CTX_set_verify(t->tls_context, WOLFSSL_VERIFY_PEER, check_pin);
        return 0;
    }
    wolfSSL_CTX_set_verify(t->tls_context, WOLFSSL_VERIFY_PEER, NULL);
    return load_ca_file(t);
}

/* An address is no host name: RFC 6066 §3 keeps it out of SNI. */
static bool is_numeric(const char *host) {
    uint8_t address[16];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static int make_session(struct lk_transport *t, const char *host) {
    WOLFSSL *tls = wolfSSL_new(t->tls_context);

    t->tls = tls;
    if (tls == NULL || wolfSSL_set_fd(tls, t->fd) != WOLFSSL_SUCCESS) {
        return LK_ERR_NO_MEMORY;
    }
    wolfSSL_SetCertCbCtx(tls, t);
    wolfSSL_SetIOWriteFlags(tls, MSG_NOSIGNAL);
    if (!is_numeric(host) &&
        wolfSSL_UseSNI(tls, WOLFSSL_SNI_HOST_NAME, host, (unsigned short)strlen(host)) != WOLFSSL_SUCCESS) {
        return LK_ERR_NO_MEMORY;
    }
    if (!t->trust->pinned && wolfSSL_check_domain_name(tls, host) != WOLFSSL_SUCCESS) {
        return LK_ERR_NO_MEMORY;
    }
    return 0;
}

/* --- the stream ----------------------------------------------------------------------------------------- */

/* After a call that gave `result` <= 0: 0 when it is to be repeated, or an error. */
static int after(struct lk_transport *t, int result) {
    int error = wolfSSL_get_error(t->tls, result);

    if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE) {
        return lk_transport_wait(t, error == WOLFSSL_ERROR_WANT_WRITE);
    }
    if (error == WOLFSSL_ERROR_ZERO_RETURN || error == SOCKET_PEER_CLOSED_E || error == SOCKET_ERROR_E) {
        return LK_ERR_CLOSED;
    }
    lk_transport_set_why(t, wolfSSL_ERR_reason_error_string((unsigned long)error));
    return LK_ERR_IO;
}

int lk_transport_start_tls(struct lk_transport *t, const char *host) {
    int err = make_context(t);

    t->pin_matched = false;
    err = err < 0 ? err : make_session(t, host);
    while (err == 0) {
        int result = wolfSSL_connect(t->tls);
        if (result == WOLFSSL_SUCCESS) {
            break;
        }
        err = after(t, result);
    }
    if (t->trust->pinned && !t->pin_matched && (err == 0 || err == LK_ERR_IO)) {
        lk_transport_set_why(t, "the server's certificate is not the pinned one (mail_fingerprint)");
        return LK_ERR_MISMATCH;
    }
    if (err == LK_ERR_CLOSED && !lk_mail_stopping(t->stop)) {
        lk_transport_set_why(t, "the server dropped the TLS handshake");
    }
    return err;
}

int lk_transport_tls_read(struct lk_transport *t, char *out, size_t cap) {
    for (;;) {
        int n = wolfSSL_read(t->tls, out, (int)cap);
        if (n > 0) {
            return n;
        }
        int err = after(t, n);
        if (err < 0) {
            return err;
        }
    }
}

int lk_transport_tls_write(struct lk_transport *t, struct lk_str data) {
    while (data.len > 0) {
        int n = wolfSSL_write(t->tls, data.ptr, (int)data.len);
        int err = n > 0 ? 0 : after(t, n);
        if (err < 0) {
            return err;
        }
        data = lk_str_sub(data, n > 0 ? (size_t)n : 0, data.len);
    }
    return 0;
}

void lk_transport_tls_free(struct lk_transport *t) {
    if (t->tls != NULL) {
        /* Our close_notify; the server's is not waited for. */
        (void)wolfSSL_shutdown(t->tls);
        wolfSSL_free(t->tls);
        t->tls = NULL;
    }
    if (t->tls_context != NULL) {
        wolfSSL_CTX_free(t->tls_context);
        t->tls_context = NULL;
    }
}
