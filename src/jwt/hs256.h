/*
 * HMAC-SHA-256 over the first two parts of a token (RFC 7518 §3.2). Internal to the library.
 */
#ifndef LK_JWT_HS256_H
#define LK_JWT_HS256_H

#include "base/str.h"
#include "jwt/latchkey_jwt.h"

#define LK_HS256_LEN 32

/* Returns 0, or LK_JWT_BAD_KEY when the key's length is out of its bounds. */
int lk_hs256_sign(const struct lk_jwt_key *key, struct lk_str input, uint8_t mac[LK_HS256_LEN]);

/* Compares in constant time. Returns 0, LK_JWT_BAD_KEY or LK_JWT_BAD_SIGNATURE. */
int lk_hs256_verify(const struct lk_jwt_key *key, struct lk_str input, const uint8_t mac[LK_HS256_LEN]);

#endif
