/* Accounts: signing up, registering, reading and deleting. */
#include "api/handlers.h"

void lk_api_signup(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.roles = LK_ROLE_USER};
    struct lk_body *body;
    struct lk_json j;
    if (!lk_api_signup_allowed(r, res) || lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_username(body, 0, &v, &in.username);
    lk_api_field_email(body, 0, &v, &in.email);
    lk_api_field_password(body, 0, &v, &in.password);

    struct lk_api_work *work = lk_api_make_account(r, res, &in, &v);
    if (work == NULL) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 201);
    lk_json_object(&j, NULL);
    lk_json_str(&j, "username", work->account.username);
    lk_json_str(&j, "email", work->account.email);
    lk_json_end_object(&j);
}

void lk_api_register(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.roles = LK_ROLE_USER};
    struct lk_body *body;
    if (!lk_api_signup_allowed(r, res) || lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_roles(body, &v, &in.roles);
    if ((in.roles & LK_ROLE_ADMIN) != 0 && !lk_is_admin(&r->caller) &&
        !lk_has_scope(&r->caller, LK_SCOPE_WRITE)) {
        lk_api_forbidden(res);
        return;
    }
    lk_api_field_username(body, LK_FIELD_OPTIONAL | LK_FIELD_NULLABLE, &v, &in.username);
    lk_api_field_email(body, 0, &v, &in.email);
    lk_api_field_password(body, 0, &v, &in.password);
    lk_api_field_full_name(body, LK_FIELD_OPTIONAL | LK_FIELD_NULLABLE, &v, &in.full_name);

    struct lk_api_work *work = lk_api_make_account(r, res, &in, &v);
    if (work != NULL) {
        lk_api_account_made(res, &work->account);
    }
}

void lk_api_account_get(struct lk_request *r, struct lk_response *res) {
    struct lk_json j;
    if (!lk_may_act_on(&r->caller, r->params[0], LK_SCOPE_READ)) {
        lk_api_forbidden(res);
        return;
    }
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    int err = lk_account_by_username(lk_api_app(r)->service, r->params[0], &work->account, &work->mem);
    if (lk_api_failed(r, res, err == LK_ERR_INVALID ? LK_ERR_NOT_FOUND : err, NULL, 0)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_str(&j, "username", work->account.username);
    if (r->caller.kind == LK_CALLER_INTERNAL) {
        lk_json_str(&j, "password", work->account.password);
    }
    lk_json_str(&j, "email", work->account.email);
    lk_json_end_object(&j);
}

static void delete_account(struct lk_request *r, struct lk_response *res, const uint8_t id[LK_UUID_LEN]) {
    int err = lk_account_delete(lk_api_app(r)->service, id, &r->client, &r->caller);
    if (!lk_api_failed(r, res, err, NULL, 0)) {
        lk_res_empty(res, 204);
    }
}

void lk_api_account_delete(struct lk_request *r, struct lk_response *res) {
    if (!lk_may_act_on(&r->caller, r->params[0], LK_SCOPE_DELETE)) {
        lk_api_forbidden(res);
        return;
    }
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    int err = lk_account_by_username(lk_api_app(r)->service, r->params[0], &work->account, &work->mem);
    if (!lk_api_failed(r, res, err == LK_ERR_INVALID ? LK_ERR_NOT_FOUND : err, NULL, 0)) {
        delete_account(r, res, work->account.id);
    }
}

void lk_api_account_delete_by_id(struct lk_request *r, struct lk_response *res) {
    uint8_t id[LK_UUID_LEN];
    if (!lk_is_admin(&r->caller) && !lk_has_scope(&r->caller, LK_SCOPE_DELETE)) {
        lk_api_forbidden(res);
        return;
    }
    if (lk_uuid_parse(r->params[0], id) != 0) {
        lk_api_not_found(res);
        return;
    }
    delete_account(r, res, id);
}
