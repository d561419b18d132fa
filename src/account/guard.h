/*
 * The guard of an administrator's changes: who asks still may, and an active admin remains. Private to
 * src/account.
 */
#ifndef LK_ACCOUNT_GUARD_H
#define LK_ACCOUNT_GUARD_H

#include "account/db.h"

struct lk_guard {
    const struct lk_caller *by;
    int64_t now;
    bool own;                     /* the change takes the admin's rights from himself */
    uint8_t witness[LK_UUID_LEN]; /* own: another active admin */
};

/* Before the transaction: finds a witness where one is needed. Returns 0, LK_ERR_CONFLICT (there is none) or a
   store's error. */
int lk_guard_begin(struct lk_service *svc, struct lk_guard *g, bool own);
/* Inside it. Returns 0, LK_ERR_DENIED, or LK_ERR_AGAIN: the witness is none any more. */
int lk_guard_check(const struct lk_guard *g, struct lk_txn *txn);

#define LK_GUARD_RETRIES 3

#endif
