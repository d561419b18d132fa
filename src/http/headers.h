/*
 * The header fields of a request and what they mean to a route: negotiation, credentials.
 */
#ifndef LK_HTTP_HEADERS_H
#define LK_HTTP_HEADERS_H

#include "base/str.h"

#include <stdint.h>

struct lk_network;      /* base/text.h */
struct lk_request_head; /* serve/framing.h */

/* The value of the first field of that name, or NULL ptr; *count (if not NULL) says how many there are. */
struct lk_str lk_header_find(const struct lk_request_head *head, struct lk_str name, size_t *count);

/* The value of that cookie (RFC 6265 §5.4), from every Cookie field; NULL ptr when it is not there, or there twice. */
struct lk_str lk_cookie_find(const struct lk_request_head *head, struct lk_str name);

/*
 * Who sent a request that came from `peer`: while an address is a trusted proxy, the one before it that the last
 * X-Forwarded-For names. What a client writes there itself stands before what a proxy adds, and is not reached.
 */
void lk_forwarded_client(const struct lk_request_head *head, const uint8_t peer[16],
                         const struct lk_network *proxies, size_t count, uint8_t client[16]);

/* How much Accept wants `type/subtype`: 0 (not at all) to 1000, by the most specific range that matches
   (RFC 9110 §12.5.1). No header, or an empty one: 1000. */
unsigned lk_accept_quality(struct lk_str accept, struct lk_str type, struct lk_str subtype);

/* Which of `count` languages ("en", "fr") Accept-Language wants most (RFC 9110 §12.5.4), the first of equals as it
   names them; 0 where it wants none of them. A variety counts as its language. */
size_t lk_accept_language(struct lk_str accept, const char *const *languages, size_t count);
/* How much Accept-Encoding wants gzip (RFC 9110 §12.5.3): 0 only where it shuts it out; without the header anything
   is taken. */
bool lk_accept_gzip(struct lk_str accept, bool there);

/* True when the list of entity tags in If-None-Match names `etag`, weakly compared, or is "*" (RFC 9110
   §13.1.2). */
bool lk_etag_listed(struct lk_str list, struct lk_str etag);

/* A media type header taken apart. */
struct lk_media_type {
    struct lk_str essence; /* "type/subtype" as sent */
    struct lk_str rest;    /* parameters */
};
struct lk_media_type lk_media_type_parse(struct lk_str value);
/* The value of a parameter ("boundary"), unquoted when quoted without escapes; NULL ptr when absent. */
struct lk_str lk_media_type_param(const struct lk_media_type *type, struct lk_str name);

enum lk_credentials { LK_CREDENTIALS_NONE, LK_CREDENTIALS_BAD, LK_CREDENTIALS_TOKEN };
/* Reads an Authorization value as SimpleJWT does: no or another scheme is NONE, a scheme without exactly
   one token is BAD. `Bearer` and `JWT` in any case. */
enum lk_credentials lk_credentials_parse(struct lk_str value, struct lk_str *token);

#endif
