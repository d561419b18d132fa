/*
 * What the token tests share: keys, and tokens put together by hand, right or wrong.
 */
#ifndef LK_JWT_TESTING_H
#define LK_JWT_TESTING_H

#include "base/str.h"
#include "jwt/latchkey_jwt.h"

#define JWT_NOW 1700000000

/* A key of `len` bytes from text; `kid` may be empty. */
struct lk_jwt_key jwt_key(const char *secret, size_t len, const char *kid);

/* The keys of most tests: "k1", current, and "k0". */
extern struct lk_jwt_keys jwt_two_keys;
void jwt_make_two_keys(void);

/* base64url(header) . base64url(payload) . base64url(HMAC by the first key), whatever the texts are. Its
   length. */
size_t jwt_forge(struct lk_str header, struct lk_str payload, char *out, size_t cap);

/* Verifies with the two keys at JWT_NOW and no leeway, in memory that ends right behind what is needed. */
int jwt_check(const char *token, size_t len, struct lk_jwt *jwt);

/* Forges and checks. */
int jwt_try(struct lk_str header, struct lk_str payload);

#endif
