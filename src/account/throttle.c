#include "account/throttle.h"

#include "crypto/crypto.h"

#include <string.h>

#define WAYS 8
#define FORGET_AFTER 3600 /* seconds without an attempt, for what is not an account */
#define LOCKED_RETRY 86400

_Static_assert(LK_THROTTLE_SLOTS % WAYS == 0 && LK_THROTTLE_SLOTS > 0, "the table is made of whole sets");

int lk_throttle_init(struct lk_throttle *t) {
    memset(t->slots, 0, sizeof(t->slots));
    int err = lk_random(t->secret, sizeof(t->secret));
    if (err != 0) {
        return err;
    }
    return pthread_mutex_init(&t->lock, NULL) == 0 ? 0 : LK_ERR_NO_MEMORY;
}

void lk_throttle_end(struct lk_throttle *t) {
    pthread_mutex_destroy(&t->lock);
    lk_wipe(t->secret, sizeof(t->secret));
}

uint64_t lk_throttle_key(const struct lk_throttle *t, enum lk_throttle_kind kind, struct lk_str what) {
    uint8_t bytes[1 + 600];
    uint8_t mac[LK_SHA256_LEN] = {0};
    uint64_t key = 0;
    size_t len = what.len < sizeof(bytes) - 1 ? what.len : sizeof(bytes) - 1;
    bytes[0] = (uint8_t)kind;
    memcpy(bytes + 1, what.ptr, len);
    if (lk_hmac_sha256(t->secret, sizeof(t->secret), bytes, len + 1, mac) == 0) {
        memcpy(&key, mac, sizeof(key));
    }
    return key != 0 ? key : 1;
}

uint64_t lk_throttle_address_key(const struct lk_throttle *t, enum lk_throttle_kind kind,
                                 const uint8_t address[16]) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    size_t len = memcmp(address, mapped, sizeof(mapped)) == 0 ? 16 : 8;
    return lk_throttle_key(t, kind, (struct lk_str){(const char *)address, len});
}

uint32_t lk_throttle_wait(enum lk_throttle_kind kind, uint32_t failures) {
    static const struct {
        uint32_t free; /* failures that cost nothing */
        uint32_t most; /* seconds, the longest wait */
    } schedule[] = {
        [LK_THROTTLE_ACCOUNT] = {5, 900},   [LK_THROTTLE_UNKNOWN] = {5, 900},
        [LK_THROTTLE_ADDRESS] = {20, 300},  [LK_THROTTLE_MAIL] = {10, 300},
        [LK_THROTTLE_SIGNUP] = {20, 900},   [LK_THROTTLE_SETUP] = {10, 60},
        [LK_THROTTLE_SETUP_ALL] = {100, 1},
    };
    if (failures < schedule[kind].free) {
        return 0;
    }
    uint32_t doublings = failures - schedule[kind].free;
    uint32_t wait = doublings < 16 ? 1u << doublings : UINT32_MAX;
    return wait < schedule[kind].most ? wait : schedule[kind].most;
}

static struct lk_throttle_slot *set_of(struct lk_throttle *t, uint64_t key) {
    return t->slots + (key % (LK_THROTTLE_SLOTS / WAYS)) * WAYS;
}

static struct lk_throttle_slot *find(struct lk_throttle *t, uint64_t key) {
    struct lk_throttle_slot *set = set_of(t, key);
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key) {
            return &set[i];
        }
    }
    return NULL;
}

/* True when `a` is the better one to give up. */
static bool cheaper(const struct lk_throttle_slot *a, const struct lk_throttle_slot *b) {
    return a->failures != b->failures ? a->failures < b->failures : a->last < b->last;
}

/* A place for `key`: its own, a free one, or the cheapest without an attempt under way; NULL when there is
   none. */
static struct lk_throttle_slot *claim(struct lk_throttle *t, enum lk_throttle_kind kind, uint64_t key) {
    struct lk_throttle_slot *slot = find(t, key);
    if (slot != NULL) {
        return slot;
    }
    struct lk_throttle_slot *set = set_of(t, key);
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].pending == 0 && (slot == NULL || cheaper(&set[i], slot))) {
            slot = &set[i];
        }
    }
    if (slot != NULL) {
        *slot = (struct lk_throttle_slot){.key = key, .kind = (uint16_t)kind};
    }
    return slot;
}

