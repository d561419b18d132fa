/* The routes of document 000's profiles. */
#include "api/handlers.h"

static void profile_answer(struct lk_response *res, int status, struct lk_str username,
                           struct lk_str biography) {
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, status);
    lk_json_object(&j, NULL);
    lk_json_str(&j, "username", username);
    lk_json_str(&j, "biography", biography);
    lk_json_end_object(&j);
}

/* Answers with the profile as it is stored. */
static void show_profile(struct lk_request *r, struct lk_response *res, int status, struct lk_str username) {
    struct lk_service *service = lk_api_app(r)->service;
    struct lk_str biography = {NULL, 0};
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    char *mem = lk_arena_alloc(r->arena, LK_BIOGRAPHY_MAX);
    if (mem == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    int err = lk_account_by_username(service, username, &work->account, &work->mem);
    if (err == 0) {
        err = lk_profile_get(service, username, mem, LK_BIOGRAPHY_MAX, &biography);
    }
    if (!lk_api_failed(r, res, err == LK_ERR_INVALID ? LK_ERR_NOT_FOUND : err, NULL, 0)) {
        profile_answer(res, status, work->account.username, biography);
    }
}

void lk_api_profile_create(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str username = {NULL, 0};
    struct lk_str biography = {NULL, 0};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_body_text(body, "username", LK_FIELD_USERNAME, LK_FIELD_TRIM, &v, &username);
    if (lk_body_text(body, "biography", LK_FIELD_BIOGRAPHY, LK_FIELD_TRIM | LK_FIELD_OPTIONAL, &v,
                     &biography)) {
        lk_check_biography(&v, biography);
    }
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    if (!lk_may_act_on(&r->caller, username, LK_SCOPE_WRITE)) {
        lk_api_forbidden(res);
        return;
    }
    int err = lk_profile_create(lk_api_app(r)->service, username, biography, &r->client, &r->caller);
    if (err == LK_ERR_EXISTS) {
        lk_violation_add(&v, LK_FIELD_USERNAME, LK_RULE_PROFILE_TAKEN, 0);
        lk_res_violations(res, &v, r->mount);
    } else if (!lk_api_failed(r, res, err == LK_ERR_INVALID ? LK_ERR_NOT_FOUND : err, NULL, 0)) {
        show_profile(r, res, 201, username);
    }
}

void lk_api_profile_get(struct lk_request *r, struct lk_response *res) {
    show_profile(r, res, 200, r->params[0]);
}

void lk_api_profile_delete(struct lk_request *r, struct lk_response *res) {
    if (!lk_may_act_on(&r->caller, r->params[0], LK_SCOPE_DELETE)) {
        lk_api_forbidden(res);
        return;
    }
    int err = lk_profile_delete(lk_api_app(r)->service, r->params[0], &r->client, &r->caller);
    if (!lk_api_failed(r, res, err == LK_ERR_INVALID ? LK_ERR_NOT_FOUND : err, NULL, 0)) {
        lk_res_empty(res, 204);
    }
}
