/* The engine's connection as an exchange. */
#include "http/exchange.h"
#include "serve/serve.h"

static int answer(void *arg, const void *data, size_t len) {
    return lk_conn_answer(arg, data, len);
}

static int write_piece(void *arg, const void *data, size_t len) {
    return lk_conn_write(arg, data, len);
}

static void set_close(void *arg) {
    lk_conn_set_close(arg);
}

void lk_http_handle(void *arg, struct lk_conn *conn) {
    const struct lk_request_head *head = lk_conn_head(conn);
    struct lk_exchange x = {
        .head = head,
        .method = head->method,
        .target = head->target,
        .path = head->path,
        .query = head->query,
        .body = lk_conn_body(conn),
        .peer = lk_conn_peer_address(conn),
        .http_1_0 = head->http_1_0,
        .keep_alive = lk_conn_keep_alive(conn),
        .tls = lk_conn_is_tls(conn),
        .loopback = lk_conn_is_loopback(conn),
        .answer = answer,
        .write = write_piece,
        .set_close = set_close,
        .arg = conn,
    };
    lk_http_exchange(arg, &x);
}
