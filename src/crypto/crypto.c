#include "crypto/crypto.h"

#include "base/err.h"

#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/sha256.h>

int lk_sha256(const void *data, size_t len, uint8_t out[LK_SHA256_LEN]) {
    wc_Sha256 sha;
    int err = LK_ERR_NO_MEMORY;
    if (wc_InitSha256(&sha) != 0) {
        return err;
    }
    if (len <= UINT32_MAX && wc_Sha256Update(&sha, data, (word32)len) == 0 &&
        wc_Sha256Final(&sha, out) == 0) {
        err = 0;
    }
    wc_Sha256Free(&sha);
    lk_wipe(&sha, sizeof(sha));
    return err;
}

int lk_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                   uint8_t out[LK_SHA256_LEN]) {
    Hmac hmac;
    int err = LK_ERR_INVALID;
    if (key_len > UINT32_MAX || len > UINT32_MAX || wc_HmacInit(&hmac, NULL, INVALID_DEVID) != 0) {
        return err;
    }
    if (wc_HmacSetKey(&hmac, WC_SHA256, key, (word32)key_len) == 0 &&
        wc_HmacUpdate(&hmac, data, (word32)len) == 0 && wc_HmacFinal(&hmac, out) == 0) {
        err = 0;
    }
    wc_HmacFree(&hmac);
    lk_wipe(&hmac, sizeof(hmac));
    return err;
}

bool lk_equal_ct(const void *a, const void *b, size_t len) {
    const volatile uint8_t *x = a, *y = b;
    uint8_t differ = 0;
    for (size_t i = 0; i < len; i++) {
        differ = (uint8_t)(differ | (x[i] ^ y[i]));
    }
    return differ == 0;
}

void lk_wipe(void *p, size_t len) {
    /* The call goes through memory that the compiler must read, so it cannot know that it is memset. */
    static void *(*const volatile fill)(void *, int, size_t) = memset;
    if (len > 0) {
        fill(p, 0, len);
    }
}
