/* What is a request and what is refused: one row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "serve/framing.h"

#define H "Host: a\r\n"

struct row {
    const char *block; /* without the last CR LF */
    int status;        /* 0: taken */
    size_t len;        /* 0: strlen; for blocks with NUL */
};

static struct lk_request_head head;

static int parse(const char *block, size_t len) {
    char text[4096];
    const char *reason = NULL;

    memcpy(text, block, len);
    memcpy(text + len, "\r\n", 2);
    int status = lk_framing_parse((struct lk_str){text, len + 2}, &head, &reason);
    assert_true(status == 0 || reason != NULL);
    return status;
}

static void check_rows(const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t len = rows[i].len != 0 ? rows[i].len : strlen(rows[i].block);
        int status = parse(rows[i].block, len);
        if (status != rows[i].status) {
            fail_msg("row %zu: %d instead of %d for\n%s", i, status, rows[i].status, rows[i].block);
        }
    }
}
#define CHECK(rows) check_rows((rows), sizeof(rows) / sizeof((rows)[0]))

static void test_request_lines(void **state) {
    static const struct row rows[] = {
        {"GET / HTTP/1.1\r\n" H, 0, 0},
        {"GET / HTTP/1.0\r\n", 0, 0},
        {"GET / HTTP/1.2\r\n" H, 0, 0},
        {"\r\nGET / HTTP/1.1\r\n" H, 0, 0},
        {"FOO / HTTP/1.1\r\n" H, 0, 0},
        {"TRACE / HTTP/1.1\r\n" H, 0, 0},
        {"M-SEARCH / HTTP/1.1\r\n" H, 0, 0},
        {"!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\n" H, 0, 0},
        {"get / HTTP/1.1\r\n" H, 0, 0},
        {"GET  / HTTP/1.1\r\n" H, 400, 0},
        {"GET /  HTTP/1.1\r\n" H, 400, 0},
        {" GET / HTTP/1.1\r\n" H, 400, 0},
        {"GET / HTTP/1.1 \r\n" H, 400, 0},
        {"GET\t/\tHTTP/1.1\r\n" H, 400, 0},
        {"GET /\tHTTP/1.1\r\n" H, 400, 0},
        {"GET / a HTTP/1.1\r\n" H, 400, 0},
        {"GET /\r\n" H, 400, 0},
        {"GET\r\n" H, 400, 0},
        {"/ HTTP/1.1\r\n" H, 400, 0},
        {"GET HTTP/1.1\r\n" H, 400, 0},
        {"G@T / HTTP/1.1\r\n" H, 400, 0},
        {"G(T / HTTP/1.1\r\n" H, 400, 0},
        {"G\"T / HTTP/1.1\r\n" H, 400, 0},
        {"GET: / HTTP/1.1\r\n" H, 400, 0},
        {"G\x01T / HTTP/1.1\r\n" H, 400, 0},
        {"G\xc3\xa9T / HTTP/1.1\r\n" H, 400, 0},
        {"GET / http/1.1\r\n" H, 400, 0},
        {"GET / HTTP/1.1x\r\n" H, 400, 0},
        {"GET / HTTP/11\r\n" H, 400, 0},
        {"GET / HTTP/1.\r\n" H, 400, 0},
        {"GET / HTTP/1.10\r\n" H, 400, 0},
        {"GET / HTTP/a.1\r\n" H, 400, 0},
        {"GET / HTTP/1.a\r\n" H, 400, 0},
        {"GET / HTTP/1,1\r\n" H, 400, 0},
        {"GET / HTTPS/1.1\r\n" H, 400, 0},
        {"GET / HTTP /1.1\r\n" H, 400, 0},
        {"GET / HTTP/2.0\r\n" H, 505, 0},
        {"GET / HTTP/0.9\r\n" H, 505, 0},
        {"GET / HTTP/3.1\r\n" H, 505, 0},
        {"PRI * HTTP/2.0\r\n", 505, 0},
        {"GET / HTTP/1.1\r\r\n" H, 400, 0},
        {"GET /\r HTTP/1.1\r\n" H, 400, 0},
        {"GET /\0 HTTP/1.1\r\n" H, 400, sizeof("GET /\0 HTTP/1.1\r\n" H) - 1},
    };
    (void)state;
    CHECK(rows);
}

