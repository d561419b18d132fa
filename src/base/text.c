#include "base/text.h"

#include "base/err.h"

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put_base64(struct lk_buf *b, const void *data, size_t len, const char *digits, bool pad) {
    const uint8_t *in = data;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t v = (uint32_t)in[i] << 16;
        v |= n > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        v |= n > 2 ? (uint32_t)in[i + 2] : 0;
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63], digits[v & 63]};
        lk_buf_put(b, four, n + 1);
        if (pad) {
            lk_buf_put(b, "==", 3 - n);
        }
    }
}

void lk_buf_put_base64url(struct lk_buf *b, const void *data, size_t len) {
    put_base64(b, data, len, digits64url, false);
}

void lk_buf_put_base64(struct lk_buf *b, const void *data, size_t len) {
    put_base64(b, data, len, digits64, true);
}

/* The values of the digits of both alphabets, one more each so that 0 is no digit. They come in no order that a
   processor could foresee: comparing would cost many times as much. */
static const uint8_t values64[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63,
    ['/'] = 64, ['_'] = 64,
};

/* The 24 bits of four digits, or -1. */
static int32_t take64(const char four[4]) {
    int32_t a = values64[(uint8_t)four[0]], b = values64[(uint8_t)four[1]];
    int32_t c = values64[(uint8_t)four[2]], d = values64[(uint8_t)four[3]];
    if (a == 0 || b == 0 || c == 0 || d == 0) {
        return -1;
    }
    return (a << 18) + (b << 12) + (c << 6) + d - (1 << 18 | 1 << 12 | 1 << 6 | 1);
}

/* The last two or three digits; the bits that they have beyond whole bytes are zero. */
static int decode_rest(struct lk_str rest, uint8_t *out) {
    char four[4] = {'A', 'A', 'A', 'A'};
    for (size_t i = 0; i < rest.len; i++) {
        four[i] = rest.ptr[i];
    }
    int32_t bits = take64(four);
    if (bits < 0 || (bits & (rest.len == 2 ? 0xffff : 0xff)) != 0) {
        return LK_ERR_INVALID;
    }
    for (size_t n = 0; n + 1 < rest.len; n++) {
        out[n] = (uint8_t)(bits >> (16 - 8 * n));
    }
    return 0;
}

/* `foreign` are the two digits of the other alphabet. */
static int decode64(struct lk_str text, const char foreign[2], uint8_t *out, size_t cap, size_t *out_len) {
    size_t rest = text.len % 4;
    size_t whole = text.len - rest;
    size_t len = whole / 4 * 3;
    if (rest == 1 || lk_str_find(text, foreign[0]) < text.len || lk_str_find(text, foreign[1]) < text.len) {
        return LK_ERR_INVALID;
    }
    *out_len = len + (rest > 0 ? rest - 1 : 0);
    if (*out_len > cap) {
        return LK_ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < whole; i += 4, out += 3) {
        int32_t bits = take64(text.ptr + i);
        if (bits < 0) {
            return LK_ERR_INVALID;
        }
        out[0] = (uint8_t)(bits >> 16);
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)bits;
    }
    return rest == 0 ? 0 : decode_rest(lk_str_sub(text, whole, rest), out);
}

int lk_base64url_decode(struct lk_str text, void *out, size_t cap, size_t *out_len) {
    return decode64(text, "+/", out, cap, out_len);
}

int lk_base64_decode(struct lk_str text, void *out, size_t cap, size_t *out_len) {
    if (text.len % 4 != 0) {
        return LK_ERR_INVALID;
    }
    for (int pad = 0; pad < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; pad++) {
        text.len--;
    }
    return decode64(text, "-_", out, cap, out_len);
}

int lk_hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int lk_hex_decode(struct lk_str text, void *out, size_t len) {
    uint8_t *bytes = out;
    if (text.len % 2 != 0 || text.len / 2 != len) {
        return LK_ERR_INVALID;
    }
    for (size_t i = 0; i < len; i++) {
        int high = lk_hex_value(text.ptr[2 * i]);
        int low = lk_hex_value(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0) {
            return LK_ERR_INVALID;
        }
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

/* Bytes of an id between the dashes of its text. */
static const uint8_t uuid_groups[] = {4, 2, 2, 2, 6};

void lk_buf_put_uuid(struct lk_buf *b, const uint8_t id[LK_UUID_LEN]) {
    size_t at = 0;
    for (size_t g = 0; g < sizeof(uuid_groups); g++) {
        if (g > 0) {
            lk_buf_put_char(b, '-');
        }
        lk_buf_put_hex(b, id + at, uuid_groups[g]);
        at += uuid_groups[g];
    }
}

int lk_uuid_parse(struct lk_str text, uint8_t id[LK_UUID_LEN]) {
    uint8_t parsed[LK_UUID_LEN];
    size_t at = 0, from = 0;
    if (text.len != LK_UUID_TEXT_LEN) {
        return LK_ERR_INVALID;
    }
    for (size_t g = 0; g < sizeof(uuid_groups); g++) {
        if (g > 0 && text.ptr[from++] != '-') {
            return LK_ERR_INVALID;
        }
        size_t len = uuid_groups[g];
        if (lk_hex_decode(lk_str_sub(text, from, 2 * len), parsed + at, len) != 0) {
            return LK_ERR_INVALID;
        }
        from += 2 * len;
        at += len;
    }
    for (size_t i = 0; i < LK_UUID_LEN; i++) {
        id[i] = parsed[i];
    }
    return 0;
}

/* --- near misses ---------------------------------------------------------------------------------------- */

size_t lk_text_distance(struct lk_str a, struct lk_str b) {
    size_t row[LK_DISTANCE_MAX + 1];

    if (a.len > LK_DISTANCE_MAX || b.len > LK_DISTANCE_MAX) {
        return SIZE_MAX;
    }
    for (size_t k = 0; k <= b.len; k++) {
        row[k] = k;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.len; k++) {
            size_t change = diagonal + (a.ptr[i - 1] == b.ptr[k - 1] ? 0 : 1);
            size_t other = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
            diagonal = row[k];
            row[k] = change < other ? change : other;
        }
    }
    return row[b.len];
}
