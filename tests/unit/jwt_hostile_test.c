/*
 * Tokens that must be refused, by name of the refusal, and tokens damaged at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "jwt/json.h"
#include "jwt_testing.h"

#define PLAIN LK_STR("{\"alg\":\"HS256\"}")

static void test_algorithms(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS256 \"}",
        "{\"alg\":\"\"}",
        "{\"alg\":null}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":{\"HS256\":1}}",
        "{\"typ\":\"JWT\"}",
        "{\"Alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
        "{\"alg\":\"HS256\",\"crit\":[]}",
        "{}",
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        assert_int_equal(jwt_try(lk_str_from(headers[i]), LK_STR("{}")), LK_JWT_BAD_ALGORITHM);
    }
    assert_int_equal(jwt_try(PLAIN, LK_STR("{}")), 0);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"typ\":1}"), LK_STR("{}")), LK_JWT_MALFORMED);
}

static void test_repeated_names(void **state) {
    (void)state;
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"none\",\"alg\":\"HS256\"}"), LK_STR("{}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"kid\":\"k0\",\"kid\":\"k1\"}"), LK_STR("{}")),
                     LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(PLAIN, LK_STR("{\"exp\":1,\"exp\":1700009999}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(PLAIN, LK_STR("{\"sub\":\"a\",\"s\\u0075b\":\"b\"}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(PLAIN, LK_STR("{\"a\":{\"b\":1},\"c\":{\"b\":2}}")), 0);
}

static void test_bad_json(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "[]",
        "1",
        "\"x\"",
        "null",
        "{",
        "}",
        "{}}",
        "{}x",
        "{},",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":'x'}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":-}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":truex}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\ud800x\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\\u0000\":1}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xc0\x80\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"\xe2\x82\":1}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":1/**/}",
        "\xef\xbb\xbf{}",
        "{\"a\":1}\x0b",
        "{\"a\":\"\\",
        "{\"a\":\"\\u",
        "{\"a\":-01}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(jwt_try(PLAIN, lk_str_from(bad[i])), LK_JWT_MALFORMED);
        assert_int_equal(jwt_try(lk_str_from(bad[i]), LK_STR("{}")), LK_JWT_MALFORMED);
    }
    assert_int_equal(jwt_try(PLAIN, LK_STR("{}\0")), LK_JWT_MALFORMED);
    assert_int_equal(jwt_try(PLAIN, LK_STR("{\"a\0b\":1}")), LK_JWT_MALFORMED);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\0\"}"), LK_STR("{}")), LK_JWT_MALFORMED);
}

static int try_nested(unsigned depth, char open, char close) {
    static char payload[4096];
    struct lk_buf b;
    lk_buf_init(&b, payload, sizeof(payload));
    lk_buf_put_cstr(&b, "{\"a\":");
    for (unsigned i = 1; i < depth; i++) {
        lk_buf_put_char(&b, open);
        lk_buf_put_cstr(&b, open == '{' && i + 1 < depth ? "\"a\":" : "");
    }
    for (unsigned i = 1; i < depth && close != '\0'; i++) {
        lk_buf_put_char(&b, close);
    }
    lk_buf_put_cstr(&b, depth == 1 ? "1}" : "}");
    assert_int_equal(b.err, 0);
    return jwt_try(PLAIN, lk_buf_str(&b));
}

static void test_nesting(void **state) {
    (void)state;
    assert_int_equal(try_nested(1, '[', ']'), 0);
    assert_int_equal(try_nested(LK_JSON_DEPTH_MAX, '[', ']'), 0);
    assert_int_equal(try_nested(LK_JSON_DEPTH_MAX + 1, '[', ']'), LK_JWT_MALFORMED);
    assert_int_equal(try_nested(LK_JSON_DEPTH_MAX, '{', '}'), 0);
    assert_int_equal(try_nested(LK_JSON_DEPTH_MAX + 1, '{', '}'), LK_JWT_MALFORMED);
    assert_int_equal(try_nested(1300, '[', '\0'), LK_JWT_MALFORMED);
}

