/* The routes of document 003: a person with a name, an address and a picture. */
#include "api/handlers.h"
#include "api/page.h"

static void person_answer(struct lk_request *r, struct lk_response *res, int status,
                          const struct lk_account *account) {
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, status);
    lk_json_object(&j, NULL);
    lk_api_json_person(&j, lk_api_app(r), account);
    lk_json_end_object(&j);
}

void lk_api_user_register(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.roles = LK_ROLE_USER};
    struct lk_body *body;
    if (!lk_api_signup_allowed(r, res) || lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_full_name(body, 0, &v, &in.full_name);
    lk_api_field_email(body, 0, &v, &in.email);
    lk_api_field_picture(r, body, &v, &in.picture, &in.picture_type);
    lk_api_field_password(body, 0, &v, &in.password);

    struct lk_api_work *work = lk_api_make_account(r, res, &in, &v);
    if (work != NULL) {
        person_answer(r, res, 201, &work->account);
    }
}

/* 003 answers wrong credentials on both fields, with one sentence that does not tell which half was wrong. */
static void wrong_credentials(struct lk_response *res) {
    static const char *const names[] = {"email", "password"};
    struct lk_json j;
    lk_json_begin(&j, res, 400);
    lk_json_object(&j, NULL);
    for (size_t i = 0; i < 2; i++) {
        lk_json_array(&j, names[i]);
        lk_json_cstr(&j, NULL, "No active account found with the given credentials");
        lk_json_end_array(&j);
    }
    lk_json_end_object(&j);
}

static void login_answer(struct lk_request *r, struct lk_response *res, const struct lk_api_work *work) {
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_object(&j, "tokens");
    lk_json_cstr(&j, "refresh", work->tokens.refresh);
    lk_json_cstr(&j, "access", work->tokens.access);
    lk_json_end_object(&j);
    lk_json_object(&j, "data");
    lk_api_json_person(&j, lk_api_app(r), &work->account);
    lk_json_end_object(&j);
    lk_json_end_object(&j);
}

void lk_api_user_login(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str email = {NULL, 0};
    struct lk_str password = {NULL, 0};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_email(body, 0, &v, &email);
    if (!lk_violation_has(&v, LK_FIELD_EMAIL)) {
        lk_check_email(&v, email);
    }
    lk_api_field_password(body, 0, &v, &password);
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    r->client.user_agent = lk_request_header(r, "User-Agent");
    int err = lk_account_login(lk_api_app(r)->service, LK_BY_EMAIL, email, password, &r->client,
                               &work->account, &work->mem, &work->tokens, &work->retry_after);
    if (err == LK_ERR_MISMATCH) {
        wrong_credentials(res);
    } else if (!lk_api_failed(r, res, err, NULL, work->retry_after)) {
        login_answer(r, res, work);
    }
}

void lk_api_user_me(struct lk_request *r, struct lk_response *res) {
    person_answer(r, res, 200, &r->caller.account);
}

/* PUT asks for every field, PATCH for none; the picture is optional in both. */
void lk_api_user_update(struct lk_request *r, struct lk_response *res) {
    unsigned flags = r->method == LK_PATCH ? LK_FIELD_OPTIONAL : 0;
    struct lk_violations v = {.count = 0};
    struct lk_update in = {.keep_session = r->caller.session, .by = &r->caller};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_full_name(body, flags, &v, &in.full_name);
    lk_api_field_email(body, flags, &v, &in.email);
    in.change_picture = lk_api_field_picture(r, body, &v, &in.picture, &in.picture_type);
    lk_api_field_password(body, flags, &v, &in.password);

    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    int err = lk_account_update(lk_api_app(r)->service, r->caller.account.id, &in, lk_api_client(r), &v,
                                &work->account, &work->mem);
    if (!lk_api_failed(r, res, err, &v, 0)) {
        person_answer(r, res, 200, &work->account);
    }
}
