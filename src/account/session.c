/*
 * Sessions: refreshing, verifying and ending them. A session is opened by login.c.
 */
#include "account/authenticate.h"
#include "account/db.h"
#include "crypto/crypto.h"

#include <string.h>

/* Claims good and their account and session alive, in one transaction. */
static enum lk_token_fault look_up(struct lk_txn *txn, const struct lk_claims *c, int64_t now,
                                   struct lk_session_record *s, int *err) {
    struct lk_account account;
    *err = lk_db_account_view(txn, c->user, &account);
    if (*err == LK_ERR_NOT_FOUND) {
        *err = 0;
        return LK_TOKEN_USER_UNKNOWN;
    }
    return *err != 0 ? LK_TOKEN_INVALID : lk_claims_check(txn, c, &account, now, s, err);
}

static enum lk_token_fault look_up_once(struct lk_service *svc, const struct lk_claims *c, int64_t now,
                                        struct lk_session_record *s, int *err) {
    struct lk_txn *txn;
    *err = lk_store_read_begin(svc->store, &txn);
    if (*err != 0) {
        return LK_TOKEN_INVALID;
    }
    enum lk_token_fault fault = look_up(txn, c, now, s, err);
    lk_store_read_end(txn);
    return fault;
}

/* --- verify --------------------------------------------------------------------------------------------- */

static int verify(struct lk_service *svc, struct lk_str token, int64_t now, enum lk_token_want want,
                  enum lk_token_fault *fault) {
    struct lk_claims c;
    struct lk_session_record s;
    bool unsigned_here;
    int err = 0;
    *fault = lk_claims_read(svc, token, now, want, &c, &unsigned_here);
    if (*fault == LK_TOKEN_OK) {
        *fault = look_up_once(svc, &c, now, &s, &err);
    }
    if (err != 0) {
        return err;
    }
    return *fault == LK_TOKEN_OK ? 0 : LK_ERR_DENIED;
}

int lk_token_verify(struct lk_service *svc, struct lk_str token, int64_t now, enum lk_token_fault *fault) {
    return verify(svc, token, now, LK_WANT_EITHER, fault);
}

int lk_token_validate_access(struct lk_service *svc, struct lk_str token, int64_t now,
                             enum lk_token_fault *fault) {
    return verify(svc, token, now, LK_WANT_ACCESS, fault);
}

/* --- refresh -------------------------------------------------------------------------------------------- */

/* Which of a session's refresh tokens this is. */
enum generation { CURRENT, FORMER_IN_GRACE, STALE };

static enum generation generation_of(const struct lk_claims *c, const struct lk_session_record *s,
                                     int64_t now) {
    if (lk_equal_ct(c->jti, s->jti, sizeof(s->jti))) {
        return CURRENT;
    }
    bool former = s->rotated != 0 && lk_equal_ct(c->jti, s->former, sizeof(s->former));
    return former && now - s->rotated <= LK_ROTATION_GRACE ? FORMER_IN_GRACE : STALE;
}

struct rotate {
    struct lk_service *svc;
    const struct lk_claims *claims;
    int64_t now;
    int64_t lifetime; /* 0: no rotation */
    uint8_t fresh[16];
    /* results */
    struct lk_session_record session;
    enum lk_token_fault fault;
};

/* An old refresh token came back: somebody else may hold it, so that the session ends for both. */
static int end_reused(struct rotate *r, struct lk_txn *txn) {
    struct lk_account account;
    struct lk_client client = {.now = r->now};
    int err = lk_db_account_edit(r->svc, txn, r->claims->user, &account);
    memcpy(client.address, r->session.address, sizeof(client.address));
    if (err == 0) {
        err = lk_db_session_end(txn, r->claims->user, r->claims->session);
    }
    r->fault = LK_TOKEN_REVOKED;
    return err != 0 ? err : lk_db_audit(r->svc, txn, LK_AUDIT_SESSION_REUSED, &account, &client, LK_STR(""));
}

static int write_rotation(struct lk_txn *txn, void *arg) {
    struct rotate *r = arg;
    int err = 0;
    r->fault = look_up(txn, r->claims, r->now, &r->session, &err);
    if (err != 0 || r->fault != LK_TOKEN_OK) {
        return err;
    }
    struct lk_session_record *s = &r->session;
    enum generation generation = generation_of(r->claims, s, r->now);
    if (generation == STALE) {
        return end_reused(r, txn);
    }
    if (generation == FORMER_IN_GRACE || r->lifetime == 0) {
        return 0;
    }
    memcpy(s->former, s->jti, sizeof(s->former));
    memcpy(s->jti, r->fresh, sizeof(s->jti));
    s->rotated = r->now;
    s->used = r->now;
    s->expires = r->now + r->lifetime;
    return lk_db_session_put(txn, r->claims->session, s);
}

