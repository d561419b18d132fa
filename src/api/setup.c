/* The first admin. */
#include "api/handlers.h"
#include "api/page.h"

void lk_api_setup(struct lk_request *r, struct lk_response *res) {
    struct lk_service *service = lk_api_app(r)->service;
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.roles = LK_ROLE_USER | LK_ROLE_ADMIN};
    struct lk_str code = {NULL, 0};
    struct lk_body *body;
    if (!lk_setup_open(service)) {
        lk_api_not_found(res);
        return;
    }
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_body_text(body, "code", LK_FIELD_CODE, LK_FIELD_TRIM, &v, &code);
    lk_api_field_username(body, 0, &v, &in.username);
    lk_api_field_email(body, 0, &v, &in.email);
    lk_api_field_password(body, 0, &v, &in.password);
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL || lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    int err = lk_setup_claim(service, code, &in, lk_api_client(r), &v, &work->account, &work->mem,
                             &work->retry_after);
    if (err == LK_ERR_DENIED) {
        lk_res_detail(res, 403, "The setup code is not right.");
    } else if (err == LK_ERR_EXISTS) {
        lk_api_not_found(res);
    } else if (!lk_api_failed(r, res, err, &v, work->retry_after)) {
        lk_api_account_made(res, &work->account);
    }
}
