/*
 * A strict look at a JSON text (RFC 8259) before the library parses it: the library takes more than the
 * grammar, ends a string at an escaped NUL, and cannot hold a lone surrogate or a long integer.
 */
#ifndef LK_HTTP_JSON_SCAN_H
#define LK_HTTP_JSON_SCAN_H

#include "http/http.h"

/* What the library cannot tell of a member of the outermost object. */
struct lk_json_member {
    struct lk_str raw; /* the value as sent */
    bool has_nul;
    uint32_t surrogate; /* the first lone one, or 0 */
};

struct lk_json_scan {
    const char *text;
    /* Of the text, NUL-terminated, made fit for the library: no NUL, no lone surrogate, every number 0. */
    char *copy;
    size_t len;
    size_t at;
    unsigned depth;
    size_t values;
    struct lk_json_member *members;
    size_t member_count;
    size_t member_cap;
    struct lk_json_member *current; /* the member being scanned, or NULL */
    const char *reason;             /* of a refusal: constant; NULL: none */
    size_t reason_at;               /* offset in bytes */
};

/* Scans the whole text, whose members it writes down in an array of the arena. Returns 0, LK_ERR_INVALID
   with `reason`, or LK_ERR_NO_MEMORY. `text` must be valid UTF-8. */
int lk_json_scan(struct lk_json_scan *s, struct lk_arena *arena, struct lk_str text);

/* A JSON number as Python's str() writes the int or float that json.loads makes of it; a float that
   needs 17 digits is rounded from the text, not from the double, so that its last digit may differ. NULL
   ptr without memory. */
struct lk_str lk_json_number_text(struct lk_arena *arena, struct lk_str raw);
/* True when it has no fraction and no exponent. */
bool lk_json_number_is_int(struct lk_str raw);

#endif
