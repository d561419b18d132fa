#include "base/log.h"
#include "base/time.h"
#include "http/arena.h"
#include "http/errors.h"
#include "http/exchange.h"
#include "http/headers.h"
#include "http/response.h"
#include "serve/serve.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Bytes of one piece of a streamed answer: with its chunk header it fills one TLS record at most. */
#define PIECE_MAX 8192
#define CHUNK_HEAD_MAX 10 /* eight hexadecimal digits and CR LF */

/* Of one machine word each: a Cortex-M has no larger atomics. What reads them takes a wrap for a restart. */
struct counter {
    atomic_size_t status[6];
    atomic_size_t micros;
};

struct lk_http {
    struct lk_http_options options;
    pthread_key_t arena_key;  /* each worker keeps its arena's first chunk */
    struct counter *counters; /* one a route, and one for what no route matched */
    atomic_bool hsts;         /* set anew when the certificate is */
};

/* --- made once ------------------------------------------------------------------------------------------ */

static void free_arena(void *p) {
    lk_arena_free(p);
    free(p);
}

int lk_http_new(struct lk_http **out, const struct lk_http_options *options) {
    struct lk_http *h = calloc(1, sizeof(*h));
    struct counter *counters = calloc(options->router->count + 1, sizeof(*counters));
    if (h == NULL || counters == NULL || pthread_key_create(&h->arena_key, free_arena) != 0) {
        free(counters);
        free(h);
        return LK_ERR_NO_MEMORY;
    }
    h->options = *options;
    h->counters = counters;
    lk_http_set_hsts(h, options->hsts);
    *out = h;
    return 0;
}

void lk_http_free(struct lk_http *h) {
    if (h == NULL) {
        return;
    }
    void *mine = pthread_getspecific(h->arena_key);
    if (mine != NULL) {
        free_arena(mine);
    }
    pthread_key_delete(h->arena_key);
    free(h->counters);
    free(h);
}

void lk_http_set_hsts(struct lk_http *h, bool on) {
    atomic_store_explicit(&h->hsts, on, memory_order_relaxed);
}

static struct lk_arena *thread_arena(struct lk_http *h, size_t bound) {
    struct lk_arena *arena = pthread_getspecific(h->arena_key);
    if (arena == NULL) {
        arena = calloc(1, sizeof(*arena));
        if (arena == NULL || pthread_setspecific(h->arena_key, arena) != 0) {
            free(arena);
            return NULL;
        }
    }
    lk_arena_reset(arena, bound);
    return arena;
}

/* --- limits and refusals -------------------------------------------------------------------------------- */

static enum lk_method method_of(struct lk_str text) {
    static const struct {
        const char *name;
        enum lk_method method;
    } methods[] = {{"GET", LK_GET},     {"POST", LK_POST},     {"HEAD", LK_HEAD},      {"PUT", LK_PUT},
                   {"PATCH", LK_PATCH}, {"DELETE", LK_DELETE}, {"OPTIONS", LK_OPTIONS}};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (lk_str_eq(text, lk_str_from(methods[i].name))) {
            return methods[i].method;
        }
    }
    return LK_METHOD_OTHER;
}

size_t lk_http_body_limit(void *arg, struct lk_str method, struct lk_str path, struct lk_str content_type) {
    const struct lk_http *h = arg;
    struct lk_media_type type = lk_media_type_parse(content_type);
    const struct lk_route *route = lk_router_find(h->options.router, path, method_of(method));
    if (route != NULL && route->picture && lk_str_eq_nocase(type.essence, LK_STR("multipart/form-data"))) {
        return h->options.max_body + h->options.max_picture;
    }
    return h->options.max_body;
}

static uint64_t monotonic_micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000U + (uint64_t)t.tv_nsec / 1000U;
}

size_t lk_http_refusal(void *arg, const struct lk_refused *refused, char *out, size_t cap) {
    const struct lk_http *h = arg;
    struct lk_arena arena;
    struct lk_response res;
    struct lk_wire_bytes bytes;
    lk_arena_init(&arena, 2 * LK_ARENA_CHUNK);
    lk_response_init(&res, &arena);
    lk_res_refused(&res, refused->status, refused->detail);
    res.allow = lk_router_methods(h->options.router, refused->path);
    struct lk_wire wire = {.hsts = refused->tls && atomic_load_explicit(&h->hsts, memory_order_relaxed),
                           .now = lk_time_now()};
    size_t len = 0;
    if (lk_response_serialise(&res, &wire, &bytes) == 0 && bytes.bytes.len <= cap) {
        len = bytes.bytes.len;
        memcpy(out, bytes.bytes.ptr, len);
    }
    lk_arena_free(&arena);
    return len;
}

