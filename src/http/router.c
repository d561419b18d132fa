#include "crypto/crypto.h"
#include "http/errors.h"
#include "http/headers.h"
#include "http/percent.h"

#define SEGMENTS_MAX 6

struct path {
    enum lk_mount mount;
    struct lk_str segments[SEGMENTS_MAX]; /* under the mount */
    size_t count;
};

/* --- finding the route ---------------------------------------------------------------------------------- */

/* Splits at slashes. False for an empty segment, or more of them than any route has; one slash at the
   end is fine. */
static bool split_path(struct lk_str raw, struct path *path) {
    path->count = 0;
    if (raw.len == 0 || raw.ptr[0] != '/') {
        return false;
    }
    struct lk_str rest = lk_str_sub(raw, 1, raw.len);
    while (rest.len > 0) {
        size_t end = lk_str_find(rest, '/');
        if (end == 0 || path->count == SEGMENTS_MAX) {
            return false;
        }
        path->segments[path->count++] = lk_str_sub(rest, 0, end);
        rest = lk_str_sub(rest, end + 1, rest.len);
    }
    return true;
}

static void drop_segments(struct path *path, size_t n) {
    path->count -= n;
    for (size_t i = 0; i < path->count; i++) {
        path->segments[i] = path->segments[i + n];
    }
}

static void find_mount(struct path *path) {
    const struct lk_str *s = path->segments;
    path->mount = LK_MOUNT_ROOT;
    if (path->count >= 1 && lk_str_eq(s[0], LK_STR("auth"))) {
        path->mount = LK_MOUNT_AUTH;
        drop_segments(path, 1);
    } else if (path->count >= 2 && lk_str_eq(s[0], LK_STR("api"))) {
        if (lk_str_eq(s[1], LK_STR("auth"))) {
            path->mount = LK_MOUNT_AUTH;
        } else if (lk_str_eq(s[1], LK_STR("users"))) {
            path->mount = LK_MOUNT_API_USERS;
        } else if (lk_str_eq(s[1], LK_STR("user"))) {
            path->mount = LK_MOUNT_API_USER;
        } else {
            return;
        }
        drop_segments(path, 2);
    }
}

/* Steps over the pattern's part that `segment` is: "{}" is any. NULL when it is none. */
static const char *match_part(const char *pattern, struct lk_str segment, bool *literal) {
    size_t len = 0;
    *literal = pattern[0] != '{';
    if (!*literal) {
        len = sizeof("{}") - 1;
    } else {
        while (len < segment.len && pattern[len] != '\0' && pattern[len] == segment.ptr[len]) {
            len++;
        }
        if (len < segment.len) {
            return NULL;
        }
    }
    if (pattern[len] == '/') {
        return pattern + len + 1;
    }
    return pattern[len] == '\0' ? pattern + len : NULL;
}

/* One bit a segment, the first one highest, set where it is literal: a greater number is a more literal
   match. Returns -1 when the pattern does not match. Most rows fail at their first letter. */
static int match_pattern(const char *pattern, const struct path *path) {
    int match = 0;
    for (size_t i = 0; i < path->count; i++) {
        bool literal = false;
        pattern = pattern[0] == '\0' ? NULL : match_part(pattern, path->segments[i], &literal);
        if (pattern == NULL) {
            return -1;
        }
        match = match * 2 + (literal ? 1 : 0);
    }
    return pattern[0] == '\0' ? match : -1;
}

/* Decodes the segments that stand where the pattern has variables. Returns 0, LK_ERR_INVALID or
   LK_ERR_NO_MEMORY. */
static int take_params(struct lk_request *r, const char *pattern, const struct path *path) {
    size_t count = 0;
    struct lk_str rest = lk_str_from(pattern);
    for (size_t i = 0; i < path->count && count < LK_PATH_PARAMS_MAX; i++) {
        size_t end = lk_str_find(rest, '/');
        if (lk_str_eq(lk_str_sub(rest, 0, end), LK_STR("{}"))) {
            int err = lk_percent_decode(r->arena, path->segments[i], false, &r->params[count]);
            if (err != 0) {
                return err;
            }
            if (lk_has_nul(r->params[count])) {
                return LK_ERR_INVALID;
            }
            count++;
        }
        rest = lk_str_sub(rest, end + 1, rest.len);
    }
    return 0;
}

struct match {
    const struct lk_route *first; /* of the rows of this path; NULL: no such path */
    const struct lk_route *row;   /* the one that takes the method, or NULL */
    unsigned allow;
};

static unsigned row_methods(const struct lk_route *row) {
    return row->methods | ((row->methods & LK_GET) != 0 ? (unsigned)LK_HEAD : 0U) | (unsigned)LK_OPTIONS;
}

