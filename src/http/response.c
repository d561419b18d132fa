#include "http/response.h"

#include "base/time.h"
#include "http/headers.h"
#include "http/status.h"

/* Room for the longest header: the constant part, every optional field, and the caller's location and
   etag. */
#define HEAD_MAX 1024

void lk_response_init(struct lk_response *res, struct lk_arena *arena) {
    *res = (struct lk_response){.status = 200, .arena = arena};
}

void lk_res_empty(struct lk_response *res, int status) {
    res->status = status;
    res->content_type = NULL;
    res->body.len = 0;
    res->body.err = 0;
}

void lk_res_bytes(struct lk_response *res, int status, const char *content_type, struct lk_str bytes) {
    res->status = status;
    res->content_type = content_type;
    /* Only ever read from: the cap keeps later writes out. */
    res->body = (struct lk_buf){.ptr = (char *)(uintptr_t)bytes.ptr, .len = bytes.len, .cap = bytes.len};
}

void lk_res_detail(struct lk_response *res, int status, const char *detail) {
    struct lk_json j;
    lk_json_begin(&j, res, status);
    lk_json_object(&j, NULL);
    lk_json_cstr(&j, "detail", detail);
    lk_json_end_object(&j);
}

static void put_methods(struct lk_buf *b, unsigned methods) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    const char *comma = "";
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((methods & (1U << i)) != 0) {
            lk_buf_put_cstr(b, comma);
            lk_buf_put_cstr(b, names[i]);
            comma = ", ";
        }
    }
}

static void put_field(struct lk_buf *b, const char *name, struct lk_str value) {
    lk_buf_put_cstr(b, name);
    lk_buf_put_str(b, value);
    lk_buf_put(b, "\r\n", 2);
}

static void put_optional(struct lk_buf *b, const struct lk_response *res, const struct lk_wire *wire) {
    if (res->allow != 0) {
        lk_buf_put_cstr(b, "Allow: ");
        put_methods(b, res->allow);
        lk_buf_put(b, "\r\n", 2);
    }
    if (res->status == 401) {
        const char *scheme =
            res->www_authenticate != NULL ? res->www_authenticate : lk_mount_scheme(wire->mount);
        lk_buf_put_cstr(b, "WWW-Authenticate: ");
        lk_buf_put_cstr(b, scheme);
        lk_buf_put_cstr(b, " realm=\"api\"\r\n");
    }
    if (res->sensitive || res->cache_control != NULL) {
        put_field(b,
                  "Cache-Control: ", res->sensitive ? LK_STR("no-store") : lk_str_from(res->cache_control));
    }
    if (res->retry_after != 0) {
        lk_buf_put_cstr(b, "Retry-After: ");
        lk_buf_put_u64(b, res->retry_after);
        lk_buf_put(b, "\r\n", 2);
    }
    if (res->etag.len > 0) {
        put_field(b, "ETag: ", res->etag);
    }
    if (res->location.len > 0) {
        put_field(b, "Location: ", res->location);
    }
    if (res->set_cookie.len > 0) {
        put_field(b, "Set-Cookie: ", res->set_cookie);
    }
    lk_buf_put_str(b, res->fields);
    if (res->content_encoding != NULL) {
        put_field(b, "Content-Encoding: ", lk_str_from(res->content_encoding));
    }
    if (res->csp != NULL) {
        put_field(b, "Content-Security-Policy: ", lk_str_from(res->csp));
    }
    if (wire->hsts) {
        lk_buf_put_cstr(b, "Strict-Transport-Security: max-age=31536000\r\n");
    }
}

static void put_head(struct lk_buf *b, const struct lk_response *res, const struct lk_wire *wire,
                     const struct lk_wire_bytes *out) {
    static const char safe[] = "X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\n"
                               "Referrer-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n";
    lk_buf_put_cstr(b, "HTTP/1.1 ");
    lk_buf_put_u64(b, (uint64_t)out->status);
    lk_buf_put_char(b, ' ');
    lk_buf_put_cstr(b, lk_status_text(out->status));
    lk_buf_put_cstr(b, "\r\nDate: ");
    lk_buf_put_http_date(b, wire->now);
    lk_buf_put(b, "\r\n", 2);
    bool bodiless = out->status == 204 || out->status == 304;
    if (res->content_type != NULL && !bodiless) {
        put_field(b, "Content-Type: ", lk_str_from(res->content_type));
    }
    lk_buf_put_cstr(b, "Vary: Accept");
    if (res->vary != NULL) {
        lk_buf_put_cstr(b, ", ");
        lk_buf_put_cstr(b, res->vary);
    }
    lk_buf_put_cstr(b, "\r\n");
    lk_buf_put(b, safe, sizeof(safe) - 1);
    put_optional(b, res, wire);
    if (out->chunked) {
        lk_buf_put_cstr(b, "Transfer-Encoding: chunked\r\n");
    } else if (res->stream == NULL && !bodiless) {
        lk_buf_put_cstr(b, "Content-Length: ");
        lk_buf_put_u64(b, res->body.len);
        lk_buf_put(b, "\r\n", 2);
    }
    if (out->close) {
        lk_buf_put_cstr(b, "Connection: close\r\n");
    } else if (wire->http_1_0) {
        lk_buf_put_cstr(b, "Connection: keep-alive\r\n");
    }
    lk_buf_put(b, "\r\n", 2);
}

/* A body that did not fit must not be sent in part. */
static void check_body(struct lk_response *res) {
    if (res->body.err != 0) {
        const char *sorry = "{\"detail\":\"A server error occurred.\"}";
        lk_res_bytes(res, 500, "application/json", lk_str_from(sorry));
        res->stream = NULL;
    }
}

int lk_response_serialise(struct lk_response *res, const struct lk_wire *wire, struct lk_wire_bytes *out) {
    check_body(res);
    *out = (struct lk_wire_bytes){.status = res->status};
    if (res->status == 200 && res->etag.len > 0 && lk_etag_listed(wire->if_none_match, res->etag)) {
        out->status = 304;
    }
    bool body = !wire->head && out->status != 204 && out->status != 304;
    out->streamed = res->stream != NULL && body;
    out->chunked = out->streamed && !wire->http_1_0;
    out->close = res->close || !wire->keep_alive || (out->streamed && wire->http_1_0);
    bool behind = body && !out->streamed;
    size_t cap = HEAD_MAX + res->location.len + res->etag.len + res->set_cookie.len + res->fields.len +
                 (res->csp != NULL ? lk_str_from(res->csp).len : 0) + (behind ? res->body.len : 0);
    char *mem = lk_arena_alloc(res->arena, cap);
    if (mem == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    struct lk_buf b;
    lk_buf_init(&b, mem, cap);
    put_head(&b, res, wire, out);
    if (behind) {
        lk_buf_put(&b, res->body.ptr, res->body.len);
    }
    out->bytes = lk_buf_str(&b);
    return b.err == 0 ? 0 : LK_ERR_NO_MEMORY;
}
