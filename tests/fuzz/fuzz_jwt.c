/* Tokens: the input as a token, as the claims of one that we sign, and as its header. */
#include "fuzz.h"

#include "base/text.h"
#include "jwt/json.h"
#include "jwt/latchkey_jwt.h"

static const struct lk_jwt_key ring[2] = {
    {.secret = "0123456789abcdef0123456789abcdef", .secret_len = 32, .kid = "one"},
    {.secret = "fedcba9876543210fedcba9876543210", .secret_len = 32, .kid = "two"},
};
static const struct lk_jwt_keys keys = {ring, 2};

static int verify(const char *token, size_t len) {
    static const char *const names[] = {"user_id", "sid", "jti", "token_type", "exp", "scope"};
    const struct lk_jwt_options options = {.now = 1700000000};
    char mem[LK_JWT_SIZE_MAX];
    struct lk_jwt jwt;
    int err = lk_jwt_verify(&keys, token, len, &options, mem, sizeof(mem), &jwt);
    for (size_t i = 0; err == 0 && i < sizeof(names) / sizeof(*names); i++) {
        struct lk_jwt_value v;
        if (lk_jwt_claim(&jwt, names[i], &v) == 0 && v.type == LK_JWT_STRING) {
            MUST(v.text_len <= LK_JWT_CLAIM_MAX && v.text[v.text_len] == '\0' &&
                 strlen(v.text) == v.text_len);
        }
        (void)lk_jwt_claim_has(&jwt, names[i], "x");
    }
    return err;
}

/* What we sign, we take: its signature and its form can never be what is wrong with it. */
static void fuzz_claims(const char *claims, size_t len) {
    char token[LK_JWT_SIZE_MAX];
    int n = lk_jwt_sign(&keys, claims, len, token, sizeof(token));
    if (n < 0) {
        return;
    }
    int err = verify(token, (size_t)n);
    MUST(err == 0 || err == LK_JWT_EXPIRED || err == LK_JWT_NOT_YET || err == LK_JWT_BAD_CLAIM);
    /* One character of the payload or the signature changed: nobody's token. */
    size_t dot = lk_str_find((struct lk_str){token, (size_t)n}, '.');
    size_t at = dot + 1 + len % ((size_t)n - dot - 1);
    token[at] = token[at] == 'A' ? 'B' : 'A';
    MUST(verify(token, (size_t)n) != 0);
}

/* A header of any form, signed or not, over a payload of nothing. */
static void fuzz_header(const char *header, size_t len) {
    char token[LK_JWT_SIZE_MAX];
    struct lk_buf b;
    lk_buf_init(&b, token, sizeof(token));
    lk_buf_put_base64url(&b, header, len);
    lk_buf_put_cstr(&b, ".e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    if (b.err == 0) {
        MUST(verify(token, b.len) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    MUST(verify(copy, size) != 0);
    fuzz_claims(copy, size);
    fuzz_header(copy, size);
    free(copy);
    return 0;
}
