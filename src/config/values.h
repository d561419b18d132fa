/*
 * The kinds of values that a key takes. Each reader returns 0, or LK_ERR_INVALID and leaves what was there.
 */
#ifndef LK_CONFIG_VALUES_H
#define LK_CONFIG_VALUES_H

#include "config/config.h"

/* "on" or "off". */
int lk_value_switch(struct lk_str s, bool *out);
/* A number with an optional unit, one of the letters of `units`; `factors` says how many each is worth. */
int lk_value_number(struct lk_str s, const char *units, const uint64_t *factors, uint64_t min, uint64_t max,
                    uint64_t *out);
/* Printable text without white space at its ends, of fewer than `cap` bytes, with a NUL behind it. */
int lk_value_text(struct lk_str s, char *out, size_t cap);
/* http://… or https://…, without a slash at the end; empty is fine. */
int lk_value_url(struct lk_str s, char *out, size_t cap);
/* A list of listeners parted by commas or spaces. */
int lk_value_listen(struct lk_str s, struct lk_listener *list, size_t cap, size_t *count);
/* A list of addresses and networks, as lk_network_parse reads them; it may be empty. */
int lk_value_networks(struct lk_str s, struct lk_network *list, size_t cap, size_t *count);
/* off, log, file:DIR, smtp://… or smtps://…. */
int lk_value_mail(struct lk_str s, enum lk_mail_way *way, char *target, size_t cap);
/* 64 hexadecimal digits, perhaps parted by colons; written without them, in lower case. Empty is fine. */
int lk_value_fingerprint(struct lk_str s, char out[65]);

#endif
