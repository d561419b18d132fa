#include "account/sessions.h"

#include "account/authenticate.h"
#include "account/db.h"

#include <string.h>

struct walk {
    int64_t now;
    int (*fn)(const struct lk_session_view *session, void *arg);
    void *arg;
};

static int show(struct lk_txn *txn, const uint8_t *account, const uint8_t *id, void *arg) {
    const struct walk *w = arg;
    struct lk_session_record s;
    struct lk_session_view view;
    (void)account;
    int err = lk_db_session(txn, id, &s);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : err;
    }
    if (s.expires <= w->now) {
        return 0; /* the sweeper has not come by */
    }
    memcpy(view.id, id, sizeof(view.id));
    memcpy(view.address, s.address, sizeof(view.address));
    view.created = s.created;
    view.used = s.used;
    view.expires = s.expires;
    view.device = s.device;
    return w->fn(&view, w->arg);
}

int lk_sessions_walk(struct lk_service *svc, const uint8_t account[LK_UUID_LEN], int64_t now,
                     int (*fn)(const struct lk_session_view *session, void *arg), void *arg) {
    struct walk w = {now, fn, arg};
    struct lk_txn *txn;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err == 0) {
        err = lk_db_sessions_each(txn, account, show, &w);
        lk_store_read_end(txn);
    }
    return err;
}

struct ending {
    struct lk_service *svc;
    const struct lk_caller *caller;
    const struct lk_client *client;
    const uint8_t *id; /* NULL: all but the caller's own */
    unsigned ended;    /* result */
};

static int count_others(struct lk_txn *txn, const uint8_t *account, const uint8_t *id, void *arg) {
    struct ending *e = arg;
    (void)txn;
    (void)account;
    e->ended += memcmp(id, e->caller->session, LK_UUID_LEN) != 0;
    return 0;
}

static int end_one(struct ending *e, struct lk_txn *txn) {
    struct lk_session_record s;
    int err = lk_db_session(txn, e->id, &s);
    if (err == 0 && memcmp(s.account, e->caller->account.id, LK_UUID_LEN) != 0) {
        err = LK_ERR_NOT_FOUND;
    }
    e->ended = err == 0;
    return err != 0 ? err : lk_db_session_end(txn, s.account, e->id);
}

static int end_others(struct ending *e, struct lk_txn *txn) {
    const uint8_t *account = e->caller->account.id;
    int err = lk_db_sessions_each(txn, account, count_others, e);
    return err != 0 ? err : lk_db_sessions_end(txn, account, e->caller->session);
}

static int write_ending(struct lk_txn *txn, void *arg) {
    struct ending *e = arg;
    struct lk_account a;
    e->ended = 0;
    int err = lk_caller_check(txn, e->caller, e->client->now);
    if (err == 0) {
        err = lk_db_account_edit(e->svc, txn, e->caller->account.id, &a);
    }
    if (err == 0) {
        err = e->id != NULL ? end_one(e, txn) : end_others(e, txn);
    }
    if (err != 0 || e->ended == 0) {
        return err;
    }
    return lk_db_audit(e->svc, txn, LK_AUDIT_LOGOUT, &a, e->client, LK_STR(""));
}

int lk_session_end(struct lk_service *svc, const struct lk_caller *caller, const uint8_t id[LK_UUID_LEN],
                   const struct lk_client *client) {
    struct ending e = {.svc = svc, .caller = caller, .client = client, .id = id};
    return lk_store_write(svc->store, write_ending, &e);
}

int lk_sessions_end_others(struct lk_service *svc, const struct lk_caller *caller,
                           const struct lk_client *client, unsigned *ended) {
    struct ending e = {.svc = svc, .caller = caller, .client = client};
    int err = lk_store_write(svc->store, write_ending, &e);
    *ended = e.ended;
    return err;
}
