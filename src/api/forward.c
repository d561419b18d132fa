/*
 * What a reverse proxy asks before it lets a request through to the device's own pages: nginx's auth_request, Caddy's
 * forward_auth, Traefik's ForwardAuth. 204 with the account in header fields, or 401 with the place to sign in.
 */
#include "api/handlers.h"
#include "api/page.h"
#include "http/headers.h"

#include <string.h>

#define FIELDS_MAX 3072 /* a username and an address, each byte escaped */
#define RETURN_MAX 1024 /* bytes of the path that a person is led back to */

/* A field's value: what is no visible ASCII is percent-encoded, and so is the percent sign (RFC 3986 §2.1). */
static void put_value(struct lk_buf *b, struct lk_str value, const char *also) {
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c > ' ' && c <= '~' && c != '%' && strchr(also, c) == NULL) {
            lk_buf_put_char(b, c);
        } else {
            static const char digits[] = "0123456789ABCDEF";
            lk_buf_put_char(b, '%');
            lk_buf_put_char(b, digits[(uint8_t)c >> 4]);
            lk_buf_put_char(b, digits[(uint8_t)c & 15]);
        }
    }
}

static void put_field(struct lk_buf *b, const char *name, struct lk_str value) {
    lk_buf_put_cstr(b, name);
    lk_buf_put_cstr(b, ": ");
    put_value(b, value, "");
    lk_buf_put_cstr(b, "\r\n");
}

static void let_through(struct lk_request *r, struct lk_response *res) {
    const struct lk_account *account = &r->caller.account;
    char *mem = lk_arena_alloc(r->arena, FIELDS_MAX);
    char id[LK_UUID_TEXT_LEN];
    struct lk_buf b;
    lk_buf_init(&b, id, sizeof(id));
    lk_buf_put_uuid(&b, account->id);
    struct lk_str uuid = lk_buf_str(&b);
    lk_buf_init(&b, mem, mem == NULL ? 0 : FIELDS_MAX);
    put_field(&b, "Remote-User", account->username);
    put_field(&b, "Remote-Email", account->email);
    put_field(&b, "Remote-Groups", lk_is_admin(&r->caller) ? LK_STR("user,admin") : LK_STR("user"));
    put_field(&b, "X-Auth-User-Id", uuid);
    put_field(&b, "X-Auth-Email-Verified", account->email_verified ? LK_STR("true") : LK_STR("false"));
    if (b.err != 0) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    lk_res_empty(res, 204);
    res->sensitive = true;
    res->fields = lk_buf_str(&b);
}

/* What was asked of the proxy, by the names that each of them gives it. */
static struct lk_str wanted(const struct lk_request *r) {
    struct lk_str path = lk_request_header(r, "X-Forwarded-Uri");
    return path.len > 0 ? path : lk_request_header(r, "X-Original-URI");
}

/* A path of this very host, so that nobody is led elsewhere after signing in: "//host" and "/\\host" are others to a
   browser, and so is a host that the cookie is not for. */
static bool leads_home(const struct lk_request *r, struct lk_str path) {
    struct lk_str host = lk_request_header(r, "X-Forwarded-Host");
    struct lk_str own = lk_url_host(r->public_url);
    bool ours = host.len == 0 || lk_str_eq_nocase(host, own) ||
                (lk_str_eq_nocase(lk_str_sub(host, 0, own.len), own) && host.ptr[own.len] == ':');
    if (!ours || path.len == 0 || path.len > RETURN_MAX || path.ptr[0] != '/') {
        return false;
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] <= ' ' || path.ptr[i] > '~' || path.ptr[i] == '\\') {
            return false;
        }
    }
    return path.len == 1 || path.ptr[1] != '/';
}

/* The 401 is in `res`; a person's way in goes with it. */
static void show_way_in(struct lk_request *r, struct lk_response *res) {
    size_t cap = r->public_url.len + 32 + 3 * RETURN_MAX;
    char *mem = lk_arena_alloc(r->arena, cap);
    struct lk_str path = wanted(r);
    struct lk_buf b;
    if (res->status != 401 || mem == NULL) {
        return;
    }
    lk_buf_init(&b, mem, cap);
    lk_buf_put_str(&b, r->public_url);
    lk_buf_put_cstr(&b, "/sign-in");
    if (leads_home(r, path)) {
        lk_buf_put_cstr(&b, "?next=");
        put_value(&b, path, "#&+;");
    }
    res->location = lk_buf_str(&b);
}

void lk_api_forward(struct lk_request *r, struct lk_response *res) {
    res->vary = "Cookie";
    if (lk_request_reader(lk_api_app(r)->service, r, res)) {
        let_through(r, res);
    } else {
        show_way_in(r, res);
    }
}
