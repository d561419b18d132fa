/*
 * Encodings and Unicode: what is taken, and above all what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

static void test_base64_vectors(void **state) {
    (void)state;
    /* RFC 4648 §10. */
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        char text[16], back[16];
        size_t len = 99;
        struct lk_buf b;
        lk_buf_init(&b, text, sizeof(text));
        lk_buf_put_base64(&b, vectors[i][0], strlen(vectors[i][0]));
        assert_int_equal(lk_buf_end_cstr(&b), 0);
        assert_string_equal(text, vectors[i][1]);
        assert_int_equal(lk_base64_decode(lk_buf_str(&b), back, sizeof(back), &len), 0);
        assert_int_equal(len, strlen(vectors[i][0]));
        assert_memory_equal(back, vectors[i][0], len);
    }
}

static void test_base64url_alphabet(void **state) {
    (void)state;
    char text[16];
    uint8_t back[4];
    size_t len = 0;
    struct lk_buf b;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_base64url(&b, "\xfb\xff\xfe\xff", 4);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(text, "-__-_w");
    assert_int_equal(lk_base64url_decode(lk_buf_str(&b), back, sizeof(back), &len), 0);
    assert_memory_equal(back, "\xfb\xff\xfe\xff", 4);
    assert_int_equal(lk_base64url_decode(lk_buf_str(&b), back, 3, &len), LK_ERR_TOO_LARGE);
}

static void test_base64_refusals(void **state) {
    (void)state;
    static const char *const url[] = {"A",    "Zg==", "Zm9v\n",  "Zm 9v", "Zm9+",
                                      "Zm9/", "Zh",   "Zm9vYmF", "AAAAA", "é"};
    static const char *const padded[] = {"Zg",   "Zg=",  "Zg===", "====",     "=",
                                         "Zh==", "Zm9=", "Z===",  "Zg==Zg==", "Zm9-"};
    uint8_t out[32];
    size_t len;
    for (size_t i = 0; i < sizeof(url) / sizeof(*url); i++) {
        assert_int_equal(lk_base64url_decode(lk_str_from(url[i]), out, sizeof(out), &len), LK_ERR_INVALID);
    }
    for (size_t i = 0; i < sizeof(padded) / sizeof(*padded); i++) {
        assert_int_equal(lk_base64_decode(lk_str_from(padded[i]), out, sizeof(out), &len), LK_ERR_INVALID);
    }
    assert_int_equal(lk_base64url_decode(LK_STR("Zm9v\0"), out, sizeof(out), &len), LK_ERR_INVALID);
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Any text that decodes is the one text that its bytes encode to. */
static void test_base64url_is_canonical(void **state) {
    (void)state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+ ";
    uint32_t seed = 20261121;
    size_t decoded = 0;
    for (int i = 0; i < 200000; i++) {
        char text[24], again[24];
        uint8_t bytes[24];
        size_t text_len = next_random(&seed) % sizeof(text), len = 0;
        for (size_t j = 0; j < text_len; j++) {
            text[j] = digits[next_random(&seed) % (sizeof(digits) - 1)];
        }
        struct lk_str s = {text, text_len};
        if (lk_base64url_decode(s, bytes, sizeof(bytes), &len) == 0) {
            struct lk_buf b;
            lk_buf_init(&b, again, sizeof(again));
            lk_buf_put_base64url(&b, bytes, len);
            assert_true(lk_str_eq(lk_buf_str(&b), s));
            decoded++;
        }
    }
    assert_in_range(decoded, 1000, 199999);
}

static void test_hex_and_uuid(void **state) {
    (void)state;
    uint8_t id[16];
    char text[40];
    struct lk_buf b;
    struct lk_str good = LK_STR("0190163D-8694-739B-aea5-966C26F8AD91");
    assert_int_equal(lk_uuid_parse(good, id), 0);
    assert_memory_equal(id, "\x01\x90\x16\x3d\x86\x94\x73\x9b\xae\xa5\x96\x6c\x26\xf8\xad\x91", 16);
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_uuid(&b, id);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(text, "0190163d-8694-739b-aea5-966c26f8ad91");
    static const char *const bad[] = {"",
                                      "0190163d8694739baea5966c26f8ad91",
                                      "{190163d-8694-739b-aea5-966c26f8ad9}",
                                      "0190163d-8694-739b-aea5-966c26f8ad9g",
                                      "0190163d-8694-739b-aea5-966c26f8ad911",
                                      "0190163d-8694-739b-aea59-66c26f8ad91",
                                      "0190163d+8694-739b-aea5-966c26f8ad91"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(lk_uuid_parse(lk_str_from(bad[i]), id), LK_ERR_INVALID);
    }
    assert_int_equal(lk_hex_decode(LK_STR("0g"), id, 1), LK_ERR_INVALID);
    assert_int_equal(lk_hex_decode(LK_STR("001"), id, 1), LK_ERR_INVALID);
    assert_int_equal(lk_hex_decode(LK_STR("0011"), id, 1), LK_ERR_INVALID);
    assert_int_equal(lk_hex_decode(LK_STR(""), id, 0), 0);
}

static void test_utf8_points(void **state) {
    (void)state;
    struct lk_str s = LK_STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf");
    static const int32_t points[] = {'a', 0xe9, 0x20ac, 0x1f600, 0x10ffff};
    assert_true(lk_utf8_valid(s));
    assert_int_equal(lk_utf8_length(s), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(lk_utf8_next(&s), points[i]);
    }
    assert_int_equal(lk_utf8_next(&s), LK_ERR_INVALID);
}

static void test_utf8_refusals(void **state) {
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc3",
                                      "\xc3(",
                                      "\xe0\x80\x80",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x80\x80\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x9f\x98",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xfe"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_false(lk_utf8_valid(lk_str_from(bad[i])));
    }
}

