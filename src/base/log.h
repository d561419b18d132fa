/*
 * The log: one line an event, as text or JSON, to the sink the port gives (stderr on POSIX, the console on a
 * board). A value is escaped, so that nothing a client sends can forge a line. Secrets are never passed in.
 */
#ifndef LK_BASE_LOG_H
#define LK_BASE_LOG_H

#include "base/str.h"

enum lk_log_level { LK_LOG_ERROR, LK_LOG_WARN, LK_LOG_INFO, LK_LOG_DEBUG };
enum lk_log_format { LK_LOG_TEXT, LK_LOG_JSON };

/* One `key=value` of a line. A value with a NULL `ptr` is the number `num`. */
struct lk_log_field {
    const char *key;
    struct lk_str value;
    int64_t num;
};
#define LK_LOG_STR(k, v) ((struct lk_log_field){(k), (v), 0})
#define LK_LOG_NUM(k, n) ((struct lk_log_field){(k), {NULL, 0}, (int64_t)(n)})

void lk_log_configure(enum lk_log_level level, enum lk_log_format format);
/* True when a line of this level would be written: for values that are costly to make. */
bool lk_log_enabled(enum lk_log_level level);
/* Writes one line of at most 1023 bytes; a longer one is cut at a whole field. Safe from any thread. */
void lk_log(enum lk_log_level level, const char *event, const struct lk_log_field *fields, size_t count);

/* lk_log with the fields as arguments: LK_LOG(LK_LOG_WARN, "mail_failed", LK_LOG_NUM("attempt", n)); */
#define LK_LOG(level, event, ...)                                                                            \
    lk_log((level), (event), (const struct lk_log_field[]){__VA_ARGS__},                                     \
           sizeof((const struct lk_log_field[]){__VA_ARGS__}) / sizeof(struct lk_log_field))

#endif
