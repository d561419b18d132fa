#include "api/handlers.h"
#include "api/page.h"

struct lk_app *lk_api_app(const struct lk_request *r) {
    return r->app;
}

struct lk_api_work *lk_api_work(struct lk_request *r, struct lk_response *res) {
    struct lk_api_work *work = lk_arena_alloc(r->arena, sizeof(*work));
    if (work == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
    }
    return work;
}

bool lk_api_failed(struct lk_request *r, struct lk_response *res, int err, const struct lk_violations *v,
                   uint32_t retry_after) {
    if (v != NULL && v->count > 0 && (err == 0 || err == LK_ERR_INVALID)) {
        lk_res_violations(res, v, r->mount);
        return true;
    }
    switch (err) {
    case 0:
        return false;
    case LK_ERR_THROTTLED:
        lk_res_throttled(res, retry_after);
        return true;
    case LK_ERR_NOT_FOUND:
        lk_api_not_found(res);
        return true;
    case LK_ERR_DENIED:
        lk_api_forbidden(res);
        return true;
    default:
        lk_res_error(res, err);
        return true;
    }
}

void lk_api_not_found(struct lk_response *res) {
    lk_res_detail(res, 404, "Not found.");
}

void lk_api_forbidden(struct lk_response *res) {
    lk_res_detail(res, 403, "You do not have permission to perform this action.");
}

static void one_text(struct lk_response *res, int status, const char *key, const char *text) {
    struct lk_json j;
    lk_json_begin(&j, res, status);
    lk_json_object(&j, NULL);
    lk_json_cstr(&j, key, text);
    lk_json_end_object(&j);
}

void lk_api_message(struct lk_response *res, int status, const char *text) {
    one_text(res, status, "message", text);
}

void lk_api_error(struct lk_response *res, int status, const char *text) {
    one_text(res, status, "error", text);
}

void lk_api_json_id(struct lk_json *j, const char *key, const uint8_t id[LK_UUID_LEN]) {
    char text[LK_UUID_TEXT_LEN];
    struct lk_buf b;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_uuid(&b, id);
    lk_json_str(j, key, lk_buf_str(&b));
}

void lk_api_json_roles(struct lk_json *j, const char *key, uint8_t roles) {
    lk_json_array(j, key);
    if ((roles & LK_ROLE_USER) != 0) {
        lk_json_cstr(j, NULL, "user");
    }
    if ((roles & LK_ROLE_ADMIN) != 0) {
        lk_json_cstr(j, NULL, "admin");
    }
    lk_json_end_array(j);
}

/* A picture's address hangs on public_url, never on the Host header of whoever asks. */
static void json_picture(struct lk_json *j, const struct lk_app *app, struct lk_str name) {
    char url[512];
    struct lk_buf b;
    if (name.len == 0) {
        lk_json_null(j, "profile_pic");
        return;
    }
    lk_buf_init(&b, url, sizeof(url));
    lk_buf_put_cstr(&b, app->public_url);
    lk_buf_put_cstr(&b, "/api/user/media/");
    lk_buf_put_str(&b, name);
    lk_json_str(j, "profile_pic", lk_buf_str(&b));
}

void lk_api_json_person(struct lk_json *j, const struct lk_app *app, const struct lk_account *account) {
    lk_api_json_id(j, "id", account->id);
    lk_json_str(j, "full_name", account->full_name);
    lk_json_str(j, "email", account->email);
    json_picture(j, app, account->picture);
}

void lk_api_account_made(struct lk_response *res, const struct lk_account *account) {
    struct lk_json j;
    res->sensitive = true;
    lk_json_begin(&j, res, 201);
    lk_json_object(&j, NULL);
    lk_api_json_id(&j, "id", account->id);
    lk_json_str(&j, "username", account->username);
    lk_json_str(&j, "email", account->email);
    lk_api_json_roles(&j, "roles", account->roles);
    lk_json_end_object(&j);
}

/* Who may make accounts for others. */
static bool makes_accounts(const struct lk_request *r) {
    return lk_is_admin(&r->caller) || lk_has_scope(&r->caller, LK_SCOPE_WRITE);
}

struct lk_api_work *lk_api_make_account(struct lk_request *r, struct lk_response *res,
                                        const struct lk_signup *in, struct lk_violations *v) {
    struct lk_service *service = lk_api_app(r)->service;
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return NULL;
    }
    const struct lk_client *client = lk_api_client(r);
    struct lk_signup made = *in;
    made.by = makes_accounts(r) ? &r->caller : NULL;
    int err = made.by != NULL ? lk_account_signup(service, &made, client, v, &work->account, &work->mem)
                              : lk_account_signup_open(service, in, client, v, &work->account, &work->mem,
                                                       &work->retry_after);
    return lk_api_failed(r, res, err, v, work->retry_after) ? NULL : work;
}

bool lk_api_signup_allowed(struct lk_request *r, struct lk_response *res) {
    switch (lk_service_policy(lk_api_app(r)->service).signup) {
    case LK_SIGNUP_OPEN:
        return true;
    case LK_SIGNUP_ADMIN:
        if (makes_accounts(r)) {
            return true;
        }
        lk_api_forbidden(res);
        return false;
    default:
        lk_res_detail(res, 403, "Sign-up is closed.");
        return false;
    }
}
