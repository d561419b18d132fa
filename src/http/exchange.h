/*
 * One request and the way back to its client, free of the engine: what handler.c works on and the tests call.
 */
#ifndef LK_HTTP_EXCHANGE_H
#define LK_HTTP_EXCHANGE_H

#include "http/handler.h"

struct lk_request_head; /* serve/framing.h */

struct lk_exchange {
    const struct lk_request_head *head;
    struct lk_str method, target, path, query, body;
    const uint8_t *peer; /* 16 bytes */
    bool http_1_0, keep_alive, tls, loopback;
    /* The whole answer at once; or its pieces. As lk_conn_answer, lk_conn_write and lk_conn_set_close. */
    int (*answer)(void *arg, const void *data, size_t len);
    int (*write)(void *arg, const void *data, size_t len);
    void (*set_close)(void *arg);
    void *arg;
};

void lk_http_exchange(struct lk_http *h, const struct lk_exchange *x);

#endif
