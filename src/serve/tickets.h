/*
 * The keys of TLS session tickets (RFC 5077, RFC 8446 §4.6.1): ChaCha20-Poly1305 keys that live in memory alone.
 * One seals for an hour; the one before it still opens for another. Then it is gone, and with it whatever would
 * let a recorded connection be read later.
 */
#ifndef LK_SERVE_TICKETS_H
#define LK_SERVE_TICKETS_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_TICKET_NAME_LEN 16
#define LK_TICKET_IV_LEN 12
#define LK_TICKET_TAG_LEN 16
#define LK_TICKET_KEY_MS 3600000u /* how long a key seals */

struct lk_ticket_key {
    uint8_t name[LK_TICKET_NAME_LEN];
    uint8_t secret[32];
    uint64_t made; /* milliseconds of lk_time_mono_ms */
    bool usable;
};

struct lk_tickets {
    pthread_mutex_t lock;
    struct lk_ticket_key keys[2]; /* the one that seals, the one before */
};

/* Makes the first key. `now` is lk_time_mono_ms(), here and below. Returns 0 or LK_ERR_ENTROPY. */
int lk_tickets_init(struct lk_tickets *t, uint64_t now);
/* Wipes both keys. No other call may be under way. */
void lk_tickets_free(struct lk_tickets *t);

/* Wipes both keys and makes a fresh one: no ticket given out before is worth anything any more. Returns 0 or
   LK_ERR_ENTROPY; the old keys are gone in any case. Safe from any thread, as are the two below. */
int lk_tickets_renew(struct lk_tickets *t, uint64_t now);

/*
 * Encrypts the `len` bytes at `data` in place under the present key, after changing it when its hour is over, and
 * says which key it was, the nonce and the tag. Returns 0 or LK_ERR_ENTROPY.
 */
int lk_tickets_seal(struct lk_tickets *t, uint64_t now, uint8_t name[LK_TICKET_NAME_LEN],
                    uint8_t iv[LK_TICKET_IV_LEN], uint8_t tag[LK_TICKET_TAG_LEN], uint8_t *data, size_t len);

/* The reverse. Returns 0, or LK_ERR_MISMATCH for a ticket that no key of now has sealed; `data` is then of no
   use. */
int lk_tickets_open(struct lk_tickets *t, uint64_t now, const uint8_t name[LK_TICKET_NAME_LEN],
                    const uint8_t iv[LK_TICKET_IV_LEN], const uint8_t tag[LK_TICKET_TAG_LEN], uint8_t *data,
                    size_t len);

#endif
