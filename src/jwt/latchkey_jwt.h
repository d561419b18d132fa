/*
 * latchkey_jwt: JSON Web Tokens signed with HMAC-SHA-256, and nothing else. RFC 7515 (JWS compact
 * serialisation), RFC 7518 §3.2 (HS256), RFC 7519 (JWT), RFC 8725 (best current practices). No heap; memory
 * is the caller's.
 *
 * The algorithm is fixed here and never read from a token. Parsing is strict: canonical base64url, bounded
 * sizes, no duplicate names, integer dates, no `crit`, no NUL in strings, at most 64 names and 8 levels of
 * nesting.
 *
 * This header stands alone: it needs no other header of the project.
 */
#ifndef LATCHKEY_JWT_H
#define LATCHKEY_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LK_JWT_KEY_MIN 32    /* bytes: 256 bits, RFC 7518 §3.2 */
#define LK_JWT_KEY_MAX 128   /* bytes */
#define LK_JWT_KID_MAX 32    /* bytes of a key id */
#define LK_JWT_CLAIM_MAX 256 /* bytes of a string claim after unescaping */
#define LK_JWT_SIZE_MAX 2048 /* bytes of a whole token */

enum lk_jwt_err {
    LK_JWT_OK = 0,
    LK_JWT_MALFORMED = -101,     /* not three canonical base64url parts holding two JSON objects */
    LK_JWT_TOO_LARGE = -102,     /* longer than LK_JWT_SIZE_MAX, or `cap` too small */
    LK_JWT_BAD_ALGORITHM = -103, /* the header does not say HS256, or names `crit` */
    LK_JWT_BAD_KEY = -104,       /* no key of that kid, or the key is too short */
    LK_JWT_BAD_SIGNATURE = -105, /* the signature does not match */
    LK_JWT_EXPIRED = -106,       /* exp has passed */
    LK_JWT_NOT_YET = -107,       /* nbf or iat lies in the future */
    LK_JWT_BAD_CLAIM = -108,     /* a registered claim has the wrong type, or a name stands twice */
};

/* One plain-English line, without a full stop; never NULL. */
const char *lk_jwt_err_text(int err);

/* A key. `kid` is empty for a key that tokens without `kid` are tried against. */
struct lk_jwt_key {
    uint8_t secret[LK_JWT_KEY_MAX];
    size_t secret_len; /* LK_JWT_KEY_MIN..LK_JWT_KEY_MAX */
    char kid[LK_JWT_KID_MAX + 1];
};

/*
 * Fills a key from its bytes, LK_JWT_KEY_MIN to LK_JWT_KEY_MAX of them, and names it as Latchkey does: `kid` is
 * base64url of the first 6 bytes of SHA-256 over "latchkey-kid" and the key, so that whoever shares the key finds the
 * same name. Returns 0 or LK_JWT_BAD_KEY.
 */
int lk_jwt_key_set(struct lk_jwt_key *key, const void *secret, size_t len);

/* Keys side by side. The first is the current one: it signs, and it alone is tried for tokens without
   `kid`. */
struct lk_jwt_keys {
    const struct lk_jwt_key *keys;
    size_t count;
};

/* A claim value as it stands in a verified payload. */
enum lk_jwt_type {
    LK_JWT_ABSENT,
    LK_JWT_STRING,
    LK_JWT_INTEGER,
    LK_JWT_NUMBER,
    LK_JWT_BOOL,
    LK_JWT_NULL,
    LK_JWT_ARRAY,
    LK_JWT_OBJECT
};
struct lk_jwt_value {
    enum lk_jwt_type type;
    char text[LK_JWT_CLAIM_MAX + 1]; /* STRING: unescaped, NUL-terminated; others: empty */
    size_t text_len;
    int64_t integer; /* INTEGER; BOOL: 0 or 1 */
};

struct lk_jwt_options {
    int64_t now;    /* seconds since 1970-01-01 UTC */
    int64_t leeway; /* seconds, >= 0, allowed on exp, nbf and iat */
};

/* A verified token: the payload JSON, decoded into the caller's memory, to look claims up in. */
struct lk_jwt {
    const char *payload;
    size_t payload_len;
    bool has_exp;
    int64_t exp, iat, nbf; /* 0 where absent */
    size_t key_index;      /* which of the keys verified it */
};

/*
 * Signs `claims`, the members of a JSON object as text with braces (`{"sub":"x"}`), with the first key. The
 * header is {"alg":"HS256","typ":"JWT"} and, unless the key's kid is empty, "kid". Writes the token without a
 * NUL into `out`. Returns its length or LK_JWT_TOO_LARGE, LK_JWT_BAD_KEY, and where lk_jwt_verify would
 * refuse the claims' JSON, LK_JWT_MALFORMED or LK_JWT_BAD_CLAIM.
 */
int lk_jwt_sign(const struct lk_jwt_keys *keys, const char *claims, size_t claims_len, char *out, size_t cap);

/*
 * Verifies structure, signature and dates of `token`; decodes the payload into `mem` (`cap` bytes, at least
 * 3/4 of the token's length), which `jwt` then points into. A missing `exp` is left to the caller
 * (`has_exp`). Returns 0 or a negative lk_jwt_err; the signature is checked before any claim is looked at.
 */
int lk_jwt_verify(const struct lk_jwt_keys *keys, const char *token, size_t token_len,
                  const struct lk_jwt_options *options, char *mem, size_t cap, struct lk_jwt *jwt);

/* The claim `name` (exact) of a verified token. Returns 0 (also when absent: type LK_JWT_ABSENT) or
   LK_JWT_BAD_CLAIM when its text is longer than LK_JWT_CLAIM_MAX. */
int lk_jwt_claim(const struct lk_jwt *jwt, const char *name, struct lk_jwt_value *value);

/* The same for `count` names at once, in one reading of the payload. After LK_JWT_BAD_CLAIM, the text of a
   claim that is too long is empty and the others are right. */
int lk_jwt_claims(const struct lk_jwt *jwt, const char *const names[], struct lk_jwt_value values[],
                  size_t count);

/* True when the claim is the string `expect`, or an array that holds it (as `aud` may be, RFC 7519
   §4.1.3). */
bool lk_jwt_claim_has(const struct lk_jwt *jwt, const char *name, const char *expect);

/*
 * Writes a JSON string with its quotes, escaped as RFC 8259 asks, UTF-8 kept. For building `claims`. Returns
 * the length, LK_JWT_TOO_LARGE when it does not fit `cap`, or LK_JWT_MALFORMED for bad UTF-8 or a NUL.
 */
int lk_jwt_quote(const char *text, size_t len, char *out, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
