/* The pages' own session: signing in and out, who is signed in, and what that person changes of the account. */
#include "api/handlers.h"
#include "api/page.h"
#include "api/pages.h"

/* --- the cookie ----------------------------------------------------------------------------------------- */

/* A cookie that no script reads, no other site's page sends, and no other host can set (RFC 6265bis §4.1). */
static void set_cookie(struct lk_request *r, struct lk_response *res, const char *value, int64_t lifetime) {
    size_t cap = sizeof(LK_PAGE_COOKIE) + LK_TOKEN_MAX + 96;
    char *mem = lk_arena_alloc(r->arena, cap);
    struct lk_buf b;
    lk_buf_init(&b, mem, mem == NULL ? 0 : cap);
    lk_buf_put_cstr(&b, LK_PAGE_COOKIE "=");
    lk_buf_put_cstr(&b, value);
    lk_buf_put_cstr(&b, "; Path=/; Max-Age=");
    lk_buf_put_i64(&b, lifetime);
    lk_buf_put_cstr(&b, "; Secure; HttpOnly; SameSite=Strict");
    if (b.err != 0) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    res->set_cookie = lk_buf_str(&b);
}

void lk_api_drop_cookie(struct lk_request *r, struct lk_response *res) {
    set_cookie(r, res, "", 0);
}

/* --- who is signed in ----------------------------------------------------------------------------------- */

/* Pictures are on this very origin, whatever public_url says. */
static void json_picture(struct lk_json *j, struct lk_str name) {
    char path[64 + LK_PICTURE_NAME_MAX];
    struct lk_buf b;
    lk_buf_init(&b, path, sizeof(path));
    lk_buf_put_cstr(&b, "/api/user/media/");
    lk_buf_put_str(&b, name);
    if (name.len == 0) {
        lk_json_null(j, "picture");
    } else {
        lk_json_str(j, "picture", lk_buf_str(&b));
    }
}

void lk_api_json_own(struct lk_json *j, const struct lk_account *account) {
    lk_api_json_id(j, "id", account->id);
    lk_json_str(j, "username", account->username);
    lk_json_str(j, "email", account->email);
    lk_json_str(j, "full_name", account->full_name);
    json_picture(j, account->picture);
    lk_api_json_roles(j, "roles", account->roles);
    lk_json_bool(j, "email_verified", account->email_verified);
}

/* What the pages show depends on these. */
static void json_server(struct lk_json *j, struct lk_service *service) {
    static const char *const names[] = {
        [LK_SIGNUP_OPEN] = "open", [LK_SIGNUP_ADMIN] = "admin", [LK_SIGNUP_CLOSED] = "closed"};
    struct lk_policy policy = lk_service_policy(service);
    lk_json_cstr(j, "signup", names[policy.signup]);
    lk_json_bool(j, "setup", lk_setup_open(service));
    lk_json_bool(j, "mail", policy.mail);
    lk_json_int(j, "password_min_length", policy.password.min_chars);
}

static void answer(struct lk_request *r, struct lk_response *res, const struct lk_account *account,
                   const char *csrf) {
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    if (account != NULL) {
        lk_json_object(&j, "account");
        lk_api_json_own(&j, account);
        lk_json_end_object(&j);
        lk_json_cstr(&j, "csrf_token", csrf);
    } else {
        lk_json_null(&j, "account");
        lk_json_null(&j, "csrf_token");
    }
    json_server(&j, lk_api_app(r)->service);
    lk_json_end_object(&j);
}

/* The one route that takes the cookie alone: it changes nothing, and no other origin may read its answer. */
void lk_api_session_get(struct lk_request *r, struct lk_response *res) {
    struct lk_service *service = lk_api_app(r)->service;
    char csrf[LK_CSRF_LEN + 1];
    int err = 0;
    if (!lk_request_same_origin(r)) {
        lk_api_forbidden(res);
        return;
    }
    enum lk_token_fault fault = lk_request_page_caller(service, r, csrf, &err);
    struct lk_page *page = lk_arena_alloc(r->arena, sizeof(*page));
    if (err == 0 && page == NULL) {
        err = LK_ERR_NO_MEMORY;
    }
    if (err == 0 && fault == LK_TOKEN_OK) {
        err = lk_page_renew(service, &r->caller, r->client.now, page);
        fault = err == LK_ERR_NOT_FOUND ? LK_TOKEN_INVALID : fault;
    }
    if (err < 0 && err != LK_ERR_NOT_FOUND) {
        lk_res_error(res, err);
    } else if (fault == LK_TOKEN_OK) {
        answer(r, res, &r->caller.account, csrf);
        if (err > 0) {
            set_cookie(r, res, page->cookie, page->lifetime);
        }
    } else {
        answer(r, res, NULL, NULL);
        if (fault != LK_TOKEN_NO_USER) {
            lk_api_drop_cookie(r, res);
        }
    }
}

