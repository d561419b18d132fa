/* The router: paths, methods, negotiation and who may call; and the bytes of the answers that leave. */
#include "http_testing.h"

#include "base/log.h"
#include "http/exchange.h"
#include "http/headers.h"
#include "http/response.h"
#include "serve/serve.h"

#include <string.h>

/* --- in place of the rules: tokens named by what they are ----------------------------------------------- */

enum lk_token_fault lk_authenticate(struct lk_service *svc, struct lk_str token, int64_t now,
                                    struct lk_caller *caller, struct lk_account_mem *mem, int *err) {
    (void)svc;
    (void)now;
    (void)mem;
    *err = lk_str_eq(token, LK_STR("disk")) ? LK_ERR_IO : 0;
    if (lk_str_eq(token, LK_STR("user"))) {
        caller->kind = LK_CALLER_USER;
        return LK_TOKEN_OK;
    }
    if (lk_str_eq(token, LK_STR("reader")) || lk_str_eq(token, LK_STR("writer"))) {
        caller->kind = LK_CALLER_INTERNAL;
        caller->scopes = lk_str_eq(token, LK_STR("reader")) ? LK_SCOPE_READ : LK_SCOPE_WRITE;
        return LK_TOKEN_OK;
    }
    return lk_str_eq(token, LK_STR("gone")) ? LK_TOKEN_USER_UNKNOWN : LK_TOKEN_INVALID;
}

#define CSRF "0123456789012345678901234567890123456789012"

enum lk_token_fault lk_page_authenticate(struct lk_service *svc, struct lk_str cookie, int64_t now,
                                         struct lk_caller *caller, struct lk_account_mem *mem,
                                         char csrf[LK_CSRF_LEN + 1], int *err) {
    (void)svc;
    (void)now;
    (void)mem;
    *err = 0;
    if (!lk_str_eq(cookie, LK_STR("good")) && !lk_str_eq(cookie, LK_STR("chief"))) {
        return LK_TOKEN_INVALID;
    }
    memcpy(csrf, CSRF, sizeof(CSRF));
    caller->kind = LK_CALLER_USER;
    caller->account.roles = lk_str_eq(cookie, LK_STR("chief")) ? LK_ROLE_ADMIN : LK_ROLE_USER;
    return LK_TOKEN_OK;
}

bool lk_is_admin(const struct lk_caller *caller) {
    return caller->kind == LK_CALLER_USER && (caller->account.roles & LK_ROLE_ADMIN) != 0;
}

bool lk_has_scope(const struct lk_caller *caller, enum lk_scope scope) {
    return caller->kind == LK_CALLER_INTERNAL && (caller->scopes & scope) != 0;
}

void lk_violation_add(struct lk_violations *v, enum lk_field field, enum lk_rule rule, uint32_t number) {
    v->list[v->count++] = (struct lk_violation){.field = field, .rule = rule, .number = number};
}

/* --- routes --------------------------------------------------------------------------------------------- */

static void show(struct lk_request *r, struct lk_response *res) {
    struct lk_json j;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_str(&j, "0", r->params[0]);
    lk_json_str(&j, "1", r->params[1]);
    lk_json_end_object(&j);
}

static int pieces(void *arg, struct lk_buf *out) {
    int *left = arg;
    lk_buf_put_cstr(out, "piece");
    return (*left)-- > 0 ? 1 : 0;
}

static int pieces_left;

static void stream(struct lk_request *r, struct lk_response *res) {
    (void)r;
    res->content_type = "application/json";
    res->stream = pieces;
    res->stream_arg = &pieces_left;
}

static void image(struct lk_request *r, struct lk_response *res) {
    (void)r;
    lk_res_bytes(res, 200, "image/png", LK_STR("\x89PNG"));
    res->etag = LK_STR("\"e\"");
    res->cache_control = "private";
}

static void secret(struct lk_request *r, struct lk_response *res) {
    show(r, res);
    res->sensitive = true;
}

