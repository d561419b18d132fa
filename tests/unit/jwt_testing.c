#include "jwt_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "jwt/hs256.h"

static struct lk_jwt_key keys[2];
struct lk_jwt_keys jwt_two_keys = {keys, 2};

struct lk_jwt_key jwt_key(const char *secret, size_t len, const char *kid) {
    struct lk_jwt_key key = {.secret_len = len};
    assert_in_range(len, 0, LK_JWT_KEY_MAX);
    assert_in_range(strlen(kid), 0, LK_JWT_KID_MAX);
    memcpy(key.secret, secret, len);
    memcpy(key.kid, kid, strlen(kid));
    return key;
}

void jwt_make_two_keys(void) {
    keys[0] = jwt_key("the current key, 32 bytes of it.", 32, "k1");
    keys[1] = jwt_key("the key before, thirty-two bytes", 32, "k0");
}

size_t jwt_forge(struct lk_str header, struct lk_str payload, char *out, size_t cap) {
    uint8_t mac[LK_HS256_LEN];
    struct lk_buf b;
    lk_buf_init(&b, out, cap);
    lk_buf_put_base64url(&b, header.ptr, header.len);
    lk_buf_put_char(&b, '.');
    lk_buf_put_base64url(&b, payload.ptr, payload.len);
    assert_int_equal(lk_hs256_sign(&keys[0], lk_buf_str(&b), mac), 0);
    lk_buf_put_char(&b, '.');
    lk_buf_put_base64url(&b, mac, sizeof(mac));
    assert_int_equal(b.err, 0);
    return b.len;
}

int jwt_check(const char *token, size_t len, struct lk_jwt *jwt) {
    static char mem[LK_JWT_SIZE_MAX];
    const struct lk_jwt_options options = {.now = JWT_NOW};
    /* A copy on the heap, so that a sanitizer sees a read past the token's end. */
    char *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, token, len);
    int err = lk_jwt_verify(&jwt_two_keys, copy, len, &options, mem, sizeof(mem), jwt);
    free(copy);
    return err;
}

int jwt_try(struct lk_str header, struct lk_str payload) {
    static char token[16384];
    struct lk_jwt jwt;
    size_t len = jwt_forge(header, payload, token, sizeof(token));
    return jwt_check(token, len, &jwt);
}
