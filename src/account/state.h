/*
 * What a service holds. Private to src/account.
 */
#ifndef LK_ACCOUNT_STATE_H
#define LK_ACCOUNT_STATE_H

#include "account/keyring.h"
#include "account/records.h"
#include "account/service.h"
#include "account/throttle.h"
#include "options.h"

/*
 * Room for records while a write function runs. The store runs one such function at a time, so that one set
 * serves them all; nothing but write functions may touch it.
 */
struct lk_scratch {
    struct lk_account_mem account; /* the strings of the account being changed */
    char record[LK_ACCOUNT_RECORD_MAX];
    char mail[LK_OUTBOX_RECORD_MAX];
    char audit[LK_AUDIT_RECORD_MAX];
};

struct lk_sweep {
    bool links;       /* which table the walk is in: sessions first, then links */
    uint8_t from[64]; /* where it goes on */
    size_t from_len;
    uint8_t dead[LK_SWEEP_BATCH][32]; /* keys found expired */
    size_t dead_count;
};

struct lk_service {
    struct lk_store *store;
    struct lk_hash_gate *gate;
    uint32_t cheap_iterations; /* so many and fewer do not go through the gate */
    pthread_mutex_t lock;      /* of what follows up to `throttle` */
    struct lk_keyring *user_keys;
    struct lk_keyring *internal_keys;
    struct lk_policy policy;
    void (*mail_hook)(void *arg);
    void *mail_hook_arg;
    struct lk_throttle throttle; /* has a lock of its own */
    struct lk_scratch scratch;
    struct lk_sweep sweep; /* of the one thread that sweeps */
};

/* Calls the hook that waits for mails. */
void lk_service_mail_queued(struct lk_service *svc);

/* lk_password_make and its kin through the gate, or on this thread where there is none. */
int lk_service_hash(struct lk_service *svc, struct lk_str password, uint32_t iterations,
                    char out[LK_PASSWORD_HASH_MAX + 1]);
int lk_service_check_hash(struct lk_service *svc, struct lk_str password, struct lk_str encoded);
int lk_service_check_nobody(struct lk_service *svc, struct lk_str password, uint32_t iterations);

#endif
