/*
 * Internal tokens: how another service of the device says who it is. They are signed with a key of their own.
 */
#ifndef LK_ACCOUNT_INTERNAL_H
#define LK_ACCOUNT_INTERNAL_H

#include "account/account.h"
#include "account/keyring.h"

/* Mints a token: iss = sub = `service` (1..64 characters of [A-Za-z0-9._-]), aud "auth-service", `scopes`
   bits of enum lk_scope, `ttl` 1..300 seconds. Writes at most `cap` bytes, without NUL. Returns its length,
   LK_ERR_INVALID or LK_ERR_ENTROPY. */
int lk_internal_token(const struct lk_keyring *ring, const char *service, uint8_t scopes, int64_t now,
                      int64_t ttl, char *out, size_t cap);

/* Reads a token of that ring into `caller`: kind, name and scopes of the service. A token with more than
   1024 bytes of claims is LK_TOKEN_INVALID. `leeway`: seconds by which clocks may differ. */
enum lk_token_fault lk_internal_read(const struct lk_keyring *ring, struct lk_str token, int64_t now,
                                     int64_t leeway, struct lk_caller *caller);

#endif
