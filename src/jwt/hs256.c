#include "jwt/hs256.h"

#include <string.h>

#ifndef WOLFSSL_USER_SETTINGS
#include <wolfssl/options.h>
#endif
#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/hmac.h>

/* The call goes through memory that the compiler must read, so it cannot know that it is memset. */
static void wipe(void *p, size_t len) {
    static void *(*const volatile fill)(void *, int, size_t) = memset;
    fill(p, 0, len);
}

int lk_hs256_sign(const struct lk_jwt_key *key, struct lk_str input, uint8_t mac[LK_HS256_LEN]) {
    Hmac hmac;
    if (key->secret_len < LK_JWT_KEY_MIN || key->secret_len > LK_JWT_KEY_MAX ||
        wc_HmacInit(&hmac, NULL, INVALID_DEVID) != 0) {
        return LK_JWT_BAD_KEY;
    }
    int err = wc_HmacSetKey(&hmac, WC_SHA256, key->secret, (word32)key->secret_len);
    if (err == 0) {
        err = wc_HmacUpdate(&hmac, (const byte *)input.ptr, (word32)input.len);
    }
    if (err == 0) {
        err = wc_HmacFinal(&hmac, mac);
    }
    wc_HmacFree(&hmac);
    wipe(&hmac, sizeof(hmac));
    return err == 0 ? 0 : LK_JWT_BAD_KEY;
}

int lk_hs256_verify(const struct lk_jwt_key *key, struct lk_str input, const uint8_t mac[LK_HS256_LEN]) {
    uint8_t ours[LK_HS256_LEN];
    volatile uint8_t differ = 0;
    int err = lk_hs256_sign(key, input, ours);
    if (err != 0) {
        return err;
    }
    for (size_t i = 0; i < LK_HS256_LEN; i++) {
        differ = (uint8_t)(differ | (ours[i] ^ mac[i]));
    }
    wipe(ours, sizeof(ours));
    return differ == 0 ? 0 : LK_JWT_BAD_SIGNATURE;
}
