/*
 * The one type that owns byte building and byte parsing: a bounded writer and a bounded reader. Both remember
 * their first error, so that a caller checks once, at the end.
 */
#ifndef LK_BASE_BUF_H
#define LK_BASE_BUF_H

#include "base/str.h"

/* A writer into memory of the caller's. Nothing is ever written past `cap`. */
struct lk_buf {
    char *ptr;
    size_t len;
    size_t cap;
    int err; /* 0, or LK_ERR_TOO_LARGE once something did not fit; later writes then do nothing */
};

/* Starts writing at `mem`, which holds `cap` bytes and must outlive the buffer. */
void lk_buf_init(struct lk_buf *b, void *mem, size_t cap);

void lk_buf_put(struct lk_buf *b, const void *data, size_t len);
void lk_buf_put_str(struct lk_buf *b, struct lk_str s);
void lk_buf_put_cstr(struct lk_buf *b, const char *s);
void lk_buf_put_char(struct lk_buf *b, char c);
/* Decimal digits, no padding. */
void lk_buf_put_u64(struct lk_buf *b, uint64_t v);
void lk_buf_put_i64(struct lk_buf *b, int64_t v);
/* Little-endian integers: the byte order of every stored record (SPEC.md). */
void lk_buf_put_u8(struct lk_buf *b, uint8_t v);
void lk_buf_put_le16(struct lk_buf *b, uint16_t v);
void lk_buf_put_le32(struct lk_buf *b, uint32_t v);
void lk_buf_put_le64(struct lk_buf *b, uint64_t v);
/* Big-endian, for keys whose byte order must be their numeric order. */
void lk_buf_put_be64(struct lk_buf *b, uint64_t v);
/* A string of at most 65535 bytes behind its le16 length. A longer one is LK_ERR_TOO_LARGE. */
void lk_buf_put_lstr(struct lk_buf *b, struct lk_str s);
/* Lower-case hexadecimal of `len` bytes. */
void lk_buf_put_hex(struct lk_buf *b, const void *data, size_t len);
/* What was written so far. */
struct lk_str lk_buf_str(const struct lk_buf *b);
/* Ends the text with a NUL that does not count in `len`. Returns 0, or the buffer's error. */
int lk_buf_end_cstr(struct lk_buf *b);

/* A reader over memory of the caller's. After an error every read gives 0 or the empty string. */
struct lk_reader {
    const uint8_t *ptr;
    size_t left;
    int err; /* 0, or LK_ERR_CORRUPT once a read passed the end */
};

void lk_reader_init(struct lk_reader *r, const void *data, size_t len);
uint8_t lk_read_u8(struct lk_reader *r);
uint16_t lk_read_le16(struct lk_reader *r);
uint32_t lk_read_le32(struct lk_reader *r);
uint64_t lk_read_le64(struct lk_reader *r);
uint64_t lk_read_be64(struct lk_reader *r);
/* Borrows `len` bytes of the memory read; empty on error. */
struct lk_str lk_read_bytes(struct lk_reader *r, size_t len);
/* Borrows a string behind its le16 length. */
struct lk_str lk_read_lstr(struct lk_reader *r);
/* 0 when everything was read without error and nothing is left, else LK_ERR_CORRUPT. */
int lk_reader_end(const struct lk_reader *r);

#endif
