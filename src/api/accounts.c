/* Accounts as an administrator sees them. */
#include "account/manage.h"

#include "api/handlers.h"
#include "api/page.h"
#include "api/pages.h"

#include <string.h>

#define LOOK_AT 20000 /* accounts in one request: a few milliseconds; a rare word takes several */
#define SEARCH_MAX 254
#define LAST_ADMIN "This is the only active administrator: give somebody else the role first."
#define DISABLED "This account is disabled: enable it first."

/* --- answers -------------------------------------------------------------------------------------------- */

static void json_account(struct lk_json *j, const struct lk_account *a) {
    lk_api_json_own(j, a);
    lk_json_bool(j, "is_active", a->is_active);
    lk_json_bool(j, "has_password", !lk_password_unset(a));
    lk_api_json_time(j, "created", a->created);
    lk_api_json_time(j, "last_login", a->last_login);
}

/* {"url": …, "expires": …}: without a URL it is in the mail. */
static void json_link(struct lk_json *j, const char *key, struct lk_request *r,
                      const struct lk_handed_link *link) {
    char url[512];
    struct lk_buf b;
    lk_buf_init(&b, url, sizeof(url));
    lk_buf_put_cstr(&b, lk_api_app(r)->public_url);
    lk_buf_put_cstr(&b, "/auth/password_reset_confirm/");
    lk_buf_put_cstr(&b, link->path);
    lk_buf_put_char(&b, '/');
    lk_json_object(j, key);
    if (link->path[0] == '\0') {
        lk_json_null(j, "url");
    } else {
        lk_json_str(j, "url", lk_buf_str(&b));
    }
    lk_api_json_time(j, "expires", link->expires);
    lk_json_end_object(j);
}

static bool failed(struct lk_request *r, struct lk_response *res, int err, const struct lk_violations *v,
                   const char *conflict) {
    if (err == LK_ERR_CONFLICT) {
        lk_res_detail(res, 409, conflict);
        return true;
    }
    return lk_api_failed(r, res, err, v, 0);
}

/* --- finding -------------------------------------------------------------------------------------------- */

static int put_one(const struct lk_account *a, void *arg) {
    struct lk_json *j = arg;
    if (j->res->body.len > LK_API_ROWS_BYTES) {
        return LK_ERR_TOO_LARGE;
    }
    lk_json_object(j, NULL);
    json_account(j, a);
    lk_json_end_object(j);
    return 0;
}

static void read_search(struct lk_request *r, struct lk_search *s, struct lk_violations *v) {
    struct lk_str cursor = lk_api_query_text(r, "cursor", LK_FIELD_CURSOR, v);
    s->look_at = LOOK_AT;
    s->count = lk_api_query_limit(r, v);
    s->text = lk_str_trim(lk_api_query_text(r, "search", LK_FIELD_SEARCH, v));
    s->resume = cursor.ptr != NULL;
    if (s->resume && lk_uuid_parse(cursor, s->after) != 0) {
        lk_violation_add(v, LK_FIELD_CURSOR, LK_RULE_INVALID, 0);
    }
    if (s->text.len > SEARCH_MAX) {
        lk_violation_add(v, LK_FIELD_SEARCH, LK_RULE_MAX_LENGTH, SEARCH_MAX);
    }
}

void lk_api_accounts_list(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_search s = {.text = {NULL, 0}};
    struct lk_json j;
    read_search(r, &s, &v);
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_array(&j, "accounts");
    int err = lk_account_search(lk_api_app(r)->service, &s, put_one, &j);
    lk_json_end_array(&j);
    if (s.resume) {
        lk_api_json_id(&j, "next", s.after);
    } else {
        lk_json_null(&j, "next");
    }
    lk_json_end_object(&j);
    if (err != 0) {
        lk_res_error(res, err);
    }
}

/* --- inviting ------------------------------------------------------------------------------------------- */

/* A mail where the server sends none is a mistake in the field that asked for it. */
static int mailing(int err, struct lk_violations *v) {
    if (err == LK_ERR_UNSUPPORTED) {
        lk_violation_add(v, LK_FIELD_MAIL, LK_RULE_MAIL_OFF, 0);
        return LK_ERR_INVALID;
    }
    return err;
}

void lk_api_accounts_invite(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.roles = LK_ROLE_USER};
    struct lk_handed_link link = {.mail = false};
    struct lk_body *body;
    struct lk_json j;
    if (!lk_api_signup_allowed(r, res) || lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_username(body, LK_FIELD_OPTIONAL | LK_FIELD_NULLABLE, &v, &in.username);
    lk_api_field_email(body, 0, &v, &in.email);
    lk_api_field_full_name(body, LK_FIELD_OPTIONAL | LK_FIELD_NULLABLE, &v, &in.full_name);
    lk_api_field_roles(body, &v, &in.roles);
    lk_api_field_bool(body, "mail", LK_FIELD_MAIL, &v, &link.mail);
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    int err = lk_manage_invite(lk_api_app(r)->service, &in, lk_api_client(r), &r->caller, &v, &work->account,
                               &work->mem, &link);
    if (failed(r, res, mailing(err, &v), &v, DISABLED)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 201);
    lk_json_object(&j, NULL);
    lk_json_object(&j, "account");
    json_account(&j, &work->account);
    lk_json_end_object(&j);
    json_link(&j, "link", r, &link);
    lk_json_end_object(&j);
}

/* --- one account ---------------------------------------------------------------------------------------- */

static bool read_id(struct lk_request *r, struct lk_response *res, uint8_t id[LK_UUID_LEN]) {
    if (lk_uuid_parse(r->params[0], id) != 0) {
        lk_api_not_found(res);
        return false;
    }
    return true;
}

void lk_api_accounts_change(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_change change = {.change_roles = false};
    uint8_t id[LK_UUID_LEN];
    struct lk_body *body;
    struct lk_json j;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    change.change_active = lk_api_field_bool(body, "is_active", LK_FIELD_IS_ACTIVE, &v, &change.active);
    change.change_roles = lk_api_field_roles(body, &v, &change.roles);
    lk_api_field_full_name(body, LK_FIELD_OPTIONAL, &v, &change.full_name);
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL || lk_api_failed(r, res, 0, &v, 0) || !read_id(r, res, id)) {
        return;
    }
    int err = lk_manage_change(lk_api_app(r)->service, id, &change, &r->client, &r->caller, &v,
                               &work->account, &work->mem);
    if (failed(r, res, err, &v, LAST_ADMIN)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    json_account(&j, &work->account);
    lk_json_end_object(&j);
}

void lk_api_accounts_delete(struct lk_request *r, struct lk_response *res) {
    uint8_t id[LK_UUID_LEN];
    if (!read_id(r, res, id)) {
        return;
    }
    int err = lk_manage_delete(lk_api_app(r)->service, id, &r->client, &r->caller);
    if (!failed(r, res, err, NULL, LAST_ADMIN)) {
        lk_res_empty(res, 204);
    }
}

void lk_api_accounts_link(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_handed_link link = {.mail = false};
    uint8_t id[LK_UUID_LEN];
    struct lk_body *body;
    struct lk_json j;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_bool(body, "mail", LK_FIELD_MAIL, &v, &link.mail);
    if (lk_api_failed(r, res, 0, &v, 0) || !read_id(r, res, id)) {
        return;
    }
    int err = lk_manage_link(lk_api_app(r)->service, id, lk_api_client(r), &r->caller, &link);
    if (failed(r, res, mailing(err, &v), &v, DISABLED)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    json_link(&j, NULL, r, &link);
}
