/* The description of this interface, and what the pages load. */
#include "api/handlers.h"
#include "api/page.h"
#include "http/headers.h"
#include "web/brand.h"
#include "web/web.h"

#include <string.h>

#define WHOLE_MAX                                                                                            \
    65536 /* bytes of an asset that leaves in one piece; a longer one is not copied into memory at once */

static int write_piece(void *arg, struct lk_buf *out) {
    struct lk_str *left = arg;
    size_t len = out->cap - out->len;
    len = left->len < len ? left->len : len;
    lk_buf_put_str(out, lk_str_sub(*left, 0, len));
    *left = lk_str_sub(*left, len, left->len);
    return len > 0 ? 1 : 0;
}

/* An address that holds the tag of what is there is good for ever; any other is asked about each time. */
static void keep(struct lk_request *r, struct lk_response *res, const char *tag) {
    int err = 0;
    struct lk_str version = lk_request_query(r, "v", &err);
    bool named =
        version.len > 0 && lk_str_starts(lk_str_from(tag), version) && version.len == LK_BRAND_TAG_LEN;
    res->cache_control = named ? "public, max-age=31536000, immutable" : "no-cache";
}

static bool accepts_gzip(struct lk_request *r) {
    struct lk_str accept = lk_request_header(r, "Accept-Encoding");
    return lk_accept_gzip(accept, accept.ptr != NULL);
}

static void send_asset(struct lk_request *r, struct lk_response *res, const struct lk_web_asset *asset) {
    if (asset == NULL) {
        lk_api_not_found(res);
        return;
    }
    if (asset->gzip && !accepts_gzip(r)) {
        lk_res_detail(res, 406, "This is served with Content-Encoding: gzip alone.");
        return;
    }
    lk_res_bytes(res, 200, asset->content_type, asset->bytes);
    res->etag = lk_str_from(asset->etag);
    keep(r, res, asset->etag + 1);
    res->content_encoding = asset->gzip ? "gzip" : NULL;
    res->vary = asset->gzip ? "Accept-Encoding" : NULL;
    if (asset->bytes.len > WHOLE_MAX) {
        struct lk_str *left = lk_arena_alloc(r->arena, sizeof(*left));
        if (left == NULL) {
            lk_res_error(res, LK_ERR_NO_MEMORY);
            return;
        }
        *left = asset->bytes;
        lk_res_bytes(res, 200, asset->content_type, (struct lk_str){NULL, 0});
        res->stream = write_piece;
        res->stream_arg = left;
    }
}

void lk_api_openapi(struct lk_request *r, struct lk_response *res) {
    send_asset(r, res, lk_web_asset(LK_STR("openapi.json")));
}

/* Swagger UI where it was built in, else a plain page. It asks this server alone, and draws small images of its
   own style sheet. */
void lk_api_doc(struct lk_request *r, struct lk_response *res) {
    static const char policy[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    if (lk_web_asset(LK_STR("swagger.html")) != NULL) {
        lk_api_page(res, 200, "swagger.html", NULL, 0);
    } else {
        send_asset(r, res, lk_web_asset(LK_STR("doc.html")));
    }
    res->csp = policy;
}

/* What the maker of the device set stands under names of its own. */
static bool send_brand(struct lk_request *r, struct lk_response *res) {
    const struct lk_brand *brand = lk_api_app(r)->brand;
    if (lk_str_eq(r->params[0], LK_STR("brand.css")) && brand->css[0] != '\0') {
        lk_res_bytes(res, 200, "text/css; charset=utf-8", lk_str_from(brand->css));
        keep(r, res, brand->css_tag);
        return true;
    }
    if (lk_str_eq(r->params[0], LK_STR("brand-logo")) && brand->logo.len > 0) {
        lk_res_bytes(res, 200, brand->logo_type, brand->logo);
        keep(r, res, brand->logo_tag);
        res->csp = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        return true;
    }
    return false;
}

void lk_api_asset(struct lk_request *r, struct lk_response *res) {
    if (send_brand(r, res)) {
        return;
    }
    send_asset(r, res, lk_web_public(r->params[0]) ? lk_web_asset(r->params[0]) : NULL);
}
