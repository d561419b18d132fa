#include "crypto/password.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/crypto.h"

#define HASH_LEN 32
#define SALT_MAX 64

static const struct lk_str algorithm = {"pbkdf2_sha256", 13};

struct encoded {
    uint32_t iterations;
    struct lk_str salt;
    uint8_t hash[HASH_LEN];
};

/* Takes the part before the next '$' off *s. False when there is none. */
static bool next_part(struct lk_str *s, struct lk_str *part) {
    size_t at = lk_str_find(*s, '$');
    if (at == s->len) {
        return false;
    }
    *part = lk_str_sub(*s, 0, at);
    *s = lk_str_sub(*s, at + 1, s->len);
    return true;
}

static int parse(struct lk_str s, struct encoded *e) {
    struct lk_str name, count;
    uint64_t iterations = 0;
    size_t len = 0;
    if (s.len > LK_PASSWORD_HASH_MAX || !next_part(&s, &name)) {
        return LK_ERR_INVALID;
    }
    if (!lk_str_eq(name, algorithm)) {
        return LK_ERR_UNSUPPORTED;
    }
    if (!next_part(&s, &count) || lk_str_to_u64(count, LK_PBKDF2_ITERATIONS_MAX, &iterations) != 0 ||
        iterations == 0) {
        return LK_ERR_INVALID;
    }
    if (!next_part(&s, &e->salt) || e->salt.len == 0 || e->salt.len > SALT_MAX) {
        return LK_ERR_INVALID;
    }
    if (lk_base64_decode(s, e->hash, HASH_LEN, &len) != 0 || len != HASH_LEN) {
        return LK_ERR_INVALID;
    }
    e->iterations = (uint32_t)iterations;
    return 0;
}

int lk_password_make(struct lk_str password, uint32_t iterations, char out[LK_PASSWORD_HASH_MAX + 1]) {
    char salt[LK_PASSWORD_SALT_LEN];
    uint8_t hash[HASH_LEN];
    struct lk_buf b;
    if (password.len > LK_PASSWORD_MAX_BYTES) {
        return LK_ERR_TOO_LARGE;
    }
    int err = lk_random_alnum(salt, sizeof(salt));
    if (err == 0) {
        err = lk_pbkdf2_sha256(password, (struct lk_str){salt, sizeof(salt)}, iterations, hash);
    }
    if (err == 0) {
        lk_buf_init(&b, out, LK_PASSWORD_HASH_MAX + 1);
        lk_buf_put_str(&b, algorithm);
        lk_buf_put_char(&b, '$');
        lk_buf_put_u64(&b, iterations);
        lk_buf_put_char(&b, '$');
        lk_buf_put(&b, salt, sizeof(salt));
        lk_buf_put_char(&b, '$');
        lk_buf_put_base64(&b, hash, sizeof(hash));
        err = lk_buf_end_cstr(&b);
    }
    lk_wipe(hash, sizeof(hash));
    return err == 0 ? (int)b.len : err;
}

int lk_password_check(struct lk_str password, struct lk_str encoded) {
    struct encoded e;
    uint8_t hash[HASH_LEN];
    if (lk_str_starts(encoded, LK_STR("!"))) {
        return LK_ERR_MISMATCH;
    }
    int err = parse(encoded, &e);
    if (err == 0) {
        err = lk_pbkdf2_sha256(password, e.salt, e.iterations, hash);
    }
    if (err == 0 && !lk_equal_ct(hash, e.hash, HASH_LEN)) {
        err = LK_ERR_MISMATCH;
    }
    lk_wipe(hash, sizeof(hash));
    lk_wipe(&e, sizeof(e));
    return err;
}

uint32_t lk_password_iterations(struct lk_str encoded) {
    struct encoded e;
    uint32_t iterations = parse(encoded, &e) == 0 ? e.iterations : 0;
    lk_wipe(&e, sizeof(e));
    return iterations;
}

void lk_password_check_nobody(struct lk_str password, uint32_t iterations) {
    static const char salt[LK_PASSWORD_SALT_LEN + 1] = "0000000000000000000000";
    uint8_t hash[HASH_LEN];
    (void)lk_pbkdf2_sha256(password, (struct lk_str){salt, LK_PASSWORD_SALT_LEN}, iterations, hash);
    lk_wipe(hash, sizeof(hash));
}
