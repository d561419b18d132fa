/*
 * Profiles and pictures.
 */
#include "account/db.h"

#include <string.h>

static const char default_biography[] = "Default biography";

struct profile {
    struct lk_service *svc;
    const struct lk_name_key *username;
    struct lk_str biography;
    const struct lk_client *client;
    const struct lk_caller *by;
};

static int owner(const struct profile *p, struct lk_txn *txn, struct lk_account *a) {
    uint8_t id[LK_UUID_LEN];
    int err = lk_db_id(txn, LK_TABLE_BY_USERNAME, p->username, id);
    return err != 0 ? err : lk_db_account_edit(p->svc, txn, id, a);
}

static int write_create(struct lk_txn *txn, void *arg) {
    struct profile *p = arg;
    struct lk_account a;
    struct lk_profile_record old;
    char mem[80];
    int err = owner(p, txn, &a);
    if (err != 0) {
        return err;
    }
    err = lk_db_profile(txn, a.id, &old);
    if (err == 0 && old.filled) {
        return LK_ERR_EXISTS;
    }
    if (err != 0 && err != LK_ERR_NOT_FOUND) {
        return err;
    }
    err = lk_db_profile_put(txn, a.id, true, p->biography);
    return err != 0 ? err
                    : lk_db_audit(p->svc, txn, LK_AUDIT_PROFILE_CREATED, &a, p->client,
                                  lk_actor(p->by, a.id, mem));
}

int lk_profile_create(struct lk_service *svc, struct lk_str username, struct lk_str biography,
                      const struct lk_client *client, const struct lk_caller *by) {
    struct lk_name_key key;
    struct profile p = {.svc = svc, .username = &key, .biography = biography, .client = client, .by = by};
    if (biography.len > LK_BIOGRAPHY_MAX) {
        return LK_ERR_TOO_LARGE;
    }
    if (lk_username_key(username, &key) != 0) {
        return LK_ERR_NOT_FOUND;
    }
    return lk_store_write(svc->store, write_create, &p);
}

static int read_text(struct lk_txn *txn, const struct lk_name_key *key, char *mem, size_t cap,
                     struct lk_str *biography) {
    uint8_t id[LK_UUID_LEN];
    struct lk_profile_record record;
    struct lk_str text = lk_str_from(default_biography);
    int err = lk_db_id(txn, LK_TABLE_BY_USERNAME, key, id);
    if (err == 0) {
        err = lk_db_profile(txn, id, &record);
    }
    if (err == 0 && record.has_text) {
        err = lk_db_profile_text(txn, id, &text);
        err = err == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : err;
    }
    if (err == 0 && text.len > cap) {
        err = LK_ERR_TOO_LARGE;
    }
    if (err == 0) {
        memcpy(mem, text.ptr, text.len);
        *biography = (struct lk_str){mem, text.len};
    }
    return err;
}

int lk_profile_get(struct lk_service *svc, struct lk_str username, char *mem, size_t cap,
                   struct lk_str *biography) {
    struct lk_name_key key;
    struct lk_txn *txn;
    if (lk_username_key(username, &key) != 0) {
        return LK_ERR_NOT_FOUND;
    }
    int err = lk_store_read_begin(svc->store, &txn);
    if (err == 0) {
        err = read_text(txn, &key, mem, cap, biography);
        lk_store_read_end(txn);
    }
    return err;
}

static int write_delete(struct lk_txn *txn, void *arg) {
    struct profile *p = arg;
    struct lk_account a;
    char mem[80];
    int err = owner(p, txn, &a);
    if (err == 0) {
        err = lk_db_profile_delete(txn, a.id);
    }
    return err != 0 ? err
                    : lk_db_audit(p->svc, txn, LK_AUDIT_PROFILE_DELETED, &a, p->client,
                                  lk_actor(p->by, a.id, mem));
}

int lk_profile_delete(struct lk_service *svc, struct lk_str username, const struct lk_client *client,
                      const struct lk_caller *by) {
    struct lk_name_key key;
    struct profile p = {.svc = svc, .username = &key, .client = client, .by = by};
    if (lk_username_key(username, &key) != 0) {
        return LK_ERR_NOT_FOUND;
    }
    return lk_store_write(svc->store, write_delete, &p);
}

static bool name_plausible(struct lk_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.') {
            return false; /* among others the byte that ends the key of a picture's bytes */
        }
    }
    return name.len > 0 && name.len <= LK_PICTURE_NAME_MAX;
}

int lk_picture_get(struct lk_service *svc, struct lk_str name,
                   int (*fn)(struct lk_str type, struct lk_str bytes, void *arg), void *arg) {
    struct lk_txn *txn;
    struct lk_str value;
    struct lk_str bytes;
    struct lk_picture_record p;
    if (!name_plausible(name)) {
        return LK_ERR_NOT_FOUND;
    }
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_get(txn, LK_TABLE_PICTURE, name, &value);
    if (err == 0) {
        err = lk_picture_decode(value, &p);
    }
    if (err == 0) {
        err = lk_db_picture_bytes(txn, name, &bytes);
    }
    if (err == 0) {
        err = fn(p.type, bytes, arg);
    }
    lk_store_read_end(txn);
    return err;
}
