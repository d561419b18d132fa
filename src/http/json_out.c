#include "http/http.h"

#include <string.h>

#define BODY_START 512 /* the first size of a body that grows: most answers fit */

static bool make_room(struct lk_response *res, size_t more) {
    struct lk_buf *b = &res->body;
    if (b->err != 0) {
        return false;
    }
    if (more <= b->cap - b->len) {
        return true;
    }
    size_t want = b->len + more;
    size_t cap = b->cap < BODY_START / 2 ? BODY_START : b->cap * 2;
    cap = cap < want ? want : cap;
    char *grown = want < more ? NULL : lk_arena_alloc(res->arena, cap);
    if (grown == NULL) {
        b->err = LK_ERR_NO_MEMORY;
        return false;
    }
    if (b->len > 0) {
        memcpy(grown, b->ptr, b->len);
    }
    b->ptr = grown;
    b->cap = cap;
    return true;
}

void lk_res_put(struct lk_response *res, struct lk_str bytes) {
    if (make_room(res, bytes.len)) {
        lk_buf_put_str(&res->body, bytes);
    }
}

static void put_char(struct lk_response *res, char c) {
    lk_res_put(res, (struct lk_str){&c, 1});
}

/* Length of the escape that the byte at `i` asks for, written to `out`; 0 when it stands as it is. */
static size_t escape_at(struct lk_str s, size_t i, char out[6], size_t *taken) {
    static const char digits[] = "0123456789abcdef";
    unsigned char c = (unsigned char)s.ptr[i];
    *taken = 1;
    if (c == 0xE2 && s.len - i >= 3 && (unsigned char)s.ptr[i + 1] == 0x80 &&
        ((unsigned char)s.ptr[i + 2] & 0xFE) == 0xA8) { /* U+2028, U+2029 end a line in JavaScript */
        *taken = 3;
        memcpy(out, "\\u202", 5);
        out[5] = digits[(unsigned char)s.ptr[i + 2] - 0xA0];
        return 6;
    }
    if (c >= 0x20 && c != '"' && c != '\\') {
        return 0;
    }
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *at = c == 0 ? NULL : strchr(from, c);
    out[0] = '\\';
    if (at != NULL) {
        out[1] = to[at - from];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = digits[c >> 4];
    out[5] = digits[c & 15];
    return 6;
}

static void put_quoted(struct lk_response *res, struct lk_str s) {
    put_char(res, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.len;) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0xE2) {
            i++;
            continue;
        }
        char escape[6];
        size_t taken;
        size_t len = escape_at(s, i, escape, &taken);
        if (len > 0) {
            lk_res_put(res, lk_str_sub(s, from, i - from));
            lk_res_put(res, (struct lk_str){escape, len});
            from = i + taken;
        }
        i += taken;
    }
    lk_res_put(res, lk_str_sub(s, from, s.len));
    put_char(res, '"');
}

void lk_json_begin(struct lk_json *j, struct lk_response *res, int status) {
    res->status = status;
    res->content_type = "application/json";
    res->body = (struct lk_buf){.ptr = NULL}; /* what stood there may be borrowed, and is not written over */
    *j = (struct lk_json){.res = res};
}

static void begin_value(struct lk_json *j, const char *key) {
    if (j->comma) {
        put_char(j->res, ',');
    }
    if (key != NULL) {
        put_quoted(j->res, lk_str_from(key));
        put_char(j->res, ':');
    }
    j->comma = true;
}

void lk_json_object(struct lk_json *j, const char *key) {
    begin_value(j, key);
    put_char(j->res, '{');
    j->comma = false;
}

void lk_json_array(struct lk_json *j, const char *key) {
    begin_value(j, key);
    put_char(j->res, '[');
    j->comma = false;
}

void lk_json_end_object(struct lk_json *j) {
    put_char(j->res, '}');
    j->comma = true;
}

void lk_json_end_array(struct lk_json *j) {
    put_char(j->res, ']');
    j->comma = true;
}

void lk_json_str(struct lk_json *j, const char *key, struct lk_str value) {
    begin_value(j, key);
    put_quoted(j->res, value);
}

void lk_json_cstr(struct lk_json *j, const char *key, const char *value) {
    lk_json_str(j, key, lk_str_from(value));
}

void lk_json_int(struct lk_json *j, const char *key, int64_t value) {
    begin_value(j, key);
    if (make_room(j->res, 20)) {
        lk_buf_put_i64(&j->res->body, value);
    }
}

void lk_json_bool(struct lk_json *j, const char *key, bool value) {
    begin_value(j, key);
    lk_res_put(j->res, value ? LK_STR("true") : LK_STR("false"));
}

void lk_json_null(struct lk_json *j, const char *key) {
    begin_value(j, key);
    lk_res_put(j->res, LK_STR("null"));
}
