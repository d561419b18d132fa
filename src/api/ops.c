/* Whether the process lives, and whether it can serve. */
#include "api/handlers.h"

static void state(struct lk_response *res, const char *text) {
    struct lk_json j;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_cstr(&j, "status", text);
    lk_json_end_object(&j);
}

void lk_api_healthz(struct lk_request *r, struct lk_response *res) {
    (void)r;
    state(res, "ok");
}

void lk_api_readyz(struct lk_request *r, struct lk_response *res) {
    if (lk_store_ready(lk_service_store(lk_api_app(r)->service)) == 0) {
        state(res, "ready");
    } else {
        lk_res_detail(res, 503, "The store takes no writes.");
    }
}