static int try_members(unsigned count) {
    static char payload[2048];
    struct lk_buf b;
    lk_buf_init(&b, payload, sizeof(payload));
    for (unsigned i = 0; i < count; i++) {
        lk_buf_put_cstr(&b, i == 0 ? "{\"n" : ",\"n");
        lk_buf_put_u64(&b, i);
        lk_buf_put_cstr(&b, "\":1");
    }
    lk_buf_put_char(&b, '}');
    return jwt_try(PLAIN, lk_buf_str(&b));
}

static void test_member_count(void **state) {
    (void)state;
    assert_int_equal(try_members(LK_JSON_MEMBERS_MAX), 0);
    assert_int_equal(try_members(LK_JSON_MEMBERS_MAX + 1), LK_JWT_MALFORMED);
}

/* A good token to bend. */
static size_t good(char token[256]) {
    return jwt_forge(LK_STR("{\"alg\":\"HS256\",\"kid\":\"k1\"}"), LK_STR("{\"exp\":1700000300}"), token,
                     256);
}

static void test_shapes(void **state) {
    (void)state;
    static const char *const bad[] = {"",      ".",       "..",       "...",   "a",     "a.b",
                                      "a.b.c", "e30.e30", "e30.e30.", ".e30.", "e30..", "Bearer e30.e30.e30"};
    struct lk_jwt jwt;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        int err = jwt_check(bad[i], strlen(bad[i]), &jwt);
        /* {} is a JSON object that names no algorithm. */
        bool empty_object = strncmp(bad[i], "e30.", 4) == 0 && strchr(bad[i] + 4, '.') != NULL;
        assert_int_equal(err, empty_object ? LK_JWT_BAD_ALGORITHM : LK_JWT_MALFORMED);
    }
}

static void test_bent_text(void **state) {
    (void)state;
    char token[256], bent[260];
    struct lk_jwt jwt;
    size_t len = good(token);
    assert_int_equal(jwt_check(token, len, &jwt), 0);
    static const char *const tails[] = {"=", "==", "\n", " ", ".", "\0", "A"};
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        size_t more = tails[i][0] == '\0' ? 1 : strlen(tails[i]);
        memcpy(bent, token, len);
        memcpy(bent + len, tails[i], more);
        int err = jwt_check(bent, len + more, &jwt);
        assert_true(err == LK_JWT_MALFORMED || err == LK_JWT_BAD_SIGNATURE);
        memcpy(bent, tails[i], more);
        memcpy(bent + more, token, len);
        assert_int_equal(jwt_check(bent, len + more, &jwt), LK_JWT_MALFORMED);
    }
    /* 32 bytes are 43 digits, the last with two spare bits: setting one names the same bytes in another
       way. */
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t value = (size_t)(strchr(digits, token[len - 1]) - digits);
    memcpy(bent, token, len);
    bent[len - 1] = digits[value | 1];
    assert_int_equal(jwt_check(bent, len, &jwt), LK_JWT_MALFORMED);
}

