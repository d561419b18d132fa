/*
 * Answers to errors that no route asks for by name. The sentences stand in errors.c and nowhere else.
 */
#ifndef LK_HTTP_ERRORS_H
#define LK_HTTP_ERRORS_H

#include "http/http.h"

/* 401 without credentials, and with an Authorization header that cannot be read. */
void lk_res_no_credentials(struct lk_response *res, enum lk_mount mount);
void lk_res_bad_authorization(struct lk_response *res, enum lk_mount mount);
/* 405 {"detail": "Method \"PUT\" not allowed."} */
void lk_res_method_not_allowed(struct lk_response *res, struct lk_str method);
/* 415 {"detail": "Unsupported media type \"text/plain\" in request."} */
void lk_res_unsupported_media(struct lk_response *res, struct lk_str media_type);
/* 406 */
void lk_res_not_acceptable(struct lk_response *res);
/* 400 {"detail": "<what> - <why>"}, as "JSON parse error" and "Multipart form parse error" are told. */
void lk_res_parse_error(struct lk_response *res, const char *what, struct lk_str why);
/* 400 {"non_field_errors": ["…"]} of a JSON body that is no object; `kind` is Python's name for it, or
   NULL for null. */
void lk_res_not_an_object(struct lk_response *res, const char *kind);
/* An answer of the engine, before there is a request: 400, 408, 413, 414, 417, 431, 501, 503, 505.
   `reason` may be NULL; else it names what is wrong. */
void lk_res_refused(struct lk_response *res, int status, const char *reason);

#endif
