#include "account/device.h"

#include "base/buf.h"

#include <string.h>

struct mark {
    const char *in_agent;
    const char *name;
};

/* The first that is found names it: a browser also lists those that it claims to be like. */
static const struct mark browsers[] = {
    {"Edg", "Edge"},           {"OPR/", "Opera"},     {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"},   {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
};
static const struct mark systems[] = {
    {"iPhone", "iPhone"},   {"iPad", "iPad"},     {"Android", "Android"}, {"Windows", "Windows"},
    {"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
};

static bool contains(struct lk_str s, struct lk_str part) {
    for (size_t i = 0; i + part.len <= s.len; i++) {
        if (memcmp(s.ptr + i, part.ptr, part.len) == 0) {
            return true;
        }
    }
    return false;
}

static const char *find(const struct mark *marks, size_t count, struct lk_str agent) {
    for (size_t i = 0; i < count; i++) {
        if (contains(agent, lk_str_from(marks[i].in_agent))) {
            return marks[i].name;
        }
    }
    return NULL;
}

/* A program's own name: what stands before the first slash, where it is plain. */
static void put_product(struct lk_buf *b, struct lk_str agent) {
    struct lk_str product = lk_str_sub(agent, 0, lk_str_find(agent, '/'));
    product = lk_str_sub(product, 0, lk_str_find(product, ' '));
    for (size_t i = 0; i < product.len && i < LK_DEVICE_MAX; i++) {
        if (product.ptr[i] > ' ' && product.ptr[i] <= '~') {
            lk_buf_put_char(b, product.ptr[i]);
        }
    }
}

void lk_device_label(struct lk_str user_agent, char out[LK_DEVICE_MAX + 1]) {
    struct lk_buf b;
    const char *browser = find(browsers, sizeof(browsers) / sizeof(*browsers), user_agent);
    const char *system = find(systems, sizeof(systems) / sizeof(*systems), user_agent);
    lk_buf_init(&b, out, LK_DEVICE_MAX + 1);
    if (browser != NULL) {
        lk_buf_put_cstr(&b, browser);
        lk_buf_put_cstr(&b, system != NULL ? ", " : "");
        lk_buf_put_cstr(&b, system != NULL ? system : "");
    } else {
        put_product(&b, user_agent);
    }
    (void)lk_buf_end_cstr(&b); /* the longest of both fit */
}
