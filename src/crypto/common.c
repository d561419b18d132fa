/*
 * The blocklist: the 3 000 commonest passwords, sorted and front-coded at build from common_passwords.txt. An
 * entry is one byte, (bytes shared with the entry before) << 4 | (bytes that follow) - 1, then those bytes.
 */
#include "crypto/crypto.h"
#include "crypto/password.h"

#define ENTRY_MAX 16 /* the longest entry; the generator refuses a longer one */

static const uint8_t table[] = {
#include "common_passwords.inc"
};

/* Bytes of `s` from `at` that agree with the `len` bytes of `tail`. */
static size_t agreeing(const char *s, size_t s_len, size_t at, const uint8_t *tail, size_t len) {
    size_t n = 0;
    while (n < len && at + n < s_len && (uint8_t)s[at + n] == tail[n]) {
        n++;
    }
    return n;
}

/* A walk through all of it takes some 10 µs: nothing beside the hash that follows. */
static bool in_table(const char *s, size_t len) {
    size_t agreed = 0; /* leading bytes of `s` that the entry before has too */
    for (size_t i = 0; i < sizeof(table);) {
        size_t shared = table[i] >> 4;
        size_t more = (table[i] & 15u) + 1;
        if (shared < agreed) {
            return false; /* sorted: all that follow are greater */
        }
        if (shared == agreed) {
            agreed += agreeing(s, len, shared, table + i + 1, more);
            if (agreed == len && shared + more == len) {
                return true;
            }
        }
        i += 1 + more;
    }
    return false;
}

bool lk_password_is_common(struct lk_str password) {
    char lower[ENTRY_MAX];
    if (password.len > ENTRY_MAX) {
        return false;
    }
    for (size_t i = 0; i < password.len; i++) {
        char c = password.ptr[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    bool common = in_table(lower, password.len);
    lk_wipe(lower, sizeof(lower));
    return common;
}
