#include "base/err.h"
#include "server/state.h"
#include "server/text.h"

#include <stdio.h>
#include <stdlib.h>

static int read_logo(struct lk_server *s, size_t *len) {
    FILE *file = fopen(s->config.brand_logo, "rb");
    if (file == NULL) {
        return LK_ERR_NOT_FOUND;
    }
    s->logo = malloc(LK_BRAND_LOGO_MAX + 1);
    *len = s->logo == NULL ? 0 : fread(s->logo, 1, LK_BRAND_LOGO_MAX + 1, file);
    int err = s->logo == NULL ? LK_ERR_NO_MEMORY : ferror(file) != 0 ? LK_ERR_IO : 0;
    fclose(file);
    return err == 0 && *len > LK_BRAND_LOGO_MAX ? LK_ERR_TOO_LARGE : err;
}

int server_brand_load(struct lk_server *s, char *why, size_t why_len) {
    size_t len = 0;
    s->brand.name = s->config.brand_name;
    if (s->config.brand_coloured) {
        lk_brand_colours(&s->brand, s->config.brand_color);
    }
    if (s->config.brand_logo[0] == '\0') {
        return 0;
    }
    int err = read_logo(s, &len);
    if (err != 0) {
        return server_say_err(why, why_len, s->config.brand_logo, err);
    }
    err = lk_brand_set_logo(&s->brand, (struct lk_str){s->logo, len});
    return err == 0
               ? 0
               : server_say(
                     why, why_len, s->config.brand_logo,
                     "brand_logo takes a PNG, or an SVG without scripts and without anything from elsewhere",
                     err);
}
