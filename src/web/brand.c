#include "web/brand.h"

#include "base/err.h"
#include "base/text.h"

#include <string.h>

/* The cards and their text, as in latchkey.css. */
#define CARD_LIGHT 0xFFFFFFU
#define PAPER_LIGHT 0xF5F6F8U
#define CARD_DARK 0x181D25U
#define BLACK 0x0D1526U
#define WHITE 0xFFFFFFU
#define ENOUGH 450 /* 4.5 to 1 */

/* --- contrast ------------------------------------------------------------------------------------------- */

static unsigned channel(uint32_t rgb, unsigned shift) {
    return rgb >> shift & 255U;
}

/* A channel's share of light, 0 to 1 000 000, within a half per cent of sRGB's own curve: a cubic that needs neither
   powers nor floating point. */
static uint64_t linear(unsigned c) {
    uint64_t x = c * UINT64_C(1000) / 255;
    return (12523 * x * 1000000 + 682171 * x * x * 1000 + 305306 * x * x * x) / UINT64_C(1000000000);
}

static uint64_t luminance(uint32_t rgb) {
    return (2126 * linear(channel(rgb, 16)) + 7152 * linear(channel(rgb, 8)) +
            722 * linear(channel(rgb, 0))) /
           10000;
}

unsigned lk_contrast(uint32_t a, uint32_t b) {
    uint64_t x = luminance(a) + 50000;
    uint64_t y = luminance(b) + 50000;
    return (unsigned)(x > y ? 100 * x / y : 100 * y / x);
}

/* `percent` of the way from one colour to another. */
static uint32_t mix(uint32_t from, uint32_t to, unsigned percent) {
    uint32_t rgb = 0;
    for (unsigned shift = 0; shift <= 16; shift += 8) {
        rgb |= ((channel(from, shift) * (100 - percent) + channel(to, shift) * percent) / 100) << shift;
    }
    return rgb;
}

/* Moves a colour towards `end` until it can be read on both backgrounds. */
static uint32_t readable(uint32_t rgb, uint32_t end, uint32_t on, uint32_t also_on) {
    unsigned percent = 0;
    uint32_t c = rgb;
    while (percent < 100 && (lk_contrast(c, on) < ENOUGH || lk_contrast(c, also_on) < ENOUGH)) {
        percent += 4;
        c = mix(rgb, end, percent);
    }
    return c;
}

/* --- the sheet ------------------------------------------------------------------------------------------ */

static void put_colour(struct lk_buf *b, const char *name, uint32_t rgb) {
    uint8_t bytes[3] = {(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb};
    lk_buf_put_cstr(b, name);
    lk_buf_put_char(b, '#');
    lk_buf_put_hex(b, bytes, sizeof(bytes));
    lk_buf_put_char(b, ';');
}

static void put_theme(struct lk_buf *b, uint32_t accent) {
    bool black = lk_contrast(accent, BLACK) > lk_contrast(accent, WHITE);
    lk_buf_put_cstr(b, ":root{");
    put_colour(b, "--accent:", accent);
    put_colour(b, "--on-accent:", black ? BLACK : WHITE);
    lk_buf_put_cstr(b, "}");
}

/* FNV-1a: it tells one version from another, and nothing else hangs on it. */
static void make_tag(struct lk_str bytes, char tag[LK_BRAND_TAG_LEN + 1]) {
    uint64_t hash = UINT64_C(14695981039346656037);
    uint8_t out[8];
    struct lk_buf b;
    for (size_t i = 0; i < bytes.len; i++) {
        hash = (hash ^ (uint8_t)bytes.ptr[i]) * UINT64_C(1099511628211);
    }
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(hash >> 8 * i);
    }
    lk_buf_init(&b, tag, LK_BRAND_TAG_LEN + 1);
    lk_buf_put_hex(&b, out, sizeof(out));
    (void)lk_buf_end_cstr(&b); /* always fits */
}

void lk_brand_colours(struct lk_brand *brand, uint32_t rgb) {
    struct lk_buf b;
    lk_buf_init(&b, brand->css, sizeof(brand->css));
    put_theme(&b, readable(rgb, 0, CARD_LIGHT, PAPER_LIGHT));
    lk_buf_put_cstr(&b, "@media(prefers-color-scheme:dark){");
    put_theme(&b, readable(rgb, WHITE, CARD_DARK, CARD_DARK));
    lk_buf_put_cstr(&b, "}\n");
    make_tag(lk_buf_str(&b), brand->css_tag);
    (void)lk_buf_end_cstr(&b); /* LK_BRAND_CSS_MAX holds the longest */
}

/* --- the logo ------------------------------------------------------------------------------------------- */

static bool holds(struct lk_str s, const char *part) {
    struct lk_str p = lk_str_from(part);
    for (size_t i = 0; i + p.len <= s.len; i++) {
        if (lk_str_eq_nocase(lk_str_sub(s, i, p.len), p)) {
            return true;
        }
    }
    return false;
}

/* An image element runs no script anyway; this tells the maker before a customer wonders. */
static bool svg_only_draws(struct lk_str s) {
    static const char *const forbidden[] = {"<script",   "javascript:", "<foreignobject", "<!entity",
                                            "<!doctype", "<iframe",     " onload",        " onclick",
                                            "@import",   "href=\"http", "href='http",     "url(http"};
    if (!lk_utf8_valid(s) || lk_str_find(s, '\0') < s.len || !holds(s, "<svg")) {
        return false;
    }
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
        if (holds(s, forbidden[i])) {
            return false;
        }
    }
    struct lk_str start = lk_str_trim(s);
    return lk_str_starts(start, LK_STR("<svg")) || lk_str_starts(start, LK_STR("<?xml")) ||
           lk_str_starts(start, LK_STR("<!--"));
}

int lk_brand_set_logo(struct lk_brand *brand, struct lk_str bytes) {
    bool png = lk_str_starts(bytes, LK_STR("\x89PNG\r\n\x1a\n"));
    if (!png && !svg_only_draws(bytes)) {
        return LK_ERR_INVALID;
    }
    brand->logo = bytes;
    brand->logo_type = png ? "image/png" : "image/svg+xml";
    make_tag(bytes, brand->logo_tag);
    return 0;
}
