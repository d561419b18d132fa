#include "config/values.h"

#include "base/buf.h"
#include "base/err.h"

#include <arpa/inet.h>
#include <string.h>

int lk_value_switch(struct lk_str s, bool *out) {
    bool on = lk_str_eq(s, LK_STR("on"));
    if (!on && !lk_str_eq(s, LK_STR("off"))) {
        return LK_ERR_INVALID;
    }
    *out = on;
    return 0;
}

int lk_value_number(struct lk_str s, const char *units, const uint64_t *factors, uint64_t min, uint64_t max,
                    uint64_t *out) {
    uint64_t factor = 1;
    uint64_t value;
    const char *unit = s.len > 1 && s.ptr[s.len - 1] != '\0' ? strchr(units, s.ptr[s.len - 1]) : NULL;
    if (unit != NULL) {
        factor = factors[unit - units];
        s = lk_str_sub(s, 0, s.len - 1);
    }
    if (lk_str_to_u64(s, max / factor, &value) != 0 || value * factor < min) {
        return LK_ERR_INVALID;
    }
    *out = value * factor;
    return 0;
}

static bool printable(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

int lk_value_text(struct lk_str s, char *out, size_t cap) {
    if (s.len >= cap || !printable(s)) {
        return LK_ERR_INVALID;
    }
    memset(out, 0, cap);
    if (s.len > 0) {
        memcpy(out, s.ptr, s.len);
    }
    return 0;
}

/* Takes "scheme://" off *s. */
static bool take_scheme(struct lk_str *s, struct lk_str scheme) {
    if (!lk_str_starts(*s, scheme)) {
        return false;
    }
    *s = lk_str_sub(*s, scheme.len, s->len);
    return true;
}

int lk_value_url(struct lk_str s, char *out, size_t cap) {
    while (s.len > 0 && s.ptr[s.len - 1] == '/') {
        s.len--;
    }
    struct lk_str rest = s;
    if (s.len > 0 && !take_scheme(&rest, LK_STR("https://")) && !take_scheme(&rest, LK_STR("http://"))) {
        return LK_ERR_INVALID;
    }
    if (s.len > 0 && (rest.len == 0 || rest.ptr[0] == '/')) {
        return LK_ERR_INVALID;
    }
    for (size_t i = 0; i < s.len; i++) {
        /* It stands in headers, mails and pages: nothing that any of them gives a meaning to. */
        if ((unsigned char)s.ptr[i] > '~' || strchr(" \"'<>\\^`{|}?#@", s.ptr[i]) != NULL) {
            return LK_ERR_INVALID;
        }
    }
    return lk_value_text(s, out, cap);
}

/* --- listeners ------------------------------------------------------------------------------------------ */

static bool numeric(int family, struct lk_str s) {
    char text[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    return s.len > 0 && lk_value_text(s, text, sizeof(text)) == 0 && inet_pton(family, text, bytes) == 1;
}

static int parse_listener(struct lk_str s, struct lk_listener *out) {
    uint64_t port;
    bool tls = take_scheme(&s, LK_STR("https://"));
    if (!tls && !take_scheme(&s, LK_STR("http://"))) {
        return LK_ERR_INVALID;
    }
    size_t colon = s.len;
    while (colon > 0 && s.ptr[colon - 1] != ':') {
        colon--;
    }
    if (colon == 0 || lk_str_to_u64(lk_str_sub(s, colon, s.len), 65535, &port) != 0) {
        return LK_ERR_INVALID;
    }
    struct lk_str address = lk_str_sub(s, 0, colon - 1);
    bool v6 = address.len > 2 && address.ptr[0] == '[' && address.ptr[address.len - 1] == ']';
    if (address.len > 0 &&
        !(v6 ? numeric(AF_INET6, lk_str_sub(address, 1, address.len - 2)) : numeric(AF_INET, address))) {
        return LK_ERR_INVALID;
    }
    *out = (struct lk_listener){.tls = tls, .port = (uint16_t)port};
    return lk_value_text(address, out->address, sizeof(out->address));
}

/* The next item of a list parted by commas or spaces; empty at its end. */
static struct lk_str next_item(struct lk_str *s) {
    struct lk_str item = {NULL, 0};
    while (item.len == 0 && s->len > 0) {
        size_t end = 0;
        while (end < s->len && s->ptr[end] != ',' && s->ptr[end] != ' ') {
            end++;
        }
        item = lk_str_sub(*s, 0, end);
        *s = lk_str_sub(*s, end + 1, s->len);
    }
    return item;
}

int lk_value_networks(struct lk_str s, struct lk_network *list, size_t cap, size_t *count) {
    struct lk_network found[LK_PROXIES_MAX] = {0};
    size_t n = 0;
    for (struct lk_str item = next_item(&s); item.len > 0; item = next_item(&s)) {
        if (n == cap || n == LK_PROXIES_MAX || lk_network_parse(item, &found[n++]) != 0) {
            return LK_ERR_INVALID;
        }
    }
    memcpy(list, found, n * sizeof(found[0]));
    *count = n;
    return 0;
}

int lk_value_listen(struct lk_str s, struct lk_listener *list, size_t cap, size_t *count) {
    struct lk_listener found[LK_LISTENERS_MAX];
    size_t n = 0;
    for (struct lk_str item = next_item(&s); item.len > 0; item = next_item(&s)) {
        if (n == cap || n == LK_LISTENERS_MAX || parse_listener(item, &found[n++]) != 0) {
            return LK_ERR_INVALID;
        }
    }
    if (n == 0) {
        return LK_ERR_INVALID;
    }
    memcpy(list, found, n * sizeof(found[0]));
    *count = n;
    return 0;
}

/* --- mail ----------------------------------------------------------------------------------------------- */

int lk_value_mail(struct lk_str s, enum lk_mail_way *way, char *target, size_t cap) {
    enum lk_mail_way found;
    bool wants_target = true;
    if (lk_str_eq(s, LK_STR("off")) || lk_str_eq(s, LK_STR("log"))) {
        found = lk_str_eq(s, LK_STR("off")) ? LK_MAIL_OFF : LK_MAIL_LOG;
        wants_target = false;
        s.len = 0;
    } else if (take_scheme(&s, LK_STR("file:"))) {
        found = LK_MAIL_FILE;
    } else if (take_scheme(&s, LK_STR("smtps://"))) {
        found = LK_MAIL_SMTPS;
    } else if (take_scheme(&s, LK_STR("smtp://"))) {
        found = LK_MAIL_SMTP;
    } else {
        return LK_ERR_INVALID;
    }
    if ((wants_target && s.len == 0) || lk_value_text(s, target, cap) != 0) {
        return LK_ERR_INVALID;
    }
    *way = found;
    return 0;
}

int lk_value_fingerprint(struct lk_str s, char out[65]) {
    char digits[65];
    struct lk_buf b;
    lk_buf_init(&b, digits, sizeof(digits));
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
            lk_buf_put_char(&b, c);
        } else if (c >= 'A' && c <= 'F') {
            lk_buf_put_char(&b, (char)(c + ('a' - 'A')));
        } else if (c != ':') {
            return LK_ERR_INVALID;
        }
    }
    size_t len = b.len;
    if ((len != 0 && len != 64) || (len == 0 && s.len > 0) || lk_buf_end_cstr(&b) != 0) {
        return LK_ERR_INVALID;
    }
    memcpy(out, digits, len + 1);
    return 0;
}
