/* Ending a session. */
#include "api/handlers.h"
#include "http/headers.h"

#define LOGGED_OUT "Logged out successfully"
#define NOT_VALID "Token is invalid or already blacklisted"

/* 401 with 002's own body; WWW-Authenticate stands on every 401. */
static void refuse(struct lk_request *r, struct lk_response *res) {
    lk_res_token_fault(res, LK_TOKEN_INVALID, r->mount);
    lk_api_error(res, 401, NOT_VALID);
}

static void answer(struct lk_request *r, struct lk_response *res, int err) {
    if (err == LK_ERR_DENIED || err == LK_ERR_NOT_FOUND) {
        refuse(r, res);
    } else if (!lk_api_failed(r, res, err, NULL, 0)) {
        lk_api_message(res, 200, LOGGED_OUT);
    }
}

/* Without a body: the session of the access token in the Authorization header. */
static void logout_caller(struct lk_request *r, struct lk_response *res) {
    struct lk_caller *caller = lk_arena_alloc(r->arena, sizeof(*caller));
    struct lk_account_mem *mem = lk_arena_alloc(r->arena, sizeof(*mem));
    if (caller == NULL || mem == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    struct lk_str token = {NULL, 0};
    size_t count;
    struct lk_str header = lk_header_find(r->head, LK_STR("Authorization"), &count);
    /* Of two, which one a reader takes must not matter. */
    if (lk_credentials_parse(header, &token) != LK_CREDENTIALS_TOKEN || count > 1) {
        refuse(r, res);
        return;
    }
    int err = 0;
    enum lk_token_fault fault =
        lk_authenticate(lk_api_app(r)->service, token, r->client.now, caller, mem, &err);
    if (err != 0) {
        lk_res_error(res, err);
    } else if (fault != LK_TOKEN_OK || caller->kind != LK_CALLER_USER) {
        refuse(r, res);
    } else {
        answer(r, res, lk_logout_caller(lk_api_app(r)->service, caller, &r->client));
    }
}

/* The token's field: `refresh_token`, or `refresh` as SimpleJWT names it. */
static struct lk_value token_field(const struct lk_body *body) {
    struct lk_value value = lk_body_get(body, "refresh_token");
    return value.kind != LK_VALUE_ABSENT ? value : lk_body_get(body, "refresh");
}

void lk_api_logout(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str token = {NULL, 0};
    struct lk_body *body;
    if (r->body.len == 0 && lk_request_header(r, "authorization").len > 0) {
        logout_caller(r, res);
        return;
    }
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    struct lk_value value = token_field(body);
    if (value.kind == LK_VALUE_ABSENT || value.kind == LK_VALUE_NULL) {
        lk_api_field_token(body, "refresh_token", LK_FIELD_REFRESH_TOKEN, "refresh", &v, &token);
        lk_res_violations(res, &v, r->mount);
    } else if (!lk_api_field_token(body, "refresh_token", LK_FIELD_REFRESH_TOKEN, "refresh", &v, &token)) {
        /* 002 answers whatever is no token at all with its own error body. */
        lk_api_error(res, 400, NOT_VALID);
    } else {
        answer(r, res, lk_logout_token(lk_api_app(r)->service, token, &r->client));
    }
}
