/*
 * Bytes with their length. Nothing that came from the network is trusted to end in NUL.
 */
#ifndef LK_BASE_STR_H
#define LK_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed, read-only bytes. `ptr` may be NULL only when `len` is 0. */
struct lk_str {
    const char *ptr;
    size_t len;
};

/* A string literal as an lk_str. */
#define LK_STR(literal) ((struct lk_str){("" literal), sizeof(literal) - 1})

/* A NUL-terminated string as an lk_str; NULL gives the empty string. */
struct lk_str lk_str_from(const char *cstr);

bool lk_str_eq(struct lk_str a, struct lk_str b);

/* Equal when ASCII letters are compared without regard to case. */
bool lk_str_eq_nocase(struct lk_str a, struct lk_str b);

bool lk_str_starts(struct lk_str s, struct lk_str prefix);

/* The part of `s` from offset `from` (0..len, clamped) of at most `len` bytes. */
struct lk_str lk_str_sub(struct lk_str s, size_t from, size_t len);

/* Offset of the first byte `c`, or s.len when there is none. */
size_t lk_str_find(struct lk_str s, char c);

/* `s` without leading and trailing ASCII white space (space, \t, \r, \n, \v, \f). */
struct lk_str lk_str_trim(struct lk_str s);

/* The host of an http or https URL: name, or numeric address without brackets. Empty when it has none. */
struct lk_str lk_url_host(struct lk_str url);

/*
 * The decimal number that `s` holds: digits only, no sign, no white space, at least one digit.
 * Returns 0, LK_ERR_INVALID, or LK_ERR_TOO_LARGE when it passes `max`.
 */
int lk_str_to_u64(struct lk_str s, uint64_t max, uint64_t *out);

#endif
