/*
 * Inside the JSON reader: json.c has values, json_text.c strings.
 */
#ifndef LK_JWT_JSON_TEXT_H
#define LK_JWT_JSON_TEXT_H

#include "jwt/json.h"

static inline char lk_json_peek(struct lk_str s) {
    return s.len == 0 ? '\0' : s.ptr[0];
}

/* `len` is never more than what is left. */
static inline void lk_json_skip(struct lk_str *s, size_t len) {
    if (len > 0) { /* an empty string may have no address to go on from */
        s->ptr += len;
        s->len -= len;
    }
}

/* The bytes that `before` had and `after` has no longer. */
static inline struct lk_str lk_json_taken(struct lk_str before, struct lk_str after) {
    return lk_str_sub(before, 0, before.len - after.len);
}

static inline bool lk_json_take(struct lk_str *s, char c) {
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    lk_json_skip(s, 1);
    return true;
}

/* Takes a string with its quotes off *s; *raw is what stands between them. False when it is none: bad UTF-8, a bad escape,
   or a control character. */
bool lk_json_take_string(struct lk_str *s, struct lk_str *raw);

/* True when two texts that were taken mean the same, however they are escaped. */
bool lk_json_same_text(struct lk_str a, struct lk_str b);

#endif
