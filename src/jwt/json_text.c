/* Strings of JSON: from their text to what they mean. */
#include "jwt/json_text.h"

#include "base/checksum.h"
#include "base/text.h"

#include <string.h>

#define EACH (UINT64_MAX / 0xff) /* 1 in each byte */

/* The four digits of \uXXXX, with `s` behind the 'u'. -1 when they are not four. */
static int32_t take_unit(struct lk_str *s) {
    uint8_t unit[2];
    if (lk_hex_decode(lk_str_sub(*s, 0, 4), unit, sizeof(unit)) != 0) {
        return -1;
    }
    lk_json_skip(s, 4);
    return unit[0] << 8 | unit[1];
}

/* \uXXXX, or the two that make one code point beyond U+FFFF. -1 for half a pair and for NUL. */
static int32_t take_unicode_escape(struct lk_str *s) {
    int32_t unit = take_unit(s);
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (!lk_json_take(s, '\\') || !lk_json_take(s, 'u')) {
            return -1;
        }
        int32_t low = take_unit(s);
        return low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : -1;
    }
    return unit == 0 || (unit >= 0xdc00 && unit < 0xe000) ? -1 : unit;
}

/* The code point of an escape, with `s` behind the backslash. -1 when there is no such escape. */
static int32_t take_escape(struct lk_str *s) {
    const struct lk_str letters = LK_STR("\"\\/bfnrt");
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (lk_json_take(s, 'u')) {
        return take_unicode_escape(s);
    }
    size_t which = s->len == 0 ? letters.len : lk_str_find(letters, s->ptr[0]);
    if (which == letters.len) {
        return -1;
    }
    lk_json_skip(s, 1);
    return meanings[which];
}

/* The next code point of a string's text. -1 for a control character, bad UTF-8 or a bad escape. */
static int32_t take_point(struct lk_str *s) {
    if (lk_json_take(s, '\\')) {
        return take_escape(s);
    }
    int32_t point = lk_utf8_next(s);
    return point < 0x20 ? -1 : point;
}

/* Marks, by their high bits, bytes less than `least` (at most 0x80). The lowest mark is right; there may be wrong
   ones above it. */
static uint64_t below(uint64_t word, uint8_t least) {
    return (word - EACH * least) & ~word & EACH * 0x80;
}

/* Marks, in the same way, the bytes that need a look: those not ASCII, control characters, quote and backslash. */
static uint64_t special(uint64_t word) {
    return below(word, ' ') | below(word ^ EACH * '"', 1) | below(word ^ EACH * '\\', 1) |
           (word & EACH * 0x80);
}

/* How many bytes stand for themselves before one that needs a look: most strings are such bytes to their
   end. Every token's text goes through here several times. */
static size_t plain_bytes(struct lk_str s) {
    size_t n = 0;
    for (; s.len - n >= 8; n += 8) {
        uint64_t marks = special(lk_load_le64(s.ptr + n));
        if (marks != 0) {
            while ((marks & 0x80) == 0) {
                marks >>= 8;
                n++;
            }
            return n;
        }
    }
    while (n < s.len && (uint8_t)s.ptr[n] >= ' ' && (uint8_t)s.ptr[n] < 0x80 && s.ptr[n] != '"' &&
           s.ptr[n] != '\\') {
        n++;
    }
    return n;
}

bool lk_json_take_string(struct lk_str *s, struct lk_str *raw) {
    if (!lk_json_take(s, '"')) {
        return false;
    }
    struct lk_str start = *s;
    for (;;) {
        lk_json_skip(s, plain_bytes(*s));
        if (lk_json_peek(*s) == '"') {
            break;
        }
        if (take_point(s) < 0) {
            return false;
        }
    }
    *raw = lk_json_taken(start, *s);
    return lk_json_take(s, '"');
}

static size_t encode_utf8(int32_t point, char out[4]) {
    size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    out[0] = (char)(lead[more] | point);
    return more + 1;
}

int lk_json_text(struct lk_str raw, char *out, size_t cap) {
    size_t len = 0;
    while (raw.len > 0) {
        char bytes[4];
        size_t plain = plain_bytes(raw);
        if (plain > cap - len) {
            return LK_JWT_TOO_LARGE;
        }
        if (plain > 0) {
            memcpy(out + len, raw.ptr, plain);
            len += plain;
            lk_json_skip(&raw, plain);
            continue;
        }
        int32_t point = take_point(&raw);
        if (point < 0) {
            return LK_JWT_MALFORMED;
        }
        size_t n = encode_utf8(point, bytes);
        if (n > cap - len) {
            return LK_JWT_TOO_LARGE;
        }
        for (size_t i = 0; i < n; i++) {
            out[len++] = bytes[i];
        }
    }
    return (int)len;
}

static bool has_escape(struct lk_str s) {
    return lk_str_find(s, '\\') < s.len;
}

bool lk_json_text_is(struct lk_str raw, struct lk_str plain) {
    if (lk_json_peek(raw) != lk_json_peek(plain) && lk_json_peek(raw) != '\\') {
        return false; /* as most names that are compared */
    }
    if (!has_escape(raw)) {
        return lk_str_eq(raw, plain);
    }
    while (raw.len > 0 && plain.len > 0) {
        if (take_point(&raw) != lk_utf8_next(&plain)) {
            return false;
        }
    }
    return raw.len == 0 && plain.len == 0;
}

bool lk_json_same_text(struct lk_str a, struct lk_str b) {
    if (!has_escape(a)) {
        return lk_json_text_is(b, a);
    }
    while (a.len > 0 && b.len > 0) {
        if (take_point(&a) != take_point(&b)) {
            return false;
        }
    }
    return a.len == 0 && b.len == 0;
}
