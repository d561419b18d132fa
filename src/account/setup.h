/*
 * The first admin. Private to src/account.
 */
#ifndef LK_ACCOUNT_SETUP_H
#define LK_ACCOUNT_SETUP_H

#include "account/account.h"
#include "crypto/crypto.h"
#include "store/store.h"

/* 0 when `code`, as a person typed it, is the one that waits; its hash for lk_setup_use is left in `hash`.
   LK_ERR_EXISTS when set-up is over, LK_ERR_DENIED for another code. */
int lk_setup_check(struct lk_service *svc, struct lk_str code, uint8_t hash[LK_SHA256_LEN]);

/* Inside a write: uses the waiting code up if it hashes to `code` (its SHA-256). LK_ERR_EXISTS when set-up is
   over, LK_ERR_DENIED when another code is waiting by now. */
int lk_setup_use(struct lk_txn *txn, const uint8_t *code);

/* lk_account_signup; with `setup_code` (its SHA-256) it uses that code up in the same transaction. */
int lk_signup_run(struct lk_service *svc, const struct lk_signup *in, const uint8_t *setup_code,
                  const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                  struct lk_account_mem *mem);

#endif
