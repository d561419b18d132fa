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
    char mem[LABEL_MAX - LK_PUNYCODE_PREFIX_LEN];
    struct lk_buf b;
    struct lk_str rest = label;
    if (lk_str_eq_nocase(lk_str_sub(label, 0, LK_PUNYCODE_PREFIX_LEN), LK_STR(LK_PUNYCODE_PREFIX))) {
        return false; /* says that it is Punycode already, and is not */
    }
    while (rest.len > 0) {
        int32_t c = lk_utf8_next(&rest);
        bool fits = c < 128 ? (c == '-' || (c > 0 && is_alnum((char)c))) : lk_is_word(c);
        if (!fits) {
            return false;
        }
    }
    lk_buf_init(&b, mem, sizeof(mem));
    return lk_punycode_put(&b, label) == 0;
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
