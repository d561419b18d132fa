#include "account/names.h"

#include "base/text.h"
#include "crypto/crypto.h"

#include <string.h>

struct lk_str lk_name_key_str(const struct lk_name_key *k) {
    return (struct lk_str){(const char *)k->bytes, k->len};
}

/* 0xFF stands in no UTF-8 text, so that a hash is never taken for a name. */
static int make_key(struct lk_str name, struct lk_name_key *key) {
    if (name.len == 0) {
        return LK_ERR_INVALID;
    }
    if (name.len < sizeof(key->bytes)) {
        memcpy(key->bytes, name.ptr, name.len);
        key->len = name.len;
        return 0;
    }
    key->bytes[0] = 0xFF;
    key->len = 1 + LK_SHA256_LEN;
    return lk_sha256(name.ptr, name.len, key->bytes + 1);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int lk_username_key(struct lk_str username, struct lk_name_key *key) {
    char mem[LK_USERNAME_BYTES_MAX];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    int err = lk_username_put(&b, username);
    return err != 0 ? err : make_key(lk_buf_str(&b), key);
}

int lk_email_key(struct lk_str email, struct lk_name_key *key) {
    char mem[LK_EMAIL_BYTES_MAX];
    if (email.len > sizeof(mem)) {
        return LK_ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < email.len; i++) {
        mem[i] = lower(email.ptr[i]);
    }
    return make_key((struct lk_str){mem, email.len}, key);
}

int lk_index_key(enum lk_table table, struct lk_str name, struct lk_name_key *key) {
    return table == LK_TABLE_BY_EMAIL ? lk_email_key(name, key) : lk_username_key(name, key);
}

int lk_username_put(struct lk_buf *b, struct lk_str username) {
    int err = lk_nfkc(b, username);
    return err != 0 ? err : b->err;
}

void lk_email_put(struct lk_buf *b, struct lk_str email) {
    size_t at = email.len;
    while (at > 0 && email.ptr[at - 1] != '@') {
        at--;
    }
    lk_buf_put_str(b, lk_str_sub(email, 0, at));
    for (size_t i = at; i < email.len; i++) {
        lk_buf_put_char(b, lower(email.ptr[i]));
    }
}
