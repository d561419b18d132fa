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

struct lk_str lk_request_cookie(const struct lk_request *r, const char *name) {
    return lk_cookie_find(r->head, lk_str_from(name));
}

/* "https://host:port" of a URL, without a path. */
static struct lk_str origin_of(struct lk_str url) {
    size_t slashes = 0;
    size_t i = 0;
    while (i < url.len && (slashes += url.ptr[i] == '/' ? 1 : 0) < 3) {
        i++;
    }
    return lk_str_sub(url, 0, i);
}

/* Origin against "<scheme>://<Host>" (RFC 6454 §6.1: it writes no default port, as no client writes it in Host). */
static bool origin_is_host(const struct lk_request *r, struct lk_str origin) {
    struct lk_str scheme = r->tls ? LK_STR("https://") : LK_STR("http://");
    struct lk_str host = lk_request_header(r, "Host");
    return lk_str_starts(origin, scheme) && host.len > 0 &&
           lk_str_eq_nocase(lk_str_sub(origin, scheme.len, origin.len), host);
}

bool lk_request_same_origin(const struct lk_request *r) {
    struct lk_str site = lk_request_header(r, "Sec-Fetch-Site");
    struct lk_str origin = lk_request_header(r, "Origin");
    if (site.len > 0 && !lk_str_eq(site, LK_STR("same-origin")) && !lk_str_eq(site, LK_STR("none"))) {
        return false;
    }
    return origin.ptr == NULL || origin_is_host(r, origin) ||
           lk_str_eq_nocase(origin, origin_of(r->public_url));
}

bool lk_request_prefers_html(const struct lk_request *r) {
    struct lk_str accept = lk_request_header(r, "Accept");
    unsigned html = lk_accept_quality(accept, LK_STR("text"), LK_STR("html"));
    return html > lk_accept_quality(accept, LK_STR("application"), LK_STR("json"));
}
