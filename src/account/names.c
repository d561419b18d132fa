#include "account/names.h"

#include "base/text.h"
#include "crypto/crypto.h"

#include <string.h>

#define FOLDED_MAX 640   /* folding makes some letters two */
#define FOREIGN_MAX 1280 /* and Punycode writes a label of one letter with seven */

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

/* What stands before the domain, with the '@'. */
static struct lk_str local_part(struct lk_str email) {
    size_t at = email.len;
    while (at > 0 && email.ptr[at - 1] != '@') {
        at--;
    }
    return lk_str_sub(email, 0, at);
}

static void put_lower(struct lk_buf *b, struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        lk_buf_put_char(b, lower(s.ptr[i]));
    }
}

__attribute__((noinline)) static int foreign_key(struct lk_str local, struct lk_str domain,
                                                 struct lk_name_key *key) {
    char folded[FOLDED_MAX];
    char mem[FOREIGN_MAX];
    struct lk_buf f;
    struct lk_buf b;
    lk_buf_init(&f, folded, sizeof(folded));
    lk_buf_init(&b, mem, sizeof(mem));
    put_lower(&b, local);
    int err = lk_casefold(&f, domain);
    if (err == 0) {
        err = lk_domain_put(&b, lk_buf_str(&f));
    }
    return err != 0 ? err : make_key(lk_buf_str(&b), key);
}

int lk_email_key(struct lk_str email, struct lk_name_key *key) {
    char mem[LK_EMAIL_BYTES_MAX];
    struct lk_buf b;
    struct lk_str local = local_part(email);
    struct lk_str domain = lk_str_sub(email, local.len, email.len);
    if (email.len > sizeof(mem)) {
        return LK_ERR_TOO_LARGE;
    }
    if (local.len > 0 && !lk_is_ascii(domain)) {
        return foreign_key(local, domain, key);
    }
    lk_buf_init(&b, mem, sizeof(mem));
    put_lower(&b, email);
    return make_key(lk_buf_str(&b), key);
}

bool lk_email_same(struct lk_str a, struct lk_str b) {
    struct lk_name_key x;
    struct lk_name_key y;
    return lk_email_key(a, &x) == 0 && lk_email_key(b, &y) == 0 &&
           lk_str_eq(lk_name_key_str(&x), lk_name_key_str(&y));
}

int lk_index_key(enum lk_table table, struct lk_str name, struct lk_name_key *key) {
    return table == LK_TABLE_BY_EMAIL ? lk_email_key(name, key) : lk_username_key(name, key);
}

int lk_username_put(struct lk_buf *b, struct lk_str username) {
    int err = lk_nfkc(b, username);
    return err != 0 ? err : b->err;
}

void lk_email_put(struct lk_buf *b, struct lk_str email) {
    struct lk_str local = local_part(email);
    lk_buf_put_str(b, local);
    put_lower(b, lk_str_sub(email, local.len, email.len));
}
