/*
 * Tokens as they should be: the RFC's, SimpleJWT's, ours; keys, dates, claims.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "jwt_testing.h"

/* RFC 7515 appendix A.1: white space and line ends within header and payload. */
static void test_rfc7515_a1(void **state) {
    (void)state;
    static const char token[] =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    struct lk_str secret =
        LK_STR("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    struct lk_jwt_key key = {.kid = ""};
    struct lk_jwt_keys keys = {&key, 1};
    struct lk_jwt_options options = {.now = 1300819379};
    struct lk_jwt_value value;
    struct lk_jwt jwt;
    char mem[256];
    assert_int_equal(lk_base64url_decode(secret, key.secret, sizeof(key.secret), &key.secret_len), 0);
    assert_int_equal(lk_jwt_verify(&keys, token, strlen(token), &options, mem, sizeof(mem), &jwt), 0);
    assert_true(jwt.has_exp);
    assert_true(jwt.exp == 1300819380);
    assert_int_equal(lk_jwt_claim(&jwt, "iss", &value), 0);
    assert_string_equal(value.text, "joe");
    assert_int_equal(lk_jwt_claim(&jwt, "http://example.com/is_root", &value), 0);
    assert_int_equal(value.type, LK_JWT_BOOL);
    assert_int_equal(value.integer, 1);
    options.now = 1300819380;
    assert_int_equal(lk_jwt_verify(&keys, token, strlen(token), &options, mem, sizeof(mem), &jwt),
                     LK_JWT_EXPIRED);
}

/* Made by SimpleJWT. The same claims signed here give the same bytes. */
static void test_simplejwt(void **state) {
    (void)state;
    static const char token[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                                "eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzAwMDAwMzAwLCJpYXQiOjE3MDAwMDAw"
                                "MDAsImp0aSI6IjAwMTEyMjMzNDQ1NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIiwidXNlcl9pZCI6MX0."
                                "vQPm9ldSBoGXDSAyv9NejVrPpiz6snmUqD"
                                "6pF2xpHZI";
    static const char claims[] = "{\"token_type\":\"access\",\"exp\":1700000300,\"iat\":1700000000,"
                                 "\"jti\":\"00112233445566778899aabbccddeeff\",\"user_id\":1}";
    static const char secret[] = "h3-reference-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz";
    struct lk_jwt_key key = jwt_key(secret, strlen(secret), "");
    struct lk_jwt_keys keys = {&key, 1};
    const struct lk_jwt_options options = {.now = JWT_NOW};
    struct lk_jwt_value value;
    struct lk_jwt jwt;
    char mem[512], made[512];
    assert_int_equal(lk_jwt_verify(&keys, token, strlen(token), &options, mem, sizeof(mem), &jwt), 0);
    assert_true(jwt.iat == 1700000000);
    assert_int_equal(lk_jwt_claim(&jwt, "user_id", &value), 0);
    assert_int_equal(value.type, LK_JWT_INTEGER);
    assert_int_equal(value.integer, 1);
    assert_int_equal(lk_jwt_sign(&keys, claims, strlen(claims), made, sizeof(made)), (int)strlen(token));
    assert_memory_equal(made, token, strlen(token));
}

static void test_keys_by_kid(void **state) {
    (void)state;
    struct lk_jwt_key key[2] = {jwt_two_keys.keys[1], jwt_two_keys.keys[0]};
    struct lk_jwt_keys old_first = {key, 2}, none = {key, 0};
    char token[256];
    struct lk_jwt jwt;
    int len = lk_jwt_sign(&old_first, "{}", 2, token, sizeof(token));
    assert_true(len > 0);
    assert_int_equal(jwt_check(token, (size_t)len, &jwt), 0);
    assert_int_equal(jwt.key_index, 1);
    /* Without a kid the current key alone is tried. */
    key[0].kid[0] = '\0';
    len = lk_jwt_sign(&old_first, "{}", 2, token, sizeof(token));
    assert_int_equal(jwt_check(token, (size_t)len, &jwt), LK_JWT_BAD_SIGNATURE);
    key[1].kid[0] = '\0';
    old_first.keys = key + 1;
    len = lk_jwt_sign(&old_first, "{}", 2, token, sizeof(token));
    assert_int_equal(jwt_check(token, (size_t)len, &jwt), 0);
    assert_int_equal(jwt.key_index, 0);
    assert_int_equal(lk_jwt_sign(&none, "{}", 2, token, sizeof(token)), LK_JWT_BAD_KEY);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"kid\":\"k0\"}"), LK_STR("{}")),
                     LK_JWT_BAD_SIGNATURE);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"kid\":\"k2\"}"), LK_STR("{}")), LK_JWT_BAD_KEY);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"kid\":\"\"}"), LK_STR("{}")), LK_JWT_BAD_KEY);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"kid\":1}"), LK_STR("{}")), LK_JWT_BAD_KEY);
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\",\"kid\":\"\\u006b1\"}"), LK_STR("{}")), 0);
}

