/*
 * One sentence for whoever starts the server.
 */
#ifndef LK_SERVER_TEXT_H
#define LK_SERVER_TEXT_H

#include <stddef.h>

/* Writes "<subject>: <problem>." with a NUL into `why`, cut where it does not fit, and returns `err`. */
int server_say(char *why, size_t why_len, const char *subject, const char *problem, int err);

/* The same with the plain text of the error value as the problem. */
int server_say_err(char *why, size_t why_len, const char *subject, int err);

#endif
