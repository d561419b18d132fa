/*
 * PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2) for one block of output. HMAC begins with a block that depends on
 * the key alone, once inside and once outside: the two states after it are kept, which halves the work of
 * each iteration.
 */
#include "base/err.h"
#include "crypto/crypto.h"
#include "crypto/password.h"
#include "port.h"

#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/sha256.h>

#define BLOCK_LEN 64

struct keyed {
    wc_Sha256 inner, outer; /* after the block of the key */
    wc_Sha256 work;
};

static int start_keyed(wc_Sha256 *sha, const uint8_t key[BLOCK_LEN], uint8_t pad) {
    uint8_t block[BLOCK_LEN];
    for (size_t i = 0; i < BLOCK_LEN; i++) {
        block[i] = key[i] ^ pad;
    }
    int err = wc_InitSha256(sha);
    if (err == 0) {
        err = wc_Sha256Update(sha, block, sizeof(block));
    }
    lk_wipe(block, sizeof(block));
    return err;
}

static int key_start(struct keyed *k, struct lk_str password) {
    uint8_t key[BLOCK_LEN] = {0};
    int err = 0;
    memset(k, 0, sizeof(*k));
    if (password.len > BLOCK_LEN) {
        err = lk_sha256(password.ptr, password.len, key);
    } else if (password.len > 0) {
        memcpy(key, password.ptr, password.len);
    }
    if (err == 0) {
        err = start_keyed(&k->inner, key, 0x36);
    }
    if (err == 0) {
        err = start_keyed(&k->outer, key, 0x5c);
    }
    lk_wipe(key, sizeof(key));
    return err;
}

static void key_wipe(struct keyed *k) {
    wc_Sha256Free(&k->inner);
    wc_Sha256Free(&k->outer);
    lk_wipe(k, sizeof(*k));
}

/* What HMAC does after its key: u = H(outer, H(inner, data || more)). `data` may be `u`. */
static int mac(struct keyed *k, const void *data, size_t len, const void *more, size_t more_len,
               uint8_t u[32]) {
    int err = wc_Sha256Copy(&k->inner, &k->work);
    if (err == 0) {
        err = wc_Sha256Update(&k->work, data, (word32)len);
    }
    if (err == 0 && more_len > 0) {
        err = wc_Sha256Update(&k->work, more, (word32)more_len);
    }
    if (err == 0) {
        err = wc_Sha256Final(&k->work, u);
    }
    if (err == 0) {
        err = wc_Sha256Copy(&k->outer, &k->work);
    }
    if (err == 0) {
        err = wc_Sha256Update(&k->work, u, 32);
    }
    return err == 0 ? wc_Sha256Final(&k->work, u) : err;
}

static int rounds(struct keyed *k, uint32_t iterations, uint8_t u[32], uint8_t t[32]) {
    int err = 0;
    memcpy(t, u, 32);
    for (uint32_t i = 1; i < iterations && err == 0; i++) {
        err = mac(k, u, 32, NULL, 0, u);
        for (size_t j = 0; j < 32; j++) {
            t[j] ^= u[j];
        }
    }
    return err;
}

/* Hands the rounds to the port, which deals in words. False when it has no faster way. */
static bool rounds_by_port(const struct keyed *k, uint32_t iterations, const uint8_t u[32], uint8_t t[32]) {
    uint32_t inner[8], outer[8], first[8], sum[8];
    for (size_t i = 0; i < 8; i++) {
        const uint8_t *b = u + 4 * i;
        first[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        inner[i] = k->inner.digest[i]; /* wolfCrypt's word32 need not be the same type */
        outer[i] = k->outer.digest[i];
    }
    bool done = lk_port_pbkdf2_sha256_rounds(inner, outer, first, iterations, sum);
    for (size_t i = 0; done && i < 32; i++) {
        t[i] = (uint8_t)(sum[i / 4] >> (24 - 8 * (i % 4)));
    }
    lk_wipe(inner, sizeof(inner));
    lk_wipe(outer, sizeof(outer));
    lk_wipe(first, sizeof(first));
    lk_wipe(sum, sizeof(sum));
    return done;
}

int lk_pbkdf2_sha256(struct lk_str password, struct lk_str salt, uint32_t iterations, uint8_t out[32]) {
    static const uint8_t block_number[4] = {0, 0, 0, 1};
    struct keyed k;
    uint8_t u[32];
    if (iterations == 0 || iterations > LK_PBKDF2_ITERATIONS_MAX || salt.len > UINT32_MAX) {
        return LK_ERR_INVALID;
    }
    int err = key_start(&k, password);
    if (err == 0) {
        err = mac(&k, salt.ptr, salt.len, block_number, sizeof(block_number), u);
    }
    if (err == 0 && !rounds_by_port(&k, iterations, u, out)) {
        err = rounds(&k, iterations, u, out);
    }
    key_wipe(&k);
    lk_wipe(u, sizeof(u));
    return err == 0 ? 0 : LK_ERR_INVALID;
}
