#include "account/page.h"

#include "account/authenticate.h"
#include "account/db.h"
#include "account/tokens.h"
#include "crypto/crypto.h"

#include <string.h>

/* An HMAC of the session's id under its jti, which stands in the store and inside the cookie alone: a script
   cannot read the one and nobody outside has the other. */
static int make_csrf(const uint8_t session[LK_UUID_LEN], const uint8_t jti[16], char out[LK_CSRF_LEN + 1]) {
    static const char label[] = "latchkey-csrf";
    uint8_t message[sizeof(label) - 1 + LK_UUID_LEN];
    uint8_t mac[LK_SHA256_LEN];
    struct lk_buf b;
    memcpy(message, label, sizeof(label) - 1);
    memcpy(message + sizeof(label) - 1, session, LK_UUID_LEN);
    int err = lk_hmac_sha256(jti, 16, message, sizeof(message), mac);
    lk_buf_init(&b, out, LK_CSRF_LEN + 1);
    lk_buf_put_base64url(&b, mac, sizeof(mac));
    return err != 0 ? err : lk_buf_end_cstr(&b);
}

int lk_page_make(struct lk_service *svc, const uint8_t user[LK_UUID_LEN], const uint8_t session[LK_UUID_LEN],
                 const uint8_t jti[16], int64_t now, int64_t expires, struct lk_page *page) {
    page->lifetime = expires - now;
    int err = lk_tokens_make_page(svc, user, session, jti, now, expires, page->cookie);
    return err != 0 ? err : make_csrf(session, jti, page->csrf);
}

/* The account and the session that the claims name, both alive, and this cookie the session's own. */
static enum lk_token_fault look_up(struct lk_txn *txn, const struct lk_claims *c, int64_t now,
                                   struct lk_caller *caller, struct lk_account_mem *mem, int *err) {
    struct lk_session_record s;
    *err = lk_db_account_copy(txn, c->user, &caller->account, mem);
    if (*err == LK_ERR_NOT_FOUND) {
        *err = 0;
        return LK_TOKEN_USER_UNKNOWN;
    }
    if (*err != 0) {
        return LK_TOKEN_INVALID;
    }
    enum lk_token_fault fault = lk_claims_check(txn, c, &caller->account, now, &s, err);
    if (fault == LK_TOKEN_OK && !lk_equal_ct(s.jti, c->jti, sizeof(s.jti))) {
        fault = LK_TOKEN_INVALID;
    }
    return fault;
}

enum lk_token_fault lk_page_authenticate(struct lk_service *svc, struct lk_str cookie, int64_t now,
                                         struct lk_caller *caller, struct lk_account_mem *mem,
                                         char csrf[LK_CSRF_LEN + 1], int *err) {
    struct lk_claims c;
    struct lk_txn *txn;
    bool unsigned_here;
    *err = 0;
    memset(caller, 0, sizeof(*caller));
    enum lk_token_fault fault = lk_claims_read(svc, cookie, now, LK_WANT_PAGE, &c, &unsigned_here);
    if (fault == LK_TOKEN_OK && (!c.has_session || !c.has_jti)) {
        fault = LK_TOKEN_INVALID;
    }
    if (fault != LK_TOKEN_OK) {
        return fault;
    }
    *err = lk_store_read_begin(svc->store, &txn);
    if (*err == 0) {
        fault = look_up(txn, &c, now, caller, mem, err);
        lk_store_read_end(txn);
    }
    if (*err == 0 && fault == LK_TOKEN_OK) {
        *err = make_csrf(c.session, c.jti, csrf);
    }
    if (*err != 0 || fault != LK_TOKEN_OK) {
        memset(caller, 0, sizeof(*caller));
        return fault;
    }
    caller->kind = LK_CALLER_USER;
    memcpy(caller->session, c.session, sizeof(caller->session));
    caller->issued = c.iat;
    return fault;
}

/* --- renewing ------------------------------------------------------------------------------------------- */

struct renewal {
    const struct lk_caller *caller;
    int64_t now;
    int64_t lifetime;
    struct lk_session_record session; /* result */
    bool due;                         /* result */
};

static int write_renewal(struct lk_txn *txn, void *arg) {
    struct renewal *r = arg;
    struct lk_session_record *s = &r->session;
    int err = lk_db_session(txn, r->caller->session, s);
    if (err == 0 && memcmp(s->account, r->caller->account.id, LK_UUID_LEN) != 0) {
        err = LK_ERR_NOT_FOUND;
    }
    r->due = err == 0 && r->now - s->used >= LK_PAGE_RENEW_AFTER;
    if (!r->due) {
        return err;
    }
    s->used = r->now;
    s->expires = r->now + r->lifetime;
    return lk_db_session_put(txn, r->caller->session, s);
}

int lk_page_renew(struct lk_service *svc, const struct lk_caller *caller, int64_t now, struct lk_page *page) {
    struct renewal r = {.caller = caller, .now = now, .lifetime = lk_service_policy(svc).refresh_lifetime};
    struct lk_txn *txn;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_db_session(txn, caller->session, &r.session);
    lk_store_read_end(txn);
    if (err == 0 && now - r.session.used >= LK_PAGE_RENEW_AFTER) {
        err = lk_store_write(svc->store, write_renewal, &r);
    }
    if (err == 0 && r.due) {
        err = lk_page_make(svc, caller->account.id, caller->session, r.session.jti, now, r.session.expires,
                           page);
    }
    return err != 0 ? err : r.due;
}
