#include "web/web.h"

#include "options.h"

#include "web/web_assets.h"

const struct lk_web_asset *lk_web_asset(struct lk_str name) {
    for (size_t i = 0; i < sizeof(web_assets) / sizeof(web_assets[0]); i++) {
        if (lk_str_eq(name, lk_str_from(web_assets[i].name))) {
            return &web_assets[i];
        }
    }
    return NULL;
}

static bool ends_in(struct lk_str s, struct lk_str end) {
    return s.len > end.len && lk_str_eq(lk_str_sub(s, s.len - end.len, end.len), end);
}

bool lk_web_public(struct lk_str name) {
    return ends_in(name, LK_STR(".css")) || ends_in(name, LK_STR(".js")) || ends_in(name, LK_STR(".svg"));
}
