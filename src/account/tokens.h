/*
 * The tokens of users: what they claim, how they are made and read. SPEC.md lists the claims.
 * Private to src/account.
 */
#ifndef LK_ACCOUNT_TOKENS_H
#define LK_ACCOUNT_TOKENS_H

#include "account/account.h"
#include "account/keyring.h"
#include "account/service.h"

/* Bytes of claims; a token that holds more is refused. */
#define LK_TOKEN_PAYLOAD_MAX 1024
/* Seconds in which the refresh token before is still good: the answer with its successor may have got
   lost. */
#define LK_ROTATION_GRACE 10

/* The claims of a user's token, after signature, dates and form were found good. */
struct lk_claims {
    bool refresh;
    uint8_t user[LK_UUID_LEN];
    bool has_session;
    uint8_t session[LK_UUID_LEN];
    bool has_jti; /* of our form: 32 hexadecimal digits */
    uint8_t jti[16];
    int64_t iat;
};

enum lk_token_want { LK_WANT_ACCESS, LK_WANT_REFRESH, LK_WANT_EITHER, LK_WANT_PAGE };

/* Reads a user's token; *claims is whole only with LK_TOKEN_OK. *unsigned_here tells that no key of the
   users' ring made it. Asks no store. */
enum lk_token_fault lk_claims_read(struct lk_service *svc, struct lk_str token, int64_t now,
                                   enum lk_token_want want, struct lk_claims *claims, bool *unsigned_here);

/* The two tokens of a session: an access token of its own jti, and, where `jti` is not NULL, a refresh
   token. */
int lk_tokens_make(struct lk_service *svc, const uint8_t user[LK_UUID_LEN],
                   const uint8_t session[LK_UUID_LEN], const uint8_t *jti, int64_t now, int64_t expires,
                   struct lk_tokens *tokens);
/* The token of a session of the pages: it is a cookie's value and nothing else. `jti` is the session's. */
int lk_tokens_make_page(struct lk_service *svc, const uint8_t user[LK_UUID_LEN],
                        const uint8_t session[LK_UUID_LEN], const uint8_t jti[16], int64_t now,
                        int64_t expires, char out[LK_TOKEN_MAX]);

#endif
