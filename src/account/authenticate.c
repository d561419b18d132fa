#include "account/authenticate.h"

#include "account/db.h"
#include "account/internal.h"

#include <string.h>

static enum lk_token_fault check_session(struct lk_txn *txn, const struct lk_claims *c, int64_t now,
                                         struct lk_session_record *s, int *err) {
    enum lk_token_fault ended = c->refresh ? LK_TOKEN_REVOKED : LK_TOKEN_INVALID;
    *err = lk_db_session(txn, c->session, s);
    if (*err == LK_ERR_NOT_FOUND) {
        *err = 0;
        return ended;
    }
    bool lives = *err == 0 && s->expires > now && memcmp(s->account, c->user, LK_UUID_LEN) == 0;
    return lives ? LK_TOKEN_OK : ended;
}

enum lk_token_fault lk_claims_check(struct lk_txn *txn, const struct lk_claims *c,
                                    const struct lk_account *account, int64_t now,
                                    struct lk_session_record *s, int *err) {
    *err = 0;
    if (!account->is_active) {
        return LK_TOKEN_USER_INACTIVE;
    }
    if (c->has_session) {
        return check_session(txn, c, now, s, err);
    }
    return c->iat >= account->revoked ? LK_TOKEN_OK : LK_TOKEN_INVALID;
}

static enum lk_token_fault find_user(struct lk_service *svc, const struct lk_claims *c, int64_t now,
                                     struct lk_caller *caller, struct lk_account_mem *mem, int *err) {
    struct lk_txn *txn;
    struct lk_session_record s;
    enum lk_token_fault fault = LK_TOKEN_INVALID;
    *err = lk_store_read_begin(svc->store, &txn);
    if (*err != 0) {
        return fault;
    }
    *err = lk_db_account_copy(txn, c->user, &caller->account, mem);
    if (*err == 0) {
        fault = lk_claims_check(txn, c, &caller->account, now, &s, err);
    } else if (*err == LK_ERR_NOT_FOUND) {
        *err = 0;
        fault = LK_TOKEN_USER_UNKNOWN;
    }
    lk_store_read_end(txn);
    return fault;
}

enum lk_token_fault lk_authenticate(struct lk_service *svc, struct lk_str token, int64_t now,
                                    struct lk_caller *caller, struct lk_account_mem *mem, int *err) {
    struct lk_claims claims;
    bool unsigned_here = false;
    *err = 0;
    memset(caller, 0, sizeof(*caller));
    enum lk_token_fault fault = lk_claims_read(svc, token, now, LK_WANT_ACCESS, &claims, &unsigned_here);
    if (unsigned_here) {
        fault = lk_internal_read(lk_service_internal_keys(svc), token, now, lk_service_policy(svc).leeway,
                                 caller);
    } else if (fault == LK_TOKEN_OK) {
        fault = find_user(svc, &claims, now, caller, mem, err);
        caller->kind = LK_CALLER_USER;
        memcpy(caller->session, claims.session, sizeof(caller->session));
        caller->issued = claims.iat;
    }
    if (fault != LK_TOKEN_OK) {
        memset(caller, 0, sizeof(*caller));
    }
    return fault;
}

int lk_caller_check(struct lk_txn *txn, const struct lk_caller *caller, int64_t now) {
    struct lk_account a;
    struct lk_session_record s;
    int err = lk_db_account_view(txn, caller->account.id, &a);
    if (err == 0 && (!a.is_active || (caller->account.roles & ~a.roles) != 0)) {
        err = LK_ERR_DENIED;
    }
    if (err == 0 && memcmp(caller->session, lk_nobody, LK_UUID_LEN) == 0) {
        err = caller->issued < a.revoked ? LK_ERR_DENIED : 0;
    } else if (err == 0) {
        err = lk_db_session(txn, caller->session, &s);
        err = err == 0 && s.expires <= now ? LK_ERR_DENIED : err;
    }
    return err == LK_ERR_NOT_FOUND ? LK_ERR_DENIED : err;
}

bool lk_is_admin(const struct lk_caller *caller) {
    return caller->kind == LK_CALLER_USER && (caller->account.roles & LK_ROLE_ADMIN) != 0;
}

bool lk_has_scope(const struct lk_caller *caller, enum lk_scope scope) {
    return caller->kind == LK_CALLER_INTERNAL && (caller->scopes & scope) != 0;
}

bool lk_may_act_on(const struct lk_caller *caller, struct lk_str username, enum lk_scope scope) {
    if (caller->kind != LK_CALLER_USER) {
        return lk_has_scope(caller, scope);
    }
    struct lk_name_key own;
    struct lk_name_key asked;
    if (lk_is_admin(caller)) {
        return true;
    }
    return lk_username_key(caller->account.username, &own) == 0 && lk_username_key(username, &asked) == 0 &&
           lk_str_eq(lk_name_key_str(&own), lk_name_key_str(&asked));
}
