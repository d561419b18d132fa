#include "account/import.h"

#include "account/draft.h"
#include "crypto/crypto.h"

#include <string.h>
#include <time.h>

struct import {
    struct lk_service *svc;
    const struct lk_account *account;
    struct lk_str biography;
    struct lk_client client;
};

static int write_import(struct lk_txn *txn, void *arg) {
    struct import *im = arg;
    enum lk_table taken;
    bool filled = im->biography.ptr != NULL;
    int err = lk_db_account_add(im->svc, txn, im->account, &taken);
    if (err == 0) {
        err = lk_db_profile_put(txn, im->account->id, filled, im->biography);
    }
    return err != 0
               ? err
               : lk_db_audit(im->svc, txn, LK_AUDIT_IMPORTED, im->account, &im->client, LK_STR("console"));
}

/* A hash of Django's that can be checked here, or its mark for a password that cannot be used. */
static bool hash_good(struct lk_str hash) {
    bool unusable = hash.len > 0 && hash.ptr[0] == '!';
    return hash.len <= LK_PASSWORD_HASH_MAX && (unusable || lk_password_iterations(hash) != 0);
}

static void check(const struct lk_account *a, struct lk_str biography, struct lk_violations *v) {
    bool by_email = lk_str_eq(a->username, a->email);
    if (!by_email && !lk_violation_has(v, LK_FIELD_USERNAME)) {
        lk_check_username(v, a->username);
    }
    if (!lk_violation_has(v, LK_FIELD_EMAIL)) {
        lk_check_email(v, a->email);
    }
    if (a->full_name.len > 0) {
        lk_check_full_name(v, a->full_name);
    }
    if (biography.len > 0) {
        lk_check_biography(v, biography);
    }
    if (!hash_good(a->password)) {
        lk_violation_add(v, LK_FIELD_PASSWORD, LK_RULE_INVALID, 0);
    }
    if ((a->roles & ~(LK_ROLE_USER | LK_ROLE_ADMIN)) != 0) {
        lk_violation_add(v, LK_FIELD_ROLES, LK_RULE_ROLE_UNKNOWN, 0);
    }
}

/* Brings the account into the store's form, its names into the caller's memory. */
static int prepare(struct lk_account *a, char username[LK_USERNAME_BYTES_MAX], char email[LK_EMAIL_BYTES_MAX],
                   struct lk_str biography, struct lk_violations *v) {
    struct lk_buf b;
    check(a, biography, v);
    if (v->count > 0) {
        return LK_ERR_INVALID;
    }
    lk_buf_init(&b, username, LK_USERNAME_BYTES_MAX);
    int err = lk_username_put(&b, a->username);
    a->username = lk_buf_str(&b);
    lk_buf_init(&b, email, LK_EMAIL_BYTES_MAX);
    lk_email_put(&b, a->email);
    a->email = lk_buf_str(&b);
    a->picture = LK_STR(""); /* pictures do not travel with the accounts */
    if (err == 0 && memcmp(a->id, lk_nobody, sizeof(a->id)) == 0) {
        err = lk_ordered_uuid(a->id);
    }
    return err;
}

static struct import begin(struct lk_service *svc, const struct lk_account *a, struct lk_str biography) {
    return (struct import){
        .svc = svc, .account = a, .biography = biography, .client = {.now = (int64_t)time(NULL)}};
}

int lk_account_import(struct lk_service *svc, const struct lk_account *account, struct lk_str biography,
                      struct lk_violations *v) {
    char username[LK_USERNAME_BYTES_MAX];
    char email[LK_EMAIL_BYTES_MAX];
    struct lk_account a = *account;
    struct import im = begin(svc, &a, biography);
    int err = prepare(&a, username, email, biography, v);
    return err != 0 ? err : lk_store_write(svc->store, write_import, &im);
}

/* --- many ----------------------------------------------------------------------------------------------- */

struct many {
    struct lk_service *svc;
    struct lk_import *accounts;
    size_t count;
};

/* A name that is taken is found before anything changed: the account is left out, and the others go on. */
static int write_many(struct lk_txn *txn, void *arg) {
    struct many *m = arg;
    for (size_t i = 0; i < m->count; i++) {
        struct lk_import *one = &m->accounts[i];
        struct import im = begin(m->svc, &one->account, one->biography);
        if (one->refused) {
            continue;
        }
        one->result = write_import(txn, &im);
        if (one->result != 0 && one->result != LK_ERR_EXISTS) {
            return one->result;
        }
    }
    return 0;
}

/* Where they do not fit together, each finds out for itself. */
static void write_each(struct many *m) {
    for (size_t i = 0; i < m->count; i++) {
        struct lk_import *one = &m->accounts[i];
        struct import im = begin(m->svc, &one->account, one->biography);
        if (!one->refused) {
            one->result = lk_store_write(m->svc->store, write_import, &im);
        }
    }
}

/* Where the name is a word of our own routes, its owner shall not be left behind for it. */
static void rename_reserved(struct lk_import *one) {
    struct lk_buf b;
    lk_buf_init(&b, one->username, sizeof(one->username));
    int err = lk_username_put(&b, one->account.username);
    one->renamed = err == 0 && one->account.email.len > 0 && lk_username_reserved(lk_buf_str(&b));
    if (one->renamed) {
        one->account.username = one->account.email;
    }
}

void lk_account_import_many(struct lk_service *svc, struct lk_import *accounts, size_t count) {
    struct many m = {svc, accounts, count};
    for (size_t i = 0; i < count; i++) {
        struct lk_import *one = &accounts[i];
        one->violations.count = 0;
        rename_reserved(one);
        one->result = prepare(&one->account, one->username, one->email, one->biography, &one->violations);
        one->refused = one->result != 0;
    }
    if (lk_store_write(svc->store, write_many, &m) != 0) {
        write_each(&m);
    }
}
