#include "base/str.h"

#include "base/err.h"

#include <string.h>

struct lk_str lk_str_from(const char *cstr) {
    return (struct lk_str){cstr, cstr == NULL ? 0 : strlen(cstr)};
}

bool lk_str_eq(struct lk_str a, struct lk_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static unsigned char lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + ('a' - 'A')) : u;
}

bool lk_str_eq_nocase(struct lk_str a, struct lk_str b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool lk_str_starts(struct lk_str s, struct lk_str prefix) {
    return lk_str_eq(lk_str_sub(s, 0, prefix.len), prefix);
}

struct lk_str lk_str_sub(struct lk_str s, size_t from, size_t len) {
    if (from >= s.len) {
        return (struct lk_str){NULL, 0};
    }
    size_t left = s.len - from;
    return (struct lk_str){s.ptr + from, len < left ? len : left};
}

size_t lk_str_find(struct lk_str s, char c) {
    const char *hit = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);
    return hit == NULL ? s.len : (size_t)(hit - s.ptr);
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct lk_str lk_str_trim(struct lk_str s) {
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

int lk_str_to_u64(struct lk_str s, uint64_t max, uint64_t *out) {
    uint64_t v = 0;
    bool over = false;
    if (s.len == 0) {
        return LK_ERR_INVALID;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return LK_ERR_INVALID;
        }
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        over = over || v > (UINT64_MAX - digit) / 10;
        v = v * 10 + digit;
    }
    if (over || v > max) {
        return LK_ERR_TOO_LARGE;
    }
    *out = v;
    return 0;
}

struct lk_str lk_url_host(struct lk_str url) {
    size_t scheme = lk_str_find(url, ':');
    struct lk_str rest = lk_str_sub(url, scheme, url.len);

    if (!lk_str_starts(rest, LK_STR("://"))) {
        return (struct lk_str){NULL, 0};
    }
    rest = lk_str_sub(rest, 3, rest.len);
    rest = lk_str_sub(rest, 0, lk_str_find(rest, '/'));
    if (rest.len > 0 && rest.ptr[0] == '[') {
        return lk_str_sub(rest, 1, lk_str_find(rest, ']') - 1);
    }
    return lk_str_sub(rest, 0, lk_str_find(rest, ':'));
}
