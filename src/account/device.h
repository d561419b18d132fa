/*
 * What a person recognises a device by: a few words made of a User-Agent (RFC 9110 §10.1.5). It is a hint for
 * the owner's own list of sessions; nothing is decided by it.
 */
#ifndef LK_ACCOUNT_DEVICE_H
#define LK_ACCOUNT_DEVICE_H

#include "base/str.h"

#define LK_DEVICE_MAX 40 /* bytes, printable ASCII */

/* Writes "Firefox, Windows", "curl" … or nothing, NUL-terminated. */
void lk_device_label(struct lk_str user_agent, char out[LK_DEVICE_MAX + 1]);

#endif