static const struct lk_route ROUTES[] = {
    {.mount = LK_MOUNT_AUTH, .path = "login", .methods = LK_POST, .handle = show, .name = "login"},
    {.mount = LK_MOUNT_AUTH,
     .path = "{}",
     .methods = LK_GET,
     .access = LK_ACCESS_CALLER,
     .handle = show,
     .name = "get"},
    {.mount = LK_MOUNT_AUTH,
     .path = "{}",
     .methods = LK_DELETE,
     .access = LK_ACCESS_INTERNAL,
     .scope = LK_SCOPE_READ,
     .handle = show,
     .name = "delete"},
    {.mount = LK_MOUNT_AUTH, .path = "", .methods = LK_GET, .handle = stream, .name = "list"},
    {.mount = LK_MOUNT_AUTH,
     .path = "me",
     .methods = LK_GET,
     .access = LK_ACCESS_USER,
     .handle = secret,
     .name = "me"},
    {.mount = LK_MOUNT_AUTH,
     .path = "signup",
     .methods = LK_POST,
     .access = LK_ACCESS_OPTIONAL,
     .handle = show,
     .name = "signup"},
    {.mount = LK_MOUNT_AUTH,
     .path = "verify/{}/{}",
     .methods = LK_GET,
     .handle = show,
     .name = "verify",
     .any_type = true,
     .secret_tail = true},
    {.mount = LK_MOUNT_API_USER,
     .path = "me",
     .methods = LK_GET,
     .access = LK_ACCESS_USER,
     .handle = show,
     .name = "me"},
    {.mount = LK_MOUNT_API_USER,
     .path = "update",
     .methods = LK_PUT,
     .access = LK_ACCESS_USER,
     .handle = show,
     .name = "update",
     .picture = true},
    {.mount = LK_MOUNT_API_USER,
     .path = "media/{}",
     .methods = LK_GET,
     .handle = image,
     .name = "media",
     .any_type = true},
    {.mount = LK_MOUNT_AUTH,
     .path = "ours",
     .methods = LK_GET | LK_DELETE,
     .access = LK_ACCESS_USER,
     .handle = show,
     .name = "ours",
     .page = true},
    {.mount = LK_MOUNT_AUTH,
     .path = "chiefs",
     .methods = LK_GET,
     .access = LK_ACCESS_ADMIN,
     .handle = show,
     .name = "chiefs",
     .page = true},
    {.mount = LK_MOUNT_ROOT, .path = "healthz", .methods = LK_GET, .handle = show, .name = "health"},
};
static const struct lk_router ROUTER = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), NULL};

/* --- one exchange --------------------------------------------------------------------------------------- */

static char sent[32768];
static size_t sent_len;
static bool closed;
static struct lk_http *H;
static bool plain, http_1_0, hangs_up;

static int take(void *arg, const void *data, size_t len) {
    (void)arg;
    assert_true(sent_len + len < sizeof(sent));
    memcpy(sent + sent_len, data, len);
    sent_len += len;
    sent[sent_len] = '\0';
    return hangs_up ? LK_ERR_CLOSED : 0;
}

static void set_close(void *arg) {
    (void)arg;
    closed = true;
}

static void send_request(const char *method, const char *target, const char *const *fields) {
    static const uint8_t peer[16] = {0};
    struct lk_str path = lk_str_from(target);
    size_t mark = lk_str_find(path, '?');
    struct lk_exchange x = {
        .head = testing_head(fields),
        .method = lk_str_from(method),
        .target = path,
        .path = lk_str_sub(path, 0, mark),
        .query = lk_str_sub(path, mark + 1, path.len),
        .peer = peer,
        .http_1_0 = http_1_0,
        .keep_alive = !http_1_0,
        .tls = !plain,
        .answer = take,
        .write = take,
        .set_close = set_close,
    };
    sent_len = 0;
    closed = false;
    memset(sent, 0, sizeof(sent));
    lk_http_exchange(H, &x);
}

static void request(const char *method, const char *target, const char *authorization) {
    const char *fields[] = {"Authorization", authorization, NULL};
    send_request(method, target, authorization == NULL ? NULL : fields);
}

