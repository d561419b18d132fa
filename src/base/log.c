#include "base/log.h"

#include "base/text.h"
#include "base/time.h"
#include "port.h"

#include <stdatomic.h>

/* A whole line with its line feed. */
#define LINE_MAX_LEN 1023

static atomic_int threshold = LK_LOG_INFO;
static atomic_int line_format = LK_LOG_TEXT;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void lk_log_configure(enum lk_log_level level, enum lk_log_format format) {
    atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
    atomic_store_explicit(&line_format, (int)format, memory_order_relaxed);
}

bool lk_log_enabled(enum lk_log_level level) {
    return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

/* What stands between quotes in both formats: JSON's escapes (RFC 8259 §7). Bad UTF-8 becomes U+FFFD. */
static void put_escaped(struct lk_buf *b, struct lk_str s) {
    while (s.len > 0 && b->err == 0) {
        struct lk_str at = s;
        int32_t c = lk_utf8_next(&s);
        if (c < 0) {
            lk_buf_put_cstr(b, "\xef\xbf\xbd");
            s = lk_str_sub(at, 1, at.len);
        } else if (c == '"' || c == '\\') {
            lk_buf_put_char(b, '\\');
            lk_buf_put_char(b, (char)c);
        } else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
            uint8_t code[2] = {(uint8_t)(c >> 8), (uint8_t)c};
            lk_buf_put_cstr(b, "\\u");
            lk_buf_put_hex(b, code, 2);
        } else {
            lk_buf_put(b, at.ptr, at.len - s.len);
        }
    }
}

/* True when a text line can show the value without quotes. */
static bool is_plain(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=') {
            return false;
        }
    }
    return s.len > 0;
}

static void put_quoted(struct lk_buf *b, struct lk_str s) {
    lk_buf_put_char(b, '"');
    put_escaped(b, s);
    lk_buf_put_char(b, '"');
}

static void put_text_field(struct lk_buf *b, const struct lk_log_field *f) {
    lk_buf_put_char(b, ' ');
    lk_buf_put_cstr(b, f->key);
    lk_buf_put_char(b, '=');
    if (f->value.ptr == NULL) {
        lk_buf_put_i64(b, f->num);
    } else if (is_plain(f->value)) {
        lk_buf_put_str(b, f->value);
    } else {
        put_quoted(b, f->value);
    }
}

static void put_json_field(struct lk_buf *b, const struct lk_log_field *f) {
    lk_buf_put_char(b, ',');
    put_quoted(b, lk_str_from(f->key));
    lk_buf_put_char(b, ':');
    if (f->value.ptr == NULL) {
        lk_buf_put_i64(b, f->num);
    } else {
        put_quoted(b, f->value);
    }
}

static void put_head(struct lk_buf *b, bool json, enum lk_log_level level, const char *event) {
    lk_buf_put_cstr(b, json ? "{\"time\":\"" : "");
    lk_buf_put_iso_date_ms(b, lk_time_now_ms());
    lk_buf_put_cstr(b, json ? "\",\"level\":\"" : " ");
    lk_buf_put_cstr(b, level_names[level]);
    lk_buf_put_cstr(b, json ? "\",\"event\":" : " ");
    if (json) {
        put_quoted(b, lk_str_from(event));
    } else {
        lk_buf_put_cstr(b, event);
    }
}

void lk_log(enum lk_log_level level, const char *event, const struct lk_log_field *fields, size_t count) {
    char line[LINE_MAX_LEN];
    struct lk_buf b;
    if (!lk_log_enabled(level)) {
        return;
    }
    bool json = atomic_load_explicit(&line_format, memory_order_relaxed) == LK_LOG_JSON;
    lk_buf_init(&b, line, sizeof(line) - 2); /* the end of the line always fits */
    put_head(&b, json, level, event);
    for (size_t i = 0; i < count; i++) {
        size_t whole = b.len;
        if (json) {
            put_json_field(&b, &fields[i]);
        } else {
            put_text_field(&b, &fields[i]);
        }
        if (b.err != 0) {
            b.len = whole;
            b.err = 0;
            break;
        }
    }
    b.cap = sizeof(line);
    lk_buf_put_cstr(&b, json ? "}\n" : "\n");
    lk_port_log(line, b.len);
}