static void test_targets(void **state) {
    static const struct row rows[] = {
        {"GET /api/auth/a%00b/ HTTP/1.1\r\n" H, 0, 0},
        {"GET /%zz HTTP/1.1\r\n" H, 0, 0},
        {"GET /../../etc HTTP/1.1\r\n" H, 0, 0},
        {"GET //a//b HTTP/1.1\r\n" H, 0, 0},
        {"GET /a?b?c HTTP/1.1\r\n" H, 0, 0},
        {"GET /\xc3\xa9 HTTP/1.1\r\n" H, 0, 0},
        {"GET /a\"<>{}|\\^` HTTP/1.1\r\n" H, 0, 0},
        {"OPTIONS * HTTP/1.1\r\n" H, 0, 0},
        {"GET * HTTP/1.1\r\n" H, 400, 0},
        {"GET a HTTP/1.1\r\n" H, 400, 0},
        {"GET ?a HTTP/1.1\r\n" H, 400, 0},
        {"GET /a#b HTTP/1.1\r\n" H, 400, 0},
        {"GET /a\x7f HTTP/1.1\r\n" H, 400, 0},
        {"GET /a\x0b HTTP/1.1\r\n" H, 400, 0},
        {"GET /a\x1b[0m HTTP/1.1\r\n" H, 400, 0},
        {"GET http://a/b HTTP/1.1\r\n" H, 0, 0},
        {"GET https://a:443/b?c HTTP/1.1\r\n" H, 0, 0},
        {"GET HTTPS://A HTTP/1.1\r\n" H, 0, 0},
        {"GET http://[::1]:8/b HTTP/1.1\r\n" H, 0, 0},
        {"GET http:///b HTTP/1.1\r\n" H, 400, 0},
        {"GET http://u@a/b HTTP/1.1\r\n" H, 400, 0},
        {"GET ftp://a/b HTTP/1.1\r\n" H, 400, 0},
        {"GET http:/a HTTP/1.1\r\n" H, 400, 0},
        {"GET javascript:x HTTP/1.1\r\n" H, 400, 0},
        {"CONNECT a:443 HTTP/1.1\r\n" H, 400, 0},
        {"CONNECT / HTTP/1.1\r\n" H, 0, 0},
    };
    (void)state;
    CHECK(rows);
}

static void test_hosts(void **state) {
    static const struct row rows[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHOST:a\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: \t a \t \r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: a.b-c.example:8443\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: a:\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: [::1]\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: [fe80::1:2]:65535\r\n", 0, 0},
        {"GET / HTTP/1.1\r\nHost: a_b%20\r\n", 0, 0},
        {"GET / HTTP/1.1\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost:\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n", 400, 0},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n", 400, 0},
        {"GET / HTTP/1.0\r\nHost: a b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: u@a\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a:b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a:65536\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a:1:2\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a:-1\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: :80\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: []\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: [::1\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: [::1]x\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: [g::]\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a,b/\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a\"b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n", 400, 0},
        {"GET / HTTP/1.1\r\nHost: a\0b\r\n", 400, sizeof("GET / HTTP/1.1\r\nHost: a\0b\r\n") - 1},
    };
    (void)state;
    CHECK(rows);
}

