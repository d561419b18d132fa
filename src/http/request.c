#include "http/headers.h"
#include "http/percent.h"

struct lk_str lk_request_header(const struct lk_request *r, const char *name) {
    return lk_header_find(r->head, lk_str_from(name), NULL);
}

struct lk_str lk_request_query(struct lk_request *r, const char *name, int *err) {
    struct lk_str rest = r->query;
    *err = 0;
    while (rest.len > 0) {
        size_t end = lk_str_find(rest, '&');
        struct lk_str pair = lk_str_sub(rest, 0, end);
        rest = lk_str_sub(rest, end + 1, rest.len);
        size_t equals = lk_str_find(pair, '=');
        if (lk_str_eq(lk_str_sub(pair, 0, equals), lk_str_from(name))) {
            struct lk_str value;
            *err = lk_percent_decode(r->arena, lk_str_sub(pair, equals + 1, pair.len), true, &value);
            if (*err == 0) {
                return value;
            }
            break;
        }
    }
    return (struct lk_str){NULL, 0};
}

bool lk_request_prefers_html(const struct lk_request *r) {
    struct lk_str accept = lk_request_header(r, "Accept");
    unsigned html = lk_accept_quality(accept, LK_STR("text"), LK_STR("html"));
    return html > lk_accept_quality(accept, LK_STR("application"), LK_STR("json"));
}
