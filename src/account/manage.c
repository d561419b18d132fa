#include "account/manage.h"

#include "account/guard.h"
#include "crypto/crypto.h"

#include <string.h>

struct order {
    struct lk_service *svc;
    const uint8_t *id;
    const struct lk_client *client;
    const struct lk_change *change;
    struct lk_guard guard;
    bool tight; /* the store was full: the deletion has to make room, not take more */
};

static bool is_own(const struct lk_caller *by, const uint8_t id[LK_UUID_LEN]) {
    return memcmp(by->account.id, id, LK_UUID_LEN) == 0;
}

static int audit(const struct order *o, struct lk_txn *txn, enum lk_audit_event event,
                 const struct lk_account *a) {
    char mem[80];
    return lk_db_audit(o->svc, txn, event, a, o->client, lk_actor(o->guard.by, o->id, mem));
}

/* Runs `fn` with a witness where `own` asks for one, and anew when that one is gone meanwhile. */
static int run(struct order *o, bool own, int (*fn)(struct lk_txn *txn, void *arg)) {
    int err = LK_ERR_AGAIN;
    for (int i = 0; err == LK_ERR_AGAIN && i < LK_GUARD_RETRIES; i++) {
        err = lk_guard_begin(o->svc, &o->guard, own);
        if (err == 0) {
            err = lk_store_write(o->svc->store, fn, o);
        }
    }
    return err;
}

/* --- changing ------------------------------------------------------------------------------------------- */

static int apply_active(const struct order *o, struct lk_txn *txn, struct lk_account *a) {
    const struct lk_change *c = o->change;
    if (!c->change_active) {
        return 0;
    }
    bool same = a->is_active == c->active;
    int err = lk_db_active_set(txn, a, c->active, o->client->now);
    return err != 0 || same ? err : audit(o, txn, c->active ? LK_AUDIT_ENABLED : LK_AUDIT_DISABLED, a);
}

static int apply_roles(const struct order *o, struct lk_txn *txn, struct lk_account *a) {
    if (!o->change->change_roles || a->roles == o->change->roles) {
        return 0;
    }
    int err = lk_db_roles_set(txn, a, o->change->roles);
    return err != 0 ? err : audit(o, txn, LK_AUDIT_ROLES, a);
}

static int apply_name(const struct order *o, struct lk_txn *txn, struct lk_account *a) {
    if (o->change->full_name.ptr == NULL || lk_str_eq(a->full_name, o->change->full_name)) {
        return 0;
    }
    a->full_name = o->change->full_name;
    return audit(o, txn, LK_AUDIT_UPDATED, a);
}

static int write_change(struct lk_txn *txn, void *arg) {
    struct order *o = arg;
    struct lk_account a;
    int err = lk_guard_check(&o->guard, txn);
    if (err == 0) {
        err = lk_db_account_edit(o->svc, txn, o->id, &a);
    }
    if (err == 0) {
        err = apply_active(o, txn, &a);
    }
    if (err == 0) {
        err = apply_roles(o, txn, &a);
    }
    if (err == 0) {
        err = apply_name(o, txn, &a);
    }
    return err != 0 ? err : lk_db_account_put(o->svc, txn, &a);
}

int lk_manage_change(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_change *change,
                     const struct lk_client *client, const struct lk_caller *by, struct lk_violations *v,
                     struct lk_account *account, struct lk_account_mem *mem) {
    struct order o = {.svc = svc, .id = id, .client = client, .change = change};
    o.guard = (struct lk_guard){.by = by, .now = client->now};
    if (change->full_name.len > 0 && !lk_violation_has(v, LK_FIELD_FULL_NAME)) {
        lk_check_full_name(v, change->full_name);
    }
    if (v->count > 0) {
        return LK_ERR_INVALID;
    }
    bool gives_up = (change->change_active && !change->active) ||
                    (change->change_roles && (change->roles & LK_ROLE_ADMIN) == 0);
    int err = run(&o, gives_up && is_own(by, id), write_change);
    return err != 0 ? err : lk_account_by_id(svc, id, account, mem);
}

/* --- deleting ------------------------------------------------------------------------------------------- */

static int write_delete(struct lk_txn *txn, void *arg) {
    struct order *o = arg;
    int err = lk_guard_check(&o->guard, txn);
    return err != 0 ? err : lk_db_account_remove(o->svc, txn, o->id, o->client, o->guard.by, o->tight);
}

int lk_manage_delete(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_client *client,
                     const struct lk_caller *by) {
    struct order o = {.svc = svc, .id = id, .client = client};
    o.guard = (struct lk_guard){.by = by, .now = client->now};
    int err = run(&o, is_own(by, id), write_delete);
    if (err == LK_ERR_FULL) {
        o.tight = true;
        err = run(&o, is_own(by, id), write_delete);
    }
    return err;
}

/* --- finding -------------------------------------------------------------------------------------------- */

struct finding {
    struct lk_search *search;
    int (*fn)(const struct lk_account *account, void *arg);
    void *arg;
    size_t shown;
    size_t looked_at;
};

static bool contains_nocase(struct lk_str s, struct lk_str part) {
    for (size_t i = 0; i + part.len <= s.len; i++) {
        if (lk_str_eq_nocase(lk_str_sub(s, i, part.len), part)) {
            return true;
        }
    }
    return false;
}

/* One account more than is shown is looked at, so that the end is known as the end. */
static int consider(const struct lk_account *a, void *arg) {
    struct finding *f = arg;
    struct lk_search *s = f->search;
    bool fits = contains_nocase(a->username, s->text) || contains_nocase(a->email, s->text) ||
                contains_nocase(a->full_name, s->text);
    if (f->looked_at == s->look_at || (fits && f->shown == s->count)) {
        s->resume = true;
        return LK_ERR_EXISTS;
    }
    int err = fits ? f->fn(a, f->arg) : 0;
    if (err != 0) {
        s->resume = err == LK_ERR_TOO_LARGE;
        return err;
    }
    f->shown += fits;
    f->looked_at++;
    memcpy(s->after, a->id, sizeof(s->after));
    return 0;
}

int lk_account_search(struct lk_service *svc, struct lk_search *search,
                      int (*fn)(const struct lk_account *account, void *arg), void *arg) {
    struct finding f = {.search = search, .fn = fn, .arg = arg};
    const uint8_t *after = search->resume ? search->after : NULL;
    uint8_t from[LK_UUID_LEN];
    if (after != NULL) {
        memcpy(from, after, sizeof(from));
        after = from;
    }
    search->resume = false;
    int err = lk_account_walk(svc, after, SIZE_MAX, consider, &f);
    return search->resume ? 0 : err;
}

bool lk_password_unset(const struct lk_account *account) {
    return lk_password_iterations(account->password) == 0;
}
