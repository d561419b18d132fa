#include "api/page.h"

#include "web/web.h"

#include <string.h>

static const char policy[] =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

void lk_api_put_html(struct lk_response *res, struct lk_str text) {
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            lk_res_put(res, LK_STR("&amp;"));
            break;
        case '<':
            lk_res_put(res, LK_STR("&lt;"));
            break;
        case '>':
            lk_res_put(res, LK_STR("&gt;"));
            break;
        case '"':
            lk_res_put(res, LK_STR("&quot;"));
            break;
        case '\'':
            lk_res_put(res, LK_STR("&#39;"));
            break;
        default:
            lk_res_put(res, lk_str_sub(text, i, 1));
        }
    }
}

static void put_gap(struct lk_response *res, struct lk_str name, const struct lk_page_gap *gaps,
                    size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!lk_str_eq(name, lk_str_from(gaps[i].name))) {
            continue;
        }
        if (gaps[i].markup) {
            lk_res_put(res, gaps[i].text);
        } else {
            lk_api_put_html(res, gaps[i].text);
        }
    }
}

/* The offset of the two bytes `pair` in `s`, or s.len. */
static size_t find_pair(struct lk_str s, const char *pair) {
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (memcmp(s.ptr + i, pair, 2) == 0) {
            return i;
        }
    }
    return s.len;
}

void lk_api_page(struct lk_response *res, int status, const char *name, const struct lk_page_gap *gaps,
                 size_t count) {
    const struct lk_web_asset *page = lk_web_asset(lk_str_from(name));
    if (page == NULL) {
        lk_res_error(res, LK_ERR_NOT_FOUND);
        return;
    }
    lk_res_bytes(res, status, page->content_type, (struct lk_str){NULL, 0});
    struct lk_str rest = page->bytes;
    while (rest.len > 0) {
        size_t open = find_pair(rest, "{{");
        lk_res_put(res, lk_str_sub(rest, 0, open));
        rest = lk_str_sub(rest, open, rest.len);
        size_t close = find_pair(rest, "}}");
        if (rest.len == 0 || close == rest.len) {
            break;
        }
        put_gap(res, lk_str_sub(rest, 2, close - 2), gaps, count);
        rest = lk_str_sub(rest, close + 2, rest.len);
    }
    res->csp = policy;
    res->cache_control = "no-store";
}
