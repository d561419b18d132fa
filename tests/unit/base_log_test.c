/*
 * Dates as text, and the lines of the log: this program is its own console.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "base/time.h"
#include "port.h"

static char line[2048];
static unsigned lines;

void lk_port_log(const char *text, size_t len) {
    assert_in_range(len, 1, 1023);
    memcpy(line, text, len);
    line[len] = '\0';
    lines++;
}

/* The line behind its time stamp of 24 characters and a space. */
static const char *after_time(void) {
    struct lk_str stamp = {line, 24};
    assert_int_equal(stamp.ptr[10], 'T');
    assert_int_equal(stamp.ptr[23], 'Z');
    return line + 25;
}

static void test_text_line(void **state) {
    (void)state;
    lk_log_configure(LK_LOG_INFO, LK_LOG_TEXT);
    LK_LOG(LK_LOG_INFO, "request", LK_LOG_STR("path", LK_STR("/auth/me")), LK_LOG_NUM("status", 200),
           LK_LOG_STR("agent", LK_STR("a b")), LK_LOG_STR("empty", LK_STR("")), LK_LOG_NUM("low", INT64_MIN));
    assert_string_equal(after_time(), "info request path=/auth/me status=200 agent=\"a b\" empty=\"\" "
                                      "low=-9223372036854775808\n");
}

static void test_text_forgery(void **state) {
    (void)state;
    lk_log_configure(LK_LOG_INFO, LK_LOG_TEXT);
    LK_LOG(LK_LOG_WARN, "x",
           LK_LOG_STR("v", LK_STR("a\n2026 error y=\"\\\x1b[2J\x7f\xc2\x85\xff\xe2\x80\xa8\xc3\xa9")));
    assert_string_equal(after_time(), "warn x v=\"a\\u000a2026 error y=\\\"\\\\\\u001b[2J\\u007f\\u0085"
                                      "\xef\xbf\xbd\\u2028\xc3\xa9\"\n");
}

static void test_json_line(void **state) {
    (void)state;
    lk_log_configure(LK_LOG_INFO, LK_LOG_JSON);
    LK_LOG(LK_LOG_ERROR, "boom", LK_LOG_STR("why", LK_STR("\"q\"\r\n\0")), LK_LOG_NUM("n", -3));
    assert_memory_equal(line, "{\"time\":\"2", 10);
    assert_string_equal(
        strstr(line, "\"level\""),
        "\"level\":\"error\",\"event\":\"boom\",\"why\":\"\\\"q\\\"\\u000d\\u000a\\u0000\",\"n\":-3}\n");
}

static void test_levels(void **state) {
    (void)state;
    lk_log_configure(LK_LOG_WARN, LK_LOG_TEXT);
    unsigned before = lines;
    LK_LOG(LK_LOG_INFO, "quiet", LK_LOG_NUM("n", 1));
    assert_int_equal(lines, before);
    assert_false(lk_log_enabled(LK_LOG_INFO));
    assert_true(lk_log_enabled(LK_LOG_ERROR));
    lk_log(LK_LOG_ERROR, "loud", NULL, 0);
    assert_int_equal(lines, before + 1);
    assert_string_equal(after_time(), "error loud\n");
}

/* A line that is too long loses whole fields, and stays a line. */
static void test_long_line(void **state) {
    (void)state;
    static char text[2000];
    memset(text, 'x', sizeof(text));
    for (int format = LK_LOG_TEXT; format <= LK_LOG_JSON; format++) {
        lk_log_configure(LK_LOG_INFO, (enum lk_log_format)format);
        for (size_t len = 900; len < 1100; len++) {
            LK_LOG(LK_LOG_INFO, "e", LK_LOG_NUM("kept", 1), LK_LOG_STR("v", ((struct lk_str){text, len})));
            size_t whole = strlen(line);
            assert_int_equal(line[whole - 1], '\n');
            assert_true(format == LK_LOG_TEXT || line[whole - 2] == '}');
            assert_non_null(strstr(line, "kept"));
            assert_true(whole > len || strchr(line, 'x') == NULL);
        }
        assert_null(strchr(line, 'x'));
    }
}

static void assert_dates(int64_t seconds, const char *http, const char *iso) {
    char mem[64];
    struct lk_buf b;
    int64_t back = -1;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_http_date(&b, seconds);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(mem, http);
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_iso_date(&b, seconds);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(mem, iso);
    assert_int_equal(lk_iso_date_parse(lk_str_from(iso), &back), 0);
    assert_true(back == seconds);
}

static void test_dates(void **state) {
    (void)state;
    assert_dates(0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z");
    assert_dates(784111777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z");
    assert_dates(951782400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00Z");
    assert_dates(4107542400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00Z");
    assert_dates(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z");
    assert_dates(-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59Z");
    assert_dates(-62167219200, "Sat, 01 Jan 0000 00:00:00 GMT", "0000-01-01T00:00:00Z");
}

/* Every day of four centuries against the C library's calendar. */
static void test_dates_against_libc(void **state) {
    (void)state;
    for (int64_t day = -50000; day < 150000; day++) {
        time_t t = (time_t)(day * 86400 + 86399);
        struct tm tm;
        assert_non_null(gmtime_r(&t, &tm));
        struct lk_date d = lk_date_from(t);
        assert_int_equal(d.year, tm.tm_year + 1900);
        assert_int_equal(d.month, tm.tm_mon + 1);
        assert_int_equal(d.day, tm.tm_mday);
        assert_int_equal(d.weekday, tm.tm_wday);
        assert_int_equal(d.second, 59);
        assert_true(lk_date_seconds(&d) == t);
    }
}

static void test_milliseconds_and_mail(void **state) {
    (void)state;
    char mem[96];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_iso_date_ms(&b, -1);
    lk_buf_put_char(&b, ' ');
    lk_buf_put_iso_date_ms(&b, 1700000000089);
    lk_buf_put_char(&b, ' ');
    lk_buf_put_mail_date(&b, 784111777);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_string_equal(mem,
                        "1969-12-31T23:59:59.999Z 2023-11-14T22:13:20.089Z Sun, 06 Nov 1994 08:49:37 +0000");
}

static void test_dates_as_others_write_them(void **state) {
    static const char *const same[] = {"2026-11-21T05:06:07Z", "2026-11-21 05:06:07",
                                       "2026-11-21T05:06:07.999Z", "2026-11-21 07:06:07+02:00",
                                       "2026-11-20T23:36:07.5-0530"};
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
        int64_t out = 0;
        assert_int_equal(lk_iso_date_parse(lk_str_from(same[i]), &out), 0);
        assert_int_equal(out, 1795237567);
    }
}

static void test_date_refusals(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00z",
                                      "2026-1-01T00:00:000Z",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00+1",
                                      "+026-01-01T00:00:00Z"};
    int64_t out;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(lk_iso_date_parse(lk_str_from(bad[i]), &out), LK_ERR_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_line),
        cmocka_unit_test(test_text_forgery),
        cmocka_unit_test(test_json_line),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_dates_against_libc),
        cmocka_unit_test(test_date_refusals),
        cmocka_unit_test(test_dates_as_others_write_them),
        cmocka_unit_test(test_milliseconds_and_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
