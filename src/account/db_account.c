#include "account/db.h"
#include "base/buf.h"

#include <string.h>

const uint8_t lk_nobody[LK_UUID_LEN] = {0};

int lk_db_account_view(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], struct lk_account *a) {
    struct lk_str value;
    int err = lk_get(txn, LK_TABLE_ACCOUNT, lk_id_str(id), &value);
    return err != 0 ? err : lk_account_decode(id, value, a);
}

int lk_db_account_copy(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], struct lk_account *a,
                       struct lk_account_mem *mem) {
    struct lk_str value;
    int err = lk_get(txn, LK_TABLE_ACCOUNT, lk_id_str(id), &value);
    if (err != 0) {
        return err;
    }
    if (value.len > sizeof(mem->bytes)) {
        return LK_ERR_CORRUPT;
    }
    memcpy(mem->bytes, value.ptr, value.len);
    return lk_account_decode(id, (struct lk_str){mem->bytes, value.len}, a);
}

int lk_db_account_edit(struct lk_service *svc, struct lk_txn *txn, const uint8_t id[LK_UUID_LEN],
                       struct lk_account *a) {
    return lk_db_account_copy(txn, id, a, &svc->scratch.account);
}

int lk_db_account_put(struct lk_service *svc, struct lk_txn *txn, const struct lk_account *a) {
    struct lk_buf b;
    lk_buf_init(&b, svc->scratch.record, sizeof(svc->scratch.record));
    lk_account_encode(&b, a);
    return b.err != 0 ? b.err : lk_put(txn, LK_TABLE_ACCOUNT, lk_id_str(a->id), lk_buf_str(&b));
}

int lk_db_id(struct lk_txn *txn, enum lk_table table, const struct lk_name_key *key,
             uint8_t id[LK_UUID_LEN]) {
    struct lk_str value;
    int err = lk_get(txn, table, lk_name_key_str(key), &value);
    if (err != 0) {
        return err;
    }
    if (value.len != LK_UUID_LEN) {
        return LK_ERR_CORRUPT;
    }
    memcpy(id, value.ptr, LK_UUID_LEN);
    return 0;
}

/* Returns 0, or LK_ERR_EXISTS with the table that has the key. */
static int check_free(struct lk_txn *txn, enum lk_table table, struct lk_str key, enum lk_table *taken) {
    struct lk_str value;
    int err = lk_get(txn, table, key, &value);
    if (err == 0) {
        *taken = table;
        return LK_ERR_EXISTS;
    }
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

/* Looks before it changes anything, so that a taken name costs the others of a transaction nothing. */
int lk_db_account_add(struct lk_service *svc, struct lk_txn *txn, const struct lk_account *a,
                      enum lk_table *taken) {
    struct lk_name_key username;
    struct lk_name_key email;
    int err = lk_username_key(a->username, &username);
    if (err == 0) {
        err = lk_email_key(a->email, &email);
    }
    if (err == 0) {
        err = check_free(txn, LK_TABLE_ACCOUNT, lk_id_str(a->id), taken);
    }
    if (err == 0) {
        err = check_free(txn, LK_TABLE_BY_USERNAME, lk_name_key_str(&username), taken);
    }
    if (err == 0) {
        err = check_free(txn, LK_TABLE_BY_EMAIL, lk_name_key_str(&email), taken);
    }
    if (err == 0) {
        err = lk_put(txn, LK_TABLE_BY_USERNAME, lk_name_key_str(&username), lk_id_str(a->id));
    }
    if (err == 0) {
        err = lk_put(txn, LK_TABLE_BY_EMAIL, lk_name_key_str(&email), lk_id_str(a->id));
    }
    if (err == 0) {
        err = lk_db_account_put(svc, txn, a);
    }
    if (err == 0 && (a->roles & LK_ROLE_ADMIN) != 0) {
        err = lk_db_counter_add(txn, LK_META_ADMINS, 1);
    }
    return err;
}

int lk_db_counter(struct lk_txn *txn, const char *name, uint64_t *value) {
    struct lk_str bytes;
    *value = 0;
    int err = lk_get(txn, LK_TABLE_META, lk_str_from(name), &bytes);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    struct lk_reader r;
    lk_reader_init(&r, bytes.ptr, bytes.len);
    *value = lk_read_le64(&r);
    return lk_reader_end(&r);
}

int lk_db_counter_add(struct lk_txn *txn, const char *name, int64_t change) {
    uint64_t value = 0;
    uint8_t mem[8];
    struct lk_buf b;
    int err = lk_db_counter(txn, name, &value);
    if (err != 0) {
        return err;
    }
    if (change < 0 && value < (uint64_t)-change) {
        return LK_ERR_CORRUPT;
    }
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_le64(&b, value + (uint64_t)change);
    return lk_put(txn, LK_TABLE_META, lk_str_from(name), lk_buf_str(&b));
}

int lk_db_throttle(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_throttle_record *t) {
    struct lk_str value;
    *t = (struct lk_throttle_record){0};
    int err = lk_get(txn, LK_TABLE_THROTTLE, lk_id_str(account), &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    return lk_throttle_decode(value, t);
}

int lk_db_throttle_put(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN],
                       const struct lk_throttle_record *t) {
    char mem[LK_SMALL_RECORD_MAX];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_throttle_encode(&b, t);
    return lk_put(txn, LK_TABLE_THROTTLE, lk_id_str(account), lk_buf_str(&b));
}

int lk_db_throttle_clear(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN]) {
    int err = lk_del(txn, LK_TABLE_THROTTLE, lk_id_str(account));
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}
