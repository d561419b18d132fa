/*
 * The service: the store, the keys and the policy that the rules work with, and the work that goes on without
 * a request (sweeping what expired). Made once at start, by server or command line.
 */
#ifndef LK_ACCOUNT_SERVICE_H
#define LK_ACCOUNT_SERVICE_H

#include "account/account.h"
#include "crypto/hash_gate.h"
#include "store/store.h"

enum lk_signup_policy { LK_SIGNUP_OPEN, LK_SIGNUP_ADMIN, LK_SIGNUP_CLOSED };

/* What the operator sets. Times in seconds. */
struct lk_policy {
    int64_t access_lifetime;  /* 1..86400 */
    int64_t refresh_lifetime; /* 60..31536000 */
    int64_t leeway;           /* 0..60: clocks of services that share the key may differ by this */
    bool refresh_rotation;
    enum lk_signup_policy signup;
    uint32_t pbkdf2_iterations;
    struct lk_password_policy password;
    bool throttle;
    bool mail;            /* false: no links are made, no mail is queued */
    uint32_t max_picture; /* bytes */
};

struct lk_keyring; /* keyring.h */

struct lk_service_options {
    struct lk_store *store;
    struct lk_hash_gate *gate; /* NULL: hash on the caller's own thread (command line) */
    struct lk_keyring *user_keys;
    struct lk_keyring *internal_keys;
    struct lk_policy policy;
};

/* Borrows what the options point to, which must outlive the service. `mem` is the service's own storage:
   static or heap, lk_service_size() bytes, aligned for any type. Returns 0 or LK_ERR_INVALID. */
size_t lk_service_size(void);
int lk_service_init(struct lk_service *svc, const struct lk_service_options *options);
void lk_service_end(struct lk_service *svc);

/* Replaces the policy (SIGHUP); requests under way may see either. */
void lk_service_set_policy(struct lk_service *svc, const struct lk_policy *policy);
struct lk_policy lk_service_policy(struct lk_service *svc);
struct lk_store *lk_service_store(struct lk_service *svc);
struct lk_keyring *lk_service_user_keys(struct lk_service *svc);
struct lk_keyring *lk_service_internal_keys(struct lk_service *svc);
/* Puts other keyrings in their place (SIGHUP after a rotation). The former ones are still read by requests
   under way: the caller keeps them until those have ended. */
void lk_service_set_keys(struct lk_service *svc, struct lk_keyring *user_keys,
                         struct lk_keyring *internal_keys);

/* Removes what expired (sessions, links) among the next few hundred records, in one small transaction;
   goes round the tables call by call. Called every second or so by one thread. Returns how many were
   removed, or an error. */
int lk_service_sweep(struct lk_service *svc, int64_t now);

/* --- invariants, for `check` and the tests -------------------------------------------------------------- */

/* Walks every table and calls `report` once for each broken invariant, with a constant sentence and the
   key in hex. Returns the number found, or an error. */
int lk_service_check(struct lk_service *svc, void (*report)(const char *what, struct lk_str key, void *arg),
                     void *arg);

struct lk_service_counts {
    uint64_t accounts, profiles, pictures, sessions, links, mails, audits;
};
int lk_service_count(struct lk_service *svc, struct lk_service_counts *counts);

#endif
