/*
 * What an owner or an admin changes about an account that is there.
 */
#include "account/authenticate.h"
#include "account/draft.h"
#include "crypto/crypto.h"

#include <string.h>

/* --- updating ------------------------------------------------------------------------------------------- */

struct update {
    struct lk_service *svc;
    const uint8_t *id;
    const struct lk_update *in;
    const struct lk_client *client;
    struct lk_draft *draft;              /* the new names, where the email changes */
    bool new_email;                      /* another mailbox, not only another spelling */
    bool new_username;                   /* the username was the old email and follows it */
    char hash[LK_PASSWORD_HASH_MAX + 1]; /* empty: the password stays */
    char picture[LK_PICTURE_NAME_MAX + 1];
    struct lk_link_draft link;
    enum lk_table taken; /* result */
};

/* Moves an index entry from the old name's key to the new one's. */
static int move_key(struct update *u, struct lk_txn *txn, enum lk_table table, struct lk_str from,
                    struct lk_str to) {
    struct lk_name_key old;
    struct lk_name_key new;
    int err = lk_index_key(table, from, &old);
    if (err == 0) {
        err = lk_index_key(table, to, &new);
    }
    if (err != 0 || lk_str_eq(lk_name_key_str(&old), lk_name_key_str(&new))) {
        return err;
    }
    err = lk_put_new(txn, table, lk_name_key_str(&new), lk_id_str(u->id));
    if (err == LK_ERR_EXISTS) {
        u->taken = table;
    }
    return err != 0 ? err : lk_del(txn, table, lk_name_key_str(&old));
}

static int apply_email(struct update *u, struct lk_txn *txn, struct lk_account *a) {
    const struct lk_account *names = u->draft->account;
    int err = move_key(u, txn, LK_TABLE_BY_EMAIL, a->email, names->email);
    if (err == 0 && u->new_username) {
        err = move_key(u, txn, LK_TABLE_BY_USERNAME, a->username, names->username);
        a->username = names->username;
    }
    a->email = names->email;
    if (err != 0 || !u->new_email) {
        return err;
    }
    a->email_verified = false;
    err = lk_db_links_end(txn, u->id, 0, NULL);
    return err != 0 ? err : lk_db_mails_drop(txn, u->id, 0);
}

static int apply_picture(struct update *u, struct lk_txn *txn, struct lk_account *a) {
    struct lk_picture_record p = {.type = u->in->picture_type};
    int err = a->picture.len > 0 ? lk_db_picture_delete(txn, a->picture) : 0;
    a->picture = lk_str_from(u->picture);
    if (err != 0 || a->picture.len == 0) {
        return err;
    }
    memcpy(p.owner, u->id, sizeof(p.owner));
    return lk_db_picture_add(txn, a->picture, &p, u->in->picture);
}

static int apply_password(struct update *u, struct lk_txn *txn, struct lk_account *a) {
    a->password = lk_str_from(u->hash);
    a->revoked = u->client->now + 1;
    int err = lk_db_links_end(txn, u->id, LK_LINK_RESET, NULL);
    if (err == 0) {
        err = lk_db_sessions_end(txn, u->id, u->in->keep_session);
    }
    return err != 0 ? err : lk_db_audit(u->svc, txn, LK_AUDIT_PASSWORD_CHANGED, a, u->client, LK_STR(""));
}

static int write_update(struct lk_txn *txn, void *arg) {
    struct update *u = arg;
    struct lk_account a;
    u->taken = LK_TABLE_COUNT;
    /* Hashing takes long enough for a reset in between: who was thrown out by that must not undo it. */
    int err = u->in->by != NULL ? lk_caller_check(txn, u->in->by, u->client->now) : 0;
    if (err == 0) {
        err = lk_db_account_edit(u->svc, txn, u->id, &a);
    }
    if (err == 0 && u->in->email.ptr != NULL) {
        err = apply_email(u, txn, &a);
    }
    if (err == 0 && u->in->full_name.ptr != NULL) {
        a.full_name = u->in->full_name;
    }
    if (err == 0 && u->in->change_picture) {
        err = apply_picture(u, txn, &a);
    }
    if (err == 0 && u->hash[0] != '\0') {
        err = apply_password(u, txn, &a);
    }
    if (err == 0) {
        err = lk_db_account_put(u->svc, txn, &a);
    }
    if (err == 0 && u->link.wanted) {
        err = lk_link_put(u->svc, txn, &u->link, &a);
    }
    return err != 0 ? err : lk_db_audit(u->svc, txn, LK_AUDIT_UPDATED, &a, u->client, LK_STR(""));
}

