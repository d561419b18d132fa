/*
 * Strings, the bounded writer and the bounded reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"

static void assert_str(struct lk_str s, const char *expect) {
    assert_int_equal(s.len, strlen(expect));
    if (s.len > 0) {
        assert_memory_equal(s.ptr, expect, s.len);
    }
}

static void test_str_compare(void **state) {
    (void)state;
    struct lk_str none = {NULL, 0};
    assert_true(lk_str_eq(none, LK_STR("")));
    assert_true(lk_str_eq(LK_STR("a\0b"), LK_STR("a\0b")));
    assert_false(lk_str_eq(LK_STR("a\0b"), LK_STR("a\0c")));
    assert_false(lk_str_eq(LK_STR("ab"), LK_STR("abc")));
    assert_true(lk_str_eq_nocase(LK_STR("BeArEr@[`{"), LK_STR("bEaReR@[`{")));
    assert_false(lk_str_eq_nocase(LK_STR("@"), LK_STR("`")));
    assert_false(lk_str_eq_nocase(LK_STR("\xc3\x89"), LK_STR("\xc3\xa9")));
    assert_true(lk_str_starts(LK_STR("/auth/me"), LK_STR("/auth")));
    assert_true(lk_str_starts(none, LK_STR("")));
    assert_false(lk_str_starts(LK_STR("/aut"), LK_STR("/auth")));
    assert_int_equal(lk_str_from(NULL).len, 0);
}

static void test_str_parts(void **state) {
    (void)state;
    assert_str(lk_str_sub(LK_STR("hello"), 1, 3), "ell");
    assert_str(lk_str_sub(LK_STR("hello"), 4, SIZE_MAX), "o");
    assert_str(lk_str_sub(LK_STR("hello"), 9, 1), "");
    assert_int_equal(lk_str_find(LK_STR("a.b.c"), '.'), 1);
    assert_int_equal(lk_str_find(LK_STR("abc"), '.'), 3);
    assert_str(lk_str_trim(LK_STR(" \t\r\n\v\fa b\n ")), "a b");
    assert_str(lk_str_trim(LK_STR(" \n ")), "");
}

static void test_str_number(void **state) {
    (void)state;
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "\xd9\xa1"};
    uint64_t v = 7;
    assert_int_equal(lk_str_to_u64(LK_STR("0"), 10, &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(lk_str_to_u64(LK_STR("18446744073709551615"), UINT64_MAX, &v), 0);
    assert_true(v == UINT64_MAX);
    assert_int_equal(lk_str_to_u64(LK_STR("18446744073709551616"), UINT64_MAX, &v), LK_ERR_TOO_LARGE);
    assert_int_equal(lk_str_to_u64(LK_STR("99999999999999999999999"), UINT64_MAX, &v), LK_ERR_TOO_LARGE);
    assert_int_equal(lk_str_to_u64(LK_STR("11"), 10, &v), LK_ERR_TOO_LARGE);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(lk_str_to_u64(lk_str_from(bad[i]), 10, &v), LK_ERR_INVALID);
    }
    assert_true(v == UINT64_MAX);
}

static void test_buf_text(void **state) {
    (void)state;
    char mem[96];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_u64(&b, UINT64_MAX);
    lk_buf_put_char(&b, ' ');
    lk_buf_put_i64(&b, INT64_MIN);
    lk_buf_put_cstr(&b, " ");
    lk_buf_put_i64(&b, -1);
    lk_buf_put_i64(&b, 0);
    lk_buf_put_str(&b, LK_STR(" "));
    lk_buf_put_hex(&b, "\x00\xfe\x10", 3);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(mem, "18446744073709551615 -9223372036854775808 -10 00fe10");
    assert_int_equal(b.len, strlen(mem));
}

static void test_buf_bounds(void **state) {
    (void)state;
    char mem[5] = "zzzz";
    struct lk_buf b;
    lk_buf_init(&b, mem, 4);
    lk_buf_put_cstr(&b, "ab");
    lk_buf_put_cstr(&b, "cde");
    assert_int_equal(b.err, LK_ERR_TOO_LARGE);
    lk_buf_put_char(&b, 'x');
    assert_str(lk_buf_str(&b), "ab");
    assert_memory_equal(mem, "abzz", 4);

    lk_buf_init(&b, mem, 4);
    lk_buf_put_cstr(&b, "abcd");
    assert_int_equal(b.err, 0);
    assert_int_equal(lk_buf_end_cstr(&b), LK_ERR_TOO_LARGE);
    assert_int_equal(mem[4], '\0');

    lk_buf_init(&b, NULL, 0);
    lk_buf_put(&b, NULL, 0);
    assert_int_equal(b.err, 0);
    lk_buf_put_u8(&b, 1);
    assert_int_equal(b.err, LK_ERR_TOO_LARGE);
}

static void test_buf_long_lstr(void **state) {
    (void)state;
    static char mem[70000], text[65536];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_lstr(&b, (struct lk_str){text, 65535});
    assert_int_equal(b.err, 0);
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_lstr(&b, (struct lk_str){text, 65536});
    assert_int_equal(b.err, LK_ERR_TOO_LARGE);
}

static void test_binary_both_ways(void **state) {
    (void)state;
    static const uint8_t expect[] = {0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0f, 0x0e,
                                     0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08, 0x10, 0x11, 0x12,
                                     0x13, 0x14, 0x15, 0x16, 0x17, 0x02, 0x00, 'h',  'i'};
    char mem[64];
    struct lk_buf b;
    struct lk_reader r;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_u8(&b, 0x01);
    lk_buf_put_le16(&b, 0x0203);
    lk_buf_put_le32(&b, 0x04050607);
    lk_buf_put_le64(&b, 0x08090a0b0c0d0e0f);
    lk_buf_put_be64(&b, 0x1011121314151617);
    lk_buf_put_lstr(&b, LK_STR("hi"));
    assert_int_equal(b.len, sizeof(expect));
    assert_memory_equal(mem, expect, sizeof(expect));

    lk_reader_init(&r, mem, b.len);
    assert_int_equal(lk_read_u8(&r), 0x01);
    assert_int_equal(lk_read_le16(&r), 0x0203);
    assert_int_equal(lk_read_le32(&r), 0x04050607);
    assert_true(lk_read_le64(&r) == 0x08090a0b0c0d0e0f);
    assert_true(lk_read_be64(&r) == 0x1011121314151617);
    assert_int_equal(lk_reader_end(&r), LK_ERR_CORRUPT);
    assert_str(lk_read_lstr(&r), "hi");
    assert_int_equal(lk_reader_end(&r), 0);
}

static void test_reader_past_the_end(void **state) {
    (void)state;
    struct lk_reader r;
    lk_reader_init(&r, "\x05\x00hell", 6);
    assert_int_equal(lk_read_lstr(&r).len, 0);
    assert_int_equal(r.err, LK_ERR_CORRUPT);
    assert_int_equal(lk_read_u8(&r), 0);
    assert_int_equal(lk_reader_end(&r), LK_ERR_CORRUPT);
    lk_reader_init(&r, "abc", 3);
    assert_int_equal(lk_read_le32(&r), 0);
    assert_int_equal(r.err, LK_ERR_CORRUPT);
    lk_reader_init(&r, NULL, 0);
    assert_int_equal(lk_reader_end(&r), 0);
    assert_int_equal(lk_read_bytes(&r, 0).len, 0);
    assert_int_equal(r.err, 0);
}

static void test_error_texts(void **state) {
    (void)state;
    const char *unknown = lk_err_text(1);
    assert_string_equal(unknown, "unknown error");
    assert_string_equal(lk_err_text(-1000), unknown);
    assert_string_equal(lk_err_text(INT32_MIN), unknown);
    for (int err = 0; err >= LK_ERR_WORN; err--) {
        assert_non_null(lk_err_text(err));
        assert_string_not_equal(lk_err_text(err), unknown);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str_compare),      cmocka_unit_test(test_str_parts),
        cmocka_unit_test(test_str_number),       cmocka_unit_test(test_buf_text),
        cmocka_unit_test(test_buf_bounds),       cmocka_unit_test(test_buf_long_lstr),
        cmocka_unit_test(test_binary_both_ways), cmocka_unit_test(test_reader_past_the_end),
        cmocka_unit_test(test_error_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
