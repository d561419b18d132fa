/* The certificate of the first start: a key of the device's own, signed by itself. */
#include "base/buf.h"
#include "crypto/crypto.h"
#include "serve/tls.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>

#define DER_MAX 1536
#define NAME_MAX_LEN 63 /* bytes of one name; a common name may have 64 */

/* GeneralName's tags, RFC 5280 §4.2.1.6. */
#define TAG_DNS 0x82
#define TAG_IP 0x87

struct work {
    Cert cert;
    ecc_key key;
    WC_RNG rng;
    uint8_t der[DER_MAX];
    char name[NAME_MAX_LEN + 1];
};

/* One GeneralName: an IP address where the text is one, else a DNS name. */
static int put_name(struct lk_buf *b, struct lk_str name, char text[NAME_MAX_LEN + 1]) {
    uint8_t address[16];

    if (name.len == 0 || name.len > NAME_MAX_LEN) {
        return LK_ERR_INVALID;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    size_t len = inet_pton(AF_INET, text, address) == 1    ? 4
                 : inet_pton(AF_INET6, text, address) == 1 ? 16
                                                           : 0;
    lk_buf_put_u8(b, len > 0 ? TAG_IP : TAG_DNS);
    if (len > 0) {
        lk_buf_put_u8(b, (uint8_t)len);
        lk_buf_put(b, address, len);
    } else {
        lk_buf_put_u8(b, (uint8_t)name.len);
        lk_buf_put_str(b, name);
    }
    return b->err;
}

/* The SEQUENCE of all names goes where wolfCrypt looks for it. */
static int put_names(struct work *w, const struct lk_self_signed *how) {
    struct lk_buf b;
    uint8_t *out = w->cert.altNames;

    /* Three bytes of header, as the length of 128 and more needs; a shorter list moves down by one. */
    lk_buf_init(&b, out + 4, sizeof(w->cert.altNames) - 4);
    for (size_t i = how->name_count; i-- > 0;) {
        int err = put_name(&b, how->names[i], w->name);
        if (err != 0) {
            return err;
        }
    }
    size_t header = b.len < 128 ? 2 : b.len < 256 ? 3 : 4;
    memmove(out + header, out + 4, b.len);
    out[0] = 0x30;
    out[1] = header == 2 ? (uint8_t)b.len : header == 3 ? 0x81 : 0x82;
    if (header == 3) {
        out[2] = (uint8_t)b.len;
    } else if (header == 4) {
        out[2] = (uint8_t)(b.len >> 8);
        out[3] = (uint8_t)b.len;
    }
    w->cert.altNamesSz = (int)(b.len + header);
    /* The first name, put last and so still in `name`, is the subject too. */
    memcpy(w->cert.subject.commonName, w->name, sizeof(w->name));
    return 0;
}

static int make_certificate(struct work *w, const struct lk_self_signed *how) {
    if (wc_InitCert(&w->cert) != 0) {
        return LK_ERR_INVALID;
    }
    w->cert.sigType = CTC_SHA256wECDSA;
    w->cert.daysValid = (int)how->days;
    w->cert.selfSigned = 1;
    int err = put_names(w, how);
    if (err != 0) {
        return err;
    }
    if (wc_SetKeyUsage(&w->cert, "digitalSignature") != 0 || wc_SetExtKeyUsage(&w->cert, "serverAuth") != 0 ||
        wc_SetSubjectKeyIdFromPublicKey_ex(&w->cert, ECC_TYPE, &w->key) != 0) {
        return LK_ERR_INVALID;
    }
    if (wc_MakeCert(&w->cert, w->der, DER_MAX, NULL, &w->key, &w->rng) < 0) {
        return LK_ERR_TOO_LARGE;
    }
    int len = wc_SignCert(w->cert.bodySz, w->cert.sigType, w->der, DER_MAX, NULL, &w->key, &w->rng);
    return len > 0 ? len : LK_ERR_TOO_LARGE;
}

static int to_pem(const uint8_t *der, int der_len, int type, char *out, size_t *len) {
    int n = wc_DerToPem(der, (word32)der_len, (unsigned char *)out, (word32)*len, type);

    if (n <= 0) {
        return LK_ERR_TOO_LARGE;
    }
    *len = (size_t)n;
    return 0;
}

static int make_both(struct work *w, const struct lk_self_signed *how, char *certificate,
                     size_t *certificate_len, char *key, size_t *key_len) {
    word32 size = DER_MAX;

    if (wc_ecc_make_key_ex(&w->rng, 32, &w->key, ECC_SECP256R1) != 0) {
        return LK_ERR_ENTROPY;
    }
    int len = make_certificate(w, how);
    if (len < 0) {
        return len;
    }
    int err = to_pem(w->der, len, CERT_TYPE, certificate, certificate_len);
    if (err != 0) {
        return err;
    }
    len = wc_EccKeyToPKCS8(&w->key, w->der, &size);
    return len <= 0 ? LK_ERR_TOO_LARGE : to_pem(w->der, len, PKCS8_PRIVATEKEY_TYPE, key, key_len);
}

int lk_tls_make_self_signed(const struct lk_self_signed *how, char *certificate, size_t *certificate_len,
                            char *key, size_t *key_len) {
    if (how->name_count == 0 || how->name_count > 16 || how->days == 0 || how->days > 3650) {
        return LK_ERR_INVALID;
    }
    struct work *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    int err = LK_ERR_ENTROPY;
    if (wc_InitRng(&w->rng) == 0) {
        if (wc_ecc_init(&w->key) == 0) {
            err = make_both(w, how, certificate, certificate_len, key, key_len);
            wc_ecc_free(&w->key);
        }
        wc_FreeRng(&w->rng);
    }
    lk_wipe(w, sizeof(*w));
    free(w);
    return err;
}
