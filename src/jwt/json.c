#include "jwt/json.h"

#include "base/checksum.h"
#include "base/text.h"

#include <string.h>

#define EACH (UINT64_MAX / 0xff) /* 1 in each byte */
#define DIGITS_FIT 18            /* any integer written with so many bytes is one of int64_t */

static const struct lk_str nothing = {NULL, 0};

/* --- the text ------------------------------------------------------------------------------------------- */

static char peek(struct lk_str s) {
    return s.len == 0 ? '\0' : s.ptr[0];
}

/* `len` is never more than what is left. */
static void skip(struct lk_str *s, size_t len) {
    if (len > 0) { /* an empty string may have no address to go on from */
        s->ptr += len;
        s->len -= len;
    }
}

static void skip_space(struct lk_str *s) {
    size_t n = 0;
    while (n < s->len && (s->ptr[n] == ' ' || s->ptr[n] == '\t' || s->ptr[n] == '\n' || s->ptr[n] == '\r')) {
        n++;
    }
    skip(s, n);
}

/* The bytes that `before` had and `after` has no longer. */
static struct lk_str taken(struct lk_str before, struct lk_str after) {
    return lk_str_sub(before, 0, before.len - after.len);
}

static bool take(struct lk_str *s, char c) {
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    skip(s, 1);
    return true;
}

/* --- strings -------------------------------------------------------------------------------------------- */

/* The four digits of \uXXXX, with `s` behind the 'u'. -1 when they are not four. */
static int32_t take_unit(struct lk_str *s) {
    uint8_t unit[2];
    if (lk_hex_decode(lk_str_sub(*s, 0, 4), unit, sizeof(unit)) != 0) {
        return -1;
    }
    skip(s, 4);
    return unit[0] << 8 | unit[1];
}

