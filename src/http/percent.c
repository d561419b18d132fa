#include "http/percent.h"

#include <string.h>

bool lk_has_nul(struct lk_str s) {
    return lk_str_find(s, '\0') < s.len;
}

static bool needs_decoding(struct lk_str s, bool form) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '%' || (form && s.ptr[i] == '+')) {
            return true;
        }
    }
    return false;
}

int lk_percent_decode(struct lk_arena *arena, struct lk_str s, bool form, struct lk_str *out) {
    *out = (struct lk_str){s.len == 0 ? "" : s.ptr, s.len};
    if (needs_decoding(s, form)) {
        char *mem = lk_arena_alloc(arena, s.len);
        if (mem == NULL) {
            return LK_ERR_NO_MEMORY;
        }
        struct lk_buf b;
        lk_buf_init(&b, mem, s.len);
        for (size_t i = 0; i < s.len; i++) {
            char c = s.ptr[i];
            if (c == '%') {
                struct lk_str digits = lk_str_sub(s, i + 1, 2);
                if (digits.len != 2 || lk_hex_decode(digits, &c, 1) != 0) {
                    return LK_ERR_INVALID;
                }
                i += 2;
            } else if (form && c == '+') {
                c = ' ';
            }
            lk_buf_put_char(&b, c);
        }
        *out = lk_buf_str(&b);
    }
    return lk_utf8_valid(*out) ? 0 : LK_ERR_INVALID;
}
