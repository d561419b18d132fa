/* Prometheus text exposition format 0.0.4. */
#include "api/handlers.h"
#include "http/handler.h"

#include <string.h>

#define TEXT_MAX 24576

static bool is_loopback(const uint8_t address[16]) {
    static const uint8_t six[16] = {[15] = 1};
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(address, six, 16) == 0 || (memcmp(address, mapped, 12) == 0 && address[12] == 127);
}

static void head(struct lk_buf *b, const char *name, const char *type, const char *help) {
    lk_buf_put_cstr(b, "# HELP ");
    lk_buf_put_cstr(b, name);
    lk_buf_put_char(b, ' ');
    lk_buf_put_cstr(b, help);
    lk_buf_put_cstr(b, "\n# TYPE ");
    lk_buf_put_cstr(b, name);
    lk_buf_put_char(b, ' ');
    lk_buf_put_cstr(b, type);
    lk_buf_put_char(b, '\n');
}

static void one(struct lk_buf *b, const char *name, const char *type, const char *help, uint64_t value) {
    head(b, name, type, help);
    lk_buf_put_cstr(b, name);
    lk_buf_put_char(b, ' ');
    lk_buf_put_u64(b, value);
    lk_buf_put_char(b, '\n');
}

static void put_route(struct lk_buf *b, const char *name, const char *route) {
    lk_buf_put_cstr(b, name);
    lk_buf_put_cstr(b, "{route=\"");
    lk_buf_put_cstr(b, route);
    lk_buf_put_char(b, '"');
}

static void put_answers(struct lk_buf *b, const struct lk_http *http) {
    static const char name[] = "latchkey_requests_total";
    struct lk_http_count count;
    head(b, name, "counter", "Requests answered, by route and class of status.");
    for (size_t i = 0; lk_http_count_at(http, i, &count); i++) {
        for (size_t hundreds = 1; hundreds < 6; hundreds++) {
            if (count.status[hundreds] > 0) {
                put_route(b, name, count.route);
                lk_buf_put_cstr(b, ",status=\"");
                lk_buf_put_u64(b, hundreds);
                lk_buf_put_cstr(b, "xx\"} ");
                lk_buf_put_u64(b, count.status[hundreds]);
                lk_buf_put_char(b, '\n');
            }
        }
    }
}

static void put_micros(struct lk_buf *b, const struct lk_http *http) {
    static const char name[] = "latchkey_request_microseconds_total";
    struct lk_http_count count;
    head(b, name, "counter", "Time from the whole request to the whole answer, by route.");
    for (size_t i = 0; lk_http_count_at(http, i, &count); i++) {
        if (count.micros > 0) {
            put_route(b, name, count.route);
            lk_buf_put_cstr(b, "} ");
            lk_buf_put_u64(b, count.micros);
            lk_buf_put_char(b, '\n');
        }
    }
}

static void put_connections(struct lk_buf *b, struct lk_app *app) {
    struct lk_api_connections counts = {0};
    if (app->connections != NULL) {
        app->connections(app->arg, &counts);
        one(b, "latchkey_connections", "gauge", "Connections open now.", counts.open);
        one(b, "latchkey_connections_accepted_total", "counter", "Connections accepted.", counts.accepted);
        one(b, "latchkey_connections_refused_total", "counter", "Connections over a bound.", counts.refused);
    }
    if (app->gate != NULL) {
        one(b, "latchkey_hash_queue", "gauge", "Password hashes waiting or under way.",
            lk_hash_gate_depth(app->gate));
    }
}

static void put_mails(struct lk_buf *b, struct lk_app *app) {
    struct lk_api_mails counts = {0};
    if (app->mails != NULL) {
        app->mails(app->arg, &counts);
        one(b, "latchkey_mails_sent_total", "counter", "Mails that a server took.", counts.sent);
        one(b, "latchkey_mails_failed_total", "counter", "Attempts that failed for now.", counts.failed);
        one(b, "latchkey_mails_dropped_total", "counter", "Mails given up: refused for good, or too old.",
            counts.dropped);
    }
}

static int put_store(struct lk_buf *b, struct lk_app *app) {
    struct lk_store_usage usage = {0};
    struct lk_service_counts counts = {0};
    int err = lk_store_usage(lk_service_store(app->service), &usage);
    if (err == 0) {
        err = lk_service_count(app->service, &counts);
    }
    one(b, "latchkey_store_map_bytes", "gauge", "Bytes the store may grow to.", usage.map_size);
    one(b, "latchkey_store_used_bytes", "gauge", "Bytes of the store in use.", usage.used);
    one(b, "latchkey_store_commits_total", "counter", "Durable commits.", usage.commits);
    one(b, "latchkey_store_writes_total", "counter", "Writes in those commits.", usage.writes);
    one(b, "latchkey_accounts", "gauge", "Accounts.", counts.accounts);
    one(b, "latchkey_sessions", "gauge", "Sessions not yet swept.", counts.sessions);
    one(b, "latchkey_mails_waiting", "gauge", "Mails waiting to leave.", counts.mails);
    return err;
}

/* A proxy on this very machine brings the whole world, whether it is named in trusted_proxies or not. */
static bool is_local(const struct lk_request *r) {
    return is_loopback(r->client.address) && lk_request_header(r, "X-Forwarded-For").ptr == NULL &&
           lk_request_header(r, "Forwarded").ptr == NULL;
}

void lk_api_metrics(struct lk_request *r, struct lk_response *res) {
    struct lk_app *app = lk_api_app(r);
    struct lk_buf b;
    if (r->caller.kind != LK_CALLER_INTERNAL && !is_local(r)) {
        lk_api_forbidden(res);
        return;
    }
    char *mem = lk_arena_alloc(r->arena, TEXT_MAX);
    if (mem == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    lk_buf_init(&b, mem, TEXT_MAX);
    head(&b, "latchkey_build_info", "gauge", "The version that runs.");
    lk_buf_put_cstr(&b, "latchkey_build_info{version=\"");
    lk_buf_put_cstr(&b, app->version);
    lk_buf_put_cstr(&b, "\"} 1\n");
    put_answers(&b, app->http);
    put_micros(&b, app->http);
    put_connections(&b, app);
    put_mails(&b, app);
    int err = put_store(&b, app);
    if (lk_api_failed(r, res, err != 0 ? err : b.err, NULL, 0)) {
        return;
    }
    lk_res_bytes(res, 200, "text/plain; version=0.0.4; charset=utf-8", lk_buf_str(&b));
    res->cache_control = "no-store";
}
