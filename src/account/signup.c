#include "account/authenticate.h"
#include "account/draft.h"
#include "account/setup.h"
#include "crypto/crypto.h"

#include <string.h>

struct signup {
    struct lk_service *svc;
    const struct lk_signup *in;
    const struct lk_client *client;
    const struct lk_account *account;
    struct lk_link_draft link;
    const uint8_t *setup_code; /* SHA-256 of the code that this sign-up uses up, or NULL */
    enum lk_table taken;       /* result: where a name stood already */
};

static int put_picture(const struct signup *s, struct lk_txn *txn) {
    struct lk_picture_record p = {.type = s->in->picture_type};
    if (s->account->picture.len == 0) {
        return 0;
    }
    memcpy(p.owner, s->account->id, sizeof(p.owner));
    return lk_db_picture_add(txn, s->account->picture, &p, s->in->picture);
}

static int write_signup(struct lk_txn *txn, void *arg) {
    struct signup *s = arg;
    const struct lk_account *a = s->account;
    const struct lk_caller *by = s->in->by;
    char mem[80];
    s->taken = LK_TABLE_COUNT;
    int err = s->setup_code != NULL ? lk_setup_use(txn, s->setup_code) : 0;
    if (err == 0 && by != NULL && by->kind == LK_CALLER_USER) {
        err = lk_caller_check(txn, by, s->client->now);
    }
    if (err == 0) {
        err = lk_db_account_add(s->svc, txn, a, &s->taken);
    }
    if (err == 0) {
        err = lk_db_profile_put(txn, a->id, false, (struct lk_str){NULL, 0});
    }
    if (err == 0) {
        err = put_picture(s, txn);
    }
    if (err == 0 && s->link.wanted) {
        err = lk_link_put(s->svc, txn, &s->link, a);
    }
    if (err == 0) {
        struct lk_str actor = by != NULL ? lk_actor(by, a->id, mem) : LK_STR("");
        err = lk_db_audit(s->svc, txn, LK_AUDIT_SIGNUP, a, s->client, actor);
    }
    if (err == 0 && s->setup_code != NULL) {
        err = lk_db_audit(s->svc, txn, LK_AUDIT_SETUP_CLAIMED, a, s->client, LK_STR(""));
    }
    return err;
}

/* Fields and names, before the costly hash. */
static int check(struct lk_draft *d, const struct lk_signup *in, const struct lk_policy *policy,
                 struct lk_violations *v) {
    lk_draft_names(d, in->username, in->email, v);
    int err = lk_draft_names_free(d, v);
    if (in->full_name.len > 0 && !lk_violation_has(v, LK_FIELD_FULL_NAME)) {
        lk_check_full_name(v, in->full_name);
    }
    if (!lk_violation_has(v, LK_FIELD_PASSWORD)) {
        lk_check_password(v, LK_FIELD_PASSWORD, in->password, in->username, in->email, &policy->password);
    }
    lk_check_picture(v, in->picture, in->picture_type, policy->max_picture);
    if (err != 0) {
        return err;
    }
    return v->count > 0 ? LK_ERR_INVALID : 0;
}

/* What only the machine knows: id, dates, hash, picture name. */
static int complete(struct lk_draft *d, const struct lk_signup *in, const struct lk_policy *policy,
                    int64_t now) {
    struct lk_account *a = d->account;
    char hash[LK_PASSWORD_HASH_MAX + 1];
    char picture[LK_PICTURE_NAME_MAX + 1] = "";
    a->roles = in->roles;
    a->is_active = true;
    a->created = now;
    a->full_name = lk_draft_keep(d, in->full_name);
    int err = lk_ordered_uuid(a->id);
    if (err == 0 && in->picture.len > 0) {
        err = lk_picture_name(in->picture_type, picture);
    }
    a->picture = lk_draft_keep(d, lk_str_from(picture));
    if (err == 0) {
        err = lk_service_hash(d->svc, in->password, policy->pbkdf2_iterations, hash);
        a->password = lk_draft_keep(d, err > 0 ? lk_str_from(hash) : LK_STR(""));
        lk_wipe(hash, sizeof(hash));
    }
    return err < 0 ? err : d->buf.err;
}

int lk_signup_run(struct lk_service *svc, const struct lk_signup *in, const uint8_t *setup_code,
                  const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                  struct lk_account_mem *mem) {
    struct lk_draft d;
    struct lk_policy policy = lk_service_policy(svc);
    struct signup s = {.svc = svc, .in = in, .client = client, .account = account, .setup_code = setup_code};
    lk_draft_begin(&d, svc, account, mem->bytes, sizeof(mem->bytes));
    int err = check(&d, in, &policy, v);
    if (err == 0) {
        err = complete(&d, in, &policy, client->now);
    }
    if (err == 0 && policy.mail) {
        err = lk_link_draft(&s.link, LK_LINK_VERIFY, client);
    }
    if (err == 0) {
        err = lk_store_write(svc->store, write_signup, &s);
    }
    if (err == LK_ERR_EXISTS && s.taken != LK_TABLE_COUNT) {
        lk_draft_taken(&d, s.taken, v);
        err = LK_ERR_INVALID;
    }
    if (err == 0 && s.link.wanted) {
        lk_service_mail_queued(svc);
    }
    lk_wipe(&s.link, sizeof(s.link));
    return err;
}

int lk_account_signup(struct lk_service *svc, const struct lk_signup *in, const struct lk_client *client,
                      struct lk_violations *v, struct lk_account *account, struct lk_account_mem *mem) {
    return lk_signup_run(svc, in, NULL, client, v, account, mem);
}

static bool found_taken(const struct lk_violations *v) {
    for (size_t i = 0; i < v->count; i++) {
        if (v->list[i].rule == LK_RULE_USERNAME_TAKEN || v->list[i].rule == LK_RULE_EMAIL_TAKEN) {
            return true;
        }
    }
    return false;
}

int lk_account_signup_open(struct lk_service *svc, const struct lk_signup *in, const struct lk_client *client,
                           struct lk_violations *v, struct lk_account *account, struct lk_account_mem *mem,
                           uint32_t *retry_after) {
    struct lk_throttle *t = &svc->throttle;
    *retry_after = 0;
    if (!lk_service_policy(svc).throttle) {
        return lk_account_signup(svc, in, client, v, account, mem);
    }
    uint64_t address = lk_throttle_address_key(t, LK_THROTTLE_SIGNUP, client->address);
    int err = lk_throttle_begin(t, LK_THROTTLE_SIGNUP, address, client->now, retry_after);
    if (err != 0) {
        return err;
    }
    err = lk_account_signup(svc, in, client, v, account, mem);
    bool counts = err == 0 || (err == LK_ERR_INVALID && found_taken(v));
    lk_throttle_settle(t, address, counts ? LK_THROTTLE_FAILED : LK_THROTTLE_SPARED);
    return err;
}
