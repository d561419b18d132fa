#include "http/json_scan.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 17 /* enough to tell every double apart */

/* A decimal fraction 0.d1d2… times ten to `point`. */
struct decimal {
    char digits[DIGITS_MAX + 2];
    size_t count;
    int point;
};

bool lk_json_number_is_int(struct lk_str raw) {
    return lk_str_find(raw, '.') == raw.len && lk_str_find(raw, 'e') == raw.len &&
           lk_str_find(raw, 'E') == raw.len;
}

/* The exponent behind 'e', held within what a double can tell from infinity and zero. */
static int parse_exponent(struct lk_str s) {
    bool negative = s.len > 0 && s.ptr[0] == '-';
    int value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9' && value < 1000000) {
            value = value * 10 + (s.ptr[i] - '0');
        }
    }
    return negative ? -value : value;
}

/* The first `want` significant digits of `raw`, rounded half up by the one behind them. */
static void to_decimal(struct lk_str raw, size_t want, struct decimal *d) {
    *d = (struct decimal){.count = 0};
    size_t i = raw.len > 0 && raw.ptr[0] == '-' ? 1 : 0;
    bool fraction = false;
    bool up = false;
    bool full = false;
    for (; i < raw.len && raw.ptr[i] != 'e' && raw.ptr[i] != 'E'; i++) {
        char c = raw.ptr[i];
        if (c == '.') {
            fraction = true;
            continue;
        }
        if (d->count == 0 && c == '0') {
            d->point -= fraction ? 1 : 0;
            continue;
        }
        if (d->count < want) {
            d->digits[d->count++] = c;
        } else if (!full) {
            up = c >= '5';
            full = true;
        }
        d->point += fraction ? 0 : 1;
    }
    if (i < raw.len) {
        d->point += parse_exponent(lk_str_sub(raw, i + 1, raw.len));
    }
    for (size_t k = d->count; up && k > 0; k--) {
        up = d->digits[k - 1] == '9';
        d->digits[k - 1] = up ? '0' : (char)(d->digits[k - 1] + 1);
    }
    if (up && d->count > 0) { /* 99…9 became 100…0 */
        d->digits[0] = '1';
        d->point++;
    }
    while (d->count > 1 && d->digits[d->count - 1] == '0') {
        d->count--;
    }
}

static double decimal_value(const struct decimal *d) {
    char text[DIGITS_MAX + 16];
    struct lk_buf b;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_cstr(&b, "0.");
    lk_buf_put(&b, d->digits, d->count);
    lk_buf_put_char(&b, 'e');
    lk_buf_put_i64(&b, d->point);
    return lk_buf_end_cstr(&b) == 0 ? strtod(text, NULL) : 0;
}

static void put_zeros(struct lk_buf *b, int count) {
    for (int i = 0; i < count; i++) {
        lk_buf_put_char(b, '0');
    }
}

/* As Python's repr: fixed for 0.0001 <= |x| < 1e16, else with an exponent of two digits at least. */
static void put_decimal(struct lk_buf *b, const struct decimal *d) {
    int count = (int)d->count;
    if (d->point > -4 && d->point <= 16) {
        if (d->point <= 0) {
            lk_buf_put_cstr(b, "0.");
            put_zeros(b, -d->point);
            lk_buf_put(b, d->digits, d->count);
        } else if (d->point >= count) {
            lk_buf_put(b, d->digits, d->count);
            put_zeros(b, d->point - count);
            lk_buf_put_cstr(b, ".0");
        } else {
            lk_buf_put(b, d->digits, (size_t)d->point);
            lk_buf_put_char(b, '.');
            lk_buf_put(b, d->digits + d->point, d->count - (size_t)d->point);
        }
        return;
    }
    int exponent = d->point - 1;
    lk_buf_put_char(b, d->digits[0]);
    if (count > 1) {
        lk_buf_put_char(b, '.');
        lk_buf_put(b, d->digits + 1, d->count - 1);
    }
    lk_buf_put_cstr(b, exponent < 0 ? "e-" : "e+");
    exponent = exponent < 0 ? -exponent : exponent;
    put_zeros(b, exponent < 10 ? 1 : 0);
    lk_buf_put_u64(b, (uint64_t)exponent);
}

static struct lk_str float_text(struct lk_arena *arena, struct lk_str raw) {
    char *copy = lk_arena_alloc(arena, raw.len + 1); /* strtod wants the NUL, which the arena's zeroes give */
    char *mem = lk_arena_alloc(arena, 40);
    if (copy == NULL || mem == NULL) {
        return (struct lk_str){NULL, 0};
    }
    memcpy(copy, raw.ptr, raw.len);
    double value = strtod(copy, NULL);
    double size = value < 0 ? -value : value;
    struct lk_buf b;
    lk_buf_init(&b, mem, 40);
    if (raw.ptr[0] == '-') {
        lk_buf_put_char(&b, '-');
    }
    if (size > 1.7976931348623157e308) {
        lk_buf_put_cstr(&b, "inf");
    } else if (!(size > 0)) {
        lk_buf_put_cstr(&b, "0.0");
    } else {
        struct decimal d;
        size_t digits = 1;
        do { /* the fewest digits that name the same double */
            to_decimal(raw, digits, &d);
        } while (decimal_value(&d) != size && ++digits <= DIGITS_MAX);
        put_decimal(&b, &d);
    }
    return lk_buf_str(&b);
}

struct lk_str lk_json_number_text(struct lk_arena *arena, struct lk_str raw) {
    if (!lk_json_number_is_int(raw)) {
        return float_text(arena, raw);
    }
    return lk_str_eq(raw, LK_STR("-0")) ? LK_STR("0") : raw;
}
