/* The encodings of mail: dates, encoded words, quoted-printable. */
#include "base/text.h"
#include "mail/compose.h"

#define LINE_MAX_QP 76 /* RFC 2045 §6.7 */
#define WORD_BYTES 42  /* 56 characters of base64: a word of 68, under the 75 of RFC 2047 §2 */

static void put_two_digits(struct lk_buf *b, unsigned v) {
    lk_buf_put_char(b, (char)('0' + v / 10 % 10));
    lk_buf_put_char(b, (char)('0' + v % 10));
}

/* Year, month 1..12 and day 1..31 of a day counted from 1970-01-01, in the Gregorian calendar. Years are taken from
   March on, so that the leap day is the last one of its year. */
static void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
    int64_t shifted = days + 719468; /* from 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * of_year + 2) / 153;

    *day = (unsigned)(of_year - (153 * march_month + 2) / 5 + 1);
    *month = (unsigned)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

void lk_buf_put_mail_date(struct lk_buf *b, int64_t seconds) {
    static const char days[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day_number = seconds / 86400;
    int64_t rest = seconds % 86400;
    int64_t year;
    unsigned month;
    unsigned day;

    if (rest < 0) {
        rest += 86400;
        day_number--;
    }
    civil_from_days(day_number, &year, &month, &day);
    lk_buf_put(b, days + 3 * (((day_number % 7) + 7) % 7), 3);
    lk_buf_put_cstr(b, ", ");
    put_two_digits(b, day);
    lk_buf_put_char(b, ' ');
    lk_buf_put(b, months + 3 * (size_t)(month - 1), 3);
    lk_buf_put_char(b, ' ');
    lk_buf_put_i64(b, year);
    lk_buf_put_char(b, ' ');
    put_two_digits(b, (unsigned)(rest / 3600));
    lk_buf_put_char(b, ':');
    put_two_digits(b, (unsigned)(rest / 60 % 60));
    lk_buf_put_char(b, ':');
    put_two_digits(b, (unsigned)(rest % 60));
    lk_buf_put_cstr(b, " +0000");
}

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