/* \uXXXX, or the two that make one code point beyond U+FFFF. -1 for half a pair and for NUL. */
static int32_t take_unicode_escape(struct lk_str *s) {
    int32_t unit = take_unit(s);
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (!take(s, '\\') || !take(s, 'u')) {
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
    if (take(s, 'u')) {
        return take_unicode_escape(s);
    }
    size_t which = s->len == 0 ? letters.len : lk_str_find(letters, s->ptr[0]);
    if (which == letters.len) {
        return -1;
    }
    skip(s, 1);
    return meanings[which];
}

/* The next code point of a string's text. -1 for a control character, bad UTF-8 or a bad escape. */
static int32_t take_point(struct lk_str *s) {
    if (take(s, '\\')) {
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

static bool take_string(struct lk_str *s, struct lk_str *raw) {
    if (!take(s, '"')) {
        return false;
    }
    struct lk_str start = *s;
    for (;;) {
        skip(s, plain_bytes(*s));
        if (peek(*s) == '"') {
            break;
        }
        if (take_point(s) < 0) {
            return false;
        }
    }
    *raw = taken(start, *s);
    return take(s, '"');
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
            skip(&raw, plain);
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
    if (peek(raw) != peek(plain) && peek(raw) != '\\') {
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

/* True when two names mean the same, however they are escaped. */
static bool same_text(struct lk_str a, struct lk_str b) {
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

/* --- numbers and words ---------------------------------------------------------------------------------- */

static size_t take_digits(struct lk_str *s) {
    size_t n = 0;
    while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9') {
        n++;
    }
    skip(s, n);
    return n;
}

static bool take_number(struct lk_str *s, bool *integer) {
    (void)take(s, '-');
    bool zero = peek(*s) == '0';
    size_t digits = take_digits(s);
    if (digits == 0 || (zero && digits > 1)) {
        return false;
    }
    *integer = true;
    if (take(s, '.')) {
        *integer = false;
        if (take_digits(s) == 0) {
            return false;
        }
    }
    if (take(s, 'e') || take(s, 'E')) {
        *integer = false;
        if (!take(s, '+')) {
            (void)take(s, '-');
        }
        return take_digits(s) > 0;
    }
    return true;
}

bool lk_json_integer(struct lk_str raw, int64_t *out) {
    uint64_t v = 0;
    bool negative = take(&raw, '-');
    if (lk_str_to_u64(raw, (uint64_t)INT64_MAX, &v) != 0) {
        return false;
    }
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

static bool take_word(struct lk_str *s, struct lk_str word) {
    if (!lk_str_starts(*s, word)) {
        return false;
    }
    skip(s, word.len);
    return true;
}

/* --- values --------------------------------------------------------------------------------------------- */

static bool take_container(struct lk_str *s, unsigned depth);

static bool take_scalar(struct lk_str *s, struct lk_json_value *v) {
    struct lk_str start = *s;
    bool integer = false;
    int64_t ignored;
    if (take_number(s, &integer)) {
        v->raw = taken(start, *s);
        bool fits = integer && (v->raw.len <= DIGITS_FIT || lk_json_integer(v->raw, &ignored));
        v->type = fits ? LK_JWT_INTEGER : LK_JWT_NUMBER;
        return true;
    }
    *s = start;
    if (take_word(s, LK_STR("true")) || take_word(s, LK_STR("false"))) {
        v->type = LK_JWT_BOOL;
    } else if (take_word(s, LK_STR("null"))) {
        v->type = LK_JWT_NULL;
    } else {
        return false;
    }
    v->raw = taken(start, *s);
    return true;
}

/* `depth` counts the arrays and objects around the value. */
static bool take_value(struct lk_str *s, unsigned depth, struct lk_json_value *v) {
    struct lk_str start = *s;
    switch (peek(*s)) {
    case '"':
        v->type = LK_JWT_STRING;
        return take_string(s, &v->raw);
    case '{':
    case '[':
        v->type = peek(*s) == '{' ? LK_JWT_OBJECT : LK_JWT_ARRAY;
        if (!take_container(s, depth + 1)) {
            return false;
        }
        v->raw = taken(start, *s);
        return true;
    default:
        return take_scalar(s, v);
    }
}

static struct lk_json_walk walk_at(struct lk_str text, unsigned depth) {
    struct lk_json_walk w = {.close = peek(text) == '{' ? '}' : ']', .depth = depth};
    w.rest = lk_str_sub(text, 1, text.len);
    return w;
}

/* After it returned 0, `rest` is behind the closing bracket. */
int lk_json_walk_next(struct lk_json_walk *w, struct lk_str *name, struct lk_json_value *value) {
    *name = nothing;
    skip_space(&w->rest);
    if (take(&w->rest, w->close)) {
        return 0;
    }
    if (w->begun && !take(&w->rest, ',')) {
        return LK_JWT_MALFORMED;
    }
    w->begun = true;
    skip_space(&w->rest);
    if (w->close == '}') {
        if (!take_string(&w->rest, name)) {
            return LK_JWT_MALFORMED;
        }
        skip_space(&w->rest);
        if (!take(&w->rest, ':')) {
            return LK_JWT_MALFORMED;
        }
        skip_space(&w->rest);
    }
    return take_value(&w->rest, w->depth, value) ? 1 : LK_JWT_MALFORMED;
}

static bool take_container(struct lk_str *s, unsigned depth) {
    struct lk_str name;
    struct lk_json_value value;
    if (depth > LK_JSON_DEPTH_MAX) {
        return false;
    }
    struct lk_json_walk w = walk_at(*s, depth);
    int more;
    do {
        more = lk_json_walk_next(&w, &name, &value);
    } while (more == 1);
    *s = w.rest;
    return more == 0;
}

struct lk_json_walk lk_json_walk_start(struct lk_str text) {
    skip_space(&text);
    return walk_at(text, 1);
}

int lk_json_check_object(struct lk_str text) {
    struct lk_str names[LK_JSON_MEMBERS_MAX];
    struct lk_str name;
    struct lk_json_value value;
    size_t count = 0;
    bool twice = false;
    skip_space(&text);
    if (peek(text) != '{') {
        return LK_JWT_MALFORMED;
    }
    struct lk_json_walk w = walk_at(text, 1);
    int more;
    while ((more = lk_json_walk_next(&w, &name, &value)) == 1) {
        if (count == LK_JSON_MEMBERS_MAX) {
            return LK_JWT_MALFORMED;
        }
        for (size_t i = 0; i < count; i++) {
            twice = twice || same_text(names[i], name);
        }
        names[count++] = name;
    }
    skip_space(&w.rest);
    if (more != 0 || w.rest.len > 0) {
        return LK_JWT_MALFORMED;
    }
    return twice ? LK_JWT_BAD_CLAIM : 0;
}

struct lk_json_value lk_json_find(struct lk_str object, struct lk_str name) {
    struct lk_json_walk w = lk_json_walk_start(object);
    struct lk_str found;
    struct lk_json_value value;
    while (lk_json_walk_next(&w, &found, &value) == 1) {
        if (lk_json_text_is(found, name)) {
            return value;
        }
    }
    return (struct lk_json_value){LK_JWT_ABSENT, nothing};
}
