/* Chunked bodies: taken whole, byte by byte and cut at every place, with one result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/framing.h"

struct outcome {
    int status;
    bool done;
    size_t used;
    size_t made;
    char body[4096];
};

/* Decodes in place, as the engine does, in pieces that end at `cut` and then every `step` bytes. */
static void decode(const char *text, size_t len, size_t cut, size_t step, struct outcome *o) {
    struct lk_chunked c = {.limit = 3000};
    const char *reason = NULL;

    memset(o, 0, sizeof(*o));
    while (o->used < len && !c.done && o->status == 0) {
        size_t end = o->used < cut ? cut : o->used + step;
        size_t n = (end < len ? end : len) - o->used;
        size_t made = 0;
        char piece[4096];
        memcpy(piece, text + o->used, n);
        o->status = lk_chunked_decode(&c, piece, &n, piece, &made, &reason);
        if (o->status == 0) {
            memcpy(o->body + o->made, piece, made);
            o->used += n;
            o->made += made;
        }
    }
    assert_true(o->status == 0 || reason != NULL);
    o->done = c.done;
}

static void check(const char *text, int status, const char *body, size_t used) {
    static struct outcome whole, other;
    size_t len = strlen(text);

    decode(text, len, 0, len, &whole);
    if (whole.status != status || whole.done != (body != NULL)) {
        fail_msg("status %d, done %d for\n%s", whole.status, whole.done, text);
    }
    if (body != NULL) {
        assert_int_equal(whole.used, used);
        assert_int_equal(whole.made, strlen(body));
        assert_memory_equal(whole.body, body, whole.made);
    }
    for (size_t cut = 0; cut <= len; cut++) {
        decode(text, len, cut, cut % 2 == 0 ? 1 : len, &other);
        assert_int_equal(other.status, status);
        assert_int_equal(other.done, whole.done);
        if (body != NULL) {
            assert_int_equal(other.used, whole.used);
            assert_int_equal(other.made, whole.made);
            assert_memory_equal(other.body, whole.body, whole.made);
        }
    }
}

static void test_good(void **state) {
    (void)state;
    check("0\r\n\r\n", 0, "", 5);
    check("000\r\n\r\n", 0, "", 7);
    check("5\r\nhello\r\n0\r\n\r\n", 0, "hello", 15);
    check("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /", 0, "hello world", 26);
    check("A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n", 0, "0123456789abcdefghij", 35);
    check("000000000000002\r\n\r\n\r\n0\r\n\r\n", 0, "\r\n", 26);
    check("1;a=b\r\nx\r\n0;c\r\n\r\n", 0, "x", 17);
    check("1;\r\nx\r\n0\r\nTrailer: yes\r\nB: c\r\n\r\n", 0, "x", 32);
}

static void test_unfinished(void **state) {
    (void)state;
    check("", 0, NULL, 0);
    check("5", 0, NULL, 0);
    check("5\r\nhel", 0, NULL, 0);
    check("5\r\nhello\r\n", 0, NULL, 0);
    check("0\r\n", 0, NULL, 0);
    check("0\r\n\r", 0, NULL, 0);
    check("0\r\nA: b\r\n", 0, NULL, 0);
}

static void test_bad(void **state) {
    (void)state;
    check("\r\n", 400, NULL, 0);
    check(" 5\r\nhello", 400, NULL, 0);
    check("5 \r\nhello", 400, NULL, 0);
    check("5\nhello", 400, NULL, 0);
    check("5\r\rhello", 400, NULL, 0);
    check("g\r\n", 400, NULL, 0);
    check("-1\r\n", 400, NULL, 0);
    check("+5\r\nhello", 400, NULL, 0);
    check("0x5\r\nhello", 400, NULL, 0);
    check(";a\r\n", 400, NULL, 0);
    check("5\r\nhelloX", 400, NULL, 0);
    check("5\r\nhello\n", 400, NULL, 0);
    check("5\r\nhello\rX", 400, NULL, 0);
    check("5\r\nhello\r\n\r\n", 400, NULL, 0);
    check("1;a\x01\r\n", 400, NULL, 0);
    check("1;a\n", 400, NULL, 0);
    check("0\r\n\n", 400, NULL, 0);
    check("0\r\n\rX", 400, NULL, 0);
    check("0\r\nA: b\n", 400, NULL, 0);
    check("0\r\nA: \x02\r\n", 400, NULL, 0);
    check("0\r\nA: b\r\r\n", 400, NULL, 0);
    /* Sixteen digits, which would fill 64 bits, and more, which would overflow them. */
    check("0000000000000005\r\n", 400, NULL, 0);
    check("10000000000000005\r\nhello", 400, NULL, 0);
    check("fffffffffffffffff\r\n", 400, NULL, 0);
}

static void test_bounds(void **state) {
    static char text[4096];
    static struct outcome o;

    (void)state;
    check("BB9\r\n", 413, NULL, 0);
    check("1\r\nx\r\nBB8\r\n", 413, NULL, 0);
    check("fffffffffffffff\r\n", 413, NULL, 0);
    memset(text, 'e', sizeof(text));
    memcpy(text, "1;", 2);
    memcpy(text + 2 + LK_CHUNK_EXTENSION_MAX, "\r\nx\r\n0\r\n\r\n", 11);
    decode(text, strlen(text), 0, 7, &o);
    assert_true(o.done);
    memcpy(text + 2 + LK_CHUNK_EXTENSION_MAX, "e\r\nx\r\n0\r\n\r\n", 12);
    decode(text, strlen(text), 0, 7, &o);
    assert_int_equal(o.status, 400);
    memset(text, 't', sizeof(text));
    memcpy(text, "0\r\n", 3);
    memcpy(text + 3 + LK_TRAILER_MAX, "\r\n\r\n", 5);
    decode(text, strlen(text), 0, 7, &o);
    assert_true(o.done);
    memcpy(text + 3 + LK_TRAILER_MAX, "t\r\n\r\n", 6);
    decode(text, strlen(text), 0, 7, &o);
    assert_int_equal(o.status, 400);
}

/* A limit that is met exactly is not passed. */
static void test_limit(void **state) {
    struct lk_chunked c = {.limit = 5};
    char text[] = "5\r\nhello\r\n0\r\n\r\n";
    char more[] = "5\r\nhello\r\n1\r\nx";
    const char *reason;
    size_t len = sizeof(text) - 1;
    size_t made;

    (void)state;
    assert_int_equal(lk_chunked_decode(&c, text, &len, text, &made, &reason), 0);
    assert_true(c.done);
    assert_int_equal(made, 5);
    c = (struct lk_chunked){.limit = 5};
    len = sizeof(more) - 1;
    assert_int_equal(lk_chunked_decode(&c, more, &len, more, &made, &reason), 413);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),   cmocka_unit_test(test_unfinished), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
