#include "account/service.h"

#include "account/db.h"
#include "account/state.h"
#include "crypto/crypto.h"

#include <string.h>
#include <time.h>

/* A hash that takes no longer than this is made where it is asked for. */
#define CHEAP_NANOS UINT64_C(500000)
#define MEASURED_ITERATIONS 64u

size_t lk_service_size(void) {
    return sizeof(struct lk_service);
}

static bool policy_valid(const struct lk_policy *p) {
    return p->access_lifetime >= 1 && p->access_lifetime <= 86400 && p->refresh_lifetime >= 60 &&
           p->refresh_lifetime <= 31536000 && p->leeway >= 0 && p->leeway <= 60 &&
           p->pbkdf2_iterations >= 1 && p->pbkdf2_iterations <= LK_PBKDF2_ITERATIONS_MAX &&
           p->password.min_chars <= LK_PASSWORD_CHARS_MAX;
}

/* How many iterations take CHEAP_NANOS here: the quickest of a few tries, since a try may be interrupted.
   0 where the clock is too coarse to tell. */
static uint32_t measure_cheap(void) {
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 3; i++) {
        struct timespec begun;
        struct timespec ended;
        clock_gettime(CLOCK_MONOTONIC, &begun);
        lk_password_check_nobody(LK_STR("measure"), MEASURED_ITERATIONS);
        clock_gettime(CLOCK_MONOTONIC, &ended);
        int64_t nanos = (ended.tv_sec - begun.tv_sec) * INT64_C(1000000000) + ended.tv_nsec - begun.tv_nsec;
        least = (uint64_t)nanos < least ? (uint64_t)nanos : least;
    }
    return least == 0 ? 0 : (uint32_t)(CHEAP_NANOS * MEASURED_ITERATIONS / least);
}

int lk_service_init(struct lk_service *svc, const struct lk_service_options *options) {
    if (options->store == NULL || options->user_keys == NULL || options->internal_keys == NULL ||
        !policy_valid(&options->policy)) {
        return LK_ERR_INVALID;
    }
    memset(svc, 0, sizeof(*svc));
    svc->store = options->store;
    svc->gate = options->gate;
    svc->cheap_iterations = svc->gate != NULL ? measure_cheap() : 0;
    svc->user_keys = options->user_keys;
    svc->internal_keys = options->internal_keys;
    svc->policy = options->policy;
    int err = lk_throttle_init(&svc->throttle);
    if (err != 0) {
        return err;
    }
    if (pthread_mutex_init(&svc->lock, NULL) != 0) {
        lk_throttle_end(&svc->throttle);
        return LK_ERR_NO_MEMORY;
    }
    return 0;
}

void lk_service_end(struct lk_service *svc) {
    lk_throttle_end(&svc->throttle);
    pthread_mutex_destroy(&svc->lock);
    lk_wipe(&svc->scratch, sizeof(svc->scratch));
}

void lk_service_set_policy(struct lk_service *svc, const struct lk_policy *policy) {
    pthread_mutex_lock(&svc->lock);
    svc->policy = *policy;
    pthread_mutex_unlock(&svc->lock);
}

struct lk_policy lk_service_policy(struct lk_service *svc) {
    pthread_mutex_lock(&svc->lock);
    struct lk_policy policy = svc->policy;
    pthread_mutex_unlock(&svc->lock);
    return policy;
}

struct lk_store *lk_service_store(struct lk_service *svc) {
    return svc->store;
}

void lk_service_set_keys(struct lk_service *svc, struct lk_keyring *user_keys,
                         struct lk_keyring *internal_keys) {
    pthread_mutex_lock(&svc->lock);
    svc->user_keys = user_keys;
    svc->internal_keys = internal_keys;
    pthread_mutex_unlock(&svc->lock);
}

struct lk_keyring *lk_service_user_keys(struct lk_service *svc) {
    pthread_mutex_lock(&svc->lock);
    struct lk_keyring *ring = svc->user_keys;
    pthread_mutex_unlock(&svc->lock);
    return ring;
}

struct lk_keyring *lk_service_internal_keys(struct lk_service *svc) {
    pthread_mutex_lock(&svc->lock);
    struct lk_keyring *ring = svc->internal_keys;
    pthread_mutex_unlock(&svc->lock);
    return ring;
}

void lk_outbox_set_hook(struct lk_service *svc, void (*fn)(void *arg), void *arg) {
    pthread_mutex_lock(&svc->lock);
    svc->mail_hook = fn;
    svc->mail_hook_arg = arg;
    pthread_mutex_unlock(&svc->lock);
}

void lk_service_mail_queued(struct lk_service *svc) {
    /* Under the lock, so that who takes the hook away knows that nobody is inside it any more. */
    pthread_mutex_lock(&svc->lock);
    if (svc->mail_hook != NULL) {
        svc->mail_hook(svc->mail_hook_arg);
    }
    pthread_mutex_unlock(&svc->lock);
}

/* True when a hash is worth a turn at the gate: a cheap one would take longer to hand over than to make. */
static bool through_gate(const struct lk_service *svc, uint32_t iterations) {
    return svc->gate != NULL && iterations > svc->cheap_iterations;
}

int lk_service_hash(struct lk_service *svc, struct lk_str password, uint32_t iterations,
                    char out[LK_PASSWORD_HASH_MAX + 1]) {
    return through_gate(svc, iterations) ? lk_hash_gate_make(svc->gate, password, iterations, out)
                                         : lk_password_make(password, iterations, out);
}

int lk_service_check_hash(struct lk_service *svc, struct lk_str password, struct lk_str encoded) {
    return through_gate(svc, lk_password_iterations(encoded))
               ? lk_hash_gate_check(svc->gate, password, encoded)
               : lk_password_check(password, encoded);
}

int lk_service_check_nobody(struct lk_service *svc, struct lk_str password, uint32_t iterations) {
    if (through_gate(svc, iterations)) {
        return lk_hash_gate_check_nobody(svc->gate, password, iterations);
    }
    lk_password_check_nobody(password, iterations);
    return LK_ERR_MISMATCH;
}

int lk_service_count(struct lk_service *svc, struct lk_service_counts *counts) {
    struct lk_txn *txn;
    uint64_t texts = 0;
    struct {
        enum lk_table table;
        uint64_t *count;
    } tables[] = {
        {LK_TABLE_ACCOUNT, &counts->accounts}, {LK_TABLE_PROFILE, &counts->profiles},
        {LK_TABLE_PICTURE, &counts->pictures}, {LK_TABLE_SESSION, &counts->sessions},
        {LK_TABLE_LINK, &counts->links},       {LK_TABLE_OUTBOX, &counts->mails},
        {LK_TABLE_AUDIT, &counts->audits},
    };
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    for (size_t i = 0; err == 0 && i < sizeof(tables) / sizeof(*tables); i++) {
        err = lk_table_count(txn, tables[i].table, tables[i].count);
    }
    if (err == 0) {
        err = lk_db_counter(txn, LK_META_TEXTS, &texts);
    }
    lk_store_read_end(txn);
    counts->profiles -= texts; /* a text is a record of its own in the same table, */
    counts->pictures /= 2;     /* and so are a picture's bytes */
    return err;
}