static void test_key_lengths(void **state) {
    (void)state;
    static const char secret[LK_JWT_KEY_MAX] = "x";
    struct lk_jwt_key key = jwt_key(secret, LK_JWT_KEY_MAX, "");
    struct lk_jwt_keys keys = {&key, 1};
    const struct lk_jwt_options options = {.now = JWT_NOW};
    struct lk_jwt jwt;
    char token[256], mem[256];
    static const size_t bad[] = {0, LK_JWT_KEY_MIN - 1, LK_JWT_KEY_MAX + 1};
    int len = lk_jwt_sign(&keys, "{}", 2, token, sizeof(token));
    assert_int_equal(lk_jwt_verify(&keys, token, (size_t)len, &options, mem, sizeof(mem), &jwt), 0);
    for (size_t i = 0; i < 3; i++) {
        key.secret_len = bad[i];
        assert_int_equal(lk_jwt_sign(&keys, "{}", 2, token, sizeof(token)), LK_JWT_BAD_KEY);
        assert_int_equal(lk_jwt_verify(&keys, token, (size_t)len, &options, mem, sizeof(mem), &jwt),
                         LK_JWT_BAD_KEY);
    }
}

static int try_dates(const char *payload, int64_t now, int64_t leeway) {
    char token[512], mem[512];
    struct lk_jwt jwt;
    const struct lk_jwt_options options = {now, leeway};
    size_t len = jwt_forge(LK_STR("{\"alg\":\"HS256\"}"), lk_str_from(payload), token, sizeof(token));
    return lk_jwt_verify(&jwt_two_keys, token, len, &options, mem, sizeof(mem), &jwt);
}

static void test_dates(void **state) {
    (void)state;
    assert_int_equal(try_dates("{\"exp\":100}", 99, 0), 0);
    assert_int_equal(try_dates("{\"exp\":100}", 100, 0), LK_JWT_EXPIRED);
    assert_int_equal(try_dates("{\"exp\":100}", 109, 10), 0);
    assert_int_equal(try_dates("{\"exp\":100}", 110, 10), LK_JWT_EXPIRED);
    assert_int_equal(try_dates("{\"nbf\":100}", 100, 0), 0);
    assert_int_equal(try_dates("{\"nbf\":100}", 99, 0), LK_JWT_NOT_YET);
    assert_int_equal(try_dates("{\"nbf\":100}", 99, 1), 0);
    assert_int_equal(try_dates("{\"iat\":100}", 100, 0), 0);
    assert_int_equal(try_dates("{\"iat\":100}", 98, 1), LK_JWT_NOT_YET);
    assert_int_equal(try_dates("{}", 0, 0), 0);
    assert_int_equal(try_dates("{\"exp\":-1}", 0, 0), LK_JWT_EXPIRED);
    assert_int_equal(try_dates("{\"exp\":9223372036854775807}", INT64_MAX - 1, INT64_MAX), 0);
    assert_int_equal(try_dates("{\"exp\":0}", INT64_MIN, INT64_MAX), 0);
    assert_int_equal(try_dates("{\"nbf\":9223372036854775807}", INT64_MAX, INT64_MAX), 0);
}

