#include "account/keyring.h"

#include "base/err.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "port.h"

#include <string.h>

#define NAME_MAX_LEN 64

/* NAME for generation 0, else NAME.1 …; false when the name is too long. */
static bool file_name(const char *name, unsigned generation, char out[NAME_MAX_LEN + 3]) {
    struct lk_buf b;
    lk_buf_init(&b, out, NAME_MAX_LEN + 3);
    lk_buf_put_cstr(&b, name);
    if (generation > 0) {
        lk_buf_put_char(&b, '.');
        lk_buf_put_u64(&b, generation);
    }
    return lk_buf_end_cstr(&b) == 0;
}

static int read_key(const char *dir, const char *name, unsigned generation, struct lk_jwt_key *key) {
    char file[NAME_MAX_LEN + 3];
    uint8_t secret[LK_JWT_KEY_MAX];
    size_t len = 0;
    if (!file_name(name, generation, file)) {
        return LK_ERR_INVALID;
    }
    int err = lk_port_file_read(dir, file, secret, sizeof(secret), &len);
    if (err == LK_ERR_TOO_LARGE || (err == 0 && lk_jwt_key_set(key, secret, len) != 0)) {
        err = LK_ERR_INVALID;
    }
    lk_wipe(secret, sizeof(secret));
    if (err != 0) {
        lk_wipe(key, sizeof(*key));
    }
    return err;
}

static int write_new_key(const char *dir, const char *file) {
    uint8_t secret[32];
    int err = lk_random(secret, sizeof(secret));
    if (err == 0) {
        err = lk_port_file_write(dir, file, secret, sizeof(secret));
    }
    lk_wipe(secret, sizeof(secret));
    return err;
}

/* A rotation that was cut short leaves a key under two names: the second one is left out. */
static bool holds(const struct lk_keyring *ring, const struct lk_jwt_key *key) {
    for (size_t i = 0; i < ring->count; i++) {
        if (strcmp(ring->keys[i].kid, key->kid) == 0) {
            return true;
        }
    }
    return false;
}

int lk_keyring_load(struct lk_keyring *ring, const char *dir, const char *name, bool make) {
    struct lk_jwt_key *next = &ring->keys[0];
    memset(ring, 0, sizeof(*ring));
    int err = read_key(dir, name, 0, next);
    if (err == LK_ERR_NOT_FOUND && make) {
        err = write_new_key(dir, name);
        if (err == 0) {
            err = read_key(dir, name, 0, next);
        }
    }
    if (err == 0) {
        ring->count = 1;
    }
    for (unsigned generation = 1; err == 0 && generation < LK_KEYRING_MAX; generation++) {
        next = &ring->keys[ring->count];
        err = read_key(dir, name, generation, next);
        if (err == 0 && !holds(ring, next)) {
            ring->count++;
        }
        if (err == LK_ERR_NOT_FOUND) {
            err = 0;
        }
    }
    if (err != 0) {
        lk_keyring_wipe(ring);
    }
    return err;
}

int lk_keyring_rotate(const char *dir, const char *name) {
    char file[NAME_MAX_LEN + 3];
    struct lk_jwt_key key;
    int err = 0;
    /* From the oldest on: at every step each key but the oldest stands in some file. */
    for (unsigned generation = LK_KEYRING_MAX - 1; err == 0 && generation > 0; generation--) {
        err = read_key(dir, name, generation - 1, &key);
        if (err == 0 && file_name(name, generation, file)) {
            err = lk_port_file_write(dir, file, key.secret, key.secret_len);
        } else if (err == LK_ERR_NOT_FOUND && generation > 1) {
            err = 0;
        }
    }
    lk_wipe(&key, sizeof(key));
    return err != 0 ? err : write_new_key(dir, name);
}

void lk_keyring_wipe(struct lk_keyring *ring) {
    lk_wipe(ring, sizeof(*ring));
}

struct lk_jwt_keys lk_keyring_view(const struct lk_keyring *ring) {
    return (struct lk_jwt_keys){ring->keys, ring->count};
}
