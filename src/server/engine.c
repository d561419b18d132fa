#include "server/engine.h"

#include "http/handler.h"
#include "options.h"

#include <stdlib.h>

#define LARGEST_AT_ONCE 4 /* requests of the largest size that there is memory for */

struct server_engine {
    struct lk_serve *serve;
};

static size_t buffered_max(const struct server_engine_options *options) {
    size_t wanted = LARGEST_AT_ONCE * (options->max_body + options->max_picture);
    return wanted > LK_BUFFERED_MAX ? wanted : LK_BUFFERED_MAX;
}

int server_engine_start(struct server_engine **out, const struct server_engine_options *options,
                        const char **why) {
    *why = NULL;
    struct server_engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    struct lk_serve_options serve = {
        .addresses = options->addresses,
        .address_count = options->address_count,
        .certificate = options->certificate,
        .key = options->key,
        .handler = {.handle = lk_http_handle,
                    .body_limit = lk_http_body_limit,
                    .refusal = lk_http_refusal,
                    .arg = options->http},
        .threads = options->threads,
        .max_connections = options->max_connections,
        .max_per_address = options->max_per_address,
        .max_body = options->max_body,
        .max_buffered = buffered_max(options),
    };
    int err = lk_serve_start(&engine->serve, &serve, why);
    if (err != 0) {
        free(engine);
        return err;
    }
    *out = engine;
    return 0;
}

void server_engine_stop(struct server_engine *engine) {
    if (engine != NULL) {
        lk_serve_stop(engine->serve);
        free(engine);
    }
}

int server_engine_set_certificate(struct server_engine *engine, struct lk_str certificate,
                                  struct lk_str key) {
    return lk_serve_set_certificate(engine->serve, certificate, key);
}

uint16_t server_engine_port(const struct server_engine *engine, size_t index) {
    return lk_serve_port(engine->serve, index);
}

void server_engine_count(const struct server_engine *engine, struct server_engine_counts *counts) {
    struct lk_serve_stats stats;
    lk_serve_stats(engine->serve, &stats);
    *counts = (struct server_engine_counts){
        .open = stats.connections, .accepted = stats.accepted, .refused = stats.turned_away};
}
