/* Domains of other scripts in ASCII: Punycode, RFC 3492. */
#include "account/names.h"
#include "base/text.h"

#define LABEL_BYTES_MAX 320 /* keeps the arithmetic far from overflow */

/* The state of Punycode's variable-length integers, RFC 3492 §6.1. */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first) {
    uint32_t k = 0;
    delta = first ? delta / 700 : delta / 2;
    delta += delta / points;
    while (delta > 455) {
        delta /= 35;
        k += 36;
    }
    return k + 36 * delta / (delta + 38);
}

static void put_digit(struct lk_buf *b, uint32_t digit) {
    lk_buf_put_char(b, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
}

static void put_number(struct lk_buf *b, uint32_t q, uint32_t bias) {
    for (uint32_t k = 36;; k += 36) {
        uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (q < t) {
            put_digit(b, q);
            return;
        }
        put_digit(b, t + (q - t) % (36 - t));
        q = (q - t) / (36 - t);
    }
}

static int32_t smallest_from(struct lk_str label, int32_t from) {
    int32_t best = INT32_MAX;
    while (label.len > 0) {
        int32_t c = lk_utf8_next(&label);
        if (c >= from && c < best) {
            best = c;
        }
    }
    return best;
}

/* The ASCII of the label as it stands, and the delimiter where there is any. Returns how much. */
static uint32_t put_basic(struct lk_buf *b, struct lk_str label) {
    uint32_t basic = 0;
    for (size_t i = 0; i < label.len; i++) {
        if ((unsigned char)label.ptr[i] < 128) {
            lk_buf_put_char(b, label.ptr[i]);
            basic++;
        }
    }
    if (basic > 0) {
        lk_buf_put_char(b, '-');
    }
    return basic;
}

int lk_punycode_put(struct lk_buf *b, struct lk_str label) {
    if (label.len > LABEL_BYTES_MAX) {
        return LK_ERR_TOO_LARGE;
    }
    uint32_t points = (uint32_t)lk_utf8_length(label);
    uint32_t basic = put_basic(b, label);
    uint32_t done = basic;
    int32_t n = 128;
    uint32_t delta = 0;
    uint32_t bias = 72;
    while (done < points) {
        int32_t m = smallest_from(label, n);
        delta += (uint32_t)(m - n) * (done + 1);
        n = m;
        struct lk_str rest = label;
        while (rest.len > 0) {
            int32_t c = lk_utf8_next(&rest);
            delta += c < n;
            if (c == n) {
                put_number(b, delta, bias);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
        delta++;
        n++;
    }
    return b->err;
}

int lk_domain_put(struct lk_buf *b, struct lk_str domain) {
    while (b->err == 0) {
        size_t dot = lk_str_find(domain, '.');
        struct lk_str label = lk_str_sub(domain, 0, dot);
        if (lk_is_ascii(label)) {
            lk_buf_put_str(b, label);
        } else {
            lk_buf_put_cstr(b, LK_PUNYCODE_PREFIX);
            int err = lk_punycode_put(b, label);
            if (err != 0) {
                return err;
            }
        }
        if (dot == domain.len) {
            break;
        }
        lk_buf_put_char(b, '.');
        domain = lk_str_sub(domain, dot + 1, domain.len);
    }
    return b->err;
}
