/*
 * NFKC and letter classes. utf8proc brings the Unicode tables, unless the build leaves them out.
 */
#include "base/err.h"
#include "base/text.h"
#include "options.h"

#if LK_UNICODE
#include <stdlib.h>
#include <utf8proc.h>
#endif

static bool is_ascii_word(int32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

#if LK_UNICODE

#define NFKC (UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT)
#define NFKC_CASEFOLD (NFKC | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)

static int map_unicode(struct lk_buf *b, struct lk_str s, unsigned how) {
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len, &out, (utf8proc_option_t)how);
    if (len < 0) {
        return len == UTF8PROC_ERROR_NOMEM ? LK_ERR_NO_MEMORY : LK_ERR_INVALID;
    }
    lk_buf_put(b, out, (size_t)len);
    free(out);
    return b->err;
}

bool lk_is_word(int32_t code_point) {
    if (code_point < 0x80) {
        return is_ascii_word(code_point);
    }
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

#else

#define NFKC 0
#define NFKC_CASEFOLD 0

static int map_unicode(struct lk_buf *b, struct lk_str s, unsigned how) {
    (void)b;
    (void)s;
    (void)how;
    return LK_ERR_UNSUPPORTED;
}

bool lk_is_word(int32_t code_point) {
    return is_ascii_word(code_point);
}

#endif

int lk_nfkc(struct lk_buf *b, struct lk_str s) {
    if (lk_is_ascii(s)) {
        lk_buf_put_str(b, s);
        return b->err;
    }
    return lk_utf8_valid(s) ? map_unicode(b, s, NFKC) : LK_ERR_INVALID;
}

int lk_casefold(struct lk_buf *b, struct lk_str s) {
    return lk_utf8_valid(s) ? map_unicode(b, s, NFKC_CASEFOLD) : LK_ERR_INVALID;
}
