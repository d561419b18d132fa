#include "http/body.h"

#include "http/errors.h"

static bool same_type(struct lk_str a, const char *b) {
    return lk_str_eq_nocase(a, lk_str_from(b));
}

int lk_body_read(struct lk_request *r, struct lk_response *res, struct lk_body **body) {
    if (r->body.len == 0) {
        *body = lk_body_new(r->arena, 0);
        if (*body == NULL) {
            lk_res_error(res, LK_ERR_NO_MEMORY);
            return LK_ERR_NO_MEMORY;
        }
        return 0;
    }
    size_t count;
    struct lk_str header = lk_header_find(r->head, LK_STR("Content-Type"), &count);
    struct lk_media_type type = lk_media_type_parse(header);
    if (count > 1) {
        lk_res_refused(res, 400, "More than one Content-Type.");
        return LK_ERR_INVALID;
    }
    if (same_type(type.essence, "application/json")) {
        return lk_body_read_json(r, res, body);
    }
    if (same_type(type.essence, "application/x-www-form-urlencoded")) {
        return lk_body_read_form(r, res, body);
    }
    if (same_type(type.essence, "multipart/form-data")) {
        return lk_body_read_multipart(r, res, &type, body);
    }
    lk_res_unsupported_media(res, header);
    return LK_ERR_UNSUPPORTED;
}