static struct match find_route(const struct lk_router *router, const struct path *path,
                               enum lk_method method) {
    struct match m = {NULL, NULL, 0};
    int best = -1;
    for (size_t i = 0; i < router->count; i++) {
        const struct lk_route *row = &router->routes[i];
        if (row->mount != path->mount) {
            continue;
        }
        int literal = match_pattern(row->path, path);
        if (literal < 0 || literal < best) {
            continue;
        }
        if (literal > best) {
            best = literal;
            m = (struct match){.first = row};
        }
        unsigned methods = row_methods(row);
        m.allow |= methods;
        if (m.row == NULL && method != LK_OPTIONS && (methods & (unsigned)method) != 0) {
            m.row = row;
        }
    }
    return m;
}

/* --- who calls ------------------------------------------------------------------------------------------ */

/* True when the credentials were taken; else the answer is in `res`. */
static bool settle(struct lk_request *r, struct lk_response *res, enum lk_token_fault fault, int err) {
    if (err != 0) {
        lk_res_error(res, err);
        return false;
    }
    if (fault != LK_TOKEN_OK) {
        r->caller.kind = LK_CALLER_NOBODY;
        lk_res_bad_token(res, fault, r->mount);
        return false;
    }
    return true;
}

enum lk_token_fault lk_request_page_caller(struct lk_service *svc, struct lk_request *r,
                                           char csrf[LK_CSRF_LEN + 1], int *err) {
    struct lk_str cookie = lk_request_cookie(r, LK_PAGE_COOKIE);
    *err = 0;
    if (cookie.ptr == NULL) {
        return LK_TOKEN_NO_USER;
    }
    r->caller_mem = lk_arena_alloc(r->arena, sizeof(*r->caller_mem));
    if (r->caller_mem == NULL) {
        *err = LK_ERR_NO_MEMORY;
        return LK_TOKEN_INVALID;
    }
    return lk_page_authenticate(svc, cookie, r->client.now, &r->caller, r->caller_mem, csrf, err);
}

/* Room for the caller's account; NULL after the answer that there is none. */
static struct lk_account_mem *caller_mem(struct lk_request *r, struct lk_response *res) {
    r->caller_mem = lk_arena_alloc(r->arena, sizeof(*r->caller_mem));
    if (r->caller_mem == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
    }
    return r->caller_mem;
}

/* Fills r->caller from a token. False when the answer is in `res`. */
static bool take_token(struct lk_service *svc, struct lk_request *r, struct lk_response *res,
                       struct lk_str token) {
    int err = 0;
    if (caller_mem(r, res) == NULL) {
        return false;
    }
    enum lk_token_fault fault = lk_authenticate(svc, token, r->client.now, &r->caller, r->caller_mem, &err);
    return settle(r, res, fault, err);
}

/* A token of the Authorization header, if there is one. LK_CREDENTIALS_BAD: the answer is in `res`. */
static enum lk_credentials read_credentials(struct lk_request *r, struct lk_response *res,
                                            struct lk_str *token) {
    size_t count;
    struct lk_str header = lk_header_find(r->head, LK_STR("Authorization"), &count);
    enum lk_credentials credentials = lk_credentials_parse(header, token);
    if (count > 1 || credentials == LK_CREDENTIALS_BAD) {
        lk_res_bad_authorization(res, r->mount); /* which of two a reader takes must not matter */
        return LK_CREDENTIALS_BAD;
    }
    return credentials;
}

static bool is_user(struct lk_request *r, struct lk_response *res) {
    if (r->caller.kind != LK_CALLER_USER) {
        lk_res_bad_token(res, LK_TOKEN_WRONG_TYPE, r->mount);
    }
    return r->caller.kind == LK_CALLER_USER;
}

bool lk_request_reader(struct lk_service *svc, struct lk_request *r, struct lk_response *res) {
    char csrf[LK_CSRF_LEN + 1];
    struct lk_str token = {NULL, 0};
    int err = 0;
    enum lk_credentials credentials = read_credentials(r, res, &token);
    if (credentials == LK_CREDENTIALS_TOKEN) {
        return take_token(svc, r, res, token) && is_user(r, res);
    }
    if (credentials == LK_CREDENTIALS_BAD) {
        return false;
    }
    if (lk_request_cookie(r, LK_PAGE_COOKIE).ptr == NULL) {
        lk_res_no_credentials(res, r->mount);
        return false;
    }
    enum lk_token_fault fault = lk_request_page_caller(svc, r, csrf, &err);
    return settle(r, res, fault, err);
}

