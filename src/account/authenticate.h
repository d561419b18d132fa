/*
 * From a token's claims to the account and session behind it. Private to src/account.
 */
#ifndef LK_ACCOUNT_AUTHENTICATE_H
#define LK_ACCOUNT_AUTHENTICATE_H

#include "account/records.h"
#include "account/tokens.h"
#include "store/store.h"

/*
 * Whether the account and the session that a token names still stand behind it: first the account, then the
 * session. `s` is filled where the token names a session and LK_TOKEN_OK is returned. *err as in
 * lk_authenticate.
 */
enum lk_token_fault lk_claims_check(struct lk_txn *txn, const struct lk_claims *c,
                                    const struct lk_account *account, int64_t now,
                                    struct lk_session_record *s, int *err);

/* Inside a write: whether the caller is still who it was when it was let in: its account is active, has the roles
   that it had, and its session lives (or, of a token without one, nothing was revoked since).
   Returns 0, LK_ERR_DENIED or a store's error. */
int lk_caller_check(struct lk_txn *txn, const struct lk_caller *caller, int64_t now);

#endif