static int refuse(uint32_t *retry_after, int64_t seconds) {
    *retry_after = seconds > 0 && seconds < LOCKED_RETRY ? (uint32_t)seconds : LOCKED_RETRY;
    return LK_ERR_THROTTLED;
}

static bool has_cap(enum lk_throttle_kind kind) {
    return kind == LK_THROTTLE_ACCOUNT || kind == LK_THROTTLE_UNKNOWN;
}

/* The rule itself; an attempt that passes leaves its time behind. */
static int judge(struct lk_throttle_slot *slot, uint32_t failures, int64_t stored_last, int64_t now,
                 uint32_t *retry_after) {
    enum lk_throttle_kind kind = (enum lk_throttle_kind)slot->kind;
    int64_t last = slot->last < stored_last ? stored_last : slot->last;
    if (has_cap(kind) && failures >= LK_THROTTLE_FAILURES_MAX) {
        return refuse(retry_after, LOCKED_RETRY);
    }
    uint32_t wait = lk_throttle_wait(kind, failures);
    /* A clock that was set back must not stretch a wait: `last` in the future counts as now. */
    int64_t passed = now > last ? now - last : 0;
    if (passed < wait) {
        return refuse(retry_after, (int64_t)wait - passed);
    }
    slot->last = now;
    return 0;
}

static int begin_locked(struct lk_throttle *t, enum lk_throttle_kind kind, uint64_t key, int64_t now,
                        uint32_t *retry_after) {
    struct lk_throttle_slot *slot = claim(t, kind, key);
    if (slot == NULL || slot->pending == UINT16_MAX) {
        return refuse(retry_after, 1);
    }
    if (!has_cap(kind) && slot->pending == 0 && now - slot->last > FORGET_AFTER) {
        slot->failures = 0;
    }
    /* A house full of people may well log in at once: what is under way from an address counts a quarter. */
    uint32_t under_way = kind == LK_THROTTLE_ADDRESS ? slot->pending / 4u : slot->pending;
    int err = judge(slot, slot->failures + under_way, slot->last, now, retry_after);
    slot->pending = (uint16_t)(slot->pending + (err == 0));
    return err;
}

int lk_throttle_begin(struct lk_throttle *t, enum lk_throttle_kind kind, uint64_t key, int64_t now,
                      uint32_t *retry_after) {
    pthread_mutex_lock(&t->lock);
    int err = begin_locked(t, kind, key, now, retry_after);
    pthread_mutex_unlock(&t->lock);
    return err;
}

int lk_throttle_reserve(struct lk_throttle *t, uint64_t key, uint32_t *rank, uint32_t *retry_after) {
    int err = 0;
    pthread_mutex_lock(&t->lock);
    struct lk_throttle_slot *slot = claim(t, LK_THROTTLE_ACCOUNT, key);
    if (slot == NULL || slot->pending == UINT16_MAX) {
        err = refuse(retry_after, 1);
    } else {
        *rank = slot->pending++;
    }
    pthread_mutex_unlock(&t->lock);
    return err;
}

int lk_throttle_judge(struct lk_throttle *t, uint64_t key, uint32_t rank,
                      const struct lk_throttle_record *stored, int64_t now, uint32_t *retry_after) {
    pthread_mutex_lock(&t->lock);
    /* It is there: a slot with an attempt under way is never given up. */
    struct lk_throttle_slot *slot = find(t, key);
    int err = slot == NULL ? refuse(retry_after, 1)
                           : judge(slot, rank + stored->failures, stored->last, now, retry_after);
    pthread_mutex_unlock(&t->lock);
    return err;
}

void lk_throttle_settle(struct lk_throttle *t, uint64_t key, enum lk_throttle_end how) {
    pthread_mutex_lock(&t->lock);
    struct lk_throttle_slot *slot = find(t, key);
    if (slot != NULL && slot->pending > 0) {
        slot->pending--;
        if (how == LK_THROTTLE_CLEARED) {
            slot->failures = 0;
        } else if (how == LK_THROTTLE_FAILED && slot->kind != LK_THROTTLE_ACCOUNT &&
                   slot->failures < UINT32_MAX) {
            slot->failures++;
        }
    }
    pthread_mutex_unlock(&t->lock);
}