static size_t encode(int32_t point, char out[4]) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    out[0] = (char)((0xff00 >> (more + 1) & 0xff) | point);
    return more + 1;
}

static void test_utf8_every_point(void **state) {
    (void)state;
    for (int32_t point = 0; point <= 0x10ffff; point++) {
        char text[4];
        struct lk_str s = {text, encode(point, text)};
        bool surrogate = point >= 0xd800 && point < 0xe000;
        assert_int_equal(lk_utf8_next(&s), surrogate ? LK_ERR_INVALID : point);
        assert_true(surrogate || s.len == 0);
    }
}

static void assert_nfkc(struct lk_str in, const char *expect) {
    char mem[256];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    assert_int_equal(lk_nfkc(&b, in), 0);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(mem, expect);
}

static void test_nfkc(void **state) {
    (void)state;
    char small[4];
    struct lk_buf b;
    assert_nfkc(LK_STR(""), "");
    assert_nfkc(LK_STR("plain_ASCII"), "plain_ASCII");
    assert_nfkc(LK_STR("\xef\xac\x81sh"), "fish");
    assert_nfkc(LK_STR("e\xcc\x81"), "\xc3\xa9");
    assert_nfkc(LK_STR("\xef\xbc\xa1\xef\xbc\x91"), "A1");
    assert_nfkc(LK_STR("\xe2\x84\xab"), "\xc3\x85");
    assert_nfkc(LK_STR("\xe1\x84\x80\xe1\x85\xa1"), "\xea\xb0\x80");
    lk_buf_init(&b, small, sizeof(small));
    assert_int_equal(lk_nfkc(&b, LK_STR("\xc3\x28")), LK_ERR_INVALID);
    assert_int_equal(lk_nfkc(&b, LK_STR("\xef\xb7\xba")), LK_ERR_TOO_LARGE);
}

