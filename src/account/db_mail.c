#include "account/db.h"
#include "base/buf.h"
#include "crypto/crypto.h"
#include "options.h"

#include <string.h>

int lk_link_key(const uint8_t account[LK_UUID_LEN], struct lk_str secret, uint8_t key[LK_LINK_KEY_LEN]) {
    uint8_t hash[LK_SHA256_LEN];
    int err = lk_sha256(secret.ptr, secret.len, hash);
    memcpy(key, account, LK_UUID_LEN);
    memcpy(key + LK_UUID_LEN, hash, LK_LINK_KEY_LEN - LK_UUID_LEN);
    lk_wipe(hash, sizeof(hash));
    return err;
}

/* A shown link and an invitation are resets that came another way. */
static bool link_of_kind(const struct lk_link_record *l, int kind) {
    return kind == 0 || (int)l->kind == kind || (kind == LK_LINK_RESET && l->kind == LK_LINK_SHOWN);
}

static bool mail_of_kind(const struct lk_outbox_mail *m, int kind) {
    return kind == 0 || (int)m->kind == kind || (kind == LK_MAIL_RESET && m->kind == LK_MAIL_INVITE);
}

int lk_db_links_end(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], int kind, int *ended) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    int count = 0;
    if (ended != NULL) {
        *ended = 0;
    }
    int err = lk_cursor_seek(&c, txn, LK_TABLE_LINK, lk_id_str(account), &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    while (err == 0 && key.len == LK_LINK_KEY_LEN && memcmp(key.ptr, account, LK_UUID_LEN) == 0) {
        struct lk_link_record l;
        uint8_t copy[LK_LINK_KEY_LEN];
        memcpy(copy, key.ptr, sizeof(copy));
        err = lk_link_decode(value, &l);
        if (err == 0 && link_of_kind(&l, kind)) {
            err = lk_del(txn, LK_TABLE_LINK, (struct lk_str){(const char *)copy, sizeof(copy)});
            count += err == 0;
        }
        if (err == 0) {
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    if (ended != NULL) {
        *ended = count;
    }
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

int lk_db_link_put(struct lk_txn *txn, const uint8_t key[LK_LINK_KEY_LEN], const struct lk_link_record *l) {
    char mem[LK_SMALL_RECORD_MAX];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_link_encode(&b, l);
    return lk_put(txn, LK_TABLE_LINK, (struct lk_str){(const char *)key, LK_LINK_KEY_LEN}, lk_buf_str(&b));
}

struct lk_str lk_sequence_key(uint64_t sequence, uint8_t mem[LK_SEQUENCE_KEY_LEN]) {
    struct lk_buf b;
    lk_buf_init(&b, mem, LK_SEQUENCE_KEY_LEN);
    lk_buf_put_be64(&b, sequence);
    return lk_buf_str(&b);
}

int lk_sequence_read(struct lk_str key, uint64_t *sequence) {
    struct lk_reader r;
    lk_reader_init(&r, key.ptr, key.len);
    *sequence = lk_read_be64(&r);
    return lk_reader_end(&r);
}

int lk_db_mail_put(struct lk_service *svc, struct lk_txn *txn, struct lk_outbox_mail *m,
                   const uint8_t account[LK_UUID_LEN]) {
    uint8_t key[LK_SEQUENCE_KEY_LEN];
    uint64_t waiting = 0;
    /* What sign-ups bring never takes the place of a mail that somebody waits for to get in again. */
    uint64_t most = m->kind == LK_MAIL_VERIFY ? LK_OUTBOX_MAX / 2 : LK_OUTBOX_MAX;
    struct lk_buf b;
    int err = lk_table_count(txn, LK_TABLE_OUTBOX, &waiting);
    if (err == 0 && waiting >= most) {
        err = LK_ERR_BUSY;
    }
    if (err == 0) {
        err = lk_db_counter_add(txn, LK_META_MAIL_SEQUENCE, 1);
    }
    if (err == 0) {
        err = lk_db_counter(txn, LK_META_MAIL_SEQUENCE, &m->sequence);
    }
    if (err != 0) {
        return err;
    }
    lk_buf_init(&b, svc->scratch.mail, sizeof(svc->scratch.mail));
    lk_mail_encode(&b, m, account);
    return b.err != 0 ? b.err
                      : lk_put(txn, LK_TABLE_OUTBOX, lk_sequence_key(m->sequence, key), lk_buf_str(&b));
}

int lk_db_mails_drop(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], int kind) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    int err = lk_cursor_seek(&c, txn, LK_TABLE_OUTBOX, LK_STR(""), &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    while (err == 0) {
        struct lk_outbox_mail m;
        uint8_t owner[LK_UUID_LEN];
        uint8_t copy[LK_SEQUENCE_KEY_LEN];
        err = key.len == sizeof(copy) ? lk_mail_decode(0, value, &m, owner) : LK_ERR_CORRUPT;
        if (err == 0 && memcmp(owner, account, sizeof(owner)) == 0 && mail_of_kind(&m, kind)) {
            memcpy(copy, key.ptr, sizeof(copy));
            err = lk_del(txn, LK_TABLE_OUTBOX, (struct lk_str){(const char *)copy, sizeof(copy)});
        }
        if (err == 0) {
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

/* The newest record's sequence number, 0 where there is none. */
static int newest(struct lk_txn *txn, uint64_t *sequence) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    *sequence = 0;
    int err = lk_cursor_last(&c, txn, LK_TABLE_AUDIT, &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    err = lk_sequence_read(key, sequence);
    lk_cursor_close(&c);
    return err;
}

int lk_db_audit(struct lk_service *svc, struct lk_txn *txn, enum lk_audit_event event,
                const struct lk_account *subject, const struct lk_client *client, struct lk_str actor) {
    struct lk_audit_record r = {.time = client->now, .event = event, .actor = actor};
    uint8_t key[LK_SEQUENCE_KEY_LEN];
    struct lk_buf b;
    int err = newest(txn, &r.sequence);
    if (err != 0) {
        return err;
    }
    r.sequence++;
    memcpy(r.address, client->address, sizeof(r.address));
    if (subject != NULL) {
        memcpy(r.subject, subject->id, sizeof(r.subject));
        r.subject_name = subject->username;
    }
    lk_buf_init(&b, svc->scratch.audit, sizeof(svc->scratch.audit));
    lk_audit_encode(&b, &r);
    if (b.err != 0) {
        return b.err;
    }
    err = lk_put(txn, LK_TABLE_AUDIT, lk_sequence_key(r.sequence, key), lk_buf_str(&b));
    if (err == 0 && r.sequence > LK_AUDIT_RECORDS) {
        err = lk_del(txn, LK_TABLE_AUDIT, lk_sequence_key(r.sequence - LK_AUDIT_RECORDS, key));
    }
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

/* Removes the oldest record of the audit ring. */
static int trim_one(struct lk_txn *txn) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    uint8_t copy[8];
    int err = lk_cursor_seek(&c, txn, LK_TABLE_AUDIT, LK_STR(""), &key, &value);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    err = key.len == sizeof(copy) ? 0 : LK_ERR_CORRUPT;
    if (err == 0) {
        memcpy(copy, key.ptr, sizeof(copy));
    }
    lk_cursor_close(&c);
    return err != 0 ? err : lk_del(txn, LK_TABLE_AUDIT, (struct lk_str){(const char *)copy, sizeof(copy)});
}

int lk_db_audit_trim(struct lk_txn *txn) {
    int err = trim_one(txn);
    return err != 0 ? err : trim_one(txn);
}

struct lk_str lk_actor(const struct lk_caller *by, const uint8_t subject[LK_UUID_LEN], char mem[80]) {
    struct lk_buf b;
    if (by == NULL) {
        return LK_STR("console");
    }
    if (by->kind == LK_CALLER_INTERNAL) {
        lk_buf_init(&b, mem, 80);
        lk_buf_put_cstr(&b, "service:");
        lk_buf_put_cstr(&b, by->service);
        return lk_buf_str(&b);
    }
    bool other = by->kind == LK_CALLER_USER && memcmp(by->account.id, subject, LK_UUID_LEN) != 0;
    return other ? by->account.username : LK_STR("");
}
