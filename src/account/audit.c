#include "account/audit.h"

#include "account/db.h"

const char *lk_audit_event_name(enum lk_audit_event event) {
    static const char *const names[] = {
        [LK_AUDIT_SIGNUP] = "signup",
        [LK_AUDIT_LOGIN] = "login",
        [LK_AUDIT_LOGIN_FAILED] = "login_failed",
        [LK_AUDIT_LOGOUT] = "logout",
        [LK_AUDIT_PASSWORD_CHANGED] = "password_changed",
        [LK_AUDIT_RESET_REQUESTED] = "reset_requested",
        [LK_AUDIT_RESET_DONE] = "reset_done",
        [LK_AUDIT_EMAIL_VERIFIED] = "email_verified",
        [LK_AUDIT_UPDATED] = "updated",
        [LK_AUDIT_DISABLED] = "disabled",
        [LK_AUDIT_ENABLED] = "enabled",
        [LK_AUDIT_DELETED] = "deleted",
        [LK_AUDIT_ROLES] = "roles",
        [LK_AUDIT_PROFILE_CREATED] = "profile_created",
        [LK_AUDIT_PROFILE_DELETED] = "profile_deleted",
        [LK_AUDIT_SETUP_CLAIMED] = "setup_claimed",
        [LK_AUDIT_SESSION_REUSED] = "session_reused",
        [LK_AUDIT_IMPORTED] = "imported",
        [LK_AUDIT_LOCKED] = "locked",
    };
    size_t i = (size_t)event;
    return i < sizeof(names) / sizeof(*names) && names[i] != NULL ? names[i] : "unknown";
}

static int show(struct lk_str key, struct lk_str value, uint64_t before, size_t *left,
                int (*fn)(const struct lk_audit_record *record, void *arg), void *arg) {
    struct lk_audit_record record;
    uint64_t sequence = 0;
    int err = lk_sequence_read(key, &sequence);
    if (err == 0) {
        err = lk_audit_decode(sequence, value, &record);
    }
    if (err != 0 || (before != 0 && sequence >= before)) {
        return err;
    }
    (*left)--;
    return fn(&record, arg);
}

int lk_audit_walk(struct lk_service *svc, uint64_t before, size_t count,
                  int (*fn)(const struct lk_audit_record *record, void *arg), void *arg) {
    struct lk_txn *txn;
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    size_t left = count;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_cursor_last(&c, txn, LK_TABLE_AUDIT, &key, &value);
    if (err == 0) {
        while (err == 0 && left > 0) {
            err = show(key, value, before, &left, fn, arg);
            if (err == 0) {
                err = lk_cursor_prev(&c, &key, &value);
            }
        }
        lk_cursor_close(&c);
    }
    lk_store_read_end(txn);
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}
