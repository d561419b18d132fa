#include "http/body.h"
#include "http/errors.h"
#include "http/percent.h"

static int refuse(struct lk_response *res, int err) {
    if (err == LK_ERR_NO_MEMORY) {
        lk_res_error(res, err);
    } else {
        lk_res_parse_error(res, "Form parse error",
                           err == LK_ERR_TOO_LARGE ? LK_STR("too many fields")
                                                   : LK_STR("bad escape or bad UTF-8"));
    }
    return err;
}

static int take_field(struct lk_arena *arena, struct lk_str pair, struct lk_entry *entry) {
    size_t equals = lk_str_find(pair, '=');
    int err = lk_percent_decode(arena, lk_str_sub(pair, 0, equals), true, &entry->name);
    if (err == 0) {
        err = lk_percent_decode(arena, lk_str_sub(pair, equals + 1, pair.len), true, &entry->value.text);
    }
    entry->value.kind = LK_VALUE_STRING;
    entry->value.has_nul = lk_has_nul(entry->value.text);
    return err;
}

static size_t count_fields(struct lk_str s) {
    size_t count = 1;
    for (size_t i = 0; i < s.len; i++) {
        count += s.ptr[i] == '&' ? 1 : 0;
    }
    return count;
}

int lk_body_read_form(struct lk_request *r, struct lk_response *res, struct lk_body **body) {
    size_t fields = count_fields(r->body);
    if (fields > LK_BODY_FIELDS_MAX) {
        return refuse(res, LK_ERR_TOO_LARGE);
    }
    *body = lk_body_new(r->arena, fields);
    if (*body == NULL) {
        return refuse(res, LK_ERR_NO_MEMORY);
    }
    (*body)->repeats = true;
    struct lk_str rest = r->body;
    while (rest.len > 0) {
        size_t end = lk_str_find(rest, '&');
        if (end > 0) {
            int err = take_field(r->arena, lk_str_sub(rest, 0, end), lk_body_add(*body));
            if (err != 0) {
                return refuse(res, err);
            }
        }
        rest = lk_str_sub(rest, end + 1, rest.len);
    }
    return 0;
}
