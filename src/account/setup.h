/*
 * The first admin. Private to src/account.
 */
#ifndef LK_ACCOUNT_SETUP_H
#define LK_ACCOUNT_SETUP_H

#include "account/account.h"
#include "store/store.h"

/* Inside a write: uses the waiting code up if it hashes to `code` (32 bytes). LK_ERR_EXISTS when set-up is
   over, LK_ERR_DENIED when another code is waiting by now. */
int lk_setup_use(struct lk_txn *txn, const uint8_t *code);

/* lk_account_signup; with `setup_code` (32 bytes of SHA-256) it uses that code up in the same transaction. */
int lk_signup_run(struct lk_service *svc, const struct lk_signup *in, const uint8_t *setup_code,
                  const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                  struct lk_account_mem *mem);

#endif
