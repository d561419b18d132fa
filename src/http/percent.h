/*
 * Percent-decoding (RFC 3986 §2.1), strictly: a bad escape or bad UTF-8 is an error, never a guess.
 */
#ifndef LK_HTTP_PERCENT_H
#define LK_HTTP_PERCENT_H

#include "http/http.h"

/*
 * Decodes `s` into the arena, or borrows it when there is nothing to decode. With `form`, '+' is a space
 * (application/x-www-form-urlencoded). Returns 0, LK_ERR_INVALID (bad escape or bad UTF-8) or
 * LK_ERR_NO_MEMORY.
 */
int lk_percent_decode(struct lk_arena *arena, struct lk_str s, bool form, struct lk_str *out);

/* True when `s` holds a NUL. */
bool lk_has_nul(struct lk_str s);

#endif
