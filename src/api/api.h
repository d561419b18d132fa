/*
 * The HTTP interface: the one table of routes, and what they share. A route reads a request, calls a rule of
 * src/account and writes an answer; it decides nothing itself.
 */
#ifndef LK_API_API_H
#define LK_API_API_H

#include "account/service.h"
#include "http/http.h"

struct lk_brand;
struct lk_http;

/* Connections as the serving layer counts them, for the metrics. */
struct lk_api_connections {
    uint64_t open;     /* now */
    uint64_t accepted; /* since the start */
    uint64_t refused;  /* since the start: over a bound */
};

/* Mails as the mailer counts them, for the metrics: since the start. */
struct lk_api_mails {
    uint64_t sent;    /* left for good */
    uint64_t failed;  /* attempts that failed for now */
    uint64_t dropped; /* given up */
};

/* What every request of one server shares: r->app. All of it outlives the requests. */
struct lk_app {
    struct lk_service *service;
    struct lk_hash_gate *gate;    /* NULL: not counted */
    struct lk_http *http;         /* http/handler.h: counts the answers */
    const char *public_url;       /* without a slash at the end */
    const char *version;          /* for the metrics */
    const struct lk_brand *brand; /* web/brand.h */
    void (*connections)(void *arg, struct lk_api_connections *counts); /* NULL: not counted */
    void (*mails)(void *arg, struct lk_api_mails *counts);             /* NULL: not counted */
    void *arg;
};

/* Every route, in a constant table. */
extern const struct lk_router lk_api_router;

#endif