/* --- in and out ----------------------------------------------------------------------------------------- */

/* A page of another site must not sign a person in under an account of its own choice. */
void lk_api_session_post(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str name = {NULL, 0};
    struct lk_str password = {NULL, 0};
    struct lk_body *body;
    if (!lk_request_same_origin(r)) {
        lk_res_detail(res, 403, "CSRF Failed: Origin checking failed.");
        return;
    }
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_body_text(body, "username", LK_FIELD_USERNAME, LK_FIELD_TRIM, &v, &name);
    lk_api_field_password(body, 0, &v, &password);
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    struct lk_page *page = lk_arena_alloc(r->arena, sizeof(*page));
    if (page == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    r->client.user_agent = lk_request_header(r, "User-Agent");
    int err = lk_page_login(lk_api_app(r)->service, name, password, &r->client, &work->account, &work->mem,
                            page, &work->retry_after);
    if (err == LK_ERR_MISMATCH) {
        lk_res_no_account(res, r->mount);
    } else if (!lk_api_failed(r, res, err, NULL, work->retry_after)) {
        answer(r, res, &work->account, page->csrf);
        set_cookie(r, res, page->cookie, page->lifetime);
    }
}

void lk_api_session_delete(struct lk_request *r, struct lk_response *res) {
    int err = lk_logout_caller(lk_api_app(r)->service, &r->caller, &r->client);
    if (!lk_api_failed(r, res, err, NULL, 0)) {
        lk_res_empty(res, 204);
        lk_api_drop_cookie(r, res);
    }
}

/* --- the account itself --------------------------------------------------------------------------------- */

/* Who finds a device unlocked must not take the account over: that needs the password once more. */
static int confirm(struct lk_request *r, const struct lk_body *body, const struct lk_update *in,
                   struct lk_violations *v, uint32_t *retry_after) {
    struct lk_str current = {NULL, 0};
    bool new_email = in->email.ptr != NULL && !lk_str_eq(in->email, r->caller.account.email);
    if (in->password.ptr == NULL && !new_email) {
        return 0;
    }
    if (!lk_body_text(body, "current_password", LK_FIELD_CURRENT_PASSWORD, 0, v, &current)) {
        return LK_ERR_INVALID;
    }
    int err =
        lk_password_confirm(lk_api_app(r)->service, &r->caller.account, current, &r->client, retry_after);
    if (err == LK_ERR_MISMATCH) {
        lk_violation_add(v, LK_FIELD_CURRENT_PASSWORD, LK_RULE_PASSWORD_WRONG, 0);
        err = LK_ERR_INVALID;
    }
    return err;
}

void lk_api_session_account(struct lk_request *r, struct lk_response *res) {
    struct lk_service *service = lk_api_app(r)->service;
    struct lk_violations v = {.count = 0};
    struct lk_update in = {.keep_session = r->caller.session, .by = &r->caller};
    struct lk_body *body;
    struct lk_json j;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_full_name(body, LK_FIELD_OPTIONAL, &v, &in.full_name);
    lk_api_field_email(body, LK_FIELD_OPTIONAL, &v, &in.email);
    in.change_picture = lk_api_field_picture(r, body, &v, &in.picture, &in.picture_type);
    lk_api_field_password(body, LK_FIELD_OPTIONAL, &v, &in.password);
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL || lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    int err = confirm(r, body, &in, &v, &work->retry_after);
    if (err == 0) {
        err = lk_account_update(service, r->caller.account.id, &in, lk_api_client(r), &v, &work->account,
                                &work->mem);
    }
    if (lk_api_failed(r, res, err, &v, work->retry_after)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_api_json_own(&j, &work->account);
    lk_json_end_object(&j);
}
