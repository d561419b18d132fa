/* What the submission client reads and writes, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "mail/smtp.h"

static void targets(void **state) {
    static const struct {
        const char *text;
        bool tls;
        const char *host;
        uint16_t port;
        const char *user;
        const char *password;
    } cases[] = {
        {"mail.example", false, "mail.example", 587, "", ""},
        {"mail.example/", true, "mail.example", 465, "", ""},
        {"mail.example:25", false, "mail.example", 25, "", ""},
        {"ann@mail.example", false, "mail.example", 587, "ann", ""},
        {"ann:pw@mail.example:2525", false, "mail.example", 2525, "ann", "pw"},
        {"ann%40example.com:p%3Aw%2F%25@mail.example", false, "mail.example", 587, "ann@example.com",
         "p:w/%"},
        {"ann@example.com:pw@mail.example", false, "mail.example", 587, "ann@example.com", "pw"},
        {"[::1]:25", false, "::1", 25, "", ""},
        {"[fe80::1]", true, "fe80::1", 465, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lk_smtp_server s = {0};
        assert_int_equal(lk_smtp_parse_target(&s, cases[i].tls, lk_str_from(cases[i].text)), 0);
        assert_string_equal(s.host, cases[i].host);
        assert_int_equal(s.port, cases[i].port);
        assert_string_equal(s.user, cases[i].user);
        assert_string_equal(s.password, cases[i].password);
        assert_int_equal(s.implicit_tls, cases[i].tls);
    }
}

static void bad_targets(void **state) {
    static const char *const cases[] = {
        "",        "/",     "@mail.example", ":pw@mail.example", "mail.example:",     "mail.example:0",
        "m:65536", "m:x",   "m:25:26",       "a%0d%0aRSET@m",    "a:%00@m",           "a:%zz@m",
        "a:%4@m",  "[::1",  "[::1]25",       "host name",        "mail.example/path", "m\r\nQUIT",
        "[]",      "[]:25",
    };
    static char long_host[300];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lk_smtp_server s = {0};
        if (lk_smtp_parse_target(&s, false, lk_str_from(cases[i])) != LK_ERR_INVALID) {
            fail_msg("taken: %s", cases[i]);
        }
    }
    struct lk_smtp_server s = {0};
    memset(long_host, 'h', sizeof(long_host));
    assert_int_equal(lk_smtp_parse_target(&s, false, (struct lk_str){long_host, sizeof(long_host)}),
                     LK_ERR_INVALID);
}

static void reply_lines(void **state) {
    static const struct {
        const char *line;
        int err;
        int code;
        bool more;
        const char *text;
    } cases[] = {
        {"250 OK", 0, 250, false, "OK"},
        {"250-SIZE 1000", 0, 250, true, "SIZE 1000"},
        {"250", 0, 250, false, ""},
        {"250-", 0, 250, true, ""},
        {"599 x", 0, 599, false, "x"},
        {"199 x", LK_ERR_INVALID, 0, false, ""},
        {"600 x", LK_ERR_INVALID, 0, false, ""},
        {"25", LK_ERR_INVALID, 0, false, ""},
        {"", LK_ERR_INVALID, 0, false, ""},
        {"2500 OK", LK_ERR_INVALID, 0, false, ""},
        {"+50 OK", LK_ERR_INVALID, 0, false, ""},
        {" 250 OK", LK_ERR_INVALID, 0, false, ""},
        {"HTTP/1.1 400", LK_ERR_INVALID, 0, false, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int code = 0;
        bool more = false;
        struct lk_str text = {NULL, 0};
        assert_int_equal(lk_smtp_reply_line(lk_str_from(cases[i].line), &code, &more, &text), cases[i].err);
        if (cases[i].err == 0) {
            assert_int_equal(code, cases[i].code);
            assert_int_equal(more, cases[i].more);
            assert_true(lk_str_eq(text, lk_str_from(cases[i].text)));
        }
    }
}

static void features(void **state) {
    struct lk_smtp_features f = {0};

    (void)state;
    lk_smtp_feature(&f, LK_STR("starttls"));
    lk_smtp_feature(&f, LK_STR("AUTH CRAM-MD5 LOGIN plain"));
    lk_smtp_feature(&f, LK_STR("SIZE 10485760"));
    lk_smtp_feature(&f, LK_STR("SMTPUTF8"));
    lk_smtp_feature(&f, LK_STR("8BITMIME"));
    lk_smtp_feature(&f, LK_STR(""));
    assert_true(f.starttls && f.auth_plain && f.auth_login && f.utf8 && f.eight_bit && f.has_size);
    assert_int_equal(f.size, 10485760);

    f = (struct lk_smtp_features){0};
    lk_smtp_feature(&f, LK_STR("STARTTLSX"));
    lk_smtp_feature(&f, LK_STR("AUTH=PLAIN"));
    lk_smtp_feature(&f, LK_STR("AUTH PLAINX"));
    lk_smtp_feature(&f, LK_STR("SIZE 99999999999999999999999"));
    assert_false(f.starttls || f.auth_plain || f.auth_login);
    assert_true(f.has_size);
    assert_int_equal(f.size, 0);
}

static int collect(void *arg, struct lk_str piece) {
    lk_buf_put_str(arg, piece);
    return 0;
}

static int refuse(void *arg, struct lk_str piece) {
    (void)piece;
    int *left = arg;
    return --*left < 0 ? LK_ERR_IO : 0;
}

static void dot_stuffing(void **state) {
    static const struct {
        const char *message;
        const char *data;
    } cases[] = {
        {"", ".\r\n"},
        {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
        {".\r\n", "..\r\n.\r\n"},
        {"a\r\n.\r\nMAIL FROM:<eve@example.com>\r\n", "a\r\n..\r\nMAIL FROM:<eve@example.com>\r\n.\r\n"},
        {"..x\r\ny.\r\n", "...x\r\ny.\r\n.\r\n"},
    };
    char out[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lk_buf b;
        lk_buf_init(&b, out, sizeof(out));
        assert_int_equal(lk_smtp_put_data(lk_str_from(cases[i].message), collect, &b), 0);
        assert_true(lk_str_eq(lk_buf_str(&b), lk_str_from(cases[i].data)));
    }
    for (int left = 0; left < 4; left++) {
        int n = left;
        assert_int_equal(lk_smtp_put_data(LK_STR(".a\r\nb\r\n"), refuse, &n), LK_ERR_IO);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets),  cmocka_unit_test(bad_targets),  cmocka_unit_test(reply_lines),
        cmocka_unit_test(features), cmocka_unit_test(dot_stuffing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
