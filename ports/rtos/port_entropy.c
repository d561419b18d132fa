/*
 * lk_port_entropy on a board. Raw bytes are never handed out: a state of 256 bits takes them in by SHA-256 and
 * gives out blocks of its own, each under a different first byte. A generator that repeats itself, or fails,
 * makes the call fail; so does a start without any source.
 */
#include "rtos/port_entropy.h"

#include "base/err.h"
#include "crypto/crypto.h"
#include "port.h"
#include "rtos/board.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SEED_FILE "seed"
#define RAW_LEN 64 /* bytes taken from a generator at once: twice what one call is to gain */

enum use { USE_ABSORB = 1, USE_OUTPUT, USE_FORWARD, USE_SUCCESSOR };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t state[LK_SHA256_LEN];
static uint8_t last_raw[RAW_LEN];
static bool started;

/* SHA-256 of the purpose, a number, the state, and `more`. */
static int mix(enum use use, uint8_t number, const void *more, size_t more_len, uint8_t out[LK_SHA256_LEN]) {
    uint8_t in[2 + LK_SHA256_LEN + RAW_LEN];
    in[0] = (uint8_t)use;
    in[1] = number;
    memcpy(in + 2, state, LK_SHA256_LEN);
    if (more_len > 0) {
        memcpy(in + 2 + LK_SHA256_LEN, more, more_len);
    }
    int err = lk_sha256(in, 2 + LK_SHA256_LEN + more_len, out);
    lk_wipe(in, sizeof(in));
    return err == 0 ? 0 : LK_ERR_ENTROPY;
}

/* Takes fresh bytes of the generator in. One that is stuck gives the same twice. */
static int absorb_generator(void) {
    uint8_t raw[RAW_LEN];
    int err = lk_board.entropy(raw, sizeof(raw));
    if (err != 0 || memcmp(raw, last_raw, sizeof(raw)) == 0) {
        err = LK_ERR_ENTROPY;
    } else {
        memcpy(last_raw, raw, sizeof(raw));
        err = mix(USE_ABSORB, 0, raw, sizeof(raw), state);
    }
    lk_wipe(raw, sizeof(raw));
    return err;
}

/* A call that was answered cannot be computed from the state that stays. */
static int forget(void) {
    return mix(USE_FORWARD, 0, NULL, 0, state);
}

/* Takes the seed in, and stores what the next start begins with before this one goes on. */
static int absorb_seed(const uint8_t seed[LK_SEED_LEN]) {
    uint8_t next[2 * LK_SHA256_LEN];
    int err = mix(USE_ABSORB, 1, seed, LK_SEED_LEN, state);
    if (err == 0) {
        err = mix(USE_SUCCESSOR, 0, NULL, 0, next);
    }
    if (err == 0) {
        err = mix(USE_SUCCESSOR, 1, NULL, 0, next + LK_SHA256_LEN);
    }
    if (err == 0) {
        err = lk_port_file_write("", SEED_FILE, next, LK_SEED_LEN);
    }
    lk_wipe(next, sizeof(next));
    return err == 0 ? forget() : LK_ERR_ENTROPY;
}

int lk_entropy_start(void) {
    uint8_t seed[LK_SEED_LEN];
    size_t len = 0;
    int err = lk_port_file_read("", SEED_FILE, seed, sizeof(seed), &len);
    bool seeded = err == 0 && len == sizeof(seed);

    pthread_mutex_lock(&lock);
    if (!seeded && lk_board.entropy == NULL) {
        err = LK_ERR_ENTROPY;
    } else {
        err = lk_board.entropy != NULL ? absorb_generator() : 0;
    }
    if (err == 0 && seeded) {
        err = absorb_seed(seed);
    }
    started = err == 0;
    pthread_mutex_unlock(&lock);
    lk_wipe(seed, sizeof(seed));
    return err;
}

int lk_entropy_provision(const unsigned char seed[LK_SEED_LEN]) {
    return lk_port_file_write("", SEED_FILE, seed, LK_SEED_LEN);
}

int lk_port_entropy(void *out, size_t len) {
    uint8_t block[LK_SHA256_LEN];
    uint8_t *to = out;

    pthread_mutex_lock(&lock);
    int err = started ? 0 : LK_ERR_ENTROPY;
    if (err == 0 && lk_board.entropy != NULL) {
        err = absorb_generator();
    }
    for (size_t i = 0; err == 0 && i < len; i += sizeof(block)) {
        size_t part = len - i < sizeof(block) ? len - i : sizeof(block);
        err = mix(USE_OUTPUT, (uint8_t)(i / sizeof(block)), NULL, 0, block);
        memcpy(to + i, block, part);
    }
    if (err == 0) {
        err = forget();
    }
    pthread_mutex_unlock(&lock);
    lk_wipe(block, sizeof(block));
    if (err != 0) {
        lk_wipe(out, len);
    }
    return err;
}