static const char *body(void) {
    const char *end = strstr(sent, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static void assert_sent(int status, const char *want) {
    char line[16] = "HTTP/1.1 ";
    struct lk_buf b = {.ptr = line, .len = 9, .cap = sizeof(line)};
    lk_buf_put_u64(&b, (uint64_t)status);
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    assert_ptr_equal(strstr(sent, line), sent);
    if (want != NULL) {
        assert_string_equal(body(), want);
    }
}

static void assert_header(const char *line) {
    char text[256] = "\r\n";
    struct lk_buf b = {.ptr = text, .len = 2, .cap = sizeof(text)};
    lk_buf_put_cstr(&b, line);
    lk_buf_put_cstr(&b, "\r\n");
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    if (strstr(sent, text) == NULL) {
        fail_msg("no \"%s\" in:\n%s", line, sent);
    }
}

#define NOT_FOUND "{\"detail\":\"Not found.\"}"
#define NO_CREDENTIALS "{\"detail\":\"Authentication credentials were not provided.\"}"
#define BAD_TOKEN(message)                                                                                   \
    "{\"detail\":\"Given token not valid for any token type\",\"code\":\"token_not_valid\",\"messages\":["   \
    "{\"token_class\":\"AccessToken\",\"token_type\":\"access\",\"message\":\"" message "\"}]}"

static int begin(void **state) {
    (void)state;
    plain = http_1_0 = hangs_up = false;
    lk_log_configure(LK_LOG_ERROR, LK_LOG_TEXT);
    struct lk_http_options options = {
        .router = &ROUTER, .public_url = LK_STR("https://h:1"), .max_body = 100, .max_picture = 1000};
    return lk_http_new(&H, &options);
}

static int end(void **state) {
    (void)state;
    lk_http_free(H);
    return 0;
}

/* --- tests ---------------------------------------------------------------------------------------------- */

static void test_paths(void **state) {
    static const struct {
        const char *path;
        const char *body; /* NULL: not found */
    } cases[] = {
        {"/auth/alice/", "{\"0\":\"alice\",\"1\":\"\"}"},
        {"/auth/alice", "{\"0\":\"alice\",\"1\":\"\"}"},
        {"/api/auth/alice/?a=b", "{\"0\":\"alice\",\"1\":\"\"}"},
        {"/auth/%C3%9Cn%C3%AF/", "{\"0\":\"\xC3\x9Cn\xC3\xAF\",\"1\":\"\"}"},
        {"/auth/a%2Fb/", "{\"0\":\"a/b\",\"1\":\"\"}"},
        {"/auth/a+b/", "{\"0\":\"a+b\",\"1\":\"\"}"},
        {"/auth/verify/u/t/", "{\"0\":\"u\",\"1\":\"t\"}"},
        {"/healthz", "{\"0\":\"\",\"1\":\"\"}"},
        {"/auth/me/", "{\"0\":\"\",\"1\":\"\"}"},
        {"/auth/a%00b/", NULL},
        {"/auth/%ff/", NULL},
        {"/auth/%", NULL},
        {"/auth/%4", NULL},
        {"/auth/%ed%a0%80", NULL},
        {"/auth//alice/", NULL},
        {"/auth/alice//", NULL},
        {"//auth/alice/", NULL},
        {"//", NULL},
        {"/", NULL},
        {"*", NULL},
        {"/auth/a/b/", NULL},
        {"/AUTH/alice/", NULL},
        {"/api/alice/", NULL},
        {"/api", NULL},
        {"/api/users/x", NULL},
        {"/healthz/x", NULL},
        {"/a/b/c/d/e/f/g/h", NULL},
        {"/auth/verify/u", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request("GET", cases[i].path, "Bearer user");
        assert_sent(cases[i].body != NULL ? 200 : 404, cases[i].body != NULL ? cases[i].body : NOT_FOUND);
    }
}

static void test_methods(void **state) {
    (void)state;
    request("GET", "/auth/login/", NULL);
    assert_sent(405, "{\"detail\":\"Method \\\"GET\\\" not allowed.\"}");
    assert_header("Allow: POST, OPTIONS");
    request("HEAD", "/auth/login/", NULL);
    assert_sent(405, "");
    request("FOO", "/auth/login/", NULL);
    assert_sent(405, "{\"detail\":\"Method \\\"FOO\\\" not allowed.\"}");
    request("get", "/healthz", NULL);
    assert_sent(405, NULL);
    request("OPTIONS", "/auth/alice/", NULL);
    assert_sent(200, "");
    assert_header("Allow: GET, HEAD, DELETE, OPTIONS");
    assert_header("Content-Length: 0");
    request("PUT", "/auth/alice/", NULL);
    assert_sent(401, NO_CREDENTIALS);
    request("PUT", "/auth/alice/", "Bearer user");
    assert_sent(405, NULL);
    assert_header("Allow: GET, HEAD, DELETE, OPTIONS");
    request("DELETE", "/auth/me/", "Bearer user");
    assert_sent(405, NULL);
    assert_header("Allow: GET, HEAD, OPTIONS");
    request("HEAD", "/auth/me/", "Bearer user");
    assert_sent(200, "");
    assert_header("Content-Length: 15");
}

static void test_credentials(void **state) {
    static const struct {
        const char *header;
        int status;
        const char *body;
    } cases[] = {
        {NULL, 401, NO_CREDENTIALS},
        {"", 401, NO_CREDENTIALS},
        {"   ", 401, NO_CREDENTIALS},
        {"user", 401, NO_CREDENTIALS},
        {"Basic dTpw", 401, NO_CREDENTIALS},
        {"Bearer", 401,
         "{\"detail\":\"Authorization header must contain two space-delimited "
         "values\",\"code\":\"bad_authorization_header\"}"},
        {"Bearer a b", 401, NULL},
        {"jwt ", 401, NULL},
        {"Bearer x", 401, BAD_TOKEN("Token is invalid or expired")},
        {"Bearer reader", 401, BAD_TOKEN("Token has wrong type")},
        {"Bearer gone", 401, "{\"detail\":\"User not found\",\"code\":\"user_not_found\"}"},
        {"Bearer disk", 500, "{\"detail\":\"A server error occurred.\"}"},
        {"bearer user", 200, NULL},
        {"JWT user", 200, NULL},
        {"BEARER   user", 200, NULL},
        {"jWt\tuser", 200, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request("GET", "/auth/me/", cases[i].header);
        assert_sent(cases[i].status, cases[i].body);
        if (cases[i].status == 401) {
            assert_header("WWW-Authenticate: Bearer realm=\"api\"");
        }
        request("GET", "/api/user/me/", cases[i].header);
        if (cases[i].status == 401) {
            assert_header("WWW-Authenticate: JWT realm=\"api\"");
        }
    }
    const char *twice[] = {"Authorization", "Bearer user", "Authorization", "Bearer user", NULL};
    send_request("GET", "/auth/me/", twice);
    assert_sent(401, NULL);
}

static void test_access(void **state) {
    (void)state;
    request("DELETE", "/auth/alice/", NULL);
    assert_sent(401, NO_CREDENTIALS);
    request("DELETE", "/auth/alice/", "Bearer user");
    assert_sent(403, "{\"detail\":\"You do not have permission to perform this action.\"}");
    request("DELETE", "/auth/alice/", "Bearer writer");
    assert_sent(403, NULL);
    request("DELETE", "/auth/alice/", "Bearer reader");
    assert_sent(200, NULL);
    request("GET", "/auth/alice/", "Bearer writer");
    assert_sent(200, NULL);
    request("POST", "/auth/signup/", NULL);
    assert_sent(200, NULL);
    request("POST", "/auth/signup/", "Basic x");
    assert_sent(200, NULL);
    request("POST", "/auth/signup/", "Bearer x");
    assert_sent(401, BAD_TOKEN("Token is invalid or expired"));
    request("POST", "/auth/login/", "Bearer x");
    assert_sent(200, NULL);
}

static void test_accept(void **state) {
    static const struct {
        const char *accept;
        bool good;
    } cases[] = {
        {"*/*", true},
        {"", true},
        {"application/*", true},
        {"APPLICATION/JSON; indent=4", true},
        {"text/html, application/xml;q=0.9, */*;q=0.8", true},
        {"application/json;q=0.001", true},
        {"application/xml", false},
        {"text/html", false},
        {"application/json;q=0", false},
        {"*/*, application/json;q=0", false},
        {"*/*;q=0.0", false},
        {",;=/", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *fields[] = {"accept", cases[i].accept, NULL};
        send_request("GET", "/healthz", fields);
        assert_sent(cases[i].good ? 200 : 406,
                    cases[i].good ? NULL : "{\"detail\":\"Could not satisfy the request Accept header.\"}");
        send_request("GET", "/auth/verify/u/t", fields);
        assert_sent(200, NULL);
    }
    struct testing t;
    const char *html[] = {"Accept", "text/html,application/xhtml+xml,*/*;q=0.8", NULL};
    testing_begin(&t, html, LK_STR(""));
    assert_true(lk_request_prefers_html(&t.request));
    testing_end(&t);
    testing_begin(&t, NULL, LK_STR(""));
    assert_false(lk_request_prefers_html(&t.request));
    testing_end(&t);
}

static void test_query(void **state) {
    struct testing t;
    int err;
    (void)state;
    testing_begin(&t, NULL, LK_STR(""));
    t.request.query = LK_STR("a=1+2&b=%zz&c&d=%C3%A9&e=%ff&a=3");
    assert_str(lk_request_query(&t.request, "a", &err), "1 2");
    assert_str(lk_request_query(&t.request, "c", &err), "");
    assert_str(lk_request_query(&t.request, "d", &err), "\xC3\xA9");
    assert_int_equal(err, 0);
    assert_null(lk_request_query(&t.request, "x", &err).ptr);
    assert_int_equal(err, 0);
    (void)lk_request_query(&t.request, "b", &err);
    assert_int_equal(err, LK_ERR_INVALID);
    (void)lk_request_query(&t.request, "e", &err);
    assert_int_equal(err, LK_ERR_INVALID);
    testing_end(&t);
}

static void test_headers(void **state) {
    (void)state;
    request("GET", "/auth/me/", "Bearer user");
    static const char *const always[] = {
        "Content-Type: application/json", "Vary: Accept",
        "X-Frame-Options: DENY",          "X-Content-Type-Options: nosniff",
        "Referrer-Policy: same-origin",   "Cross-Origin-Opener-Policy: same-origin",
        "Cache-Control: no-store",        "Content-Length: 15",
        "Allow: GET, HEAD, OPTIONS"};
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        assert_header(always[i]);
    }
    assert_non_null(strstr(sent, "\r\nDate: "));
    assert_null(strstr(sent, "Strict-Transport-Security"));
    assert_null(strstr(sent, "Connection:"));
    assert_false(closed);
    http_1_0 = true;
    request("GET", "/healthz", NULL);
    assert_header("Connection: close");
    assert_true(closed);
}

static void test_etag(void **state) {
    static const struct {
        const char *list;
        int status;
    } cases[] = {{"\"e\"", 304}, {"W/\"e\"", 304}, {"\"x\", \"e\"", 304}, {"*", 304}, {"\"x\"", 200},
                 {"e", 200},     {"", 200}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *fields[] = {"If-None-Match", cases[i].list, NULL};
        send_request("GET", "/api/user/media/x.png", fields);
        assert_sent(cases[i].status, cases[i].status == 304 ? "" : "\x89PNG");
        assert_header("ETag: \"e\"");
        assert_header("Cache-Control: private");
    }
}

static void test_stream(void **state) {
    (void)state;
    pieces_left = 2;
    request("GET", "/auth/", NULL);
    assert_sent(200, "00000005\r\npiece\r\n00000005\r\npiece\r\n0\r\n\r\n");
    assert_header("Transfer-Encoding: chunked");
    assert_null(strstr(sent, "Content-Length"));
    pieces_left = 2;
    http_1_0 = true;
    request("GET", "/auth/", NULL);
    assert_sent(200, "piecepiece");
    assert_true(closed);
    http_1_0 = false;
    hangs_up = true;
    pieces_left = 1000;
    request("GET", "/auth/", NULL);
    assert_true(closed && pieces_left >= 998);
    hangs_up = false;
    request("HEAD", "/auth/", NULL);
    assert_sent(200, "");
}

static void test_plain(void **state) {
    (void)state;
    plain = true;
    request("POST", "/auth/login/?a=b", NULL);
    assert_sent(308, "");
    assert_header("Location: https://h:1/auth/login/?a=b");
    request("GET", "http://evil/", NULL);
    assert_header("Location: https://h:1/");
}

static void assert_sentence(struct lk_violation v, enum lk_mount mount, const char *sentence) {
    char mem[LK_VIOLATION_TEXT_MAX];
    struct lk_buf out;
    lk_buf_init(&out, mem, sizeof(mem));
    lk_violation_text(&out, &v, mount);
    assert_int_equal(lk_buf_end_cstr(&out), 0);
    assert_string_equal(mem, sentence);
}

static void test_sentences(void **state) {
    (void)state;
    struct lk_violation v = {.field = LK_FIELD_EMAIL, .rule = LK_RULE_EMAIL_TAKEN};
    assert_string_equal(lk_field_name(v.field), "email");
    assert_sentence(v, LK_MOUNT_AUTH, "This field must be unique.");
    assert_sentence(v, LK_MOUNT_API_USER, "user with this email already exists.");
    v = (struct lk_violation){.rule = LK_RULE_SURROGATE, .number = 0xD83D};
    assert_sentence(v, LK_MOUNT_AUTH, "Surrogate characters are not allowed: U+D83D.");
    v = (struct lk_violation){.rule = LK_RULE_FILE_EXTENSION, .text = "abcdefghijkl"}; /* no NUL fits */
    assert_sentence(v, LK_MOUNT_AUTH,
                    "File extension \xE2\x80\x9C"
                    "abcdefghijkl\xE2\x80\x9D is not allowed. "
                    "Allowed extensions are: gif, jfif, jpe, jpg, jpeg, png, webp.");
}

static void test_limits_and_refusals(void **state) {
    (void)state;
    struct lk_str put = LK_STR("PUT");
    assert_int_equal(
        lk_http_body_limit(H, put, LK_STR("/auth/login/"), LK_STR("multipart/form-data; boundary=b")), 100);
    assert_int_equal(lk_http_body_limit(H, put, LK_STR("/api/user/update/"), LK_STR("application/json")),
                     100);
    assert_int_equal(
        lk_http_body_limit(H, put, LK_STR("/api/user/update/"), LK_STR("Multipart/form-data; x")), 1100);
    struct lk_refused refused = {.status = 431};
    sent_len = lk_http_refusal(H, &refused, sent, sizeof(sent) - 1);
    sent[sent_len] = '\0';
    assert_sent(431, "{\"detail\":\"The request header is too large.\"}");
    assert_header("Connection: close");
    assert_null(strstr(sent, "Allow:"));
    assert_null(strstr(sent, "Strict-Transport-Security"));
    assert_int_equal(lk_http_refusal(H, &refused, sent, 20), 0);
    lk_http_set_hsts(H, true);
    refused = (struct lk_refused){.status = 503, .detail = "Busy.", .path = LK_STR("/auth/alice/")};
    sent_len = lk_http_refusal(H, &refused, sent, sizeof(sent) - 1);
    sent[sent_len] = '\0';
    assert_sent(503, "{\"detail\":\"Busy.\"}");
    assert_header("Retry-After: 1");
    assert_header("Allow: GET, HEAD, DELETE, OPTIONS");
    assert_null(strstr(sent, "Strict-Transport-Security")); /* never in clear (RFC 6797 §7.2) */
    refused = (struct lk_refused){.status = 413, .path = LK_STR("/nothing/of/this"), .tls = true};
    sent_len = lk_http_refusal(H, &refused, sent, sizeof(sent) - 1);
    sent[sent_len] = '\0';
    assert_header("Strict-Transport-Security: max-age=31536000");
    assert_null(strstr(sent, "Allow:"));
    lk_http_set_hsts(H, false);
}

static void test_counts(void **state) {
    struct lk_http_count count;
    uint64_t none = 0;
    uint64_t me = 0;
    size_t rows = 0;
    (void)state;
    request("GET", "/nowhere", NULL);
    request("GET", "/auth/me/", "Bearer user");
    request("GET", "/api/user/me/", "Bearer user");
    request("GET", "/api/user/me/", NULL);
    while (lk_http_count_at(H, rows, &count)) {
        none += strcmp(count.route, "none") == 0 ? count.status[4] : 0;
        me += strcmp(count.route, "me") == 0 ? count.status[2] * 10 + count.status[4] : 0;
        rows++;
    }
    assert_int_equal(none, 1);
    assert_int_equal(me, 21);
    assert_int_equal(rows, ROUTER.count); /* two rows share a name, and "none" is one more */
}

static void ours(const char *method, const char *path, const char *cookie, const char *csrf, const char *name,
                 const char *value) {
    const char *fields[] = {"Host", "h:1", "Cookie", cookie, "X-CSRF-Token", csrf, name, value, NULL};
    send_request(method, path, fields);
}

/* The pages' cookie counts on their routes alone, beside its second value, and from our own origin. */
static void test_cookie(void **state) {
    static const char *const elsewhere[][2] = {{"Origin", "https://evil.example"},
                                               {"Origin", "null"},
                                               {"Origin", "http://h:1"},
                                               {"Origin", "https://h:1.evil"},
                                               {"Origin", "https://h:1/"},
                                               {"Sec-Fetch-Site", "cross-site"},
                                               {"Origin", "https://h"},
                                               {"Sec-Fetch-Site", "same-site"}};
    static const char good[] = "a=b; __Host-latchkey=good; c";
    (void)state;
    ours("GET", "/auth/ours/", good, CSRF, NULL, NULL);
    assert_sent(200, NULL);
    ours("DELETE", "/auth/ours/", good, CSRF, "Origin", "https://h:1");
    assert_sent(200, NULL);
    ours("GET", "/auth/ours/", good, CSRF, "Sec-Fetch-Site", "same-origin");
    assert_sent(200, NULL);
    ours("GET", "/auth/me/", good, CSRF, NULL, NULL);
    assert_sent(401, NO_CREDENTIALS);
    ours("GET", "/auth/ours/", good, "", NULL, NULL);
    assert_sent(401, NO_CREDENTIALS);
    ours("GET", "/auth/ours/", "latchkey=good", CSRF, NULL, NULL);
    assert_sent(401, NO_CREDENTIALS);
    ours("GET", "/auth/ours/", "__Host-latchkey=good; __Host-latchkey=good", CSRF, NULL, NULL);
    assert_sent(401, NO_CREDENTIALS);
    ours("GET", "/auth/ours/", good, CSRF, "Cookie", "__Host-latchkey=chief");
    assert_sent(401, NO_CREDENTIALS);
    ours("GET", "/auth/ours/", "__Host-latchkey=other", CSRF, NULL, NULL);
    assert_sent(401, NULL);
    ours("GET", "/auth/ours/", good, "1" CSRF, NULL, NULL);
    assert_sent(403, "{\"detail\":\"CSRF Failed: CSRF token incorrect.\"}");
    ours("GET", "/auth/ours/", good, "x123456789012345678901234567890123456789012", NULL, NULL);
    assert_sent(403, "{\"detail\":\"CSRF Failed: CSRF token incorrect.\"}");
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        ours("DELETE", "/auth/ours/", good, CSRF, elsewhere[i][0], elsewhere[i][1]);
        assert_sent(403, "{\"detail\":\"CSRF Failed: Origin checking failed.\"}");
    }
    ours("GET", "/auth/ours/", good, CSRF, "Authorization", "Bearer bad"); /* what is said out loud counts */
    assert_sent(401, NULL);
    ours("GET", "/auth/chiefs/", good, CSRF, NULL, NULL);
    assert_sent(403, NULL);
    ours("GET", "/auth/chiefs/", "__Host-latchkey=chief", CSRF, NULL, NULL);
    assert_sent(200, NULL);
    request("GET", "/auth/chiefs/", "Bearer user");
    assert_sent(403, NULL);
    request("GET", "/auth/chiefs/", "Bearer reader");
    assert_sent(401, NULL);
}

static void test_json_out(void **state) {
    struct testing t;
    struct lk_json j;
    (void)state;
    testing_begin(&t, NULL, LK_STR(""));
    lk_json_begin(&j, &t.response, 201);
    lk_json_object(&j, NULL);
    lk_json_str(
        &j, "s",
        (struct lk_str){"\"\\/\b\f\n\r\t\x01\x1f\x7f\0\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\xC3\xA9", 23});
    lk_json_array(&j, "a");
    lk_json_int(&j, NULL, -5);
    lk_json_object(&j, NULL);
    lk_json_end_object(&j);
    lk_json_null(&j, NULL);
    lk_json_end_array(&j);
    lk_json_bool(&j, "b", true);
    lk_json_end_object(&j);
    assert_answer(
        &t, 201,
        "{\"s\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000\\u2028\\u2029\xE2\x80\xAA\xC3\xA9\","
        "\"a\":[-5,{},null],\"b\":true}");
    testing_end(&t);
}

static void test_shortage(void **state) {
    struct lk_arena arena;
    struct lk_response res;
    struct lk_wire wire = {.keep_alive = true};
    struct lk_wire_bytes out;
    (void)state;
    lk_arena_init(&arena, 4096);
    lk_response_init(&res, &arena);
    for (int i = 0; i < 1000; i++) {
        lk_res_put(&res, LK_STR("0123456789"));
    }
    assert_int_equal(res.body.err, LK_ERR_NO_MEMORY);
    lk_arena_reset(&arena, 4096);
    assert_int_equal(lk_response_serialise(&res, &wire, &out), 0);
    assert_int_equal(out.status, 500);
    lk_arena_free(&arena);
    lk_arena_init(&arena, 100);
    lk_response_init(&res, &arena);
    assert_int_equal(lk_response_serialise(&res, &wire, &out), LK_ERR_NO_MEMORY);
    lk_arena_free(&arena);
}

static void test_damage(void **state) {
    static const char seed[] = "/auth/verify/%C3%9Cn/%41b/?a=%20&b=1";
    (void)state;
    for (uint32_t i = 1; i <= 5000; i++) {
        uint32_t random = i * 2654435761U;
        char target[sizeof(seed)];
        char accept[] = "text/html;q=0.5, */*;q=0.1";
        char authorization[] = "Bearer user";
        memcpy(target, seed, sizeof(seed));
        target[testing_mutate(target, sizeof(seed) - 1, &random)] = '\0';
        accept[testing_mutate(accept, sizeof(accept) - 1, &random)] = '\0';
        authorization[testing_mutate(authorization, sizeof(authorization) - 1, &random)] = '\0';
        const char *fields[] = {"Accept", accept, "Authorization", authorization, NULL};
        send_request("GET", target, fields);
        assert_true(strncmp(sent, "HTTP/1.1 ", 9) == 0 && sent[9] != '5');
    }
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_paths),  TEST(test_methods), TEST(test_credentials), TEST(test_access),
        TEST(test_accept), TEST(test_query),   TEST(test_headers),     TEST(test_etag),
        TEST(test_stream), TEST(test_plain),   TEST(test_sentences),   TEST(test_limits_and_refusals),
        TEST(test_cookie), TEST(test_counts),  TEST(test_json_out),    TEST(test_shortage),
        TEST(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