/* Fills r->caller from the pages' cookie, which counts only beside a header that no other site can send. */
static bool take_cookie(struct lk_service *svc, struct lk_request *r, struct lk_response *res,
                        struct lk_str sent) {
    char csrf[LK_CSRF_LEN + 1];
    int err = 0;
    enum lk_token_fault fault = lk_request_page_caller(svc, r, csrf, &err);
    if (!settle(r, res, fault, err)) {
        return false;
    }
    if (!lk_request_same_origin(r)) {
        lk_res_detail(res, 403, "CSRF Failed: Origin checking failed.");
    } else if (sent.len != LK_CSRF_LEN || !lk_equal_ct(sent.ptr, csrf, LK_CSRF_LEN)) {
        lk_res_detail(res, 403, "CSRF Failed: CSRF token incorrect.");
    } else {
        return true;
    }
    r->caller = (struct lk_caller){.kind = LK_CALLER_NOBODY};
    return false;
}

/* Fills r->caller from the Authorization header or, on a route of the pages, from their cookie. False when the
   answer is in `res`. */
static bool authenticate(struct lk_service *svc, struct lk_request *r, struct lk_response *res,
                         const struct lk_route *row) {
    bool optional = row->access == LK_ACCESS_OPTIONAL;
    struct lk_str token = {NULL, 0};
    enum lk_credentials credentials = read_credentials(r, res, &token);
    if (credentials == LK_CREDENTIALS_BAD) {
        return false;
    }
    if (credentials == LK_CREDENTIALS_TOKEN) {
        return take_token(svc, r, res, token);
    }
    struct lk_str csrf = row->page ? lk_request_header(r, "X-CSRF-Token") : LK_STR("");
    if (csrf.len > 0 && lk_request_cookie(r, LK_PAGE_COOKIE).ptr != NULL) {
        return take_cookie(svc, r, res, csrf);
    }
    if (!optional) {
        lk_res_no_credentials(res, r->mount);
    }
    return optional;
}

/* True when the caller may go on to `row`; else the answer is in `res`. */
static bool check_access(struct lk_service *svc, const struct lk_route *row, struct lk_request *r,
                         struct lk_response *res) {
    if (row->access == LK_ACCESS_ANYONE) {
        return true;
    }
    if (!authenticate(svc, r, res, row)) {
        return false;
    }
    bool user = row->access == LK_ACCESS_USER || row->access == LK_ACCESS_ADMIN;
    if (user && !is_user(r, res)) {
        return false;
    }
    if (row->access == LK_ACCESS_ADMIN && !lk_is_admin(&r->caller)) {
        lk_res_error(res, LK_ERR_DENIED);
        return false;
    }
    if (row->access == LK_ACCESS_INTERNAL && !lk_has_scope(&r->caller, row->scope)) {
        lk_res_error(res, LK_ERR_DENIED);
        return false;
    }
    return true;
}

const struct lk_route *lk_router_find(const struct lk_router *router, struct lk_str raw,
                                      enum lk_method method) {
    struct path path;
    if (!split_path(raw, &path)) {
        return NULL;
    }
    find_mount(&path);
    return find_route(router, &path, method).row;
}

unsigned lk_router_methods(const struct lk_router *router, struct lk_str raw) {
    struct path path;
    if (!split_path(raw, &path)) {
        return 0;
    }
    find_mount(&path);
    return find_route(router, &path, LK_METHOD_OTHER).allow;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

static void answer_not_found(const struct lk_router *router, struct lk_request *r, struct lk_response *res) {
    if (router->not_found != NULL) {
        router->not_found(r, res);
    } else {
        lk_res_error(res, LK_ERR_NOT_FOUND);
    }
}

void lk_router_handle(const struct lk_router *router, struct lk_service *svc, struct lk_request *r,
                      struct lk_response *res, const struct lk_route **matched) {
    struct path path;
    *matched = NULL;
    r->mount = LK_MOUNT_ROOT;
    if (!split_path(r->path, &path)) {
        answer_not_found(router, r, res);
        return;
    }
    find_mount(&path);
    r->mount = path.mount;
    struct match m = find_route(router, &path, r->method);
    if (m.first == NULL) {
        answer_not_found(router, r, res);
        return;
    }
    const struct lk_route *row = m.row != NULL ? m.row : m.first;
    *matched = row;
    res->allow = m.allow;
    int err = take_params(r, row->path, &path);
    if (err != 0) {
        lk_res_error(res, err == LK_ERR_INVALID ? LK_ERR_NOT_FOUND : err);
        return;
    }
    if (r->method == LK_OPTIONS) {
        lk_res_empty(res, 200);
        return;
    }
    if (!row->any_type &&
        lk_accept_quality(lk_request_header(r, "Accept"), LK_STR("application"), LK_STR("json")) == 0) {
        lk_res_not_acceptable(res);
        return;
    }
    if (!check_access(svc, row, r, res)) {
        return;
    }
    if (m.row == NULL) {
        lk_res_method_not_allowed(res, r->method_text);
        return;
    }
    row->handle(r, res);
}
