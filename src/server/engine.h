/*
 * The connections of the server: src/serve, started with what the configuration says.
 */
#ifndef LK_SERVER_ENGINE_H
#define LK_SERVER_ENGINE_H

#include "serve/serve.h"

struct lk_http; /* http/handler.h: answers the requests */
struct server_engine;

struct server_engine_options {
    struct lk_http *http;
    const struct lk_serve_address *addresses;
    size_t address_count;
    struct lk_str certificate; /* PEM */
    struct lk_str key;         /* PEM */
    unsigned threads;          /* 0: as src/serve chooses; so with the other bounds */
    unsigned max_connections;
    unsigned max_per_address;
    size_t max_body;
    size_t max_picture; /* bytes that the longest body may have more */
};

struct server_engine_counts {
    uint64_t open;
    uint64_t accepted;
    uint64_t refused;
};

/* Returns 0 or an error with *why, a constant sentence. */
int server_engine_start(struct server_engine **out, const struct server_engine_options *options,
                        const char **why);
void server_engine_stop(struct server_engine *engine);
int server_engine_set_certificate(struct server_engine *engine, struct lk_str certificate, struct lk_str key);
uint16_t server_engine_port(const struct server_engine *engine, size_t index);
void server_engine_count(const struct server_engine *engine, struct server_engine_counts *counts);

#endif
