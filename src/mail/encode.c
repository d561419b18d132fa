/* The encodings of mail: encoded words, quoted-printable. */
#include "base/text.h"
#include "mail/compose.h"

#define LINE_MAX_QP 76 /* RFC 2045 §6.7 */
#define WORD_BYTES 42  /* 56 characters of base64: a word of 68, under the 75 of RFC 2047 §2 */

static bool is_plain(struct lk_str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    /* What looks like an encoded word would be read as one. */
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] == '=' && text.ptr[i + 1] == '?') {
            return false;
        }
    }
    return true;
}

/* How many bytes of `text`, at most `max`, end at a character's end. */
static size_t whole_characters(struct lk_str text, size_t max) {
    if (text.len <= max) {
        return text.len;
    }
    size_t len = max;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80) {
        len--;
    }
    return len > 0 ? len : max;
}

void lk_buf_put_words(struct lk_buf *b, struct lk_str text) {
    if (is_plain(text)) {
        lk_buf_put_str(b, text);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        struct lk_str rest = lk_str_sub(text, at, text.len);
        size_t len = whole_characters(rest, WORD_BYTES);
        if (at > 0) {
            lk_buf_put_cstr(b, "\r\n ");
        }
        lk_buf_put_cstr(b, "=?utf-8?B?");
        lk_buf_put_base64(b, rest.ptr, len);
        lk_buf_put_cstr(b, "?=");
        at += len;
    }
}

static bool ends_line(struct lk_str text, size_t at) {
    return at >= text.len || text.ptr[at] == '\n' ||
           (text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n');
}

void lk_buf_put_quoted_printable(struct lk_buf *b, struct lk_str text) {
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (ends_line(text, i)) {
            i += c == '\r' ? 1 : 0;
            lk_buf_put_cstr(b, "\r\n");
            column = 0;
            continue;
        }
        bool blank_at_end = (c == ' ' || c == '\t') && ends_line(text, i + 1);
        bool as_is = ((c >= ' ' && c <= '~' && c != '=') || c == '\t') && !blank_at_end;
        size_t width = as_is ? 1 : 3;
        if (column + width > LINE_MAX_QP - (ends_line(text, i + 1) ? 0 : 1)) {
            lk_buf_put_cstr(b, "=\r\n");
            column = 0;
        }
        if (as_is) {
            lk_buf_put_char(b, (char)c);
        } else {
            lk_buf_put_char(b, '=');
            lk_buf_put_char(b, hex[c >> 4]);
            lk_buf_put_char(b, hex[c & 15]);
        }
        column += width;
    }
}
