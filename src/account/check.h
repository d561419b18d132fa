/*
 * One walk over the store for lk_service_check. Private to src/account.
 */
#ifndef LK_ACCOUNT_CHECK_H
#define LK_ACCOUNT_CHECK_H

#include "account/db.h"

struct lk_check {
    struct lk_txn *txn;
    void (*report)(const char *what, struct lk_str key, void *arg);
    void *arg;
    int found;
    uint64_t admins;
    uint64_t texts;
    uint64_t last_audit; /* sequence number of the record before */
    uint64_t audits;
};

/* Counts and reports an invariant that does not hold at `key`. */
void lk_check_report(struct lk_check *c, const char *what, struct lk_str key);
/* Looks at one record of a table. Returns 0 to go on, or a store's error. */
int lk_check_record(struct lk_check *c, enum lk_table table, struct lk_str key, struct lk_str value);

#endif
