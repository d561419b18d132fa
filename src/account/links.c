/*
 * Mailed links: resetting a password, verifying an address.
 */
#include "account/draft.h"
#include "base/buf.h"
#include "crypto/crypto.h"

#include <string.h>

#define RESET_PAUSE 60 /* seconds between two reset mails to one account */

/* --- making --------------------------------------------------------------------------------------------- */

/* Seconds. */
static const int64_t lifetimes[] = {
    [LK_LINK_VERIFY] = 3 * 86400,
    [LK_LINK_RESET] = 3600,
    [LK_LINK_SHOWN] = 7 * 86400,
};
static const enum lk_mail_kind mails[] = {
    [LK_LINK_VERIFY] = LK_MAIL_VERIFY,
    [LK_LINK_RESET] = LK_MAIL_RESET,
    [LK_LINK_SHOWN] = LK_MAIL_NOTHING,
};

int lk_link_draft(struct lk_link_draft *l, enum lk_link_kind kind, const struct lk_client *client) {
    uint8_t secret[LK_LINK_SECRET_LEN];
    struct lk_buf b;
    int err = lk_random(secret, sizeof(secret));
    lk_buf_init(&b, l->secret, sizeof(l->secret));
    lk_buf_put_base64url(&b, secret, sizeof(secret));
    lk_buf_end_cstr(&b);
    lk_wipe(secret, sizeof(secret));
    l->record.kind = kind;
    l->record.created = client->now;
    l->record.expires = client->now + lifetimes[kind];
    l->mail = mails[kind];
    l->language = client->language;
    l->wanted = err == 0;
    return err;
}

int lk_link_uidb64(struct lk_buf *b, const uint8_t id[LK_UUID_LEN]) {
    char text[LK_UUID_TEXT_LEN];
    struct lk_buf t;
    lk_buf_init(&t, text, sizeof(text));
    lk_buf_put_uuid(&t, id);
    lk_buf_put_base64url(b, text, t.len);
    return t.err != 0 ? t.err : b->err;
}

int lk_link_order(struct lk_service *svc, struct lk_txn *txn, const struct lk_link_draft *l,
                  const struct lk_account *account) {
    const uint8_t *id = account != NULL ? account->id : lk_nobody;
    bool verify = l->record.kind == LK_LINK_VERIFY;
    struct lk_outbox_mail m = {.kind = account != NULL ? l->mail : LK_MAIL_NOTHING,
                               .language = l->language,
                               .created = l->record.created,
                               .next_try = l->record.created,
                               .token = lk_str_from(l->secret)};
    uint8_t key[LK_LINK_KEY_LEN];
    char uidb64[48];
    struct lk_buf b;
    lk_buf_init(&b, uidb64, sizeof(uidb64));
    int ended = 0;
    int err = lk_link_uidb64(&b, id);
    m.uidb64 = lk_buf_str(&b);
    if (account != NULL) {
        m.to = account->email;
        m.username = account->username;
    }
    if (err == 0) {
        err = lk_link_key(id, m.token, key);
    }
    if (err == 0) {
        err = lk_db_links_end(txn, id, verify ? LK_LINK_VERIFY : LK_LINK_RESET, &ended);
    }
    /* Only where a link was, its mail may still wait: a walk through the whole outbox that a sign-up is spared. A
       reset takes it always, so that its time does not tell whether there was one before. */
    if (err == 0 && (ended > 0 || l->record.kind == LK_LINK_RESET)) {
        err = lk_db_mails_drop(txn, id, account == NULL ? 0 : verify ? LK_MAIL_VERIFY : LK_MAIL_RESET);
    }
    if (err == 0 && l->record.kind != LK_LINK_SHOWN) {
        err = lk_db_mail_put(svc, txn, &m, id);
    }
    return err != 0 ? err : lk_db_link_put(txn, key, &l->record);
}

int lk_link_put(struct lk_service *svc, struct lk_txn *txn, const struct lk_link_draft *l,
                const struct lk_account *account) {
    int err = lk_link_order(svc, txn, l, account);
    return err == LK_ERR_BUSY ? 0 : err;
}

/* --- asking for a reset --------------------------------------------------------------------------------- */

struct request {
    struct lk_service *svc;
    const struct lk_client *client;
    const struct lk_name_key *email; /* NULL: what was asked for is no address */
    struct lk_link_draft link;
};

