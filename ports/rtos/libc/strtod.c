/*
 * strtod for decimal numbers, rounded to nearest (ties to even): a fifth of the size of newlib's, which also reads
 * hexadecimal, infinities and other locales. Digits beyond the 40th only tell that there was more: two numbers that
 * first differ there may come out alike.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 40
#define EXPONENT_MAX 400 /* beyond it every number of DIGITS_MAX digits is infinite, or zero */
#define WORDS 52         /* 10^(400 + 40) has 1462 bits, and 64 more are shifted in */

/* A whole number, least word first. */
struct big {
    uint32_t words[WORDS];
    size_t count; /* the words above are 0 */
};

static void multiply_add(struct big *b, uint32_t factor, uint32_t more) {
    uint64_t carry = more;
    for (size_t i = 0; i < b->count; i++) {
        carry += (uint64_t)b->words[i] * factor;
        b->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        b->words[b->count++] = (uint32_t)carry;
    }
}

static int bits(const struct big *b) {
    return b->count == 0 ? 0 : (int)(32 * b->count) - __builtin_clz(b->words[b->count - 1]);
}

static void shift_left(struct big *b, int by) {
    for (; by >= 16; by -= 16) {
        multiply_add(b, 1U << 16, 0);
    }
    multiply_add(b, 1U << by, 0);
}

static bool less(const struct big *a, const struct big *b) {
    if (a->count != b->count) {
        return a->count < b->count;
    }
    for (size_t i = a->count; i > 0; i--) {
        if (a->words[i - 1] != b->words[i - 1]) {
            return a->words[i - 1] < b->words[i - 1];
        }
    }
    return false;
}

/* Takes `b` from `a`, which is not less. */
static void subtract(struct big *a, const struct big *b) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint64_t take = borrow + (i < b->count ? b->words[i] : 0);
        borrow = a->words[i] < take;
        a->words[i] = (uint32_t)(a->words[i] - take);
    }
    while (a->count > 0 && a->words[a->count - 1] == 0) {
        a->count--;
    }
}

/* q * 2^exponent, with `more` when a little is missing, as a double (IEEE 754, binary64). q has at least 53 bits
   unless the number is subnormal. */
static uint64_t round_off(uint64_t q, int exponent, bool more) {
    int drop = 64 - __builtin_clzll(q) - 53;
    drop = drop < -1074 - exponent ? -1074 - exponent : drop;
    if (drop > 63) {
        return 0;
    }
    if (drop > 0) {
        uint64_t half = 1ULL << (drop - 1);
        uint64_t rest = q & (2 * half - 1);
        q >>= drop;
        exponent += drop;
        if (rest > half || (rest == half && (more || (q & 1) != 0))) {
            q++;
        }
    }
    if (q >> 53 != 0) {
        q >>= 1;
        exponent++;
    }
    if (q >> 52 == 0) {
        return q; /* subnormal: the exponent is -1074 */
    }
    return exponent > 971 ? 0x7FFULL << 52 : ((uint64_t)(exponent + 1074) << 52) + q;
}

/* The digits times ten to the exponent. */
static uint64_t value(struct big *digits, int exponent) {
    struct big power = {.words = {1}, .count = 1};
    struct big *scaled = exponent < 0 ? &power : digits;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--) {
        multiply_add(scaled, 10, 0);
    }
    /* A quotient of 55 or 56 bits, one after the other. */
    int shift = 55 - (bits(digits) - bits(&power));
    shift_left(shift > 0 ? digits : &power, shift > 0 ? shift : -shift);
    uint64_t q = 0;
    shift_left(&power, 56);
    for (int i = 56; i >= 0; i--) {
        q <<= 1;
        if (!less(digits, &power)) {
            subtract(digits, &power);
            q |= 1;
        }
        shift_left(digits, 1);
    }
    return round_off(q, -shift, digits->count > 0);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Behind 'e'; leaves *at where it is when no digit follows. */
static int read_exponent(const char **at) {
    const char *s = *at + 1;
    bool negative = *s == '-';
    int exponent = 0;
    s += *s == '-' || *s == '+';
    if (!is_digit(*s)) {
        return 0;
    }
    for (; is_digit(*s); s++) {
        exponent = exponent < 100000 ? exponent * 10 + (*s - '0') : exponent;
    }
    *at = s;
    return negative ? -exponent : exponent;
}

double strtod(const char *restrict text, char **restrict end) {
    struct big digits = {.count = 0};
    const char *s = text + strspn(text, " \t\n\v\f\r");
    bool negative = *s == '-';
    bool any = false, fraction = false, more = false;
    int exponent = 0, count = 0;

    for (s += *s == '-' || *s == '+'; is_digit(*s) || (*s == '.' && !fraction); s++) {
        if (*s == '.') {
            fraction = true;
            continue;
        }
        any = true;
        if (count == DIGITS_MAX) {
            more = more || *s != '0';
            exponent += fraction ? 0 : exponent < 100000;
            continue;
        }
        multiply_add(&digits, 10, (uint32_t)(*s - '0'));
        count += digits.count > 0;
        exponent -= fraction && exponent > -100000;
    }
    if (any && (*s == 'e' || *s == 'E')) {
        exponent += read_exponent(&s);
    }
    if (end != NULL) {
        *end = (char *)(uintptr_t)(any ? s : text);
    }
    if (more) { /* a forty-first digit stands for them all */
        multiply_add(&digits, 10, 1);
        exponent--;
    }
    uint64_t out = 0;
    if (digits.count > 0 && exponent > EXPONENT_MAX) {
        out = 0x7FFULL << 52;
    } else if (digits.count > 0 && exponent >= -EXPONENT_MAX) {
        out = value(&digits, exponent);
    }
    out |= (uint64_t)(negative && any) << 63;
    double result;
    memcpy(&result, &out, sizeof(result));
    return result;
}