/* --- one request ---------------------------------------------------------------------------------------- */

static void redirect(const struct lk_http *h, const struct lk_exchange *x, struct lk_response *res) {
    struct lk_str url = h->options.public_url;
    struct lk_str target = x->target.len > 0 && x->target.ptr[0] == '/' ? x->target : LK_STR("/");
    char *mem = lk_arena_alloc(res->arena, url.len + target.len);
    struct lk_buf location;
    lk_buf_init(&location, mem, mem == NULL ? 0 : url.len + target.len);
    lk_buf_put_str(&location, url);
    lk_buf_put_str(&location, target);
    lk_res_empty(res, 308);
    res->location = lk_buf_str(&location);
}

/* Sends a streamed answer. The first piece is made before the header leaves, so that its failure is a
   proper answer. Returns the bytes sent. */
static uint64_t send_stream(const struct lk_exchange *x, struct lk_response *res,
                            const struct lk_wire_bytes *wire, char *mem, struct lk_buf *piece, int more) {
    uint64_t sent = wire->bytes.len;
    int err = x->write(x->arg, wire->bytes.ptr, wire->bytes.len);
    while (err == 0 && more > 0) {
        char head[CHUNK_HEAD_MAX + 1];
        struct lk_buf b;
        uint8_t size[4] = {(uint8_t)(piece->len >> 24), (uint8_t)(piece->len >> 16),
                           (uint8_t)(piece->len >> 8), (uint8_t)piece->len};
        lk_buf_init(&b, head, sizeof(head));
        lk_buf_put_hex(&b, size, sizeof(size));
        lk_buf_put_cstr(&b, "\r\n");
        memcpy(mem, head, CHUNK_HEAD_MAX);
        memcpy(mem + CHUNK_HEAD_MAX + piece->len, "\r\n", 2);
        size_t len = piece->len;
        if (len > 0) {
            err = wire->chunked ? x->write(x->arg, mem, CHUNK_HEAD_MAX + len + 2)
                                : x->write(x->arg, mem + CHUNK_HEAD_MAX, len);
            sent += len;
        }
        if (err == 0) {
            lk_buf_init(piece, mem + CHUNK_HEAD_MAX, PIECE_MAX);
            more = res->stream(res->stream_arg, piece);
        }
    }
    if (err == 0 && more == 0 && wire->chunked) {
        err = x->write(x->arg, "0\r\n\r\n", 5);
    }
    if (err != 0 || more < 0) {
        x->set_close(x->arg); /* the missing last chunk tells the client that the list is not whole */
    }
    return sent;
}

static uint64_t send_answer(const struct lk_exchange *x, struct lk_response *res,
                            const struct lk_wire *wire) {
    struct lk_wire_bytes bytes = {.status = 500};
    char *mem = NULL;
    struct lk_buf piece;
    int more = 0;
    if (res->stream != NULL && !wire->head) {
        mem = lk_arena_alloc(res->arena, CHUNK_HEAD_MAX + PIECE_MAX + 2);
        lk_buf_init(&piece, mem == NULL ? NULL : mem + CHUNK_HEAD_MAX, mem == NULL ? 0 : PIECE_MAX);
        more = mem == NULL ? LK_ERR_NO_MEMORY : res->stream(res->stream_arg, &piece);
        if (more < 0) {
            res->stream = NULL;
            lk_res_error(res, more);
        }
    }
    if (lk_response_serialise(res, wire, &bytes) != 0) {
        static const char sorry[] =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
            "Connection: close\r\n\r\n";
        res->status = 503;
        x->set_close(x->arg);
        (void)x->answer(x->arg, sorry, sizeof(sorry) - 1);
        return 0;
    }
    res->status = bytes.status;
    if (bytes.close) {
        x->set_close(x->arg);
    }
    if (bytes.streamed) {
        return send_stream(x, res, &bytes, mem, &piece, more);
    }
    (void)x->answer(x->arg, bytes.bytes.ptr, bytes.bytes.len); /* a client that is gone misses its answer */
    return bytes.bytes.len;
}

/* --- log and counts ------------------------------------------------------------------------------------- */

/* The path without what may be secret: a mailed link's last part, and all but the start of a path that
   no route knows. Written into `mem`. */
