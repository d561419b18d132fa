/*
 * A strict reader of JSON (RFC 8259) in place, for token headers and payloads: bounded depth, well-formed
 * UTF-8, no lone surrogates, no NUL in strings. Internal to the library.
 */
#ifndef LK_JWT_JSON_H
#define LK_JWT_JSON_H

#include "base/str.h"
#include "jwt/latchkey_jwt.h"

#define LK_JSON_DEPTH_MAX 8    /* nested arrays and objects, the outermost included */
#define LK_JSON_MEMBERS_MAX 64 /* names of the outermost object */

/* A value where it stands. `raw` is a string's text between the quotes, else the whole value. */
struct lk_json_value {
    enum lk_jwt_type type;
    struct lk_str raw;
};

/* A walk through the members of an object or the items of an array. */
struct lk_json_walk {
    struct lk_str rest;
    char close; /* '}' or ']' */
    bool begun;
    unsigned depth;
};

/*
 * Reads all of `text` as one object and checks it to its last byte.
 * Returns 0, LK_JWT_MALFORMED, or LK_JWT_BAD_CLAIM when a name stands twice in the outermost object.
 */
int lk_json_check_object(struct lk_str text);

/* Begins a walk over an object or array that was checked. */
struct lk_json_walk lk_json_walk_start(struct lk_str text);

/* The next member or item; `name` is left empty for an array. Returns 1, 0 at the end, or
   LK_JWT_MALFORMED. */
int lk_json_walk_next(struct lk_json_walk *w, struct lk_str *name, struct lk_json_value *value);

/* Looks up a name of a checked object; its type is LK_JWT_ABSENT when it is not there. */
struct lk_json_value lk_json_find(struct lk_str object, struct lk_str name);

/* True when the string `raw`, as it stands between its quotes, means `plain`. */
bool lk_json_text_is(struct lk_str raw, struct lk_str plain);

/* Writes what the string `raw` means. Returns its length, or LK_JWT_TOO_LARGE past `cap`. */
int lk_json_text(struct lk_str raw, char *out, size_t cap);

/* The integer that the number `raw` is, written without fraction and exponent. False when it is none of
   int64_t. */
bool lk_json_integer(struct lk_str raw, int64_t *out);

#endif
