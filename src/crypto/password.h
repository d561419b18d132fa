/*
 * Password hashes in Django's format: pbkdf2_sha256$<iterations>$<salt>$<base64 of 32 bytes> (PBKDF2 with
 * HMAC-SHA-256, RFC 8018 §5.2). Accounts move in from a Django table and back.
 */
#ifndef LK_CRYPTO_PASSWORD_H
#define LK_CRYPTO_PASSWORD_H

#include "base/str.h"

#define LK_PASSWORD_MAX_BYTES 512 /* the longest password hashed, in bytes of UTF-8: 128 characters */
#define LK_PASSWORD_HASH_MAX 191  /* the longest encoded hash taken, in bytes, without NUL */
#define LK_PASSWORD_SALT_LEN 22   /* characters of a salt made here: 131 bits */
#define LK_PBKDF2_ITERATIONS_MAX 10000000u

/*
 * Hashes `password` (0..LK_PASSWORD_MAX_BYTES bytes, taken exactly as they are) with a fresh salt. Writes the
 * encoded hash with a NUL into `out`. `iterations` is 1..LK_PBKDF2_ITERATIONS_MAX. Returns its length,
 * LK_ERR_INVALID, LK_ERR_TOO_LARGE or LK_ERR_ENTROPY.
 */
int lk_password_make(struct lk_str password, uint32_t iterations, char out[LK_PASSWORD_HASH_MAX + 1]);

/*
 * Takes a password of any length: what Django hashed may be longer than what is made here. Salts of 1 to 64
 * bytes. Compares in constant time. Returns 0 when the password matches, LK_ERR_MISMATCH when not (also for
 * an unusable hash, which starts with '!'), LK_ERR_UNSUPPORTED for another algorithm, LK_ERR_INVALID for a
 * malformed hash.
 */
int lk_password_check(struct lk_str password, struct lk_str encoded);

/* The iteration count that an encoded hash names, or 0 when it is malformed or not pbkdf2_sha256. */
uint32_t lk_password_iterations(struct lk_str encoded);

/* Spends the time of one check at `iterations`, for an account that does not exist. */
void lk_password_check_nobody(struct lk_str password, uint32_t iterations);

/* True when the password is among the 3 000 commonest, compared in lower case; exact, no false refusal. */
bool lk_password_is_common(struct lk_str password);

/*
 * The raw derivation: `out` takes 32 bytes. The two keyed SHA-256 states are kept across iterations.
 * Returns 0 or LK_ERR_INVALID.
 */
int lk_pbkdf2_sha256(struct lk_str password, struct lk_str salt, uint32_t iterations, uint8_t out[32]);

#endif
