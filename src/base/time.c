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
