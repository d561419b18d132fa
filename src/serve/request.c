#include "serve/engine.h"

#include <string.h>

/* Reads the header block into the worker's memory, again when the request took several rounds. */
static int parse(struct lk_conn *c, const char **detail) {
    return lk_framing_parse((struct lk_str){c->in, c->head_len}, &c->worker->head, detail);
}

static size_t body_limit(const struct lk_conn *c) {
    const struct lk_serve_options *o = &c->serve->options;
    const struct lk_request_head *head = &c->worker->head;

    if (head->content_length == 0 && !head->chunked) {
        return 0; /* as most requests: nobody need look the route up for it */
    }
    if (o->handler.body_limit == NULL) {
        return o->max_body;
    }
    return o->handler.body_limit(o->handler.arg, head->method, head->path,
                                 lk_head_field(head, LK_STR("content-type")));
}

/* The header block, once it is all there. Returns TAKE_MORE without one, TAKE_WHOLE, or TAKE_REFUSE. */
static enum take_result take_head(struct lk_conn *c, int *status, const char **detail) {
    long end = lk_framing_head_end(c->in, c->in_len, &c->scanned);
    size_t size = end > 0 ? (size_t)end : c->in_len;

    if (end == LK_HEAD_BAD) {
        *status = 400;
        *detail = "The request is not HTTP, or its lines do not end in CR LF.";
        return TAKE_REFUSE;
    }
    if (size > LK_HEADER_MAX) {
        bool one_line = memchr(c->in, '\n', LK_HEADER_MAX) == NULL;
        *status = one_line ? 414 : 431;
        *detail = one_line ? "The request target is too long." : "The header fields are too large.";
        return TAKE_REFUSE;
    }
    if (end == LK_HEAD_MORE) {
        return TAKE_MORE;
    }
    c->head_len = size;
    *status = parse(c, detail);
    if (*status != 0) {
        return TAKE_REFUSE;
    }
    const struct lk_request_head *head = &c->worker->head;
    size_t limit = body_limit(c);
    if (head->content_length > limit) {
        *status = 413;
        *detail = "The request body is too large.";
        return TAKE_REFUSE;
    }
    c->chunked = head->chunked;
    c->body_want = head->content_length;
    c->chunks = (struct lk_chunked){.limit = limit};
    return TAKE_WHOLE;
}

static enum take_result take_chunks(struct lk_conn *c, int *status, const char **detail) {
    size_t at = c->head_len + c->body_len;
    size_t used = c->in_len - at;
    size_t made;

    *status = lk_chunked_decode(&c->chunks, c->in + at, &used, c->in + at, &made, detail);
    if (*status != 0) {
        return TAKE_REFUSE;
    }
    c->body_len += made;
    if (c->chunks.done) {
        c->end = at + used;
        return TAKE_WHOLE;
    }
    c->in_len = at + made;
    return TAKE_MORE;
}

static enum take_result take_body(struct lk_conn *c, int *status, const char **detail) {
    if (c->chunked) {
        return take_chunks(c, status, detail);
    }
    size_t there = c->in_len - c->head_len;
    c->body_len = there < c->body_want ? there : (size_t)c->body_want;
    c->end = c->head_len + c->body_len;
    return c->body_len == c->body_want ? TAKE_WHOLE : TAKE_MORE;
}

/* Tells a client that waits for it to go on with the body (RFC 9110 §10.1.1). */
static bool invite_body(struct lk_conn *c) {
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (!c->worker->head.expect_continue || c->continued || c->in_len > c->head_len) {
        return true;
    }
    c->continued = true;
    return conn_send(c, line, sizeof(line) - 1) == (int)sizeof(line) - 1;
}

enum take_result request_take(struct lk_conn *c, int *status, const char **detail) {
    bool parsed = c->head_len == 0;

    if (parsed) {
        enum take_result result = take_head(c, status, detail);
        if (result != TAKE_WHOLE) {
            return result;
        }
    }
    enum take_result result = take_body(c, status, detail);
    if (result == TAKE_MORE && parsed && !invite_body(c)) {
        return TAKE_CLOSE;
    }
    if (result == TAKE_WHOLE) {
        if (!parsed && parse(c, detail) != 0) {
            return TAKE_CLOSE;
        }
        c->close = !c->worker->head.keep_alive;
    }
    return result;
}
