/*
 * The bytes of an answer: status line, header and body in one piece of memory, so that they leave in one
 * write.
 */
#ifndef LK_HTTP_RESPONSE_H
#define LK_HTTP_RESPONSE_H

#include "http/http.h"

/* What the answer must know of its request and its connection. */
struct lk_wire {
    bool head; /* a HEAD request: no body */
    bool http_1_0;
    bool keep_alive; /* what the client asks for */
    bool hsts;       /* served over TLS under the owner's certificate */
    enum lk_mount mount;
    int64_t now; /* seconds since the epoch, for Date */
    struct lk_str if_none_match;
};

struct lk_wire_bytes {
    struct lk_str bytes; /* header and body, or the header alone when `streamed` */
    bool streamed;       /* the body follows from res->stream: in chunks, or until close for HTTP/1.0 */
    bool chunked;
    bool close; /* the connection ends after this answer */
    int status; /* as sent: 304 may stand for 200 */
};

/*
 * Serialises `res` into its arena. An answer whose body did not fit becomes 500. Returns 0 or
 * LK_ERR_NO_MEMORY, then there is nothing to send.
 */
int lk_response_serialise(struct lk_response *res, const struct lk_wire *wire, struct lk_wire_bytes *out);

#endif
