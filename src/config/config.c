#include "config/config.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "config/keys.h"

#include <string.h>

#define SHOWN_VALUE_MAX 40
#define SHOWN_FILE_MAX 40 /* the end of a longer path tells enough, and leaves room for the reason */

const struct lk_config_key *lk_config_key_at(size_t index) {
    return index < lk_key_count ? &lk_keys[index].shown : NULL;
}

void lk_config_defaults(struct lk_config *c) {
    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < lk_key_count; i++) {
        (void)lk_keys[i].set(c, lk_str_from(lk_keys[i].shown.fallback)); /* the tests hold that none fails */
    }
}

/* --- messages ------------------------------------------------------------------------------------------- */

/* What the user wrote, cut short, with nothing that could upset a terminal. */
static void put_shown(struct lk_buf *b, struct lk_str s) {
    for (size_t i = 0; i < s.len && i < SHOWN_VALUE_MAX; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        lk_buf_put_char(b, c < ' ' || c > '~' ? '?' : (char)c);
    }
    lk_buf_put_cstr(b, s.len > SHOWN_VALUE_MAX ? "..." : "");
}

/* Ends the message; one that is too long is cut at a whole piece. */
static int say(struct lk_buf *b) {
    if (b->cap > 0) {
        b->ptr[b->len < b->cap ? b->len : b->cap - 1] = '\0';
    }
    return LK_ERR_INVALID;
}

static const char *near_miss(struct lk_str key) {
    const char *best = NULL;
    size_t least = 4;
    for (size_t i = 0; i < lk_key_count; i++) {
        size_t d = lk_text_distance(key, lk_str_from(lk_keys[i].shown.name));
        if (d < least && d < key.len) {
            least = d;
            best = lk_keys[i].shown.name;
        }
    }
    return best;
}

static int unknown_key(struct lk_str key, struct lk_buf *b) {
    const char *meant = near_miss(key);
    lk_buf_put_cstr(b, "unknown key \"");
    put_shown(b, key);
    lk_buf_put_cstr(b, "\"");
    if (meant != NULL) {
        lk_buf_put_cstr(b, ": did you mean ");
        lk_buf_put_cstr(b, meant);
        lk_buf_put_cstr(b, "?");
    }
    return say(b);
}

/* --- keys and files ------------------------------------------------------------------------------------- */

static size_t find_key(struct lk_str name) {
    size_t i = 0;
    while (i < lk_key_count && !lk_str_eq(name, lk_str_from(lk_keys[i].shown.name))) {
        i++;
    }
    return i;
}

static int set_key(struct lk_config *c, struct lk_str key, struct lk_str value, struct lk_buf *b) {
    size_t i = find_key(key);
    if (i == lk_key_count) {
        return unknown_key(key, b);
    }
    if (lk_keys[i].set(c, value) == 0) {
        return 0;
    }
    lk_buf_put_cstr(b, lk_keys[i].shown.name);
    if (lk_keys[i].secret) {
        lk_buf_put_cstr(b, " = (not shown)");
    } else {
        lk_buf_put_cstr(b, " = \"");
        put_shown(b, value);
        lk_buf_put_cstr(b, "\"");
    }
    lk_buf_put_cstr(b, " is not allowed: it takes ");
    lk_buf_put_cstr(b, lk_keys[i].allowed);
    return say(b);
}

int lk_config_set(struct lk_config *c, struct lk_str key, struct lk_str value, char *why, size_t why_len) {
    struct lk_buf b;
    lk_buf_init(&b, why, why_len);
    return set_key(c, lk_str_trim(key), lk_str_trim(value), &b);
}

static int parse_line(struct lk_config *c, struct lk_str line, uint64_t *seen, struct lk_buf *b) {
    line = lk_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') {
        return 0;
    }
    size_t equals = lk_str_find(line, '=');
    if (equals == line.len) {
        lk_buf_put_cstr(b, "not a \"key = value\" line: \"");
        put_shown(b, line);
        lk_buf_put_cstr(b, "\"");
        return say(b);
    }
    struct lk_str key = lk_str_trim(lk_str_sub(line, 0, equals));
    size_t i = find_key(key);
    uint64_t bit = i < lk_key_count ? UINT64_C(1) << i : 0;
    if ((*seen & bit) != 0) {
        lk_buf_put_str(b, key);
        lk_buf_put_cstr(b, " stands twice");
        return say(b);
    }
    *seen |= bit;
    return set_key(c, key, lk_str_trim(lk_str_sub(line, equals + 1, line.len)), b);
}

int lk_config_parse(struct lk_config *c, const char *name, struct lk_str text, char *why, size_t why_len) {
    uint64_t seen = 0;
    struct lk_str file = lk_str_from(name);
    if (lk_str_starts(text, LK_STR("\xEF\xBB\xBF"))) {
        text = lk_str_sub(text, 3, text.len);
    }
    for (size_t line = 1; text.len > 0; line++) {
        size_t end = lk_str_find(text, '\n');
        struct lk_buf b;
        lk_buf_init(&b, why, why_len);
        lk_buf_put_str(&b,
                       lk_str_sub(file, file.len > SHOWN_FILE_MAX ? file.len - SHOWN_FILE_MAX : 0, file.len));
        lk_buf_put_char(&b, ':');
        lk_buf_put_u64(&b, line);
        lk_buf_put_cstr(&b, ": ");
        int err = parse_line(c, lk_str_sub(text, 0, end), &seen, &b);
        if (err != 0) {
            return err;
        }
        text = lk_str_sub(text, end + 1, text.len);
    }
    return 0;
}
