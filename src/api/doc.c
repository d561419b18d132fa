/* The description of this interface, and what the pages load. */
#include "api/handlers.h"
#include "api/page.h"
#include "web/web.h"

static void send_asset(struct lk_response *res, const struct lk_web_asset *asset) {
    if (asset == NULL) {
        lk_api_not_found(res);
        return;
    }
    lk_res_bytes(res, 200, asset->content_type, asset->bytes);
    res->etag = lk_str_from(asset->etag);
    res->cache_control = "no-cache";
}

void lk_api_openapi(struct lk_request *r, struct lk_response *res) {
    (void)r;
    send_asset(res, lk_web_asset(LK_STR("openapi.json")));
}

void lk_api_doc(struct lk_request *r, struct lk_response *res) {
    (void)r;
    lk_api_page(res, 200, "doc.html", NULL, 0);
}

void lk_api_asset(struct lk_request *r, struct lk_response *res) {
    send_asset(res, lk_web_public(r->params[0]) ? lk_web_asset(r->params[0]) : NULL);
}
