/*
 * What the server needs of cryptography beyond TLS, on wolfCrypt: random bytes, SHA-256, HMAC-SHA-256,
 * constant-time comparison, wiping.
 */
#ifndef LK_CRYPTO_CRYPTO_H
#define LK_CRYPTO_CRYPTO_H

#include "base/str.h"

#define LK_SHA256_LEN 32

/* Starts the shared random generator: NIST SP 800-90A Hash_DRBG, seeded by wolfCrypt and by the port. Call
   once, before any other function here. Returns 0 or LK_ERR_ENTROPY. */
int lk_crypto_init(void);
void lk_crypto_free(void);

/* Fills `out` with `len` (1..65536) random bytes. Safe from any thread. Returns 0 or LK_ERR_ENTROPY. */
int lk_random(void *out, size_t len);

/* Random characters of [A-Za-z0-9], unbiased; writes `len` characters, no NUL. Returns 0 or
   LK_ERR_ENTROPY. */
int lk_random_alnum(char *out, size_t len);

/* A random UUID, version 4 (RFC 9562 §5.4), as 16 bytes. Returns 0 or LK_ERR_ENTROPY. */
int lk_random_uuid(uint8_t id[16]);

/*
 * A UUID, version 7 (RFC 9562 §5.7), as 16 bytes: milliseconds since the epoch, then 74 random bits. What is
 * made about the same time stands side by side in a table, so that a commit changes fewer pages. Not a
 * secret. Returns 0 or LK_ERR_ENTROPY.
 */
int lk_ordered_uuid(uint8_t id[16]);

/* SHA-256 (FIPS 180-4). Returns 0 or LK_ERR_NO_MEMORY. */
int lk_sha256(const void *data, size_t len, uint8_t out[LK_SHA256_LEN]);

/* HMAC-SHA-256 (RFC 2104). Returns 0 or LK_ERR_INVALID. */
int lk_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[LK_SHA256_LEN]);

/* True when both hold the same `len` bytes. Its time depends on `len` alone. */
bool lk_equal_ct(const void *a, const void *b, size_t len);

/* Overwrites `len` bytes; never optimised away. */
void lk_wipe(void *p, size_t len);

#endif
