/* A request with a body, without an engine. */
#ifndef LK_FUZZ_BODY_H
#define LK_FUZZ_BODY_H

#include "fuzz.h"

#include "http/arena.h"
#include "http/body.h"

#define FUZZ_ARENA_MAX ((size_t)1 << 20)

/* tests/unit/http_testing.c */
const struct lk_request_head *testing_head(const char *const *fields);

/* Reads the body as `type`, asks for its fields in every way, and holds the answer to a refusal to be
   whole. */
static inline void fuzz_body(const char *type, const char *bytes, size_t size) {
    static const char *const names[] = {"username", "email", "roles", "profile_pic", ""};
    const char *const fields[] = {"Host", "x", "Content-Type", type, NULL};
    struct lk_str items[8];
    struct lk_arena arena;
    struct lk_response res;
    struct lk_body *body = NULL;
    lk_arena_init(&arena, FUZZ_ARENA_MAX);
    lk_response_init(&res, &arena);
    struct lk_request r = {.body = {bytes, size}, .arena = &arena, .head = testing_head(fields)};
    int err = lk_body_read(&r, &res, &body);
    MUST(err == 0 ? body != NULL : res.status >= 400 && res.body.len > 0);
    for (size_t i = 0; err == 0 && i < sizeof(names) / sizeof(*names); i++) {
        struct lk_violations v = {.count = 0};
        struct lk_str text;
        bool good = lk_body_text(body, names[i], LK_FIELD_USERNAME, i % 4, &v, &text);
        MUST(!good || (v.count == 0 && text.len > 0 && lk_utf8_valid(text)));
        int count = lk_body_list(body, names[i], items, 8);
        for (int k = 0; k < count; k++) {
            MUST(lk_utf8_valid(items[k]));
        }
        (void)lk_picture_type(lk_body_get(body, names[i]).text);
    }
    lk_arena_free(&arena);
}

#endif
