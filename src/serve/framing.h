/*
 * HTTP/1.1 message framing (RFC 9112), as strict as a server may be: whatever two readers could understand in
 * two ways is refused. Pure functions over bytes, which allocate nothing and keep no state of their own.
 */
#ifndef LK_SERVE_FRAMING_H
#define LK_SERVE_FRAMING_H

#include "base/str.h"
#include "options.h"

/* The most bytes in all the chunk extensions of a body, and in its trailer section. Both are read past and
   dropped. */
#define LK_CHUNK_EXTENSION_MAX 1024
#define LK_TRAILER_MAX 1024

struct lk_header_field {
    struct lk_str name;
    struct lk_str value; /* without the white space around it */
};

/* A request's header block, taken apart. All strings are borrowed from the block. */
struct lk_request_head {
    struct lk_str method; /* a token, case kept; any method, known or not */
    struct lk_str target; /* as sent */
    struct lk_str path;   /* the target's path, escapes kept; "*" for OPTIONS *; never empty */
    struct lk_str query;  /* what follows '?', escapes kept; empty without one */
    bool http_1_0;
    bool keep_alive;      /* what the client asks for (RFC 9112 §9.3) */
    bool expect_continue; /* it waits for 100 before it sends the body (RFC 9110 §10.1.1) */
    bool chunked;
    uint64_t content_length; /* 0 when chunked or without a body */
    size_t field_count;
    struct lk_header_field fields[LK_HEADER_FIELDS_MAX];
};

/* The result of looking for the end of a header block: a length > 0, or one of these. */
#define LK_HEAD_MORE 0
#define LK_HEAD_BAD (-1) /* a line end that is not CR LF, or a first byte that starts no request */

/*
 * Looks for the empty line that ends the header block at `data`. `*scanned` is 0 at first and remembers
 * between calls how far was looked, so that a block that drips in is scanned once. One empty line before the
 * request line is part of the block (RFC 9112 §2.2). Returns the length of the block with its last CR LF,
 * LK_HEAD_MORE or LK_HEAD_BAD.
 */
long lk_framing_head_end(const char *data, size_t len, size_t *scanned);

/*
 * Takes apart a header block found by lk_framing_head_end. Returns 0, or the HTTP status to refuse it with
 * (400, 414, 417, 431, 501, 505); `*reason` is then a constant English phrase that names what is wrong.
 */
int lk_framing_parse(struct lk_str block, struct lk_request_head *head, const char **reason);

/* The value of the first field of this name (ASCII case ignored); ptr is NULL when there is none. */
struct lk_str lk_head_field(const struct lk_request_head *head, struct lk_str name);

/* The decoder of a chunked body (RFC 9112 §7.1). Starts zeroed, except for `limit`. */
struct lk_chunked {
    uint64_t left;     /* bytes of the current chunk still to come */
    uint64_t total;    /* bytes decoded */
    uint64_t limit;    /* the most bytes the body may have */
    unsigned digits;   /* of the current size */
    size_t extensions; /* bytes of extensions so far */
    size_t trailer;    /* bytes of the trailer section so far */
    int state;
    bool done;
};

/*
 * Decodes what arrived, in place: `*len` bytes at `in` are read and what they decode to is written at `out`,
 * which is `in` or lies before it. Sets `*len` to the bytes consumed (fewer only once the body is done) and
 * `*made` to those written. Returns 0, 400 or 413, with `*reason` as above.
 */
int lk_chunked_decode(struct lk_chunked *c, const char *in, size_t *len, char *out, size_t *made,
                      const char **reason);

#endif
