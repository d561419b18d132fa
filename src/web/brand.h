/*
 * How the maker of a device makes the pages his own: a name, a colour, a logo.
 */
#ifndef LK_WEB_BRAND_H
#define LK_WEB_BRAND_H

#include "base/buf.h"

#define LK_BRAND_NAME_MAX 64    /* bytes */
#define LK_BRAND_LOGO_MAX 65536 /* bytes of the file */
#define LK_BRAND_CSS_MAX 192    /* bytes */
#define LK_BRAND_TAG_LEN 16     /* hexadecimal digits that change with what is served */

struct lk_brand {
    const char *name;                    /* NUL-terminated, UTF-8 */
    struct lk_str logo;                  /* the file's bytes, borrowed; empty: our own */
    const char *logo_type;               /* its media type */
    char logo_tag[LK_BRAND_TAG_LEN + 1]; /* NUL-terminated */
    char css[LK_BRAND_CSS_MAX];          /* NUL-terminated; empty: our own colours */
    char css_tag[LK_BRAND_TAG_LEN + 1];  /* NUL-terminated */
};

/*
 * Makes the style sheet for a colour, 0xRRGGBB. On a button it stands as it is, under black or white, whichever
 * reads better; as text it is darkened on the light page and lightened on the dark one until its contrast is
 * 4.5 to 1 (WCAG 2.1, 1.4.3).
 */
void lk_brand_colours(struct lk_brand *brand, uint32_t rgb);

/* Takes a logo. Returns 0, or LK_ERR_INVALID for what is neither a PNG nor an SVG that only draws: no script, no
   event handler, no entity, nothing from elsewhere. */
int lk_brand_set_logo(struct lk_brand *brand, struct lk_str bytes);

/* How the contrast of two colours is: 100 to 2100, a hundred times the ratio. */
unsigned lk_contrast(uint32_t a, uint32_t b);

#endif