/* Every single bit of a token matters. */
static void test_bit_flips(void **state) {
    (void)state;
    char token[256];
    struct lk_jwt jwt;
    size_t len = good(token);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        token[bit / 8] = (char)(token[bit / 8] ^ (1 << bit % 8));
        assert_true(jwt_check(token, len, &jwt) < 0);
        token[bit / 8] = (char)(token[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t shorter = 0; shorter < len; shorter++) {
        assert_true(jwt_check(token, shorter, &jwt) < 0);
    }
    assert_int_equal(jwt_check(token, len, &jwt), 0);
}

static void test_oversize(void **state) {
    (void)state;
    static char payload[1600], token[4096], mem[LK_JWT_SIZE_MAX];
    const struct lk_jwt_options options = {.now = JWT_NOW};
    struct lk_jwt jwt;
    memset(payload, ' ', sizeof(payload));
    payload[0] = '{';
    payload[sizeof(payload) - 1] = '}';
    assert_int_equal(jwt_try(PLAIN, (struct lk_str){payload, sizeof(payload)}), LK_JWT_TOO_LARGE);
    size_t len = good(token);
    assert_int_equal(lk_jwt_verify(&jwt_two_keys, token, len, &options, mem, 25, &jwt), LK_JWT_TOO_LARGE);
    assert_int_equal(lk_jwt_verify(&jwt_two_keys, token, len, &options, mem, 26, &jwt), 0);
    assert_int_equal(lk_jwt_verify(&jwt_two_keys, token, len, &options, mem, 0, &jwt), LK_JWT_TOO_LARGE);
}

static void test_short_signatures(void **state) {
    (void)state;
    char token[256];
    struct lk_jwt jwt;
    size_t len = good(token);
    assert_int_equal(jwt_check(token, len - 43, &jwt), LK_JWT_BAD_SIGNATURE);
    assert_int_equal(jwt_check(token, len - 3, &jwt), LK_JWT_BAD_SIGNATURE);
    memset(token + len, 'A', 43);
    assert_int_equal(jwt_check(token, len + 43, &jwt), LK_JWT_BAD_SIGNATURE);
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Damaged JSON is walked, looked up and taken or refused, and nothing else happens. */
static void test_random_json(void **state) {
    (void)state;
    static const char sample[] =
        "{\"a\":\"x\\u00e9\\ud83d\\ude00\",\"exp\":170,\"b\":[1,-2.5e3,true,null,{}],\"k\":{\"a\":[]}}";
    static const char alphabet[] = "{}[]\":,\\u0123456789eE+-.tfn \t\x01\x80\xc3\xed\xf0\xff";
    uint32_t seed = 7515;
    unsigned taken = 0;
    for (int i = 0; i < 200000; i++) {
        size_t len = next_random(&seed) % sizeof(sample);
        char *text = malloc(len == 0 ? 1 : len);
        assert_non_null(text);
        memcpy(text, sample + (sizeof(sample) - 1 - len) * (next_random(&seed) % 2), len);
        if (i % 16 == 0) {
            free(text);
            len = sizeof(sample) - 1;
            text = malloc(len);
            assert_non_null(text);
            memcpy(text, sample, len);
        }
        for (uint32_t n = next_random(&seed) % 3; n > 0 && len > 0; n--) {
            text[next_random(&seed) % len] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        }
        struct lk_str object = {text, len};
        if (lk_json_check_object(object) == 0) {
            struct lk_jwt jwt = {.payload = text, .payload_len = len};
            struct lk_jwt_value value;
            assert_int_equal(lk_jwt_claim(&jwt, "a", &value), 0);
            (void)lk_jwt_claim_has(&jwt, "b", "x");
            taken++;
        }
        free(text);
    }
    assert_in_range(taken, 1000, 100000);
}

static void test_random_tokens(void **state) {
    (void)state;
    static const char alphabet[] = "eyJhbGciOiJIUzI1NiJ9..-_AZ09= \x00\xff";
    uint32_t seed = 7519;
    for (int i = 0; i < 100000; i++) {
        char token[256];
        struct lk_jwt jwt;
        size_t len = good(token);
        uint32_t start = next_random(&seed) % (uint32_t)len, span = 1 + next_random(&seed) % 8;
        if (i % 4 == 0) {
            start = 0;
            span = (uint32_t)(len = next_random(&seed) % 128);
        }
        bool same = true;
        for (uint32_t j = start; j < start + span && j < len; j++) {
            char c = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
            same = same && token[j] == c;
            token[j] = c;
        }
        int err = jwt_check(token, len, &jwt);
        assert_true(same && i % 4 != 0 ? err == 0 : err < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_algorithms),   cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_bad_json),     cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_member_count), cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_bent_text),    cmocka_unit_test(test_bit_flips),
        cmocka_unit_test(test_oversize),     cmocka_unit_test(test_short_signatures),
        cmocka_unit_test(test_random_json),  cmocka_unit_test(test_random_tokens),
    };
    jwt_make_two_keys();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
