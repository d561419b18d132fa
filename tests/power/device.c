#include "device.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "port.h"
#include "rtos/storage/storage.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/random.h>

_Alignas(64) uint8_t device_map[MAP_SIZE];
static _Alignas(64) uint8_t lock_memory[2048];
struct device device;

/* --- the same bytes in every run ------------------------------------------------------------------------ */

int64_t device_now_ms = (int64_t)NOW * 1000;
static uint64_t random_state = 1;

void device_seed(uint64_t seed) {
    random_state = seed;
    device_now_ms = INT64_C(1000) * (NOW + 10000000);
}

int __wrap_wc_RNG_GenerateBlock(WC_RNG *rng, byte *out, word32 len);
int __wrap_wc_RNG_GenerateBlock(WC_RNG *rng, byte *out, word32 len) {
    (void)rng;
    for (word32 i = 0; i < len; i++) {
        out[i] = (byte)next_random(&random_state);
    }
    return 0;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts) {
    (void)id;
    device_now_ms++;
    ts->tv_sec = (time_t)(device_now_ms / 1000);
    ts->tv_nsec = (long)(device_now_ms % 1000) * 1000000;
    return 0;
}

void lk_port_log(const char *line, size_t len) {
    if (getenv("POWER_LOG") != NULL) {
        fwrite(line, 1, len, stdout);
    }
}

/* --- start and stop ------------------------------------------------------------------------------------- */

int device_mount(struct nor *n) {
    struct lk_storage_options options = {.flash = &n->flash,
                                         .map = device_map,
                                         .map_size = sizeof(device_map),
                                         .lock = lock_memory,
                                         .lock_size = sizeof(lock_memory)};

    return lk_storage_mount(&options);
}

static void make_ring(struct lk_keyring *ring, const char *kid, uint8_t fill) {
    memset(ring, 0, sizeof(*ring));
    memset(ring->keys[0].secret, fill, 32);
    ring->keys[0].secret_len = 32;
    memcpy(ring->keys[0].kid, kid, strlen(kid));
    ring->count = 1;
}

static int open_service(void) {
    struct lk_service_options options = {.store = device.store,
                                         .user_keys = &device.user_keys,
                                         .internal_keys = &device.internal_keys,
                                         .policy = {.access_lifetime = 300,
                                                    .refresh_lifetime = 86400,
                                                    .refresh_rotation = true,
                                                    .signup = LK_SIGNUP_OPEN,
                                                    .pbkdf2_iterations = 1,
                                                    .password = {.min_chars = 8},
                                                    .throttle = true,
                                                    .mail = true,
                                                    .max_picture = 16384}};

    make_ring(&device.user_keys, "user", 0x11);
    make_ring(&device.internal_keys, "internal", 0x22);
    device.svc = malloc(lk_service_size());
    return device.svc != NULL ? lk_service_init(device.svc, &options) : LK_ERR_NO_MEMORY;
}

int device_open(void) {
    struct lk_store_options options = {
        .dir = "/data", .map_size = MAP_SIZE, .max_readers = 8, .exclusive = true};
    int rc = lk_store_open(&device.store, &options, &device.why);

    if (rc != 0) {
        device.store = NULL;
        return rc;
    }
    rc = open_service();
    device.why = "the service does not start";
    return rc;
}

void device_close(void) {
    if (device.svc != NULL) {
        lk_service_end(device.svc);
        free(device.svc);
    }
    if (device.store != NULL) {
        lk_store_close(device.store);
    }
    device = (struct device){.store = NULL};
}

/* --- what it holds -------------------------------------------------------------------------------------- */

uint64_t device_mix(uint64_t hash, const void *data, size_t len) {
    const uint8_t *from = data;

    /* FNV-1a over words, then the rest */
    for (; len >= 8; len -= 8, from += 8) {
        uint64_t word;

        memcpy(&word, from, 8);
        hash = (hash ^ word) * 0x100000001B3u;
        hash ^= hash >> 29;
    }
    for (; len > 0; len--, from++) {
        hash = (hash ^ *from) * 0x100000001B3u;
    }
    return (hash ^ (hash >> 31)) * 0x9E3779B97F4A7C15u;
}

/* Their order in the storage means nothing. A file that cannot be read counts as another content. */
static uint64_t files_state(void) {
    char name[LK_STORAGE_NAME_MAX + 1];
    static uint8_t bytes[LK_STORAGE_FILE_MAX];
    uint64_t sum = 0;

    for (unsigned i = 0; lk_storage_file_name(i, name) == 0; i++) {
        size_t len = 0;
        int rc = lk_storage_file_read(name, bytes, sizeof(bytes), &len);

        sum += device_mix(device_mix(device_mix(1, name, strlen(name)), bytes, len), &rc, sizeof(rc));
    }
    return sum;
}

static uint64_t mix_table(uint64_t hash, struct lk_txn *txn, enum lk_table table) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    int rc = lk_cursor_seek(&c, txn, table, LK_STR(""), &key, &value);

    hash = device_mix(hash, &table, sizeof(table));
    if (rc != 0) {
        return device_mix(hash, &rc, sizeof(rc));
    }
    for (; rc == 0; rc = lk_cursor_next(&c, &key, &value)) {
        size_t lens[] = {key.len, value.len};

        hash = device_mix(device_mix(device_mix(hash, lens, sizeof(lens)), key.ptr, key.len), value.ptr,
                          value.len);
    }
    lk_cursor_close(&c);
    return device_mix(hash, &rc, sizeof(rc));
}

uint64_t device_state(void) {
    uint64_t hash = files_state();
    struct lk_txn *txn;
    int rc = lk_store_read_begin(device.store, &txn);

    if (rc != 0) {
        return (uint64_t)(int64_t)rc;
    }
    for (unsigned table = 0; table < LK_TABLE_COUNT; table++) {
        hash = mix_table(hash, txn, (enum lk_table)table);
    }
    lk_store_read_end(txn);
    return hash;
}

uint64_t device_image(void) {
    return device_mix(files_state(), device_map, sizeof(device_map));
}

static void report(const char *what, struct lk_str key, void *arg) {
    (void)arg;
    printf("check: %s: %.*s\n", what, (int)key.len, key.ptr);
}

int device_check(void) {
    return lk_service_check(device.svc, report, NULL);
}
