#include "account/outbox.h"

#include "account/db.h"
#include "base/buf.h"

#include <string.h>

struct entry {
    struct lk_service *svc;
    uint64_t sequence;
    int64_t next_try;
};

static int decode(struct lk_str key, struct lk_str value, struct lk_outbox_mail *mail,
                  uint8_t owner[LK_UUID_LEN]) {
    uint64_t sequence = 0;
    int err = lk_sequence_read(key, &sequence);
    return err != 0 ? err : lk_mail_decode(sequence, value, mail, owner);
}

/* The first mail that is due; the walk goes through what waits for a later time. */
static int first_due(struct lk_txn *txn, int64_t now, char *mem, struct lk_outbox_mail *mail, int64_t *next) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    uint8_t owner[LK_UUID_LEN];
    bool found = false;
    int err = lk_cursor_seek(&c, txn, LK_TABLE_OUTBOX, LK_STR(""), &key, &value);
    if (err != 0) {
        return err;
    }
    while (err == 0 && !found) {
        err = value.len <= LK_OUTBOX_RECORD_MAX ? decode(key, value, mail, owner) : LK_ERR_CORRUPT;
        found = err == 0 && mail->next_try <= now;
        if (found) {
            memcpy(mem, value.ptr, value.len);
            err = decode(key, (struct lk_str){mem, value.len}, mail, owner);
        } else if (err == 0) {
            *next = mail->next_try < *next ? mail->next_try : *next;
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    return err;
}

int lk_outbox_next(struct lk_service *svc, int64_t now, char mem[LK_OUTBOX_RECORD_MAX],
                   struct lk_outbox_mail *mail, int64_t *next) {
    struct lk_txn *txn;
    *next = INT64_MAX;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err == 0) {
        err = first_due(txn, now, mem, mail, next);
        lk_store_read_end(txn);
    }
    return err;
}

static int write_done(struct lk_txn *txn, void *arg) {
    const struct entry *e = arg;
    uint8_t key[LK_SEQUENCE_KEY_LEN];
    return lk_del(txn, LK_TABLE_OUTBOX, lk_sequence_key(e->sequence, key));
}

int lk_outbox_done(struct lk_service *svc, uint64_t sequence) {
    struct entry e = {.svc = svc, .sequence = sequence};
    return lk_store_write(svc->store, write_done, &e);
}

static int write_retry(struct lk_txn *txn, void *arg) {
    const struct entry *e = arg;
    uint8_t key[LK_SEQUENCE_KEY_LEN];
    uint8_t owner[LK_UUID_LEN];
    struct lk_str value;
    struct lk_outbox_mail mail;
    struct lk_buf b;
    int err = lk_get(txn, LK_TABLE_OUTBOX, lk_sequence_key(e->sequence, key), &value);
    if (err == 0) {
        err = lk_mail_decode(e->sequence, value, &mail, owner);
    }
    if (err != 0) {
        return err;
    }
    mail.next_try = e->next_try;
    mail.attempts += mail.attempts < UINT32_MAX;
    lk_buf_init(&b, e->svc->scratch.mail, sizeof(e->svc->scratch.mail));
    lk_mail_encode(&b, &mail, owner);
    return b.err != 0 ? b.err
                      : lk_put(txn, LK_TABLE_OUTBOX, lk_sequence_key(e->sequence, key), lk_buf_str(&b));
}

int lk_outbox_retry(struct lk_service *svc, uint64_t sequence, int64_t next_try) {
    struct entry e = {.svc = svc, .sequence = sequence, .next_try = next_try};
    return lk_store_write(svc->store, write_retry, &e);
}
