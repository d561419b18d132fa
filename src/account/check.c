/*
 * The walk through every table for lk_service_check, and what holds of a table as a whole.
 */
#include "account/check.h"

#include "options.h"

static int walk(struct lk_check *c, enum lk_table table) {
    struct lk_cursor cursor;
    struct lk_str key;
    struct lk_str value;
    int err = lk_cursor_seek(&cursor, c->txn, table, LK_STR(""), &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    while (err == 0) {
        err = lk_check_record(c, table, key, value);
        if (err == 0) {
            err = lk_cursor_next(&cursor, &key, &value);
        }
    }
    lk_cursor_close(&cursor);
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

static int check_counter(struct lk_check *c, const char *name, uint64_t expect, const char *what) {
    uint64_t value = 0;
    int err = lk_db_counter(c->txn, name, &value);
    if (err == LK_ERR_CORRUPT || (err == 0 && value != expect)) {
        lk_check_report(c, what, lk_str_from(name));
        err = 0;
    }
    return err;
}

static int check_all(struct lk_check *c) {
    int err = 0;
    for (int table = LK_TABLE_ACCOUNT; err == 0 && table < LK_TABLE_COUNT; table++) {
        err = walk(c, (enum lk_table)table);
    }
    if (err == 0) {
        err = check_counter(c, LK_META_ADMINS, c->admins, "the count of admins is wrong");
    }
    if (err == 0) {
        err = check_counter(c, LK_META_TEXTS, c->texts, "the count of biographies is wrong");
    }
    if (err == 0 && c->audits > LK_AUDIT_RECORDS) {
        lk_check_report(c, "the audit ring holds more than its bound", LK_STR(""));
    }
    return err;
}

int lk_service_check(struct lk_service *svc, void (*report)(const char *what, struct lk_str key, void *arg),
                     void *arg) {
    struct lk_check c = {.report = report, .arg = arg};
    int err = lk_store_read_begin(svc->store, &c.txn);
    if (err != 0) {
        return err;
    }
    err = check_all(&c);
    lk_store_read_end(c.txn);
    return err != 0 ? err : c.found;
}
