/* Logging in, refreshing and checking tokens. */
#include "api/handlers.h"

/* Exactly {refresh, access} for a login by username; 004's members besides for one by e-mail. */
static void login_answer(struct lk_response *res, const struct lk_tokens *tokens, enum lk_login_by by) {
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_cstr(&j, "refresh", tokens->refresh);
    lk_json_cstr(&j, "access", tokens->access);
    if (by == LK_BY_EMAIL) {
        lk_json_cstr(&j, "token", tokens->access);
        lk_json_cstr(&j, "token_type", "Bearer");
        lk_json_int(&j, "expires_in", tokens->access_lifetime);
    }
    lk_json_end_object(&j);
}

void lk_api_login(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str name = {NULL, 0};
    struct lk_str password = {NULL, 0};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    enum lk_login_by by = LK_BY_USERNAME;
    if (lk_body_get(body, "username").kind == LK_VALUE_ABSENT &&
        lk_body_get(body, "email").kind != LK_VALUE_ABSENT) {
        by = LK_BY_EMAIL;
        lk_body_text(body, "email", LK_FIELD_EMAIL, LK_FIELD_TRIM | LK_FIELD_EMAIL_KIND, &v, &name);
    } else {
        lk_body_text(body, "username", LK_FIELD_USERNAME, LK_FIELD_TRIM, &v, &name);
    }
    lk_api_field_password(body, 0, &v, &password);
    if (v.count > 0) {
        lk_res_violations(res, &v, r->mount);
        return;
    }
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    r->client.user_agent = lk_request_header(r, "User-Agent");
    int err = lk_account_login(lk_api_app(r)->service, by, name, password, &r->client, &work->account,
                               &work->mem, &work->tokens, &work->retry_after);
    if (err == LK_ERR_MISMATCH) {
        lk_res_no_account(res, r->mount);
    } else if (!lk_api_failed(r, res, err, NULL, work->retry_after)) {
        login_answer(res, &work->tokens, by);
    }
}

void lk_api_refresh(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str token = {NULL, 0};
    enum lk_token_fault fault = LK_TOKEN_OK;
    struct lk_body *body;
    struct lk_json j;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    if (!lk_api_field_token(body, "refresh", LK_FIELD_REFRESH, "refresh_token", &v, &token)) {
        lk_res_violations(res, &v, r->mount);
        return;
    }
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    int err = lk_token_refresh(lk_api_app(r)->service, token, r->client.now, &work->tokens, &fault);
    if (err == LK_ERR_DENIED) {
        lk_res_token_fault(res, fault, r->mount);
        return;
    }
    if (lk_api_failed(r, res, err, NULL, 0)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_cstr(&j, "access", work->tokens.access);
    if (work->tokens.refresh[0] != '\0') {
        lk_json_cstr(&j, "refresh", work->tokens.refresh);
    }
    lk_json_end_object(&j);
}

/* Reads `token` from the body and asks `check` about it. True when the answer is left to the caller. */
static bool check_token(struct lk_request *r, struct lk_response *res,
                        int (*check)(struct lk_service *, struct lk_str, int64_t, enum lk_token_fault *),
                        enum lk_token_fault *fault) {
    struct lk_violations v = {.count = 0};
    struct lk_str token = {NULL, 0};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return false;
    }
    if (!lk_api_field_token(body, "token", LK_FIELD_TOKEN, NULL, &v, &token)) {
        lk_res_violations(res, &v, r->mount);
        return false;
    }
    int err = check(lk_api_app(r)->service, token, r->client.now, fault);
    return err == LK_ERR_DENIED || !lk_api_failed(r, res, err, NULL, 0);
}

void lk_api_verify(struct lk_request *r, struct lk_response *res) {
    enum lk_token_fault fault = LK_TOKEN_OK;
    struct lk_json j;
    if (!check_token(r, res, lk_token_verify, &fault)) {
        return;
    }
    if (fault != LK_TOKEN_OK) {
        lk_res_token_fault(res, fault, r->mount);
        return;
    }
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_end_object(&j);
}

void lk_api_validate(struct lk_request *r, struct lk_response *res) {
    enum lk_token_fault fault = LK_TOKEN_OK;
    if (!check_token(r, res, lk_token_validate_access, &fault)) {
        return;
    }
    if (fault == LK_TOKEN_OK) {
        lk_api_message(res, 200, "Token is valid");
        return;
    }
    /* For the status and its WWW-Authenticate; the body is the document's own. */
    lk_res_token_fault(res, fault, r->mount);
    lk_api_message(res, 401, "Token is invalid");
}

void lk_api_me(struct lk_request *r, struct lk_response *res) {
    const struct lk_account *account = &r->caller.account;
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_api_json_id(&j, "id", account->id);
    lk_json_str(&j, "username", account->username);
    lk_json_str(&j, "email", account->email);
    lk_api_json_roles(&j, "roles", account->roles);
    lk_json_bool(&j, "is_active", account->is_active);
    lk_json_bool(&j, "email_verified", account->email_verified);
    lk_json_end_object(&j);
}
