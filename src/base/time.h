/*
 * Time: the two clocks, and dates as text in UTC. No locale, no time zone, no libc calendar.
 */
#ifndef LK_BASE_TIME_H
#define LK_BASE_TIME_H

#include "base/buf.h"

/* A calendar date and time of day, UTC, in the proleptic Gregorian calendar. */
struct lk_date {
    int64_t year;
    unsigned month;   /* 1..12 */
    unsigned day;     /* 1..31 */
    unsigned weekday; /* 0 is Sunday */
    unsigned hour, minute, second;
};

/* Seconds since 1970-01-01 00:00:00 UTC, of the clock that may be set. */
int64_t lk_time_now(void);
/* Milliseconds since 1970-01-01 00:00:00 UTC, of the same clock. */
int64_t lk_time_now_ms(void);
/* Milliseconds of the clock that only goes forward; its zero means nothing. For deadlines and durations. */
uint64_t lk_time_mono_ms(void);

/* The date of `seconds` since 1970, years 0 to 9999; others are clamped. */
struct lk_date lk_date_from(int64_t seconds);
/* The reverse, for fields in range. The weekday is not looked at. */
int64_t lk_date_seconds(const struct lk_date *d);

/* "Sat, 21 Nov 2026 05:06:07 GMT": IMF-fixdate, RFC 9110 §5.6.7. */
void lk_buf_put_http_date(struct lk_buf *b, int64_t seconds);
/* "Sat, 21 Nov 2026 05:06:07 +0000": the Date of a mail, RFC 5322 §3.3. */
void lk_buf_put_mail_date(struct lk_buf *b, int64_t seconds);
/* "2026-11-21T05:06:07Z": RFC 3339. */
void lk_buf_put_iso_date(struct lk_buf *b, int64_t seconds);
/* "2026-11-21T05:06:07.089Z": RFC 3339 with milliseconds. */
void lk_buf_put_iso_date_ms(struct lk_buf *b, int64_t ms);
/* Reads an RFC 3339 date as others write it too: a space for the "T", a fraction, which is dropped, an offset as "Z",
   "+02:00" or "+0200"; without one it is UTC. Returns 0 or LK_ERR_INVALID. */
int lk_iso_date_parse(struct lk_str text, int64_t *seconds);

#endif
