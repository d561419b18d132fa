#include "base/time.h"

#include "base/err.h"

#include <time.h>

#define DAY 86400
/* Seconds of 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
#define SECONDS_MIN (-62167219200)
#define SECONDS_MAX 253402300799

int64_t lk_time_now_ms(void) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t lk_time_now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec;
}

uint64_t lk_time_mono_ms(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/*
 * Days are counted in years that begin on 1 March, so that the leap day is the last one: day number of month
 * m (0 is March) is (153 * m + 2) / 5, and 400 years always hold 146097 days.
 */
struct lk_date lk_date_from(int64_t seconds) {
    struct lk_date d;
    seconds = seconds < SECONDS_MIN ? SECONDS_MIN : seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
    int64_t from_march_0000 = seconds - SECONDS_MIN - 60 * (int64_t)DAY + 400 * 31556952LL;
    int64_t days = from_march_0000 / DAY;
    int64_t rest = from_march_0000 % DAY;
    int64_t era = days / 146097;
    int64_t day = days % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int64_t month = (5 * day + 2) / 153;
    d.day = (unsigned)(day - (153 * month + 2) / 5 + 1);
    d.month = (unsigned)(month < 10 ? month + 3 : month - 9);
    d.year = year + 400 * (era - 1) + (month >= 10);
    d.weekday = (unsigned)((days + 3) % 7);
    d.hour = (unsigned)(rest / 3600);
    d.minute = (unsigned)(rest / 60 % 60);
    d.second = (unsigned)(rest % 60);
    return d;
}

int64_t lk_date_seconds(const struct lk_date *d) {
    int64_t year = d->year - (d->month <= 2) + 400;
    int64_t month = d->month > 2 ? d->month - 3 : d->month + 9;
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + d->day - 1;
    int64_t of_day = (int64_t)d->hour * 3600 + d->minute * 60 + d->second;
    return (days - 146097 + 60) * DAY + of_day + SECONDS_MIN;
}

static void put_digits(struct lk_buf *b, uint64_t v, size_t width) {
    char digits[4];
    for (size_t i = width; i > 0; i--) {
        digits[i - 1] = (char)('0' + v % 10);
        v /= 10;
    }
    lk_buf_put(b, digits, width);
}

static void put_clock(struct lk_buf *b, const struct lk_date *d) {
    put_digits(b, d->hour, 2);
    lk_buf_put_char(b, ':');
    put_digits(b, d->minute, 2);
    lk_buf_put_char(b, ':');
    put_digits(b, d->second, 2);
}

static void put_rfc_date(struct lk_buf *b, int64_t seconds, const char *zone) {
    struct lk_date d = lk_date_from(seconds);
    lk_buf_put(b, "SunMonTueWedThuFriSat" + 3 * d.weekday, 3);
    lk_buf_put_cstr(b, ", ");
    put_digits(b, d.day, 2);
    lk_buf_put_char(b, ' ');
    lk_buf_put(b, "JanFebMarAprMayJunJulAugSepOctNovDec" + 3 * (d.month - 1), 3);
    lk_buf_put_char(b, ' ');
    put_digits(b, (uint64_t)d.year, 4);
    lk_buf_put_char(b, ' ');
    put_clock(b, &d);
    lk_buf_put_cstr(b, zone);
}

void lk_buf_put_http_date(struct lk_buf *b, int64_t seconds) {
    put_rfc_date(b, seconds, " GMT");
}

void lk_buf_put_mail_date(struct lk_buf *b, int64_t seconds) {
    put_rfc_date(b, seconds, " +0000");
}

static void put_iso(struct lk_buf *b, int64_t seconds) {
    struct lk_date d = lk_date_from(seconds);
    put_digits(b, (uint64_t)d.year, 4);
    lk_buf_put_char(b, '-');
    put_digits(b, d.month, 2);
    lk_buf_put_char(b, '-');
    put_digits(b, d.day, 2);
    lk_buf_put_char(b, 'T');
    put_clock(b, &d);
}

void lk_buf_put_iso_date(struct lk_buf *b, int64_t seconds) {
    put_iso(b, seconds);
    lk_buf_put_char(b, 'Z');
}

void lk_buf_put_iso_date_ms(struct lk_buf *b, int64_t ms) {
    int64_t part = ms % 1000;
    part += part < 0 ? 1000 : 0;
    put_iso(b, (ms - part) / 1000);
    lk_buf_put_char(b, '.');
    put_digits(b, (uint64_t)part, 3);
    lk_buf_put_char(b, 'Z');
}

/* Takes `digits` digits and, unless it is '\0', the character after them. */
static bool take_number(struct lk_str *text, size_t digits, char then, unsigned *out) {
    uint64_t number;

    if (text->len < digits || lk_str_to_u64(lk_str_sub(*text, 0, digits), 9999, &number) < 0) {
        return false;
    }
    *text = lk_str_sub(*text, digits, text->len);
    *out = (unsigned)number;
    if (then == '\0') {
        return true;
    }
    if (text->len == 0 || text->ptr[0] != then) {
        return false;
    }
    *text = lk_str_sub(*text, 1, text->len);
    return true;
}

/* "Z", "+02:00", "-0530" or nothing. */
static bool take_offset(struct lk_str text, int64_t *offset) {
    unsigned hours;
    unsigned minutes;

    *offset = 0;
    if (text.len == 0 || lk_str_eq(text, LK_STR("Z"))) {
        return true;
    }
    int sign = text.ptr[0] == '+' ? 1 : text.ptr[0] == '-' ? -1 : 0;
    text = lk_str_sub(text, 1, text.len);
    bool colon = text.len == 5;
    if (sign == 0 || !take_number(&text, 2, colon ? ':' : '\0', &hours) ||
        !take_number(&text, 2, '\0', &minutes) || text.len != 0 || hours > 23 || minutes > 59) {
        return false;
    }
    *offset = sign * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

int lk_iso_date_parse(struct lk_str text, int64_t *seconds) {
    struct lk_date d = {0};
    unsigned year;
    int64_t offset;
    char between = text.len > 10 && text.ptr[10] == ' ' ? ' ' : 'T';

    if (!take_number(&text, 4, '-', &year) || !take_number(&text, 2, '-', &d.month) ||
        !take_number(&text, 2, between, &d.day) || !take_number(&text, 2, ':', &d.hour) ||
        !take_number(&text, 2, ':', &d.minute) || !take_number(&text, 2, '\0', &d.second)) {
        return LK_ERR_INVALID;
    }
    if (text.len > 0 && text.ptr[0] == '.') {
        size_t len = 1;
        while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9') {
            len++;
        }
        text = lk_str_sub(text, len, text.len);
    }
    if (!take_offset(text, &offset) || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 ||
        d.hour > 23 || d.minute > 59 || d.second > 59) {
        return LK_ERR_INVALID;
    }
    d.year = year;
    int64_t local = lk_date_seconds(&d);
    if (lk_date_from(local).day != d.day) {
        return LK_ERR_INVALID; /* 30 February */
    }
    *seconds = local - offset;
    return 0;
}
