/* The pages: one shell for all of them, which its scripts fill. */
#include "api/handlers.h"
#include "api/page.h"

static void shell(struct lk_request *r, struct lk_response *res, int status) {
    static const char policy[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'";
    lk_api_own_page(r, res, status, "app.html", NULL, 0);
    res->csp = policy;
    res->cache_control = "no-cache";
}

void lk_api_app_page(struct lk_request *r, struct lk_response *res) {
    shell(r, res, 200);
}

/* A person gets a page that leads on; a program gets what it always got. */
void lk_api_no_page(struct lk_request *r, struct lk_response *res) {
    if (lk_request_prefers_html(r)) {
        shell(r, res, 404);
    } else {
        lk_api_not_found(res);
    }
}
