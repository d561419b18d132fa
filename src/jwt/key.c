#include "base/text.h"
#include "jwt/latchkey_jwt.h"

#include <string.h>

#ifndef WOLFSSL_USER_SETTINGS
#include <wolfssl/options.h>
#endif
#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/sha256.h>

#define NAME_BYTES 6 /* of the digest: enough to tell the few keys of one server apart */

static int digest(const struct lk_jwt_key *key, uint8_t out[WC_SHA256_DIGEST_SIZE]) {
    static const char label[] = "latchkey-kid";
    wc_Sha256 hash;

    if (wc_InitSha256(&hash) != 0) {
        return LK_JWT_BAD_KEY;
    }
    int err = wc_Sha256Update(&hash, (const byte *)label, sizeof(label) - 1);
    if (err == 0) {
        err = wc_Sha256Update(&hash, key->secret, (word32)key->secret_len);
    }
    if (err == 0) {
        err = wc_Sha256Final(&hash, out);
    }
    wc_Sha256Free(&hash);
    return err == 0 ? 0 : LK_JWT_BAD_KEY;
}

int lk_jwt_key_set(struct lk_jwt_key *key, const void *secret, size_t len) {
    uint8_t hash[WC_SHA256_DIGEST_SIZE];
    struct lk_buf b;

    memset(key, 0, sizeof(*key));
    if (len < LK_JWT_KEY_MIN || len > LK_JWT_KEY_MAX) {
        return LK_JWT_BAD_KEY;
    }
    memcpy(key->secret, secret, len);
    key->secret_len = len;
    int err = digest(key, hash);
    if (err != 0) {
        return err;
    }
    lk_buf_init(&b, key->kid, sizeof(key->kid));
    lk_buf_put_base64url(&b, hash, NAME_BYTES);
    return lk_buf_end_cstr(&b) == 0 ? 0 : LK_JWT_BAD_KEY;
}
