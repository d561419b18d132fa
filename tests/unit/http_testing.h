/*
 * A request without an engine, for the tests of src/http: its header fields, its memory, its answer.
 */
#ifndef HTTP_TESTING_H
#define HTTP_TESTING_H

#include "http/arena.h"
#include "http/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A head with these fields: "Name", "value", …, NULL. Valid until the next call. (Its type and enum
   lk_field share a name, so that it is made in a file of its own.) */
const struct lk_request_head *testing_head(const char *const *fields);

struct testing {
    struct lk_arena arena;
    struct lk_request request;
    struct lk_response response;
};

static inline void testing_begin(struct testing *t, const char *const *fields, struct lk_str body) {
    lk_arena_init(&t->arena, 1 << 20);
    t->request = (struct lk_request){.body = body, .arena = &t->arena, .head = testing_head(fields)};
    lk_response_init(&t->response, &t->arena);
}

static inline void testing_end(struct testing *t) {
    lk_arena_free(&t->arena);
}

static inline void assert_str(struct lk_str got, const char *want) {
    struct lk_str w = lk_str_from(want);
    if (!lk_str_eq(got, w)) {
        fail_msg("got \"%.*s\", want \"%s\"", (int)got.len, got.len == 0 ? "" : got.ptr, want);
    }
}

static inline void assert_answer(const struct testing *t, int status, const char *body) {
    assert_str(lk_buf_str(&t->response.body), body);
    assert_int_equal(t->response.status, status);
}

/* A small repeatable generator (xorshift), so that a failing run can be had again. */
static inline uint32_t testing_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Damages `len` bytes: a few are overwritten, swapped, repeated or dropped. Returns the new length. */
static inline size_t testing_mutate(char *bytes, size_t len, uint32_t *state) {
    static const char spice[] = "\0\x7f\xff\xe2\x80{}[]\",:\\u0d8%+=&;-\r\n 0e.";
    for (uint32_t n = testing_random(state) % 6 + 1; n > 0 && len > 0; n--) {
        size_t at = testing_random(state) % len;
        switch (testing_random(state) % 4) {
        case 0:
            bytes[at] = spice[testing_random(state) % (sizeof(spice) - 1)];
            break;
        case 1:
            bytes[at] = (char)testing_random(state);
            break;
        case 2:
            bytes[at] = bytes[testing_random(state) % len];
            break;
        default:
            len = at;
            break;
        }
    }
    return len;
}

#endif
