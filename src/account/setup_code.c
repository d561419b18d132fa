/*
 * The code that the first admin shows: made at the first start, kept as its hash, used up once.
 */
#include "account/db.h"
#include "account/setup.h"
#include "crypto/crypto.h"

#define CODE_CHARS 20 /* of 32 letters and digits: 100 bits */
#define CODE_GROUP 5

/* Crockford's base 32: no I, L, O or U, so that a code read from a console is typed right. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* 0 with *stored when set-up is open, else LK_ERR_EXISTS (over) or LK_ERR_NOT_FOUND (no code waits). */
static int waiting(struct lk_txn *txn, struct lk_str *stored) {
    uint64_t admins = 0;
    int err = lk_db_counter(txn, LK_META_ADMINS, &admins);
    if (err == 0 && admins > 0) {
        err = LK_ERR_EXISTS;
    }
    if (err == 0) {
        err = lk_get(txn, LK_TABLE_META, LK_STR(LK_META_SETUP_CODE), stored);
    }
    return err == 0 && stored->len != LK_SHA256_LEN ? LK_ERR_CORRUPT : err;
}

bool lk_setup_open(struct lk_service *svc) {
    struct lk_txn *txn;
    struct lk_str stored;
    if (lk_store_read_begin(svc->store, &txn) != 0) {
        return false;
    }
    int err = waiting(txn, &stored);
    lk_store_read_end(txn);
    return err == 0;
}

int lk_setup_use(struct lk_txn *txn, const uint8_t *code) {
    struct lk_str stored;
    int err = waiting(txn, &stored);
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? LK_ERR_EXISTS : err;
    }
    if (!lk_equal_ct(stored.ptr, code, LK_SHA256_LEN)) {
        return LK_ERR_DENIED;
    }
    return lk_del(txn, LK_TABLE_META, LK_STR(LK_META_SETUP_CODE));
}

/* The hash of a code as a person types it: case, spaces and dashes do not matter, nor O for 0, I and L for
   1. */
static int hash_code(struct lk_str code, uint8_t hash[LK_SHA256_LEN]) {
    char plain[CODE_CHARS];
    size_t len = 0;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (c == '-' || c == ' ') {
            continue;
        }
        if (len == sizeof(plain)) {
            return LK_ERR_DENIED;
        }
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        plain[len++] = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    int err = len == sizeof(plain) ? lk_sha256(plain, len, hash) : LK_ERR_DENIED;
    lk_wipe(plain, sizeof(plain));
    return err;
}

static int write_code(struct lk_txn *txn, void *arg) {
    const uint8_t *hash = arg;
    uint64_t admins = 0;
    int err = lk_db_counter(txn, LK_META_ADMINS, &admins);
    if (err == 0 && admins > 0) {
        err = LK_ERR_EXISTS;
    }
    struct lk_str value = {(const char *)hash, LK_SHA256_LEN};
    return err != 0 ? err : lk_put(txn, LK_TABLE_META, LK_STR(LK_META_SETUP_CODE), value);
}

int lk_setup_code(struct lk_service *svc, char code[25]) {
    uint8_t random[CODE_CHARS];
    uint8_t hash[LK_SHA256_LEN];
    int err = lk_random(random, sizeof(random));
    size_t at = 0;
    for (size_t i = 0; i < sizeof(random); i++) {
        if (i > 0 && i % CODE_GROUP == 0) {
            code[at++] = '-';
        }
        code[at++] = alphabet[random[i] % 32];
    }
    code[at] = '\0';
    lk_wipe(random, sizeof(random));
    if (err == 0) {
        err = hash_code((struct lk_str){code, at}, hash);
    }
    if (err == 0) {
        err = lk_store_write(svc->store, write_code, hash);
    }
    if (err != 0) {
        lk_wipe(code, 25);
    }
    return err;
}

int lk_setup_check(struct lk_service *svc, struct lk_str code, uint8_t hash[LK_SHA256_LEN]) {
    struct lk_txn *txn;
    struct lk_str stored;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = waiting(txn, &stored);
    if (err == LK_ERR_NOT_FOUND) {
        err = LK_ERR_EXISTS;
    }
    if (err == 0) {
        err = hash_code(code, hash);
    }
    if (err == 0 && !lk_equal_ct(stored.ptr, hash, LK_SHA256_LEN)) {
        err = LK_ERR_DENIED;
    }
    lk_store_read_end(txn);
    return err;
}
