#include "base/buf.h"

#include "base/err.h"

#include <string.h>

/* Room for `len` more bytes, counted as written; NULL when they do not fit. */
static char *take(struct lk_buf *b, size_t len) {
    if (b->err != 0 || len > b->cap - b->len) {
        b->err = LK_ERR_TOO_LARGE;
        return NULL;
    }
    char *at = b->ptr + b->len;
    b->len += len;
    return at;
}

void lk_buf_init(struct lk_buf *b, void *mem, size_t cap) {
    *b = (struct lk_buf){.ptr = mem, .cap = cap};
}

void lk_buf_put(struct lk_buf *b, const void *data, size_t len) {
    if (len == 0) {
        return;
    }
    char *at = take(b, len);
    if (at != NULL) {
        memcpy(at, data, len);
    }
}

void lk_buf_put_str(struct lk_buf *b, struct lk_str s) {
    lk_buf_put(b, s.ptr, s.len);
}

void lk_buf_put_cstr(struct lk_buf *b, const char *s) {
    lk_buf_put(b, s, strlen(s));
}

void lk_buf_put_char(struct lk_buf *b, char c) {
    lk_buf_put(b, &c, 1);
}

void lk_buf_put_u64(struct lk_buf *b, uint64_t v) {
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    lk_buf_put(b, digits + at, sizeof(digits) - at);
}

void lk_buf_put_i64(struct lk_buf *b, int64_t v) {
    char text[21];
    struct lk_buf whole;
    lk_buf_init(&whole, text, sizeof(text));
    if (v < 0) {
        lk_buf_put_char(&whole, '-');
    }
    lk_buf_put_u64(&whole, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    lk_buf_put_str(b, lk_buf_str(&whole));
}

static void put_le(struct lk_buf *b, uint64_t v, size_t len) {
    char *at = take(b, len);
    for (size_t i = 0; at != NULL && i < len; i++) {
        at[i] = (char)(uint8_t)(v >> (8 * i));
    }
}

void lk_buf_put_u8(struct lk_buf *b, uint8_t v) {
    put_le(b, v, 1);
}

void lk_buf_put_le16(struct lk_buf *b, uint16_t v) {
    put_le(b, v, 2);
}

void lk_buf_put_le32(struct lk_buf *b, uint32_t v) {
    put_le(b, v, 4);
}

void lk_buf_put_le64(struct lk_buf *b, uint64_t v) {
    put_le(b, v, 8);
}

void lk_buf_put_be64(struct lk_buf *b, uint64_t v) {
    char *at = take(b, 8);
    for (size_t i = 0; at != NULL && i < 8; i++) {
        at[i] = (char)(uint8_t)(v >> (56 - 8 * i));
    }
}

void lk_buf_put_lstr(struct lk_buf *b, struct lk_str s) {
    if (s.len > UINT16_MAX) {
        b->err = LK_ERR_TOO_LARGE;
        return;
    }
    lk_buf_put_le16(b, (uint16_t)s.len);
    lk_buf_put_str(b, s);
}

void lk_buf_put_hex(struct lk_buf *b, const void *data, size_t len) {
    const uint8_t *bytes = data;
    if (len > SIZE_MAX / 2) {
        b->err = LK_ERR_TOO_LARGE;
        return;
    }
    char *at = take(b, 2 * len);
    for (size_t i = 0; at != NULL && i < len; i++) {
        at[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        at[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

struct lk_str lk_buf_str(const struct lk_buf *b) {
    return (struct lk_str){b->ptr, b->len};
}

int lk_buf_end_cstr(struct lk_buf *b) {
    char *at = take(b, 1);
    if (at != NULL) {
        *at = '\0';
        b->len--;
    }
    return b->err;
}

void lk_reader_init(struct lk_reader *r, const void *data, size_t len) {
    *r = (struct lk_reader){.ptr = data, .left = len};
}

struct lk_str lk_read_bytes(struct lk_reader *r, size_t len) {
    if (r->err != 0 || len > r->left) {
        r->err = LK_ERR_CORRUPT;
        return (struct lk_str){NULL, 0};
    }
    struct lk_str s = {(const char *)r->ptr, len};
    if (len > 0) {
        r->ptr += len;
        r->left -= len;
    }
    return s;
}

static uint64_t read_le(struct lk_reader *r, size_t len) {
    struct lk_str s = lk_read_bytes(r, len);
    uint64_t v = 0;
    for (size_t i = s.len; i > 0; i--) {
        v = v << 8 | (uint8_t)s.ptr[i - 1];
    }
    return v;
}

uint8_t lk_read_u8(struct lk_reader *r) {
    return (uint8_t)read_le(r, 1);
}

uint16_t lk_read_le16(struct lk_reader *r) {
    return (uint16_t)read_le(r, 2);
}

uint32_t lk_read_le32(struct lk_reader *r) {
    return (uint32_t)read_le(r, 4);
}

uint64_t lk_read_le64(struct lk_reader *r) {
    return read_le(r, 8);
}

uint64_t lk_read_be64(struct lk_reader *r) {
    struct lk_str s = lk_read_bytes(r, 8);
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        v = v << 8 | (uint8_t)s.ptr[i];
    }
    return v;
}

struct lk_str lk_read_lstr(struct lk_reader *r) {
    return lk_read_bytes(r, lk_read_le16(r));
}

int lk_reader_end(const struct lk_reader *r) {
    return r->err == 0 && r->left == 0 ? 0 : LK_ERR_CORRUPT;
}
