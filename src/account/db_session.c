#include "account/db.h"
#include "base/buf.h"
#include "options.h"

#include <string.h>

struct session_key { /* of LK_TABLE_SESSION_OF: account id, session id */
    uint8_t bytes[2 * LK_UUID_LEN];
};

static struct session_key key_of(const uint8_t account[LK_UUID_LEN], const uint8_t id[LK_UUID_LEN]) {
    struct session_key k;
    memcpy(k.bytes, account, LK_UUID_LEN);
    memcpy(k.bytes + LK_UUID_LEN, id, LK_UUID_LEN);
    return k;
}

static struct lk_str key_str(const struct session_key *k) {
    return (struct lk_str){(const char *)k->bytes, sizeof(k->bytes)};
}

int lk_db_session(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], struct lk_session_record *s) {
    struct lk_str value;
    int err = lk_get(txn, LK_TABLE_SESSION, lk_id_str(id), &value);
    return err != 0 ? err : lk_session_decode(value, s);
}

int lk_db_session_put(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], const struct lk_session_record *s) {
    char mem[LK_SMALL_RECORD_MAX];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_session_encode(&b, s);
    return b.err != 0 ? b.err : lk_put(txn, LK_TABLE_SESSION, lk_id_str(id), lk_buf_str(&b));
}

int lk_db_session_end(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], const uint8_t id[LK_UUID_LEN]) {
    struct session_key k = key_of(account, id);
    int err = lk_del(txn, LK_TABLE_SESSION, lk_id_str(id));
    int index_err = lk_del(txn, LK_TABLE_SESSION_OF, key_str(&k));
    return err != 0 ? err : index_err;
}

int lk_db_sessions_each(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN],
                        int (*visit)(struct lk_txn *txn, const uint8_t *account, const uint8_t *id,
                                     void *arg),
                        void *arg) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    int err = lk_cursor_seek(&c, txn, LK_TABLE_SESSION_OF, lk_id_str(account), &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    while (err == 0 && key.len == 2 * LK_UUID_LEN && memcmp(key.ptr, account, LK_UUID_LEN) == 0) {
        uint8_t id[LK_UUID_LEN]; /* a copy: a change ends the loan of the key */
        memcpy(id, key.ptr + LK_UUID_LEN, LK_UUID_LEN);
        err = visit(txn, account, id, arg);
        if (err == 0) {
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

static int end_unless_kept(struct lk_txn *txn, const uint8_t *account, const uint8_t *id, void *arg) {
    const uint8_t *keep = arg;
    if (keep != NULL && memcmp(keep, id, LK_UUID_LEN) == 0) {
        return 0;
    }
    return lk_db_session_end(txn, account, id) == 0 ? 0 : LK_ERR_CORRUPT;
}

int lk_db_sessions_end(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], const uint8_t *keep) {
    uint8_t copy[LK_UUID_LEN];
    if (keep != NULL) {
        memcpy(copy, keep, sizeof(copy));
    }
    return lk_db_sessions_each(txn, account, end_unless_kept, keep != NULL ? copy : NULL);
}

struct oldest {
    unsigned count;
    int64_t created;
    uint8_t id[LK_UUID_LEN];
};

static int note_oldest(struct lk_txn *txn, const uint8_t *account, const uint8_t *id, void *arg) {
    struct oldest *o = arg;
    struct lk_session_record s;
    (void)account;
    int err = lk_db_session(txn, id, &s);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : err;
    }
    if (o->count == 0 || s.created < o->created) {
        o->created = s.created;
        memcpy(o->id, id, sizeof(o->id));
    }
    o->count++;
    return 0;
}

int lk_db_session_add(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], const struct lk_session_record *s) {
    struct oldest o = {0};
    int err = lk_db_sessions_each(txn, s->account, note_oldest, &o);
    if (err == 0 && o.count >= LK_SESSIONS_PER_ACCOUNT) {
        err = lk_db_session_end(txn, s->account, o.id);
    }
    if (err == 0) {
        err = lk_db_session_put(txn, id, s);
    }
    struct session_key k = key_of(s->account, id);
    return err != 0 ? err : lk_put(txn, LK_TABLE_SESSION_OF, key_str(&k), LK_STR(""));
}