/* Looks first without writing: a refresh that changes nothing costs no commit. */
static int refresh_session(struct rotate *r) {
    int err = 0;
    r->fault = look_up_once(r->svc, r->claims, r->now, &r->session, &err);
    if (err != 0 || r->fault != LK_TOKEN_OK) {
        return err;
    }
    enum generation generation = generation_of(r->claims, &r->session, r->now);
    if (generation == FORMER_IN_GRACE || (generation == CURRENT && r->lifetime == 0)) {
        return 0;
    }
    return lk_store_write(r->svc->store, write_rotation, r);
}

int lk_token_refresh(struct lk_service *svc, struct lk_str refresh, int64_t now, struct lk_tokens *tokens,
                     enum lk_token_fault *fault) {
    struct lk_claims c;
    bool unsigned_here;
    struct lk_policy policy = lk_service_policy(svc);
    struct rotate r = {.svc = svc, .claims = &c, .now = now};
    r.lifetime = policy.refresh_rotation ? policy.refresh_lifetime : 0;
    *fault = lk_claims_read(svc, refresh, now, LK_WANT_REFRESH, &c, &unsigned_here);
    if (*fault != LK_TOKEN_OK) {
        return LK_ERR_DENIED;
    }
    int err = r.lifetime > 0 ? lk_random_uuid(r.fresh) : 0;
    if (err == 0) {
        err = refresh_session(&r);
    }
    *fault = r.fault;
    if (err != 0) {
        return err;
    }
    if (r.fault != LK_TOKEN_OK) {
        return LK_ERR_DENIED;
    }
    /* A session that was rotated hands out its current token even with rotation off since: the old one is
       stale. */
    bool successor = r.lifetime > 0 || !lk_equal_ct(c.jti, r.session.jti, sizeof(c.jti));
    return lk_tokens_make(svc, c.user, c.session, successor ? r.session.jti : NULL, now, r.session.expires,
                          tokens);
}

/* --- log-out -------------------------------------------------------------------------------------------- */

struct logout {
    struct lk_service *svc;
    const uint8_t *account;
    const uint8_t *session;
    const struct lk_client *client;
};

static int write_logout(struct lk_txn *txn, void *arg) {
    const struct logout *l = arg;
    struct lk_session_record s;
    struct lk_account account;
    int err = lk_db_session(txn, l->session, &s);
    if (err == 0 && memcmp(s.account, l->account, LK_UUID_LEN) != 0) {
        err = LK_ERR_NOT_FOUND;
    }
    if (err == 0) {
        err = lk_db_account_edit(l->svc, txn, l->account, &account);
    }
    if (err == 0) {
        err = lk_db_session_end(txn, l->account, l->session);
    }
    return err != 0 ? err : lk_db_audit(l->svc, txn, LK_AUDIT_LOGOUT, &account, l->client, LK_STR(""));
}

int lk_logout_token(struct lk_service *svc, struct lk_str refresh, const struct lk_client *client) {
    struct lk_claims c;
    struct lk_session_record s;
    bool unsigned_here;
    int err = 0;
    enum lk_token_fault fault =
        lk_claims_read(svc, refresh, client->now, LK_WANT_REFRESH, &c, &unsigned_here);
    if (fault == LK_TOKEN_OK) {
        fault = look_up_once(svc, &c, client->now, &s, &err);
    }
    if (err != 0 || fault != LK_TOKEN_OK) {
        return err != 0 ? err : LK_ERR_DENIED;
    }
    struct logout l = {svc, c.user, c.session, client};
    err = lk_store_write(svc->store, write_logout, &l);
    return err == LK_ERR_NOT_FOUND ? LK_ERR_DENIED : err;
}

int lk_logout_caller(struct lk_service *svc, const struct lk_caller *caller, const struct lk_client *client) {
    struct logout l = {svc, caller->account.id, caller->session, client};
    if (caller->kind != LK_CALLER_USER || memcmp(caller->session, lk_nobody, LK_UUID_LEN) == 0) {
        return LK_ERR_NOT_FOUND;
    }
    return lk_store_write(svc->store, write_logout, &l);
}
