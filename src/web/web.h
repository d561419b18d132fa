/*
 * The pages and what they load: files of this folder, built into the program by embed.py.
 */
#ifndef LK_WEB_WEB_H
#define LK_WEB_WEB_H

#include "base/str.h"

struct lk_web_asset {
    const char *name;
    const char *content_type;
    const char *etag; /* with its quotes; follows from the bytes */
    struct lk_str bytes;
    bool gzip; /* the bytes are compressed so (RFC 1952) */
};

/* The file of that name, or NULL. */
const struct lk_web_asset *lk_web_asset(struct lk_str name);

/* True for what a page loads by itself (style sheets, scripts, images): it is served under /assets/ as it is. */
bool lk_web_public(struct lk_str name);

#endif