static struct lk_str loggable_path(const struct lk_route *route, struct lk_str path, char *mem, size_t cap) {
    struct lk_buf b;
    if (route != NULL && !route->secret_tail) {
        return path;
    }
    size_t end = path.len;
    if (route != NULL) {
        while (end > 0 && path.ptr[end - 1] == '/') {
            end--;
        }
        while (end > 0 && path.ptr[end - 1] != '/') {
            end--;
        }
    } else {
        size_t slashes = 0;
        for (end = 0; end < path.len && (slashes += path.ptr[end] == '/' ? 1 : 0) < 4; end++) {
        }
    }
    lk_buf_init(&b, mem, cap);
    lk_buf_put_str(&b, lk_str_sub(path, 0, end < cap - 1 ? end : cap - 1));
    if (end < path.len) {
        lk_buf_put_char(&b, '-');
    }
    return lk_buf_str(&b);
}

static void record(struct lk_http *h, const struct lk_exchange *x, const struct lk_client *client,
                   const struct lk_route *route, int status, uint64_t bytes, uint64_t micros) {
    const struct lk_router *router = h->options.router;
    struct counter *counter = &h->counters[route != NULL ? (size_t)(route - router->routes) : router->count];
    atomic_fetch_add_explicit(&counter->status[status / 100 % 6], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->micros, micros, memory_order_relaxed);
    if (!lk_log_enabled(LK_LOG_INFO)) {
        return;
    }
    char mem[160];
    char address[LK_ADDRESS_TEXT_MAX];
    struct lk_buf peer;
    lk_buf_init(&peer, address, sizeof(address));
    lk_buf_put_address(&peer, client->address);
    LK_LOG(LK_LOG_INFO, "request", LK_LOG_STR("method", x->method),
           LK_LOG_STR("path", loggable_path(route, x->path, mem, sizeof(mem))), LK_LOG_NUM("status", status),
           LK_LOG_NUM("bytes", bytes), LK_LOG_NUM("us", micros), LK_LOG_STR("peer", lk_buf_str(&peer)));
}

bool lk_http_count_at(const struct lk_http *h, size_t index, struct lk_http_count *count) {
    const struct lk_router *router = h->options.router;
    for (size_t i = 0; i <= router->count; i++) {
        const char *name = i < router->count ? router->routes[i].name : "none";
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = strcmp(router->routes[k].name, name) == 0;
        }
        if (seen || index-- > 0) {
            continue;
        }
        *count = (struct lk_http_count){.route = name};
        for (size_t k = i; k <= router->count; k++) {
            if (strcmp(k < router->count ? router->routes[k].name : "none", name) == 0) {
                for (size_t s = 0; s < 6; s++) {
                    count->status[s] += atomic_load_explicit(&h->counters[k].status[s], memory_order_relaxed);
                }
                count->micros += atomic_load_explicit(&h->counters[k].micros, memory_order_relaxed);
            }
        }
        return true;
    }
    return false;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

void lk_http_exchange(struct lk_http *h, const struct lk_exchange *x) {
    uint64_t start = monotonic_micros();
    size_t bound = (size_t)LK_HTTP_MEMORY + 4 * x->body.len + 2 * h->options.max_picture;
    struct lk_arena *arena = thread_arena(h, bound);
    if (arena == NULL) {
        return; /* the engine answers a request that nobody answered */
    }
    struct lk_request *r = lk_arena_alloc(arena, sizeof(*r));
    if (r == NULL) {
        return;
    }
    struct lk_response res;
    const struct lk_route *route = NULL;
    lk_response_init(&res, arena);
    r->method = method_of(x->method);
    r->method_text = x->method;
    r->path = x->path;
    r->query = x->query;
    r->mount = LK_MOUNT_ROOT;
    r->body = x->body;
    lk_forwarded_client(x->head, x->peer, h->options.proxies, h->options.proxy_count, r->client.address);
    r->client.now = lk_time_now();
    r->arena = arena;
    r->head = x->head;
    r->public_url = h->options.public_url;
    r->tls = x->tls;
    r->app = h->options.app;
    if (!x->tls && !(x->loopback && h->options.plain_loopback)) {
        redirect(h, x, &res);
    } else {
        lk_router_handle(h->options.router, h->options.service, r, &res, &route);
    }
    struct lk_wire wire = {
        .head = r->method == LK_HEAD,
        .http_1_0 = x->http_1_0,
        .keep_alive = x->keep_alive,
        .hsts = x->tls && atomic_load_explicit(&h->hsts, memory_order_relaxed),
        .mount = r->mount,
        .now = r->client.now,
        .if_none_match = lk_request_header(r, "If-None-Match"),
    };
    uint64_t bytes = send_answer(x, &res, &wire);
    record(h, x, &r->client, route, res.status, bytes, monotonic_micros() - start);
    lk_arena_reset(arena, bound); /* secrets do not wait for the next request */
}
