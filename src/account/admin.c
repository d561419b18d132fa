/*
 * What an admin, a service or the console does to an account: password, state, roles, the end of it.
 */
#include "account/authenticate.h"
#include "account/db.h"
#include "crypto/crypto.h"

#include <string.h>

struct order {
    struct lk_service *svc;
    const uint8_t *id;
    const struct lk_client *client;
    const struct lk_caller *by; /* NULL: the console */
    bool active;
    bool tight; /* the store was full: the deletion has to make room, not take more */
    uint8_t roles;
    char hash[LK_PASSWORD_HASH_MAX + 1];
};

static int audit(const struct order *o, struct lk_txn *txn, enum lk_audit_event event,
                 const struct lk_account *a) {
    char mem[80];
    return lk_db_audit(o->svc, txn, event, a, o->client, lk_actor(o->by, o->id, mem));
}

/* --- password ------------------------------------------------------------------------------------------- */

static int write_password(struct lk_txn *txn, void *arg) {
    struct order *o = arg;
    struct lk_account a;
    int err = lk_db_account_edit(o->svc, txn, o->id, &a);
    if (err == 0) {
        err = lk_db_links_end(txn, o->id, LK_LINK_RESET, NULL);
    }
    if (err == 0) {
        err = lk_db_sessions_end(txn, o->id, NULL);
    }
    if (err == 0) {
        err = lk_db_throttle_clear(txn, o->id);
    }
    if (err == 0) {
        a.password = lk_str_from(o->hash);
        a.revoked = o->client->now + 1;
        err = lk_db_account_put(o->svc, txn, &a);
    }
    return err != 0 ? err : audit(o, txn, LK_AUDIT_PASSWORD_CHANGED, &a);
}

static int check_password(struct lk_service *svc, const uint8_t *id, struct lk_str password,
                          const struct lk_policy *policy, struct lk_violations *v) {
    struct lk_txn *txn;
    struct lk_account a;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_db_account_view(txn, id, &a);
    if (err == 0 && !lk_violation_has(v, LK_FIELD_PASSWORD)) {
        lk_check_password(v, LK_FIELD_PASSWORD, password, a.username, a.email, &policy->password);
    }
    lk_store_read_end(txn);
    return err == 0 && v->count > 0 ? LK_ERR_INVALID : err;
}

int lk_account_set_password(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], struct lk_str password,
                            const struct lk_client *client, struct lk_violations *v) {
    struct order o = {.svc = svc, .id = id, .client = client};
    struct lk_policy policy = lk_service_policy(svc);
    int err = check_password(svc, id, password, &policy, v);
    if (err == 0) {
        err = lk_service_hash(svc, password, policy.pbkdf2_iterations, o.hash);
    }
    if (err > 0) {
        err = lk_store_write(svc->store, write_password, &o);
    }
    lk_wipe(o.hash, sizeof(o.hash));
    return err;
}

/* --- state and roles ------------------------------------------------------------------------------------ */

static int write_active(struct lk_txn *txn, void *arg) {
    struct order *o = arg;
    struct lk_account a;
    int err = lk_db_account_edit(o->svc, txn, o->id, &a);
    if (err == 0) {
        err = lk_db_active_set(txn, &a, o->active, o->client->now);
    }
    if (err == 0) {
        err = lk_db_account_put(o->svc, txn, &a);
    }
    return err != 0 ? err : audit(o, txn, o->active ? LK_AUDIT_ENABLED : LK_AUDIT_DISABLED, &a);
}

int lk_account_set_active(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], bool active,
                          const struct lk_client *client, const struct lk_caller *by) {
    struct order o = {.svc = svc, .id = id, .client = client, .by = by, .active = active};
    return lk_store_write(svc->store, write_active, &o);
}

static int write_roles(struct lk_txn *txn, void *arg) {
    struct order *o = arg;
    struct lk_account a;
    int err = lk_db_account_edit(o->svc, txn, o->id, &a);
    if (err == 0) {
        err = lk_db_roles_set(txn, &a, o->roles);
    }
    if (err == 0) {
        err = lk_db_account_put(o->svc, txn, &a);
    }
    return err != 0 ? err : audit(o, txn, LK_AUDIT_ROLES, &a);
}

int lk_account_set_roles(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], uint8_t roles,
                         const struct lk_client *client, const struct lk_caller *by) {
    struct order o = {.svc = svc, .id = id, .client = client, .by = by, .roles = roles};
    if ((roles & ~(LK_ROLE_USER | LK_ROLE_ADMIN)) != 0) {
        return LK_ERR_INVALID;
    }
    return lk_store_write(svc->store, write_roles, &o);
}

/* --- deleting ------------------------------------------------------------------------------------------- */

static int write_delete(struct lk_txn *txn, void *arg) {
    struct order *o = arg;
    bool person = o->by != NULL && o->by->kind == LK_CALLER_USER;
    int err = person ? lk_caller_check(txn, o->by, o->client->now) : 0;
    return err != 0 ? err : lk_db_account_remove(o->svc, txn, o->id, o->client, o->by, o->tight);
}

int lk_account_delete(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_client *client,
                      const struct lk_caller *by) {
    struct order o = {.svc = svc, .id = id, .client = client, .by = by};
    int err = lk_store_write(svc->store, write_delete, &o);
    if (err == LK_ERR_FULL) {
        o.tight = true;
        err = lk_store_write(svc->store, write_delete, &o);
    }
    return err;
}
