#include "account/guard.h"

#include "account/authenticate.h"

#include <string.h>

static bool active_admin(const struct lk_account *a) {
    return a->is_active && (a->roles & LK_ROLE_ADMIN) != 0;
}

/* Stops the walk with LK_ERR_EXISTS at the first one. */
static int find_other(const struct lk_account *a, void *arg) {
    struct lk_guard *g = arg;
    if (!active_admin(a) || memcmp(a->id, g->by->account.id, LK_UUID_LEN) == 0) {
        return 0;
    }
    memcpy(g->witness, a->id, sizeof(g->witness));
    return LK_ERR_EXISTS;
}

/* The walk may be long, so that it is done here and not while other writers wait. */
int lk_guard_begin(struct lk_service *svc, struct lk_guard *g, bool own) {
    g->own = own;
    if (!own) {
        return 0;
    }
    int err = lk_account_walk(svc, NULL, SIZE_MAX, find_other, g);
    return err == LK_ERR_EXISTS ? 0 : err != 0 ? err : LK_ERR_CONFLICT;
}

int lk_guard_check(const struct lk_guard *g, struct lk_txn *txn) {
    struct lk_account a;
    int err = lk_caller_check(txn, g->by, g->now);
    if (err != 0 || !g->own) {
        return err;
    }
    err = lk_db_account_view(txn, g->witness, &a);
    if (err == LK_ERR_NOT_FOUND || (err == 0 && !active_admin(&a))) {
        return LK_ERR_AGAIN;
    }
    return err;
}
