#include "api/page.h"

#include "api/handlers.h"
#include "http/headers.h"
#include "web/brand.h"
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

/* --- with the device's own look ------------------------------------------------------------------------- */

static const char *const languages[LK_LANGUAGES] = {[LK_ENGLISH] = "en", [LK_FRENCH] = "fr"};

enum lk_language lk_api_language(struct lk_request *r) {
    int err = 0;
    struct lk_str chosen = lk_request_query(r, "lang", &err);
    if (chosen.len == 0) {
        chosen = lk_request_cookie(r, "latchkey_lang");
    }
    for (size_t i = 0; i < LK_LANGUAGES; i++) {
        if (lk_str_eq(chosen, lk_str_from(languages[i]))) {
            return (enum lk_language)i;
        }
    }
    struct lk_str accept = lk_request_header(r, "Accept-Language");
    return (enum lk_language)lk_accept_language(accept, languages, LK_LANGUAGES);
}

const struct lk_client *lk_api_client(struct lk_request *r) {
    r->client.language = lk_api_language(r);
    return &r->client;
}

/* "/assets/NAME?v=TAG" between two pieces of markup, in the request's memory. */
static struct lk_str asset_address(struct lk_request *r, const char *before, const char *name,
                                   const char *tag, const char *after) {
    size_t cap = 128;
    char *mem = lk_arena_alloc(r->arena, cap);
    struct lk_buf b;
    lk_buf_init(&b, mem, mem == NULL ? 0 : cap);
    lk_buf_put_cstr(&b, before);
    lk_buf_put_cstr(&b, name);
    lk_buf_put_cstr(&b, "?v=");
    lk_buf_put(&b, tag, LK_BRAND_TAG_LEN);
    lk_buf_put_cstr(&b, after);
    return lk_buf_str(&b);
}

void lk_api_own_page(struct lk_request *r, struct lk_response *res, int status, const char *name,
                     const struct lk_page_gap *gaps, size_t count) {
    const struct lk_brand *brand = lk_api_app(r)->brand;
    const struct lk_web_asset *ours = lk_web_asset(LK_STR("logo.svg"));
    struct lk_page_gap all[LK_PAGE_GAPS_MAX + 4];
    size_t n = 0;
    for (; n < count && n < LK_PAGE_GAPS_MAX; n++) {
        all[n] = gaps[n];
    }
    all[n++] = (struct lk_page_gap){.name = "brand", .text = lk_str_from(brand->name)};
    all[n++] = (struct lk_page_gap){.name = "lang", .text = lk_str_from(languages[lk_api_language(r)])};
    all[n++] = (struct lk_page_gap){
        .name = "logo",
        .text = brand->logo.len > 0 ? asset_address(r, "/assets/", "brand-logo", brand->logo_tag, "")
                                    : asset_address(r, "/assets/", "logo.svg", ours->etag + 1, "")};
    all[n++] = (struct lk_page_gap){.name = "style",
                                    .text = brand->css[0] == '\0'
                                                ? LK_STR("")
                                                : asset_address(r, "<link rel=\"stylesheet\" href=\"/assets/",
                                                                "brand.css", brand->css_tag, "\">\n"),
                                    .markup = true};
    lk_api_page(res, status, name, all, n);
    res->vary = "Accept-Language, Cookie";
}