/* When the newest reset link of an account was made, 0 where it has none. */
static int newest_reset(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], int64_t *created) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    *created = 0;
    int err = lk_cursor_seek(&c, txn, LK_TABLE_LINK, lk_id_str(id), &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    while (err == 0 && key.len == LK_LINK_KEY_LEN && memcmp(key.ptr, id, LK_UUID_LEN) == 0) {
        struct lk_link_record l;
        err = lk_link_decode(value, &l);
        if (err == 0 && l.kind == LK_LINK_RESET && l.created > *created) {
            *created = l.created;
        }
        if (err == 0) {
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

/* Who is to have a mail: as with Django, an active account whose password can be used. LK_ERR_NOT_FOUND:
   nobody. */
static int addressee(const struct request *r, struct lk_txn *txn, struct lk_account *a) {
    uint8_t id[LK_UUID_LEN];
    int64_t last = 0;
    if (r->email == NULL) {
        return LK_ERR_NOT_FOUND;
    }
    int err = lk_db_id(txn, LK_TABLE_BY_EMAIL, r->email, id);
    if (err == 0) {
        err = lk_db_account_edit(r->svc, txn, id, a);
    }
    if (err == 0) {
        err = newest_reset(txn, id, &last);
    }
    if (err != 0) {
        return err;
    }
    bool usable = a->is_active && lk_password_iterations(a->password) != 0;
    bool soon = last != 0 && r->client->now >= last && r->client->now - last < RESET_PAUSE;
    return usable && !soon ? 0 : LK_ERR_NOT_FOUND;
}

static int write_request(struct lk_txn *txn, void *arg) {
    struct request *r = arg;
    struct lk_account a;
    int err = addressee(r, txn, &a);
    if (err != 0 && err != LK_ERR_NOT_FOUND) {
        return err;
    }
    const struct lk_account *to = err == 0 ? &a : NULL;
    err = lk_link_put(r->svc, txn, &r->link, to);
    return err != 0 ? err : lk_db_audit(r->svc, txn, LK_AUDIT_RESET_REQUESTED, to, r->client, LK_STR(""));
}

int lk_reset_request(struct lk_service *svc, struct lk_str email, const struct lk_client *client) {
    struct lk_name_key key;
    struct lk_policy policy = lk_service_policy(svc);
    struct request r = {.svc = svc, .client = client};
    uint64_t address = lk_throttle_address_key(&svc->throttle, LK_THROTTLE_MAIL, client->address);
    uint32_t wait = 0;
    if (!policy.mail) {
        return 0;
    }
    if (policy.throttle) {
        if (lk_throttle_begin(&svc->throttle, LK_THROTTLE_MAIL, address, client->now, &wait) != 0) {
            return 0;
        }
        lk_throttle_settle(&svc->throttle, address, LK_THROTTLE_FAILED);
    }
    r.email = lk_email_key(email, &key) == 0 ? &key : NULL;
    int err = lk_link_draft(&r.link, LK_LINK_RESET, client);
    if (err == 0) {
        err = lk_store_write(svc->store, write_request, &r);
    }
    lk_wipe(&r.link, sizeof(r.link));
    if (err == 0) {
        lk_service_mail_queued(svc);
    }
    return err;
}

/* --- using a link --------------------------------------------------------------------------------------- */

struct link_use {
    struct lk_service *svc;
    const struct lk_client *client;
    uint8_t account[LK_UUID_LEN];
    uint8_t key[LK_LINK_KEY_LEN];
    char hash[LK_PASSWORD_HASH_MAX + 1];
    bool mailed; /* result: the link came by mail, so that the address is the account's */
};

static int parse(struct lk_str uidb64, struct lk_str token, struct link_use *u) {
    char text[LK_UUID_TEXT_LEN];
    size_t len = 0;
    if (token.len != LK_LINK_SECRET_TEXT_LEN || lk_base64url_decode(uidb64, text, sizeof(text), &len) != 0 ||
        lk_uuid_parse((struct lk_str){text, len}, u->account) != 0 ||
        memcmp(u->account, lk_nobody, LK_UUID_LEN) == 0) {
        return LK_ERR_NOT_FOUND;
    }
    return lk_link_key(u->account, token, u->key);
}

/* 0 while the link lives and its account is active. */
static int look_up(struct lk_txn *txn, struct link_use *u, enum lk_link_kind kind, int64_t now) {
    struct lk_str value;
    struct lk_link_record l;
    struct lk_account a;
    int err = lk_get(txn, LK_TABLE_LINK, (struct lk_str){(const char *)u->key, sizeof(u->key)}, &value);
    if (err == 0) {
        err = lk_link_decode(value, &l);
    }
    bool fits = err == 0 && (l.kind == kind || (kind == LK_LINK_RESET && l.kind == LK_LINK_SHOWN));
    if (err == 0 && (!fits || l.expires <= now)) {
        err = LK_ERR_NOT_FOUND;
    }
    if (err == 0) {
        u->mailed = l.kind != LK_LINK_SHOWN;
        err = lk_db_account_view(txn, u->account, &a);
    }
    return err == 0 && !a.is_active ? LK_ERR_NOT_FOUND : err;
}

static bool link_good(struct lk_service *svc, enum lk_link_kind kind, struct lk_str uidb64,
                      struct lk_str token, int64_t now) {
    struct link_use u;
    struct lk_txn *txn;
    if (parse(uidb64, token, &u) != 0 || lk_store_read_begin(svc->store, &txn) != 0) {
        return false;
    }
    int err = look_up(txn, &u, kind, now);
    lk_store_read_end(txn);
    return err == 0;
}

bool lk_reset_link_good(struct lk_service *svc, struct lk_str uidb64, struct lk_str token, int64_t now) {
    return link_good(svc, LK_LINK_RESET, uidb64, token, now);
}

int lk_reset_link_account(struct lk_service *svc, struct lk_str uidb64, struct lk_str token, int64_t now,
                          struct lk_account *account, struct lk_account_mem *mem) {
    struct link_use u;
    if (!lk_reset_link_good(svc, uidb64, token, now)) {
        return LK_ERR_NOT_FOUND;
    }
    int err = parse(uidb64, token, &u);
    return err != 0 ? err : lk_account_by_id(svc, u.account, account, mem);
}

bool lk_verify_link_good(struct lk_service *svc, struct lk_str uidb64, struct lk_str token, int64_t now) {
    return link_good(svc, LK_LINK_VERIFY, uidb64, token, now);
}

static int write_verified(struct lk_txn *txn, void *arg) {
    struct link_use *u = arg;
    struct lk_account a;
    int err = look_up(txn, u, LK_LINK_VERIFY, u->client->now);
    if (err == 0) {
        err = lk_db_account_edit(u->svc, txn, u->account, &a);
    }
    if (err == 0) {
        err = lk_db_links_end(txn, u->account, LK_LINK_VERIFY, NULL);
    }
    if (err == 0) {
        a.email_verified = true;
        err = lk_db_account_put(u->svc, txn, &a);
    }
    return err != 0 ? err : lk_db_audit(u->svc, txn, LK_AUDIT_EMAIL_VERIFIED, &a, u->client, LK_STR(""));
}

int lk_verify_email(struct lk_service *svc, struct lk_str uidb64, struct lk_str token,
                    const struct lk_client *client) {
    struct link_use u = {.svc = svc, .client = client};
    int err = parse(uidb64, token, &u);
    return err != 0 ? err : lk_store_write(svc->store, write_verified, &u);
}

static int write_reset(struct lk_txn *txn, void *arg) {
    struct link_use *u = arg;
    struct lk_account a;
    int err = look_up(txn, u, LK_LINK_RESET, u->client->now);
    if (err == 0) {
        err = lk_db_account_edit(u->svc, txn, u->account, &a);
    }
    if (err == 0) {
        err = lk_db_links_end(txn, u->account, 0, NULL);
    }
    if (err == 0) {
        err = lk_db_mails_drop(txn, u->account, 0);
    }
    if (err == 0) {
        err = lk_db_sessions_end(txn, u->account, NULL);
    }
    if (err == 0) {
        err = lk_db_throttle_clear(txn, u->account);
    }
    if (err == 0) {
        a.password = lk_str_from(u->hash);
        a.email_verified = a.email_verified || u->mailed;
        a.revoked = u->client->now + 1;
        err = lk_db_account_put(u->svc, txn, &a);
    }
    return err != 0 ? err : lk_db_audit(u->svc, txn, LK_AUDIT_RESET_DONE, &a, u->client, LK_STR(""));
}

/* The rules for the new password, which ask for the account's names. */
static int check_passwords(struct lk_service *svc, struct link_use *u, struct lk_str password1,
                           struct lk_str password2, const struct lk_policy *policy, struct lk_violations *v) {
    struct lk_txn *txn;
    struct lk_account a;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = look_up(txn, u, LK_LINK_RESET, u->client->now);
    if (err == 0) {
        err = lk_db_account_view(txn, u->account, &a);
    }
    if (err == 0 && v->count == 0) {
        if (lk_str_eq(password1, password2)) {
            lk_check_password(v, LK_FIELD_NEW_PASSWORD2, password2, a.username, a.email, &policy->password);
        } else {
            lk_violation_add(v, LK_FIELD_NEW_PASSWORD2, LK_RULE_PASSWORD_MISMATCH, 0);
        }
    }
    lk_store_read_end(txn);
    return err == 0 && v->count > 0 ? LK_ERR_INVALID : err;
}

int lk_reset_confirm(struct lk_service *svc, struct lk_str uidb64, struct lk_str token,
                     struct lk_str password1, struct lk_str password2, const struct lk_client *client,
                     struct lk_violations *v) {
    struct link_use u = {.svc = svc, .client = client};
    struct lk_policy policy = lk_service_policy(svc);
    int err = parse(uidb64, token, &u);
    if (err == 0) {
        err = check_passwords(svc, &u, password1, password2, &policy, v);
    }
    if (err == 0) {
        err = lk_service_hash(svc, password1, policy.pbkdf2_iterations, u.hash);
    }
    if (err > 0) {
        err = lk_store_write(svc->store, write_reset, &u);
    }
    lk_wipe(&u, sizeof(u));
    return err;
}