static void test_fields(void **state) {
    static const struct row rows[] = {
        {"GET / HTTP/1.1\r\n" H "A:\r\n", 0, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\tc\r\n", 0, 0},
        {"GET / HTTP/1.1\r\n" H "A: \xff\x80\r\n", 0, 0},
        {"GET / HTTP/1.1\r\n" H "A: b: c\r\n", 0, 0},
        {"GET / HTTP/1.1\r\n" H "A : b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A\t: b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H " A: b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n A: b\r\n" H, 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H ": b\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A B: c\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A(: c\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A/B: c\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A\x7f: c\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "\xc3\xa9: c\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\x01\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\x7f\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\x1b[31m\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\rc\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\r\r\n", 400, 0},
        {"GET / HTTP/1.1\r\n" H "A: b\0c\r\n", 400, sizeof("GET / HTTP/1.1\r\n" H "A: b\0c\r\n") - 1},
        {"GET / HTTP/1.1\r\n" H "A\0: c\r\n", 400, sizeof("GET / HTTP/1.1\r\n" H "A\0: c\r\n") - 1},
    };
    (void)state;
    CHECK(rows);
}

static void test_lengths(void **state) {
    static const struct row rows[] = {
        {"POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "content-length:5\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 007\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775807\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775808\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 10000000000000000000\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551616\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999999999\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5abc\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5,6\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 1e3\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5.0\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: \"5\"\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 5\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\ncontent-length: 6\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nX: y\r\nCONTENT-LENGTH: 0\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content_Length: 5\r\n", 0, 0},
    };
    (void)state;
    CHECK(rows);
}

static void test_codings(void **state) {
    static const struct row rows[] = {
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "transfer-encoding:CHUNKED\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: identity\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, gzip\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, chunked\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunkedx\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked;a=b\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: ,chunked\r\n", 501, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H " Transfer-Encoding: chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding:\x0b"
         "chunked\r\n",
         400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding\x0b: chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chu\r\n nked\r\n", 400, 0},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", 400, 0},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n", 400, 0},
    };
    (void)state;
    CHECK(rows);
}

static void test_expectations(void **state) {
    static const struct row rows[] = {
        {"POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "Expect: 100-Continue\r\n", 0, 0},
        {"POST / HTTP/1.1\r\n" H "Expect: 200-ok\r\n", 417, 0},
        {"POST / HTTP/1.1\r\n" H "Expect:\r\n", 417, 0},
        {"POST / HTTP/1.1\r\n" H "Expect: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n", 400, 0},
    };
    (void)state;
    CHECK(rows);
    assert_int_equal(parse("POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\n", 46), 0);
    assert_true(head.expect_continue);
    assert_int_equal(parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n", 39), 0);
    assert_false(head.expect_continue);
}

static void assert_str(struct lk_str s, const char *expected) {
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr, expected, s.len);
}

static int parse_text(const char *block) {
    /* Kept alive for the strings that `head` borrows. */
    static char text[2048];
    const char *reason;
    int len = snprintf(text, sizeof(text), "%s\r\n", block);

    return lk_framing_parse((struct lk_str){text, (size_t)len}, &head, &reason);
}

static void test_parts(void **state) {
    (void)state;
    assert_int_equal(
        parse_text("PoSt /a%2Fb//c?x=1&y=? HTTP/1.1\r\nHost: h\r\nX-A:  one two \t\r\nx-a: three\r\n"
                   "Content-Length: 12\r\n"),
        0);
    assert_str(head.method, "PoSt");
    assert_str(head.target, "/a%2Fb//c?x=1&y=?");
    assert_str(head.path, "/a%2Fb//c");
    assert_str(head.query, "x=1&y=?");
    assert_int_equal(head.content_length, 12);
    assert_false(head.chunked);
    assert_int_equal(head.field_count, 4);
    assert_str(lk_head_field(&head, LK_STR("X-a")), "one two");
    assert_null(lk_head_field(&head, LK_STR("X-b")).ptr);
    assert_int_equal(parse_text("GET http://h?q HTTP/1.1\r\nHost: h\r\n"), 0);
    assert_str(head.path, "/");
    assert_str(head.query, "q");
    assert_int_equal(parse_text("GET https://h/p/ HTTP/1.1\r\nHost: h\r\n"), 0);
    assert_str(head.path, "/p/");
    assert_int_equal(head.query.len, 0);
    assert_int_equal(parse_text("OPTIONS * HTTP/1.1\r\nHost: h\r\n"), 0);
    assert_str(head.path, "*");
    assert_int_equal(parse_text("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n"), 0);
    assert_true(head.chunked);
}

static void test_keep_alive(void **state) {
    static const struct {
        const char *block;
        bool keep;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" H, true},
        {"GET / HTTP/1.0\r\n", false},
        {"GET / HTTP/1.1\r\n" H "Connection: close\r\n", false},
        {"GET / HTTP/1.1\r\n" H "Connection: CLOSE\r\n", false},
        {"GET / HTTP/1.1\r\n" H "Connection: a , close,b\r\n", false},
        {"GET / HTTP/1.1\r\n" H "Connection: keep-alive\r\n", true},
        {"GET / HTTP/1.1\r\n" H "Connection: closed\r\n", true},
        {"GET / HTTP/1.1\r\n" H "Connection: Upgrade\r\nUpgrade: h2c\r\n", true},
        {"GET / HTTP/1.1\r\n" H "Connection: close\r\nConnection: keep-alive\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive, close\r\n", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse_text(rows[i].block), 0);
        assert_int_equal(head.keep_alive, rows[i].keep);
    }
}

static void test_field_count(void **state) {
    char block[4096];
    size_t len = (size_t)snprintf(block, sizeof(block), "GET / HTTP/1.1\r\n" H);

    (void)state;
    for (int i = 1; i < LK_HEADER_FIELDS_MAX; i++) {
        len += (size_t)snprintf(block + len, sizeof(block) - len, "X: y\r\n");
    }
    assert_int_equal(parse(block, len), 0);
    assert_int_equal(head.field_count, LK_HEADER_FIELDS_MAX);
    len += (size_t)snprintf(block + len, sizeof(block) - len, "X: y\r\n");
    assert_int_equal(parse(block, len), 431);
    /* The field that framing hangs on is not lost behind the limit. */
    len -= 6;
    len += (size_t)snprintf(block + len, sizeof(block) - len, "Host: b\r\n");
    assert_int_equal(parse(block, len), 400);
}

/* Feeds `text` byte by byte. Returns the end that was found, with the number of bytes it took. */
static long find_end(const char *text, size_t len, size_t *took) {
    size_t scanned = 0;

    for (size_t n = 0; n <= len; n++) {
        long end = lk_framing_head_end(text, n, &scanned);
        *took = n;
        if (end != LK_HEAD_MORE) {
            return end;
        }
    }
    return LK_HEAD_MORE;
}

static void test_ends(void **state) {
    static const struct {
        const char *text;
        long end;
        size_t took;
    } rows[] = {
        {"GET / HTTP/1.1\r\nA: b\r\n\r\nrest", 24, 24},
        {"\r\nGET / HTTP/1.1\r\n\r\n", 20, 20},
        {"GET / HTTP/1.1\r\nA: b\r\n", LK_HEAD_MORE, 22},
        {"GET / HTTP/1.1\r\nA: b\r\n\r", LK_HEAD_MORE, 23},
        {"GET / HTTP/1.1\n", LK_HEAD_BAD, 15},
        {"GET / HTTP/1.1\r\nA: b\n\r\n", LK_HEAD_BAD, 21},
        {"GET / HTTP/1.1\r\nA: b\r\n\n", LK_HEAD_BAD, 23},
        {"\nGET", LK_HEAD_BAD, 1},
        {"\r\n\r\n", LK_HEAD_BAD, 4},
        {"\r\r\n", LK_HEAD_BAD, 2},
        {" GET", LK_HEAD_BAD, 1},
        {"\x16\x03\x01", LK_HEAD_BAD, 1},
        {"(", LK_HEAD_BAD, 1},
        {"\x80", LK_HEAD_BAD, 1},
        {"", LK_HEAD_MORE, 0},
        {"\r", LK_HEAD_MORE, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t took;
        size_t scanned = 0;
        long end = find_end(rows[i].text, strlen(rows[i].text), &took);
        if (end != rows[i].end || took != rows[i].took) {
            fail_msg("row %zu: %ld after %zu bytes", i, end, took);
        }
        assert_int_equal(lk_framing_head_end(rows[i].text, strlen(rows[i].text), &scanned), rows[i].end);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_lines), cmocka_unit_test(test_targets),
        cmocka_unit_test(test_hosts),         cmocka_unit_test(test_fields),
        cmocka_unit_test(test_lengths),       cmocka_unit_test(test_codings),
        cmocka_unit_test(test_expectations),  cmocka_unit_test(test_parts),
        cmocka_unit_test(test_keep_alive),    cmocka_unit_test(test_field_count),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
