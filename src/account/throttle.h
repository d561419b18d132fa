/*
 * Failed log-ins and what they cost. An attempt is counted before its password is hashed and taken back if it
 * turns out good, so that attempts made at the same time cannot slip past the count.
 *
 * An account's failures are kept in the store and end only with a success, a reset or an admin; what is here
 * for an account are the attempts under way. Addresses and names that no account has are counted here alone,
 * in a table of fixed size: each key (an HMAC under a key made at start, so that nobody can aim at a place)
 * has eight places, and a newcomer takes the one with the fewest failures. A flood of newcomers therefore
 * pushes out one another, not the counts that matter.
 */
#ifndef LK_ACCOUNT_THROTTLE_H
#define LK_ACCOUNT_THROTTLE_H

#include "account/account.h"
#include "account/records.h"
#include "options.h"

#include <pthread.h>

#define LK_THROTTLE_FAILURES_MAX 100 /* of an account in a row; then only a reset or an admin opens it */

/* What a key stands for; each kind has its own schedule. */
enum lk_throttle_kind {
    LK_THROTTLE_ACCOUNT,
    LK_THROTTLE_UNKNOWN,   /* a name without an account: the schedule of an account */
    LK_THROTTLE_ADDRESS,   /* many people may share one: waits come later and are forgotten after an hour */
    LK_THROTTLE_MAIL,      /* mails asked for from one address */
    LK_THROTTLE_SIGNUP,    /* accounts made from one address, and names found to be taken */
    LK_THROTTLE_SETUP,     /* guesses at the setup code from one address */
    LK_THROTTLE_SETUP_ALL, /* and from all: never more than a second, so that nobody can hold the owner off */
};

struct lk_throttle_slot {
    uint64_t key;      /* 0: free */
    int64_t last;      /* when the last attempt began */
    uint32_t failures; /* in a row; 0 for accounts, whose count is in the store */
    uint16_t pending;  /* attempts under way */
    uint16_t kind;
};

struct lk_throttle {
    pthread_mutex_t lock;
    uint8_t secret[32];
    struct lk_throttle_slot slots[LK_THROTTLE_SLOTS];
};

/* Returns 0, LK_ERR_ENTROPY or LK_ERR_NO_MEMORY. */
int lk_throttle_init(struct lk_throttle *t);
void lk_throttle_end(struct lk_throttle *t);

/* The key of something counted; never 0. */
uint64_t lk_throttle_key(const struct lk_throttle *t, enum lk_throttle_kind kind, struct lk_str what);
/* The key of an address: an IPv6 one counts with its whole /64. */
uint64_t lk_throttle_address_key(const struct lk_throttle *t, enum lk_throttle_kind kind,
                                 const uint8_t address[16]);

/* Begins an attempt, of any kind but an account. Returns 0 and counts it, or LK_ERR_THROTTLED with the
   seconds to wait. */
int lk_throttle_begin(struct lk_throttle *t, enum lk_throttle_kind kind, uint64_t key, int64_t now,
                      uint32_t *retry_after);

/*
 * Begins an attempt at an account, in two steps. The attempt is counted first and the account's record read
 * after that, so that one that ends between the two is seen in the record, and one that has not ended, in
 * `rank`: how many were under way. Both return 0 or LK_ERR_THROTTLED; after a refusal by the second, the
 * attempt is settled as spared.
 */
int lk_throttle_reserve(struct lk_throttle *t, uint64_t key, uint32_t *rank, uint32_t *retry_after);
int lk_throttle_judge(struct lk_throttle *t, uint64_t key, uint32_t rank,
                      const struct lk_throttle_record *stored, int64_t now, uint32_t *retry_after);

enum lk_throttle_end {
    LK_THROTTLE_FAILED,  /* stays counted */
    LK_THROTTLE_SPARED,  /* as if it had not been: nothing was tried, or an address whose log-in was good */
    LK_THROTTLE_CLEARED, /* a success: the count starts anew */
};
/* Ends an attempt that was counted. */
void lk_throttle_settle(struct lk_throttle *t, uint64_t key, enum lk_throttle_end how);

/* Seconds between the `failures`-th failure of a kind and the next attempt. */
uint32_t lk_throttle_wait(enum lk_throttle_kind kind, uint32_t failures);

#endif
