/*
 * What the three body readers share. Each makes a struct lk_body in the request's arena, or writes the
 * answer that says why it cannot.
 */
#ifndef LK_HTTP_BODY_H
#define LK_HTTP_BODY_H

#include "http/headers.h"
#include "http/http.h"

/* Fields in a body; more are refused. */
#define LK_BODY_FIELDS_MAX 128
/* Values in a JSON body, at any depth. */
#define LK_JSON_VALUES_MAX 1024
/* How deep a JSON body may nest; the library's own limit is the same. */
#define LK_JSON_DEPTH_MAX 16
/* Parts in a multipart body, header fields of a part, and bytes of a part's header. */
#define LK_MULTIPART_PARTS_MAX 64
#define LK_PART_FIELDS_MAX 8
#define LK_PART_HEADER_MAX 2048

struct lk_entry {
    struct lk_str name;
    struct lk_value value;
    struct lk_str *items; /* LK_VALUE_LIST of strings; NULL when one is something else */
    size_t item_count;
};

struct lk_body {
    struct lk_entry *entries;
    size_t count;
    size_t cap;
    bool repeats; /* form and multipart: fields of one name make a list */
};

/* An empty body with room for `cap` fields; NULL without memory. */
struct lk_body *lk_body_new(struct lk_arena *arena, size_t cap);
/* The next free entry, or NULL when all are taken. */
struct lk_entry *lk_body_add(struct lk_body *b);

/* The readers. 0, or an error with the answer in `res`. */
int lk_body_read_json(struct lk_request *r, struct lk_response *res, struct lk_body **body);
int lk_body_read_form(struct lk_request *r, struct lk_response *res, struct lk_body **body);
int lk_body_read_multipart(struct lk_request *r, struct lk_response *res, const struct lk_media_type *type,
                           struct lk_body **body);

#endif
