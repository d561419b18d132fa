/*
 * From the engine's connection to a route and back: makes the request, runs the router, sends the answer,
 * writes the log line and counts. Its functions are the callbacks of struct lk_serve_handler, with a
 * struct lk_http as `arg`.
 */
#ifndef LK_HTTP_HANDLER_H
#define LK_HTTP_HANDLER_H

#include "base/str.h"

struct lk_network; /* base/text.h */
struct lk_router;  /* http.h */
struct lk_service; /* account/service.h */
struct lk_conn;    /* serve/serve.h */
struct lk_refused; /* serve/serve.h */
struct lk_http;

struct lk_http_options {
    const struct lk_router *router; /* must outlive the server, as all that is borrowed here */
    struct lk_service *service;
    void *app;                        /* becomes r->app */
    struct lk_str public_url;         /* where a plain listener redirects to: without a slash at the end */
    bool plain_loopback;              /* serve plain requests that came over loopback */
    const struct lk_network *proxies; /* whose X-Forwarded-For names the client */
    size_t proxy_count;
    bool hsts;          /* the certificate is the owner's: add Strict-Transport-Security over TLS */
    size_t max_body;    /* bytes of a body */
    size_t max_picture; /* bytes more for a multipart body under /api/user/ */
};

/* Returns 0 or LK_ERR_NO_MEMORY. */
int lk_http_new(struct lk_http **out, const struct lk_http_options *options);
void lk_http_free(struct lk_http *h);
/* Whose certificate it is from now on: see hsts above. Safe from any thread. */
void lk_http_set_hsts(struct lk_http *h, bool on);

/* Answers one request. Never fails: at worst the client gets a 500 or a closed connection. */
void lk_http_handle(void *arg, struct lk_conn *conn);
/* The most bytes of body that this request may have. */
size_t lk_http_body_limit(void *arg, struct lk_str method, struct lk_str path, struct lk_str content_type);
/* The whole answer to a request that the engine refused. Returns its length, at most `cap`; 0: it does
   not fit. */
size_t lk_http_refusal(void *arg, const struct lk_refused *refused, char *out, size_t cap);

/* Answers counted since the start. */
struct lk_http_count {
    const char *route;  /* its name; "none" for requests that no route matched */
    uint64_t status[6]; /* by class: [2] of 200..299 …; [0] and [1] stay 0 */
    uint64_t micros;    /* spent from the whole request to the whole answer, in sum */
};
/* The counts of one route name, several rows of one name summed up. False past the last. */
bool lk_http_count_at(const struct lk_http *h, size_t index, struct lk_http_count *count);

#endif
