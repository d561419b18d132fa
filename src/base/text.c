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

/* The value of a base64 digit, or -1. `plus` and `slash` are the last two digits of the alphabet. */
static int value64(char c, char plus, char slash) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == plus) {
        return 62;
    }
    return c == slash ? 63 : -1;
}

static int decode64(struct lk_str text, char plus, char slash, uint8_t *out, size_t cap, size_t *out_len) {
    uint32_t bits = 0;
    unsigned held = 0;
    size_t len = 0;
    if (text.len % 4 == 1) {
        return LK_ERR_INVALID;
    }
    for (size_t i = 0; i < text.len; i++) {
        int v = value64(text.ptr[i], plus, slash);
        if (v < 0) {
            return LK_ERR_INVALID;
        }
        bits = bits << 6 | (uint32_t)v;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (len == cap) {
                return LK_ERR_TOO_LARGE;
            }
            out[len++] = (uint8_t)(bits >> held);
            bits &= (1u << held) - 1;
        }
    }
    if (bits != 0) {
        return LK_ERR_INVALID;
    }
    *out_len = len;
    return 0;
}

int lk_base64url_decode(struct lk_str text, void *out, size_t cap, size_t *out_len) {
    return decode64(text, '-', '_', out, cap, out_len);
}

int lk_base64_decode(struct lk_str text, void *out, size_t cap, size_t *out_len) {
    if (text.len % 4 != 0) {
        return LK_ERR_INVALID;
    }
    for (int pad = 0; pad < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; pad++) {
        text.len--;
    }
    return decode64(text, '+', '/', out, cap, out_len);
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