static void test_words(void **state) {
    (void)state;
    /* Letters, digits and numbers of any script, and underscore: what Python's \w matches. */
    static const int32_t words[] = {'a',   'Z',   '0',   '_',    0xaa,   0xb2,   0xbd,   0xe9,    0x3b1,
                                    0x416, 0x5d0, 0x661, 0x2160, 0x3042, 0x4e2d, 0xac00, 0x1d400, 0x10400};
    static const int32_t others[] = {0,       ' ',    '-',   '@',    '/',    0x7f,    0xa0,
                                     0xd7,    0x301,  0x93f, 0x200d, 0x203f, 0x20ac,  0x3000,
                                     0x1f600, 0xfffe, -1,    0xd800, 0xe000, 0x110000};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        assert_true(lk_is_word(words[i]));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        assert_false(lk_is_word(others[i]));
    }
}

static void addresses_are_written(void **state) {
    static const struct {
        uint8_t address[16];
        const char *text;
    } cases[] = {
        {{0}, ""},
        {{[15] = 1}, "::1"},
        {{[10] = 0xFF, [11] = 0xFF, [12] = 192, [14] = 2, [15] = 255}, "192.0.2.255"},
        {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}, "2001:db8::1"},
        {{0x20, 0x01, 0x0d, 0xb8, [9] = 1, [15] = 1}, "2001:db8::1:0:0:1"},
        {{0x20, 0x01, [4] = 1, [5] = 1, [9] = 1, [12] = 0xAB, [13] = 0xCD, [15] = 1},
         "2001:0:101:0:1:0:abcd:1"},
        {{0xfe, 0x80}, "fe80::"},
        {{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 8}, "1:2:3:4:5:6:0:8"},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char mem[LK_ADDRESS_TEXT_MAX + 1];
        struct lk_buf b;
        lk_buf_init(&b, mem, sizeof(mem));
        lk_buf_put_address(&b, cases[i].address);
        assert_int_equal(lk_buf_end_cstr(&b), 0);
        assert_string_equal(mem, cases[i].text);
    }
}

static bool network_has(const char *network, const char *address) {
    struct lk_network n;
    uint8_t a[16];
    assert_int_equal(lk_network_parse(lk_str_from(network), &n), 0);
    assert_int_equal(lk_address_parse(lk_str_from(address), a), 0);
    return lk_network_has(&n, a);
}

static void networks_hold_addresses(void **state) {
    static const char *const inside[][2] = {{"10.0.0.0/8", "10.255.1.2"},
                                            {"192.0.2.128/25", "192.0.2.255"},
                                            {"192.0.2.7", "192.0.2.7"},
                                            {"0.0.0.0/0", "8.8.8.8"},
                                            {"fd00::/7", "fc12::1"},
                                            {"::/0", "192.0.2.7"},
                                            {"[::1]", "::1"},
                                            {"::ffff:192.0.2.0/120", "192.0.2.9"}};
    static const char *const outside[][2] = {{"10.0.0.0/8", "11.0.0.0"}, {"192.0.2.128/25", "192.0.2.127"},
                                             {"192.0.2.7", "192.0.2.6"}, {"0.0.0.0/0", "::1"},
                                             {"fd00::/7", "fe80::1"},    {"::1", "::2"}};
    static const char *const bad[] = {"",          "/",
                                      "1.2.3",     "1.2.3.4.5",
                                      "1.2.3.4/",  "1.2.3.4/33",
                                      "::/129",    "::/-1",
                                      "[1.2.3.4]", "[::1",
                                      "host",      "1.2.3.4 ",
                                      ":::",       "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
    struct lk_network n;
    (void)state;
    for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
        assert_true(network_has(inside[i][0], inside[i][1]));
    }
    for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
        assert_false(network_has(outside[i][0], outside[i][1]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(lk_network_parse(lk_str_from(bad[i]), &n), LK_ERR_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_written),
        cmocka_unit_test(networks_hold_addresses),
        cmocka_unit_test(test_base64_vectors),
        cmocka_unit_test(test_base64url_alphabet),
        cmocka_unit_test(test_base64_refusals),
        cmocka_unit_test(test_base64url_is_canonical),
        cmocka_unit_test(test_hex_and_uuid),
        cmocka_unit_test(test_utf8_points),
        cmocka_unit_test(test_utf8_refusals),
        cmocka_unit_test(test_utf8_every_point),
        cmocka_unit_test(test_nfkc),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
