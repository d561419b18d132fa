/*
 * Finding and walking accounts.
 */
#include "account/db.h"

#include <string.h>

#define WALK_PAGE 64 /* accounts shown in one snapshot */

int lk_account_by_id(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], struct lk_account *account,
                     struct lk_account_mem *mem) {
    struct lk_txn *txn;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err == 0) {
        err = lk_db_account_copy(txn, id, account, mem);
        lk_store_read_end(txn);
    }
    return err;
}

static int by_key(struct lk_service *svc, enum lk_table table, const struct lk_name_key *key,
                  struct lk_account *account, struct lk_account_mem *mem) {
    struct lk_txn *txn;
    uint8_t id[LK_UUID_LEN];
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_db_id(txn, table, key, id);
    if (err == 0) {
        err = lk_db_account_copy(txn, id, account, mem);
    }
    lk_store_read_end(txn);
    return err;
}

int lk_account_by_username(struct lk_service *svc, struct lk_str username, struct lk_account *account,
                           struct lk_account_mem *mem) {
    struct lk_name_key key;
    int err = lk_username_key(username, &key);
    return err == 0 ? by_key(svc, LK_TABLE_BY_USERNAME, &key, account, mem) : LK_ERR_NOT_FOUND;
}

int lk_account_by_email(struct lk_service *svc, struct lk_str email, struct lk_account *account,
                        struct lk_account_mem *mem) {
    struct lk_name_key key;
    int err = lk_email_key(email, &key);
    return err == 0 ? by_key(svc, LK_TABLE_BY_EMAIL, &key, account, mem) : LK_ERR_NOT_FOUND;
}

struct walk {
    uint8_t after[LK_UUID_LEN];
    bool started;
    size_t left;
    int (*fn)(const struct lk_account *account, void *arg);
    void *arg;
};

static int show(struct walk *w, struct lk_str key, struct lk_str value) {
    struct lk_account a;
    if (key.len != LK_UUID_LEN) {
        return LK_ERR_CORRUPT;
    }
    /* The seek may have given the account that the last page ended with. */
    if (w->started && memcmp(key.ptr, w->after, LK_UUID_LEN) <= 0) {
        return 0;
    }
    memcpy(w->after, key.ptr, LK_UUID_LEN);
    w->started = true;
    w->left--;
    int err = lk_account_decode(w->after, value, &a);
    return err != 0 ? err : w->fn(&a, w->arg);
}

/* Up to a page of accounts in one snapshot. LK_ERR_NOT_FOUND at the end of the table. */
static int walk_page(struct lk_txn *txn, struct walk *w, size_t page) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    struct lk_str from = w->started ? lk_id_str(w->after) : LK_STR("");
    size_t stop = w->left > page ? w->left - page : 0;
    int err = lk_cursor_seek(&c, txn, LK_TABLE_ACCOUNT, from, &key, &value);
    if (err != 0) {
        return err;
    }
    while (err == 0 && w->left > stop) {
        err = show(w, key, value);
        if (err == 0) {
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    return err;
}

int lk_account_walk(struct lk_service *svc, const uint8_t *after, size_t count,
                    int (*fn)(const struct lk_account *account, void *arg), void *arg) {
    struct walk w = {.started = after != NULL, .left = count, .fn = fn, .arg = arg};
    int err = 0;
    if (after != NULL) {
        memcpy(w.after, after, sizeof(w.after));
    }
    while (err == 0 && w.left > 0) {
        struct lk_txn *txn;
        err = lk_store_read_begin(svc->store, &txn);
        if (err == 0) {
            err = walk_page(txn, &w, WALK_PAGE);
            lk_store_read_end(txn);
        }
    }
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}
