/*
 * The form of an email address, as Django 4.2's EmailValidator has it: a dot-atom or a quoted string, then a
 * domain of at least two labels, "localhost", or an address in brackets. A domain of other scripts is taken
 * when its Punycode (RFC 3492) would pass. Where Python's IDNA knows what each script allows, letters and
 * digits of any are taken here.
 */
#include "account/names.h"
#include "base/text.h"

#include <string.h>

#define LABEL_MAX 63 /* octets, RFC 1035 §2.3.4 */
#define DOMAIN_MAX 320

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_atom(char c) {
    return is_alnum(c) || (c != '\0' && strchr("-!#$%&'*+/=?^_`{}|~", c) != NULL);
}

static bool dot_atom(struct lk_str s) {
    bool after_dot = true;
    for (size_t i = 0; i < s.len; i++) {
        bool dot = s.ptr[i] == '.';
        if (dot ? after_dot : !is_atom(s.ptr[i])) {
            return false;
        }
        after_dot = dot;
    }
    return !after_dot;
}

/* Bytes that may stand inside quotes as they are: no NUL, tab, line end, space or quote. */
static bool is_quotable(unsigned char c) {
    return c >= 1 && c <= 127 && c != '\t' && c != '\n' && c != '\r' && c != ' ' && c != '"' && c != '\\';
}

static bool quoted_string(struct lk_str s) {
    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"') {
        return false;
    }
    for (size_t i = 1; i < s.len - 1; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '\\') {
            i++;
            c = i < s.len - 1 ? (unsigned char)s.ptr[i] : 0;
            if (c < 1 || c > 127 || c == '\n' || c == '\r') {
                return false;
            }
        } else if (!is_quotable(c)) {
            return false;
        }
    }
    return true;
}

/* --- addresses in brackets ------------------------------------------------------------------------------ */

static bool ipv4(struct lk_str s) {
    for (int part = 0; part < 4; part++) {
        size_t dot = lk_str_find(s, '.');
        struct lk_str digits = lk_str_sub(s, 0, dot);
        uint64_t value = 0;
        if (digits.len > 3 || lk_str_to_u64(digits, 255, &value) != 0 ||
            (digits.len > 1 && digits.ptr[0] == '0')) {
            return false;
        }
        if ((part < 3) != (dot < s.len)) {
            return false;
        }
        s = lk_str_sub(s, dot + 1, s.len);
    }
    return true;
}

static bool hex_group(struct lk_str s) {
    if (s.len < 1 || s.len > 4) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (lk_hex_value(s.ptr[i]) < 0) {
            return false;
        }
    }
    return true;
}

/* Groups between single colons; -1 when one is malformed. `last` lets an IPv4 address stand at the end. */
static int groups(struct lk_str s, bool last) {
    int count = 0;
    if (s.len == 0) {
        return 0;
    }
    for (;;) {
        size_t colon = lk_str_find(s, ':');
        struct lk_str group = lk_str_sub(s, 0, colon);
        if (colon == s.len && last && ipv4(group)) {
            return count + 2;
        }
        if (!hex_group(group)) {
            return -1;
        }
        count++;
        if (colon == s.len) {
            return count;
        }
        s = lk_str_sub(s, colon + 1, s.len);
    }
}

static bool ipv6(struct lk_str s) {
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] == ':' && s.ptr[i + 1] == ':') {
            int before = groups(lk_str_sub(s, 0, i), false);
            int after = groups(lk_str_sub(s, i + 2, s.len), true);
            return before >= 0 && after >= 0 && before + after <= 7;
        }
    }
    return groups(s, true) == 8;
}

/* --- domains -------------------------------------------------------------------------------------------- */

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

/* How many digits the number `q` takes. */
static size_t digits_of(uint32_t q, uint32_t bias) {
    size_t count = 1;
    for (uint32_t k = 36;; k += 36) {
        uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (q < t) {
            return count;
        }
        q = (q - t) / (36 - t);
        count++;
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

/* The length of a label's Punycode without its prefix, RFC 3492 §6.3. */
static size_t punycode_length(struct lk_str label) {
    uint32_t points = (uint32_t)lk_utf8_length(label);
    size_t length = 0;
    for (size_t i = 0; i < label.len; i++) {
        length += (unsigned char)label.ptr[i] < 128;
    }
    uint32_t done = (uint32_t)length;
    uint32_t basic = done;
    length += basic > 0; /* the delimiter */
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
                length += digits_of(delta, bias);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
        delta++;
        n++;
    }
    return length;
}

static bool ascii_label(struct lk_str label, bool top) {
    if (label.len < (top ? 2u : 1u) || label.len > LABEL_MAX) {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!is_alnum(label.ptr[i]) && label.ptr[i] != '-') {
            return false;
        }
    }
    return label.ptr[label.len - 1] != '-' && (top || label.ptr[0] != '-');
}

static bool foreign_label(struct lk_str label) {
    struct lk_str rest = label;
    if (label.len > DOMAIN_MAX) {
        return false; /* keeps the Punycode arithmetic far from overflow */
    }
    if (lk_str_eq_nocase(lk_str_sub(label, 0, 4), LK_STR("xn--"))) {
        return false; /* says that it is Punycode already, and is not */
    }
    while (rest.len > 0) {
        int32_t c = lk_utf8_next(&rest);
        bool fits = c < 128 ? (c == '-' || (c > 0 && is_alnum((char)c))) : lk_is_word(c);
        if (!fits) {
            return false;
        }
    }
    return punycode_length(label) + 4 <= LABEL_MAX; /* "xn--" */
}

static bool domain(struct lk_str s) {
    if (lk_str_eq_nocase(s, LK_STR("localhost"))) {
        return true;
    }
    if (s.len > 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']') {
        struct lk_str address = lk_str_sub(s, 1, s.len - 2);
        return ipv4(address) || ipv6(address);
    }
    for (size_t labels = 1;; labels++) {
        size_t dot = lk_str_find(s, '.');
        struct lk_str label = lk_str_sub(s, 0, dot);
        bool top = dot == s.len;
        if (!(lk_is_ascii(label) ? ascii_label(label, top) : foreign_label(label))) {
            return false;
        }
        if (top) {
            return labels > 1;
        }
        s = lk_str_sub(s, dot + 1, s.len);
    }
}

bool lk_email_valid(struct lk_str email) {
    size_t at = email.len;
    while (at > 0 && email.ptr[at - 1] != '@') {
        at--;
    }
    if (at == 0 || !lk_utf8_valid(email)) {
        return false;
    }
    struct lk_str local = lk_str_sub(email, 0, at - 1);
    return (dot_atom(local) || quoted_string(local)) && domain(lk_str_sub(email, at, email.len));
}
