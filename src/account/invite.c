/*
 * Links that an administrator hands out: to somebody who has no account yet, or who is locked out of his.
 */
#include "account/draft.h"
#include "account/guard.h"
#include "account/manage.h"
#include "crypto/crypto.h"

#include <string.h>

#define INVITE_LIFETIME (7 * 86400)
#define UNUSABLE_RANDOM 40 /* characters behind the "!", as Django writes a password that fits nothing */

struct invite {
    struct lk_service *svc;
    const uint8_t *id;                /* of the account */
    const struct lk_account *account; /* a new one, or NULL: one that is there */
    const struct lk_client *client;
    struct lk_guard guard;
    bool mail;
    struct lk_link_draft link;
    enum lk_table taken; /* result: where a name of the new one stood already */
};

static int write_account(const struct invite *i, struct lk_txn *txn, enum lk_table *taken) {
    int err = lk_db_account_add(i->svc, txn, i->account, taken);
    return err != 0 ? err : lk_db_profile_put(txn, i->id, false, (struct lk_str){NULL, 0});
}

/* An account that never had a password was invited: its mail says so, and leaves more time. */
static void fit_link(struct invite *i, const struct lk_account *a) {
    if (i->mail && lk_password_unset(a)) {
        i->link.mail = LK_MAIL_INVITE;
        i->link.record.expires = i->client->now + INVITE_LIFETIME;
    }
}

static int write_invite(struct lk_txn *txn, void *arg) {
    struct invite *i = arg;
    struct lk_account a;
    char mem[80];
    struct lk_str actor = lk_actor(i->guard.by, i->id, mem);
    i->taken = LK_TABLE_COUNT;
    int err = lk_guard_check(&i->guard, txn);
    if (err == 0 && i->account != NULL) {
        err = write_account(i, txn, &i->taken);
    }
    if (err == 0) {
        err = lk_db_account_edit(i->svc, txn, i->id, &a);
    }
    if (err == 0 && !a.is_active) {
        err = LK_ERR_CONFLICT;
    }
    if (err == 0) {
        fit_link(i, &a);
        err = lk_link_order(i->svc, txn, &i->link, &a);
    }
    enum lk_audit_event event = i->account != NULL ? LK_AUDIT_SIGNUP : LK_AUDIT_RESET_REQUESTED;
    return err != 0 ? err : lk_db_audit(i->svc, txn, event, &a, i->client, actor);
}

static void put_path(const struct invite *i, struct lk_handed_link *link) {
    struct lk_buf b;
    link->expires = i->link.record.expires;
    lk_buf_init(&b, link->path, sizeof(link->path));
    if (!i->mail) {
        (void)lk_link_uidb64(&b, i->id);
        lk_buf_put_char(&b, '/');
        lk_buf_put_cstr(&b, i->link.secret);
    }
    (void)lk_buf_end_cstr(&b); /* 48 characters, a slash, 43 */
}

static int run(struct invite *i, struct lk_handed_link *link) {
    i->mail = link->mail;
    if (link->mail && !lk_service_policy(i->svc).mail) {
        return LK_ERR_UNSUPPORTED;
    }
    int err = lk_link_draft(&i->link, link->mail ? LK_LINK_RESET : LK_LINK_SHOWN, i->client);
    if (err == 0) {
        err = lk_store_write(i->svc->store, write_invite, i);
    }
    if (err == 0) {
        put_path(i, link);
    }
    if (err == 0 && link->mail) {
        lk_service_mail_queued(i->svc);
    }
    lk_wipe(&i->link, sizeof(i->link));
    return err;
}

/* What only the machine knows: id, dates, a mark in the place of a password. */
static int complete(struct lk_draft *d, const struct lk_signup *in, int64_t now) {
    struct lk_account *a = d->account;
    char unusable[UNUSABLE_RANDOM + 1] = "!";
    a->roles = in->roles;
    a->is_active = true;
    a->created = now;
    a->full_name = lk_draft_keep(d, in->full_name);
    int err = lk_ordered_uuid(a->id);
    if (err == 0) {
        err = lk_random_alnum(unusable + 1, UNUSABLE_RANDOM);
    }
    a->password = lk_draft_keep(d, (struct lk_str){unusable, sizeof(unusable)});
    return err != 0 ? err : d->buf.err;
}

static int check(struct lk_draft *d, const struct lk_signup *in, struct lk_violations *v) {
    lk_draft_names(d, in->username, in->email, v);
    int err = lk_draft_names_free(d, v);
    if (in->full_name.len > 0 && !lk_violation_has(v, LK_FIELD_FULL_NAME)) {
        lk_check_full_name(v, in->full_name);
    }
    return err == 0 && v->count > 0 ? LK_ERR_INVALID : err;
}

int lk_manage_invite(struct lk_service *svc, const struct lk_signup *in, const struct lk_client *client,
                     const struct lk_caller *by, struct lk_violations *v, struct lk_account *account,
                     struct lk_account_mem *mem, struct lk_handed_link *link) {
    struct lk_draft d;
    struct invite i = {.svc = svc, .id = account->id, .account = account, .client = client};
    i.guard = (struct lk_guard){.by = by, .now = client->now};
    lk_draft_begin(&d, svc, account, mem->bytes, sizeof(mem->bytes));
    int err = check(&d, in, v);
    if (err == 0) {
        err = complete(&d, in, client->now);
    }
    if (err == 0) {
        err = run(&i, link);
    }
    if (err == LK_ERR_EXISTS && i.taken != LK_TABLE_COUNT) {
        lk_draft_taken(&d, i.taken, v);
        err = LK_ERR_INVALID;
    }
    return err;
}

int lk_manage_link(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_client *client,
                   const struct lk_caller *by, struct lk_handed_link *link) {
    struct invite i = {.svc = svc, .id = id, .client = client};
    i.guard = (struct lk_guard){.by = by, .now = client->now};
    return run(&i, link);
}
