#include "serve/tickets.h"

#include "crypto/crypto.h"

#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/chacha20_poly1305.h>

static int make_key(struct lk_ticket_key *key, uint64_t now) {
    int err = lk_random(key->name, sizeof(key->name));

    if (err == 0) {
        err = lk_random(key->secret, sizeof(key->secret));
    }
    key->made = now;
    key->usable = err == 0;
    return err;
}

/* Under the lock: puts the keys where they belong at `now`. */
static int rotate(struct lk_tickets *t, uint64_t now) {
    uint64_t made = t->keys[0].made;
    uint64_t age =
        now > made ? now - made : 0; /* a thread that read the clock before another one moved the keys */

    if (t->keys[0].usable && age < LK_TICKET_KEY_MS) {
        return 0;
    }
    t->keys[1] = t->keys[0];
    if (age >= 2ull * LK_TICKET_KEY_MS) {
        lk_wipe(&t->keys[1], sizeof(t->keys[1]));
    }
    return make_key(&t->keys[0], now);
}

int lk_tickets_init(struct lk_tickets *t, uint64_t now) {
    memset(t->keys, 0, sizeof(t->keys));
    int err = make_key(&t->keys[0], now);
    if (err == 0) {
        pthread_mutex_init(&t->lock, NULL);
    }
    return err;
}

void lk_tickets_free(struct lk_tickets *t) {
    pthread_mutex_destroy(&t->lock);
    lk_wipe(t->keys, sizeof(t->keys));
}

int lk_tickets_renew(struct lk_tickets *t, uint64_t now) {
    pthread_mutex_lock(&t->lock);
    lk_wipe(t->keys, sizeof(t->keys));
    int err = make_key(&t->keys[0], now);
    pthread_mutex_unlock(&t->lock);
    return err;
}

int lk_tickets_seal(struct lk_tickets *t, uint64_t now, uint8_t name[LK_TICKET_NAME_LEN],
                    uint8_t iv[LK_TICKET_IV_LEN], uint8_t tag[LK_TICKET_TAG_LEN], uint8_t *data, size_t len) {
    struct lk_ticket_key key;

    pthread_mutex_lock(&t->lock);
    int err = rotate(t, now);
    key = t->keys[0];
    pthread_mutex_unlock(&t->lock);
    if (err == 0) {
        memcpy(name, key.name, sizeof(key.name));
        err = lk_random(iv, LK_TICKET_IV_LEN);
    }
    if (err == 0 && wc_ChaCha20Poly1305_Encrypt(key.secret, iv, name, LK_TICKET_NAME_LEN, data, (word32)len,
                                                data, tag) != 0) {
        err = LK_ERR_ENTROPY;
    }
    lk_wipe(&key, sizeof(key));
    return err;
}

int lk_tickets_open(struct lk_tickets *t, uint64_t now, const uint8_t name[LK_TICKET_NAME_LEN],
                    const uint8_t iv[LK_TICKET_IV_LEN], const uint8_t tag[LK_TICKET_TAG_LEN], uint8_t *data,
                    size_t len) {
    struct lk_ticket_key key = {.usable = false};
    int err = LK_ERR_MISMATCH;

    pthread_mutex_lock(&t->lock);
    if (rotate(t, now) == 0) {
        for (size_t i = 0; i < 2; i++) {
            /* The name is public: it travels beside the ticket. */
            if (t->keys[i].usable && memcmp(t->keys[i].name, name, LK_TICKET_NAME_LEN) == 0) {
                key = t->keys[i];
            }
        }
    }
    pthread_mutex_unlock(&t->lock);
    if (key.usable && wc_ChaCha20Poly1305_Decrypt(key.secret, iv, name, LK_TICKET_NAME_LEN, data, (word32)len,
                                                  tag, data) == 0) {
        err = 0;
    }
    lk_wipe(&key, sizeof(key));
    return err;
}