/* What is asked for, against the rules. `old` is the account as it is. */
static int check_update(struct update *u, const struct lk_account *old, const struct lk_policy *policy,
                        struct lk_violations *v) {
    const struct lk_update *in = u->in;
    int err = 0;
    if (in->email.ptr != NULL) {
        u->new_email = !lk_email_same(in->email, old->email);
        lk_draft_names(u->draft, (struct lk_str){NULL, 0}, in->email, v);
        u->new_username = u->new_email && lk_email_same(old->username, old->email);
        if (!u->new_username) {
            u->draft->account->username = LK_STR("");
        }
        err = u->new_email && v->count == 0 ? lk_draft_names_free(u->draft, v) : 0;
    }
    if (in->full_name.ptr != NULL && !lk_violation_has(v, LK_FIELD_FULL_NAME)) {
        lk_check_full_name(v, in->full_name);
    }
    if (in->password.ptr != NULL && !lk_violation_has(v, LK_FIELD_PASSWORD)) {
        struct lk_str email = in->email.ptr != NULL ? in->email : old->email;
        lk_check_password(v, LK_FIELD_PASSWORD, in->password, old->username, email, &policy->password);
    }
    if (in->change_picture) {
        lk_check_picture(v, in->picture, in->picture_type, policy->max_picture);
    }
    return err == 0 && v->count > 0 ? LK_ERR_INVALID : err;
}

/* The password that is there already changes nothing; another one is hashed. */
static int prepare_password(struct update *u, const struct lk_account *old, const struct lk_policy *policy) {
    if (u->in->password.ptr == NULL) {
        return 0;
    }
    int err = lk_service_check_hash(u->svc, u->in->password, old->password);
    if (err == 0 || err == LK_ERR_BUSY) {
        return err;
    }
    err = lk_service_hash(u->svc, u->in->password, policy->pbkdf2_iterations, u->hash);
    return err < 0 ? err : 0;
}

static int prepare(struct update *u, const struct lk_account *old, const struct lk_policy *policy) {
    int err = prepare_password(u, old, policy);
    if (err == 0 && u->in->change_picture && u->in->picture.len > 0) {
        err = lk_picture_name(u->in->picture_type, u->picture);
    }
    if (err == 0 && u->new_email && policy->mail) {
        err = lk_link_draft(&u->link, LK_LINK_VERIFY, u->client);
    }
    return err;
}

int lk_account_update(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_update *in,
                      const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                      struct lk_account_mem *mem) {
    struct lk_draft draft;
    struct lk_account names;
    char new_names[2 * LK_EMAIL_BYTES_MAX]; /* the email, and the username that follows it */
    struct lk_policy policy = lk_service_policy(svc);
    struct update u = {.svc = svc, .id = id, .in = in, .client = client, .draft = &draft};
    int err = lk_account_by_id(svc, id, account, mem);
    if (err != 0) {
        return err;
    }
    lk_draft_begin(&draft, svc, &names, new_names, sizeof(new_names));
    err = check_update(&u, account, &policy, v);
    if (err == 0) {
        err = prepare(&u, account, &policy);
    }
    if (err == 0) {
        err = lk_store_write(svc->store, write_update, &u);
    }
    if (err == LK_ERR_EXISTS && u.taken != LK_TABLE_COUNT) {
        lk_draft_taken(&draft, u.taken, v);
        err = LK_ERR_INVALID;
    }
    if (err == 0 && u.link.wanted) {
        lk_service_mail_queued(svc);
    }
    lk_wipe(u.hash, sizeof(u.hash));
    lk_wipe(&u.link, sizeof(u.link));
    return err != 0 ? err : lk_account_by_id(svc, id, account, mem);
}