static void test_date_types(void **state) {
    (void)state;
    static const char *const names[] = {"exp", "nbf", "iat"};
    static const char *const values[] = {
        "\"1700000300\"", "1700000300.0", "1.7000003e9",  "17000003000000000000000",
        "true",           "null",         "[1700000300]", "{}"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < sizeof(values) / sizeof(*values); j++) {
            char payload[80];
            struct lk_buf b;
            lk_buf_init(&b, payload, sizeof(payload));
            lk_buf_put_cstr(&b, "{\"");
            lk_buf_put_cstr(&b, names[i]);
            lk_buf_put_cstr(&b, "\":");
            lk_buf_put_cstr(&b, values[j]);
            lk_buf_put_cstr(&b, "}");
            assert_int_equal(lk_buf_end_cstr(&b), 0);
            assert_int_equal(try_dates(payload, JWT_NOW, 0), LK_JWT_BAD_CLAIM);
        }
    }
}

static void test_registered_types(void **state) {
    (void)state;
    struct lk_str header = LK_STR("{\"alg\":\"HS256\"}");
    assert_int_equal(jwt_try(header, LK_STR("{\"iss\":1}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(header, LK_STR("{\"sub\":1}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(header, LK_STR("{\"jti\":null}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(header, LK_STR("{\"aud\":1}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(header, LK_STR("{\"aud\":[\"a\",1]}")), LK_JWT_BAD_CLAIM);
    assert_int_equal(jwt_try(header, LK_STR("{\"aud\":[\"a\",\"b\"],\"sub\":\"\",\"user_id\":1}")), 0);
}

static void test_claims(void **state) {
    (void)state;
    static const char payload[] =
        " { \"s\" : \"\\u00e9\\ud83d\\ude00\\n\\/\" , "
        "\"i\":-42,\"z\":-0,\"n\":1.5e3,\"b\":false,\"o\":{\"s\":\"no\"},"
        "\"aud\":[\"one\",\"tw\\u006f\"],\"nul\":null,\"big\":9223372036854775808,\"\\u006b\":\"esc\" } ";
    struct lk_jwt jwt = {.payload = payload, .payload_len = strlen(payload)};
    struct lk_jwt_value v;
    assert_int_equal(jwt_try(LK_STR("{\"alg\":\"HS256\"}"), lk_str_from(payload)), 0);
    assert_int_equal(lk_jwt_claim(&jwt, "s", &v), 0);
    assert_int_equal(v.type, LK_JWT_STRING);
    assert_string_equal(v.text, "\xc3\xa9\xf0\x9f\x98\x80\n/");
    assert_int_equal(v.text_len, 8);
    assert_int_equal(lk_jwt_claim(&jwt, "i", &v), 0);
    assert_int_equal(v.type, LK_JWT_INTEGER);
    assert_true(v.integer == -42);
    static const struct {
        const char *name;
        enum lk_jwt_type type;
    } types[] = {{"z", LK_JWT_INTEGER}, {"n", LK_JWT_NUMBER}, {"b", LK_JWT_BOOL},     {"o", LK_JWT_OBJECT},
                 {"aud", LK_JWT_ARRAY}, {"nul", LK_JWT_NULL}, {"big", LK_JWT_NUMBER}, {"k", LK_JWT_STRING},
                 {"S", LK_JWT_ABSENT},  {"", LK_JWT_ABSENT}};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        assert_int_equal(lk_jwt_claim(&jwt, types[i].name, &v), 0);
        assert_int_equal(v.type, types[i].type);
    }
    const char *const names[] = {"k", "none", "i", "k"};
    struct lk_jwt_value values[4];
    assert_int_equal(lk_jwt_claims(&jwt, names, values, 4), 0);
    assert_string_equal(values[0].text, "esc");
    assert_int_equal(values[1].type, LK_JWT_ABSENT);
    assert_true(values[2].type == LK_JWT_INTEGER && values[2].integer == -42);
    assert_string_equal(values[3].text, "esc");
    assert_true(lk_jwt_claim_has(&jwt, "aud", "one"));
    assert_true(lk_jwt_claim_has(&jwt, "aud", "two"));
    assert_true(lk_jwt_claim_has(&jwt, "k", "esc"));
    assert_false(lk_jwt_claim_has(&jwt, "aud", "tw"));
    assert_false(lk_jwt_claim_has(&jwt, "aud", ""));
    assert_false(lk_jwt_claim_has(&jwt, "i", "-42"));
    assert_false(lk_jwt_claim_has(&jwt, "none", ""));
}

static void test_long_claim(void **state) {
    (void)state;
    char payload[LK_JWT_CLAIM_MAX + 32];
    struct lk_jwt_value v;
    for (size_t len = LK_JWT_CLAIM_MAX; len <= LK_JWT_CLAIM_MAX + 1; len++) {
        struct lk_buf b;
        lk_buf_init(&b, payload, sizeof(payload));
        lk_buf_put_cstr(&b, "{\"a\":\"");
        for (size_t i = 0; i < len; i++) {
            lk_buf_put_char(&b, 'x');
        }
        lk_buf_put_cstr(&b, "\",\"b\":\"yes\"}");
        struct lk_jwt jwt = {.payload = payload, .payload_len = b.len};
        assert_int_equal(lk_jwt_claim(&jwt, "a", &v), len > LK_JWT_CLAIM_MAX ? LK_JWT_BAD_CLAIM : 0);
        assert_int_equal(strlen(v.text), len > LK_JWT_CLAIM_MAX ? 0 : len);
        /* Among others, only the one that is too long is lost. */
        const char *const names[] = {"b", "a"};
        struct lk_jwt_value values[2];
        assert_int_equal(lk_jwt_claims(&jwt, names, values, 2),
                         len > LK_JWT_CLAIM_MAX ? LK_JWT_BAD_CLAIM : 0);
        assert_string_equal(values[0].text, "yes");
        assert_int_equal(values[1].text_len, len > LK_JWT_CLAIM_MAX ? 0 : len);
    }
}

static void test_quote(void **state) {
    (void)state;
    char out[64];
    int len = lk_jwt_quote("a\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9", 14, out, sizeof(out));
    static const char expect[] = "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\"";
    assert_int_equal(len, (int)strlen(expect));
    assert_memory_equal(out, expect, strlen(expect));
    assert_int_equal(lk_jwt_quote("", 0, out, 2), 2);
    assert_int_equal(lk_jwt_quote("", 0, out, 1), LK_JWT_TOO_LARGE);
    assert_int_equal(lk_jwt_quote("\n", 1, out, 3), LK_JWT_TOO_LARGE);
    assert_int_equal(lk_jwt_quote("\xff", 1, out, sizeof(out)), LK_JWT_MALFORMED);
    assert_int_equal(lk_jwt_quote("\0", 1, out, sizeof(out)), LK_JWT_MALFORMED);
}

static void test_sign_bounds(void **state) {
    (void)state;
    static char claims[LK_JWT_SIZE_MAX + 1], out[LK_JWT_SIZE_MAX + 100];
    int len = lk_jwt_sign(&jwt_two_keys, "{\"a\":1}", 7, out, sizeof(out));
    assert_true(len > 0);
    assert_int_equal(lk_jwt_sign(&jwt_two_keys, "{\"a\":1}", 7, out, (size_t)len), len);
    assert_int_equal(lk_jwt_sign(&jwt_two_keys, "{\"a\":1}", 7, out, (size_t)len - 1), LK_JWT_TOO_LARGE);
    assert_int_equal(lk_jwt_sign(&jwt_two_keys, "{\"a\":1", 6, out, sizeof(out)), LK_JWT_MALFORMED);
    assert_int_equal(lk_jwt_sign(&jwt_two_keys, "{\"a\":1,\"a\":2}", 13, out, sizeof(out)), LK_JWT_BAD_CLAIM);
    memset(claims, ' ', sizeof(claims));
    claims[0] = '{';
    struct lk_jwt jwt;
    int last = 0;
    for (size_t n = 2; n <= sizeof(claims); n++) {
        claims[n - 1] = '}';
        len = lk_jwt_sign(&jwt_two_keys, claims, n, out, sizeof(out));
        claims[n - 1] = ' ';
        if (len < 0) {
            assert_int_equal(len, LK_JWT_TOO_LARGE);
            break;
        }
        last = len;
        assert_int_equal(jwt_check(out, (size_t)len, &jwt), 0);
    }
    assert_in_range(last, LK_JWT_SIZE_MAX - 2, LK_JWT_SIZE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc7515_a1),
        cmocka_unit_test(test_simplejwt),
        cmocka_unit_test(test_keys_by_kid),
        cmocka_unit_test(test_key_lengths),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_date_types),
        cmocka_unit_test(test_registered_types),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_long_claim),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_sign_bounds),
    };
    jwt_make_two_keys();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
