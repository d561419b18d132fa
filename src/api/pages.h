/*
 * What the routes of the pages share.
 */
#ifndef LK_API_PAGES_H
#define LK_API_PAGES_H

#include "api/api.h"

/* Tells the browser to forget the pages' cookie. */
void lk_api_drop_cookie(struct lk_request *r, struct lk_response *res);

/* The members of an account that its owner sees: id, username, email, full_name, picture, roles, email_verified. */
void lk_api_json_own(struct lk_json *j, const struct lk_account *account);

/* "2026-11-21T05:06:07Z", or null for 0. */
void lk_api_json_time(struct lk_json *j, const char *key, int64_t seconds);
/* A client's address as text, or null for none. */
void lk_api_json_address(struct lk_json *j, const char *key, const uint8_t address[16]);

/* ?limit= of a page: 1 to LK_API_LIMIT_MAX, LK_API_LIMIT_DEFAULT without one. */
#define LK_API_LIMIT_DEFAULT 25
#define LK_API_LIMIT_MAX 100
size_t lk_api_query_limit(struct lk_request *r, struct lk_violations *v);
/* The text of a query parameter; a NULL ptr where it is absent or wrong (a violation then). */
struct lk_str lk_api_query_text(struct lk_request *r, const char *name, enum lk_field field,
                                struct lk_violations *v);

/* An answer's rows stop here, so that a page of long ones fits a small board's memory; the next page goes on. */
#define LK_API_ROWS_BYTES 16384

#endif
