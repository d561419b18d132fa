/*
 * One Hash_DRBG for the whole program, behind a lock: seeding one for each user of it costs system calls and,
 * on a board, time of its entropy source. wolfCrypt reseeds it after RESEED_INTERVAL requests.
 */
#include "base/err.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "port.h"

#include <pthread.h>
#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/random.h>

/* Bytes from the port at the start: enough for the generator's 256 bits even if wolfCrypt's own seed were
   worth none. */
#define NONCE_LEN 48

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static WC_RNG rng;
static bool started;

/* wolfCrypt seeds itself as it was built to; the port's bytes go in as the nonce, and without them nothing
   starts. */
static int start(void) {
    uint8_t nonce[NONCE_LEN];
    int err = lk_port_entropy(nonce, sizeof(nonce));
    if (err == 0 && wc_InitRngNonce(&rng, nonce, sizeof(nonce)) != 0) {
        err = LK_ERR_ENTROPY;
    }
    lk_wipe(nonce, sizeof(nonce));
    return err;
}

int lk_crypto_init(void) {
    pthread_mutex_lock(&lock);
    int err = started ? 0 : start();
    started = err == 0;
    pthread_mutex_unlock(&lock);
    return err;
}

void lk_crypto_free(void) {
    pthread_mutex_lock(&lock);
    if (started) {
        wc_FreeRng(&rng);
        started = false;
    }
    pthread_mutex_unlock(&lock);
}

int lk_random(void *out, size_t len) {
    if (len == 0 || len > RNG_MAX_BLOCK_LEN) {
        return LK_ERR_ENTROPY;
    }
    pthread_mutex_lock(&lock);
    bool done = started && wc_RNG_GenerateBlock(&rng, out, (word32)len) == 0;
    pthread_mutex_unlock(&lock);
    if (!done) {
        memset(out, 0, len);
        return LK_ERR_ENTROPY;
    }
    return 0;
}

int lk_random_alnum(char *out, size_t len) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint8_t bytes[64];
    size_t at = sizeof(bytes);
    int err = 0;
    for (size_t i = 0; i < len && err == 0;) {
        if (at == sizeof(bytes)) {
            err = lk_random(bytes, sizeof(bytes));
            at = 0;
        }
        /* 6 bits are 64 values; the two without a character are thrown away, so that none is likelier. */
        size_t pick = bytes[at++] & 63u;
        if (err == 0 && pick < sizeof(alphabet) - 1) {
            out[i++] = alphabet[pick];
        }
    }
    lk_wipe(bytes, sizeof(bytes));
    return err;
}

int lk_random_uuid(uint8_t id[16]) {
    int err = lk_random(id, 16);
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    return err;
}

int lk_ordered_uuid(uint8_t id[16]) {
    uint64_t now = (uint64_t)lk_time_now_ms();
    int err = lk_random(id + 6, 10);
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)(now >> (40 - 8 * i));
    }
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x70);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    return err;
}
