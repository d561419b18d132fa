#include "account/db.h"

int lk_db_active_set(struct lk_txn *txn, struct lk_account *a, bool active, int64_t now) {
    int err = active ? lk_db_throttle_clear(txn, a->id) : lk_db_sessions_end(txn, a->id, NULL);
    if (err == 0 && !active) {
        a->revoked = now + 1;
        err = lk_db_links_end(txn, a->id, LK_LINK_RESET, NULL);
    }
    a->is_active = active;
    return err;
}

int lk_db_roles_set(struct lk_txn *txn, struct lk_account *a, uint8_t roles) {
    int change = ((roles & LK_ROLE_ADMIN) != 0) - ((a->roles & LK_ROLE_ADMIN) != 0);
    a->roles = roles;
    return change != 0 ? lk_db_counter_add(txn, LK_META_ADMINS, change) : 0;
}

static int delete_index(struct lk_txn *txn, const struct lk_account *a) {
    struct lk_name_key key;
    int err = lk_username_key(a->username, &key);
    if (err == 0) {
        err = lk_del(txn, LK_TABLE_BY_USERNAME, lk_name_key_str(&key));
    }
    if (err == 0) {
        err = lk_email_key(a->email, &key);
    }
    return err != 0 ? err : lk_del(txn, LK_TABLE_BY_EMAIL, lk_name_key_str(&key));
}

/* What belongs to an account beside its own record. */
static int delete_belongings(struct lk_txn *txn, const struct lk_account *a) {
    int err = lk_db_profile_delete(txn, a->id);
    if (err == LK_ERR_NOT_FOUND) {
        err = 0; /* its owner may have deleted it alone */
    }
    if (err == 0 && a->picture.len > 0) {
        err = lk_db_picture_delete(txn, a->picture);
    }
    if (err == 0) {
        err = lk_db_sessions_end(txn, a->id, NULL);
    }
    if (err == 0) {
        err = lk_db_links_end(txn, a->id, 0, NULL);
    }
    if (err == 0) {
        err = lk_db_mails_drop(txn, a->id, 0);
    }
    if (err == 0) {
        err = lk_db_throttle_clear(txn, a->id);
    }
    if (err == 0 && (a->roles & LK_ROLE_ADMIN) != 0) {
        err = lk_db_counter_add(txn, LK_META_ADMINS, -1);
    }
    return err;
}

int lk_db_account_delete(struct lk_txn *txn, const struct lk_account *a) {
    int err = delete_index(txn, a);
    if (err == 0) {
        err = delete_belongings(txn, a);
    }
    if (err == 0) {
        err = lk_del(txn, LK_TABLE_ACCOUNT, lk_id_str(a->id));
    }
    /* The account is there: when something is not, it is something that belongs to it. */
    return err == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : err;
}

int lk_db_account_remove(struct lk_service *svc, struct lk_txn *txn, const uint8_t id[LK_UUID_LEN],
                         const struct lk_client *client, const struct lk_caller *by, bool tight) {
    struct lk_account a;
    char mem[80];
    int err = lk_db_account_edit(svc, txn, id, &a);
    if (err == 0) {
        err = lk_db_account_delete(txn, &a);
    }
    if (err == 0 && tight) {
        err = lk_db_audit_trim(txn);
    }
    return err != 0 ? err : lk_db_audit(svc, txn, LK_AUDIT_DELETED, &a, client, lk_actor(by, id, mem));
}
