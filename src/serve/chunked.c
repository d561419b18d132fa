#include "base/text.h"
#include "serve/framing.h"

#include <string.h>

enum state {
    SIZE,      /* the hexadecimal size of a chunk */
    EXTENSION, /* what follows it up to CR */
    SIZE_LF,   /* the LF of that line */
    DATA,      /* the chunk */
    DATA_CR,   /* the CR and LF after it */
    DATA_LF,
    LINE,    /* the start of a trailer line, or of the last, empty one */
    TRAILER, /* inside a trailer line */
    TRAILER_LF,
    LAST_LF,
};

static bool is_text(char c) {
    unsigned char u = (unsigned char)c;
    return (u >= ' ' && u != 127) || u == '\t';
}

/* A byte of a chunk's size line. Returns the next state, or -1. */
static int take_size(struct lk_chunked *c, char byte) {
    int digit = lk_hex_value(byte);

    if (digit >= 0) {
        c->left = c->left << 4 | (unsigned)digit;
        c->digits++;
        return c->digits <= 15 ? SIZE : -1;
    }
    if (c->digits == 0) {
        return -1;
    }
    if (byte == '\r') {
        return SIZE_LF;
    }
    return byte == ';' ? EXTENSION : -1;
}

static int take_trailer(struct lk_chunked *c, char byte) {
    if (byte == '\r') {
        return c->state == LINE ? LAST_LF : TRAILER_LF;
    }
    return ++c->trailer <= LK_TRAILER_MAX && is_text(byte) ? TRAILER : -1;
}

/* One byte that is not of a chunk's data. Returns the next state, or -1. */
static int take(struct lk_chunked *c, char byte) {
    switch ((enum state)c->state) {
    case SIZE:
        return take_size(c, byte);
    case EXTENSION:
        if (byte == '\r') {
            return SIZE_LF;
        }
        return ++c->extensions <= LK_CHUNK_EXTENSION_MAX && is_text(byte) ? EXTENSION : -1;
    case SIZE_LF:
        c->digits = 0;
        return byte != '\n' ? -1 : c->left > 0 ? DATA : LINE;
    case DATA_CR:
        return byte == '\r' ? DATA_LF : -1;
    case DATA_LF:
        return byte == '\n' ? SIZE : -1;
    case LINE:
    case TRAILER:
        return take_trailer(c, byte);
    case TRAILER_LF:
        return byte == '\n' ? LINE : -1;
    case LAST_LF:
        c->done = byte == '\n';
        return c->done ? LAST_LF : -1;
    case DATA:
        break;
    }
    return -1;
}

/* Moves what is there of the current chunk. Returns the number of bytes. */
static size_t take_data(struct lk_chunked *c, const char *in, size_t len, char *out) {
    size_t n = len < c->left ? len : (size_t)c->left;

    memmove(out, in, n);
    c->left -= n;
    c->total += n;
    if (c->left == 0) {
        c->state = DATA_CR;
    }
    return n;
}

int lk_chunked_decode(struct lk_chunked *c, const char *in, size_t *len, char *out, size_t *made,
                      const char **reason) {
    size_t i = 0;

    *made = 0;
    while (i < *len && !c->done) {
        if (c->state == DATA) {
            size_t n = take_data(c, in + i, *len - i, out + *made);
            i += n;
            *made += n;
            continue;
        }
        int next = take(c, in[i++]);
        if (next < 0) {
            *reason = "The chunked body is not valid.";
            return 400;
        }
        c->state = next;
        if (next == DATA && c->left > c->limit - c->total) {
            *reason = "The request body is too large.";
            return 413;
        }
    }
    *len = i;
    return 0;
}
