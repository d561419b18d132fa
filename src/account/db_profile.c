#include "account/db.h"
#include "base/buf.h"

#include <string.h>

/* A long text or a picture stands beside its record, under the record's key and this byte: it is written
   from where the caller has it, and no buffer need hold both. */
#define BLOB_SUFFIX 0x01

struct blob_key {
    uint8_t bytes[LK_PICTURE_NAME_MAX + 1];
    size_t len;
};

static struct blob_key blob_key_of(struct lk_str key) {
    struct blob_key k = {.len = key.len < LK_PICTURE_NAME_MAX ? key.len : LK_PICTURE_NAME_MAX};
    memcpy(k.bytes, key.ptr, k.len);
    k.bytes[k.len++] = BLOB_SUFFIX;
    return k;
}

static struct lk_str blob_key_str(const struct blob_key *k) {
    return (struct lk_str){(const char *)k->bytes, k->len};
}

int lk_db_profile(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_profile_record *p) {
    struct lk_str value;
    int err = lk_get(txn, LK_TABLE_PROFILE, lk_id_str(account), &value);
    return err != 0 ? err : lk_profile_decode(value, p);
}

static int drop_text(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN]) {
    struct blob_key k = blob_key_of(lk_id_str(account));
    int err = lk_del(txn, LK_TABLE_PROFILE, blob_key_str(&k));
    return err != 0 ? err : lk_db_counter_add(txn, LK_META_TEXTS, -1);
}

static int put_text(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_str text) {
    struct blob_key k = blob_key_of(lk_id_str(account));
    int err = lk_put(txn, LK_TABLE_PROFILE, blob_key_str(&k), text);
    return err != 0 ? err : lk_db_counter_add(txn, LK_META_TEXTS, 1);
}

int lk_db_profile_put(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], bool filled,
                      struct lk_str text) {
    struct lk_profile_record p = {0};
    char mem[LK_SMALL_RECORD_MAX];
    struct lk_buf b;
    int err = lk_db_profile(txn, account, &p);
    if (err == 0 && p.has_text) {
        err = drop_text(txn, account);
    }
    if (err != 0 && err != LK_ERR_NOT_FOUND) {
        return err;
    }
    p = (struct lk_profile_record){.filled = filled, .has_text = text.ptr != NULL};
    lk_buf_init(&b, mem, sizeof(mem));
    lk_profile_encode(&b, &p);
    err = lk_put(txn, LK_TABLE_PROFILE, lk_id_str(account), lk_buf_str(&b));
    return err != 0 || !p.has_text ? err : put_text(txn, account, text);
}

int lk_db_profile_text(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_str *text) {
    struct blob_key k = blob_key_of(lk_id_str(account));
    return lk_get(txn, LK_TABLE_PROFILE, blob_key_str(&k), text);
}

int lk_db_profile_delete(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN]) {
    struct lk_profile_record p;
    int err = lk_db_profile(txn, account, &p);
    if (err == 0 && p.has_text) {
        err = drop_text(txn, account);
    }
    return err != 0 ? err : lk_del(txn, LK_TABLE_PROFILE, lk_id_str(account));
}

int lk_db_picture_add(struct lk_txn *txn, struct lk_str name, const struct lk_picture_record *p,
                      struct lk_str bytes) {
    char mem[LK_SMALL_RECORD_MAX];
    struct lk_buf b;
    struct blob_key k = blob_key_of(name);
    lk_buf_init(&b, mem, sizeof(mem));
    lk_picture_encode(&b, p);
    if (b.err != 0) {
        return b.err;
    }
    int err = lk_put_new(txn, LK_TABLE_PICTURE, name, lk_buf_str(&b));
    return err != 0 ? err : lk_put(txn, LK_TABLE_PICTURE, blob_key_str(&k), bytes);
}

int lk_db_picture_delete(struct lk_txn *txn, struct lk_str name) {
    struct blob_key k = blob_key_of(name);
    int err = lk_del(txn, LK_TABLE_PICTURE, name);
    int bytes_err = lk_del(txn, LK_TABLE_PICTURE, blob_key_str(&k));
    return err != 0 ? err : bytes_err;
}

int lk_db_picture_bytes(struct lk_txn *txn, struct lk_str name, struct lk_str *bytes) {
    struct blob_key k = blob_key_of(name);
    return lk_get(txn, LK_TABLE_PICTURE, blob_key_str(&k), bytes);
}
