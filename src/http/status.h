/*
 * What stands in the head of an answer, by its status and its mount.
 */
#ifndef LK_HTTP_STATUS_H
#define LK_HTTP_STATUS_H

#include "http/http.h"

/* The reason phrase of a status line (RFC 9110 §15). Never NULL. */
const char *lk_status_text(int status);
/* The sentence of an answer that the engine gives by itself. Never NULL. */
const char *lk_status_detail(int status);

/* The scheme that WWW-Authenticate names on a mount: "Bearer" or "JWT". */
const char *lk_mount_scheme(enum lk_mount mount);

#endif
