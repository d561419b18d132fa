/*
 * Token keys in their files. A key file holds raw key bytes (32..128). The current key is
 * NAME; the ones before it are NAME.1, NAME.2, … up to NAME.3, kept so that a rotation logs nobody out. A
 * key's `kid` follows from its bytes: base64url of the first 6 bytes of SHA-256 over "latchkey-kid" and the
 * key.
 */
#ifndef LK_ACCOUNT_KEYRING_H
#define LK_ACCOUNT_KEYRING_H

#include "jwt/latchkey_jwt.h"

#define LK_KEYRING_MAX 4

struct lk_keyring {
    struct lk_jwt_key keys[LK_KEYRING_MAX];
    size_t count;
};

/* Reads the ring; with `make`, a missing current key is made (256 random bits, written atomically).
   Returns 0, LK_ERR_NOT_FOUND, LK_ERR_DENIED (readable by others), LK_ERR_INVALID (too short or long),
   LK_ERR_IO …. */
int lk_keyring_load(struct lk_keyring *ring, const char *dir, const char *name, bool make);
/* Makes a new current key and shifts the others; the oldest is dropped. A power cut leaves a usable ring. */
int lk_keyring_rotate(const char *dir, const char *name);
void lk_keyring_wipe(struct lk_keyring *ring);
/* The view that lk_jwt_sign and lk_jwt_verify take. */
struct lk_jwt_keys lk_keyring_view(const struct lk_keyring *ring);

#endif
