#include "jwt/json_text.h"

#include "base/text.h"

#define DIGITS_FIT 18 /* any integer written with so many bytes is one of int64_t */

static const struct lk_str nothing = {NULL, 0};

static void skip_space(struct lk_str *s) {
    size_t n = 0;
    while (n < s->len && (s->ptr[n] == ' ' || s->ptr[n] == '\t' || s->ptr[n] == '\n' || s->ptr[n] == '\r')) {
        n++;
    }
    lk_json_skip(s, n);
}

/* --- numbers and words ---------------------------------------------------------------------------------- */

static size_t take_digits(struct lk_str *s) {
    size_t n = 0;
    while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9') {
        n++;
    }
    lk_json_skip(s, n);
    return n;
}

static bool take_number(struct lk_str *s, bool *integer) {
    (void)lk_json_take(s, '-');
    bool zero = lk_json_peek(*s) == '0';
    size_t digits = take_digits(s);
    if (digits == 0 || (zero && digits > 1)) {
        return false;
    }
    *integer = true;
    if (lk_json_take(s, '.')) {
        *integer = false;
        if (take_digits(s) == 0) {
            return false;
        }
    }
    if (lk_json_take(s, 'e') || lk_json_take(s, 'E')) {
        *integer = false;
        if (!lk_json_take(s, '+')) {
            (void)lk_json_take(s, '-');
        }
        return take_digits(s) > 0;
    }
    return true;
}

bool lk_json_integer(struct lk_str raw, int64_t *out) {
    uint64_t v = 0;
    bool negative = lk_json_take(&raw, '-');
    if (lk_str_to_u64(raw, (uint64_t)INT64_MAX, &v) != 0) {
        return false;
    }
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

static bool take_word(struct lk_str *s, struct lk_str word) {
    if (!lk_str_starts(*s, word)) {
        return false;
    }
    lk_json_skip(s, word.len);
    return true;
}

/* --- values --------------------------------------------------------------------------------------------- */

static bool take_container(struct lk_str *s, unsigned depth);

static bool take_scalar(struct lk_str *s, struct lk_json_value *v) {
    struct lk_str start = *s;
    bool integer = false;
    int64_t ignored;
    if (take_number(s, &integer)) {
        v->raw = lk_json_taken(start, *s);
        bool fits = integer && (v->raw.len <= DIGITS_FIT || lk_json_integer(v->raw, &ignored));
        v->type = fits ? LK_JWT_INTEGER : LK_JWT_NUMBER;
        return true;
    }
    *s = start;
    if (take_word(s, LK_STR("true")) || take_word(s, LK_STR("false"))) {
        v->type = LK_JWT_BOOL;
    } else if (take_word(s, LK_STR("null"))) {
        v->type = LK_JWT_NULL;
    } else {
        return false;
    }
    v->raw = lk_json_taken(start, *s);
    return true;
}

/* `depth` counts the arrays and objects around the value. */
static bool take_value(struct lk_str *s, unsigned depth, struct lk_json_value *v) {
    struct lk_str start = *s;
    switch (lk_json_peek(*s)) {
    case '"':
        v->type = LK_JWT_STRING;
        return lk_json_take_string(s, &v->raw);
    case '{':
    case '[':
        v->type = lk_json_peek(*s) == '{' ? LK_JWT_OBJECT : LK_JWT_ARRAY;
        if (!take_container(s, depth + 1)) {
            return false;
        }
        v->raw = lk_json_taken(start, *s);
        return true;
    default:
        return take_scalar(s, v);
    }
}

static struct lk_json_walk walk_at(struct lk_str text, unsigned depth) {
    struct lk_json_walk w = {.close = lk_json_peek(text) == '{' ? '}' : ']', .depth = depth};
    w.rest = lk_str_sub(text, 1, text.len);
    return w;
}

/* After it returned 0, `rest` is behind the closing bracket. */
int lk_json_walk_next(struct lk_json_walk *w, struct lk_str *name, struct lk_json_value *value) {
    *name = nothing;
    skip_space(&w->rest);
    if (lk_json_take(&w->rest, w->close)) {
        return 0;
    }
    if (w->begun && !lk_json_take(&w->rest, ',')) {
        return LK_JWT_MALFORMED;
    }
    w->begun = true;
    skip_space(&w->rest);
    if (w->close == '}') {
        if (!lk_json_take_string(&w->rest, name)) {
            return LK_JWT_MALFORMED;
        }
        skip_space(&w->rest);
        if (!lk_json_take(&w->rest, ':')) {
            return LK_JWT_MALFORMED;
        }
        skip_space(&w->rest);
    }
    return take_value(&w->rest, w->depth, value) ? 1 : LK_JWT_MALFORMED;
}

static bool take_container(struct lk_str *s, unsigned depth) {
    struct lk_str name;
    struct lk_json_value value;
    if (depth > LK_JSON_DEPTH_MAX) {
        return false;
    }
    struct lk_json_walk w = walk_at(*s, depth);
    int more;
    do {
        more = lk_json_walk_next(&w, &name, &value);
    } while (more == 1);
    *s = w.rest;
    return more == 0;
}

struct lk_json_walk lk_json_walk_start(struct lk_str text) {
    skip_space(&text);
    return walk_at(text, 1);
}

int lk_json_check_object(struct lk_str text) {
    struct lk_str names[LK_JSON_MEMBERS_MAX];
    struct lk_str name;
    struct lk_json_value value;
    size_t count = 0;
    bool twice = false;
    skip_space(&text);
    if (lk_json_peek(text) != '{') {
        return LK_JWT_MALFORMED;
    }
    struct lk_json_walk w = walk_at(text, 1);
    int more;
    while ((more = lk_json_walk_next(&w, &name, &value)) == 1) {
        if (count == LK_JSON_MEMBERS_MAX) {
            return LK_JWT_MALFORMED;
        }
        for (size_t i = 0; i < count; i++) {
            twice = twice || lk_json_same_text(names[i], name);
        }
        names[count++] = name;
    }
    skip_space(&w.rest);
    if (more != 0 || w.rest.len > 0) {
        return LK_JWT_MALFORMED;
    }
    return twice ? LK_JWT_BAD_CLAIM : 0;
}

struct lk_json_value lk_json_find(struct lk_str object, struct lk_str name) {
    struct lk_json_walk w = lk_json_walk_start(object);
    struct lk_str found;
    struct lk_json_value value;
    while (lk_json_walk_next(&w, &found, &value) == 1) {
        if (lk_json_text_is(found, name)) {
            return value;
        }
    }
    return (struct lk_json_value){LK_JWT_ABSENT, nothing};
}
