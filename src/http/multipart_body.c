/*
 * multipart/form-data (RFC 7578) over multipart bodies (RFC 2046 §5.1): every part is borrowed from the
 * body where it lies. Nothing is guessed: a body that is cut short or a part without a proper header is
 * refused.
 */
#include "http/body.h"
#include "http/errors.h"
#include "http/percent.h"

#include <string.h>

#define BOUNDARY_MAX 70 /* RFC 2046 §5.1.1 */

struct multipart {
    struct lk_arena *arena;
    struct lk_str rest;               /* of the body, still to be read */
    char delimiter[BOUNDARY_MAX + 4]; /* CR LF "--" boundary */
    size_t delimiter_len;
    const char *reason;
};

/* The fields of a part's header that matter. A NULL ptr is an absent one. */
struct part {
    struct lk_str name;
    struct lk_str file_name;
    struct lk_str media_type;
    struct lk_str content;
};

static bool fail(struct multipart *m, const char *reason) {
    m->reason = reason;
    return false;
}

static bool boundary_good(struct lk_str b) {
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] < ' ' || b.ptr[i] > '~') {
            return false;
        }
    }
    return b.len >= 1 && b.len <= BOUNDARY_MAX && b.ptr[b.len - 1] != ' ';
}

/* What follows a delimiter: 1 a part, 2 the end of the body, 0: the bytes were no delimiter after all. */
static int delimiter_tail(struct lk_str s, size_t at, size_t *next) {
    int kind = 1;
    if (s.len - at >= 2 && memcmp(s.ptr + at, "--", 2) == 0) {
        kind = 2;
        at += 2;
    }
    while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t')) {
        at++;
    }
    if (kind == 2 && at == s.len) {
        *next = at;
        return kind;
    }
    if (s.len - at < 2 || memcmp(s.ptr + at, "\r\n", 2) != 0) {
        return 0;
    }
    *next = at + 2;
    return kind;
}

/*
 * Finds the next delimiter. *before is what precedes it; m->rest goes on behind it. Returns 1, 2 as
 * delimiter_tail, or 0 when there is none. `first`: the CR LF may be missing, as at the start of a body.
 */
static int next_delimiter(struct multipart *m, bool first, struct lk_str *before) {
    size_t next = 0;
    if (first && m->rest.len >= m->delimiter_len - 2 &&
        memcmp(m->rest.ptr, m->delimiter + 2, m->delimiter_len - 2) == 0) {
        int kind = delimiter_tail(m->rest, m->delimiter_len - 2, &next);
        if (kind != 0) {
            *before = lk_str_sub(m->rest, 0, 0);
            m->rest = lk_str_sub(m->rest, next, m->rest.len);
            return kind;
        }
    }
    size_t from = 0;
    while (m->rest.len - from >= m->delimiter_len) {
        const char *hit = memmem(m->rest.ptr + from, m->rest.len - from, m->delimiter, m->delimiter_len);
        if (hit == NULL) {
            break;
        }
        size_t at = (size_t)(hit - m->rest.ptr);
        int kind = delimiter_tail(m->rest, at + m->delimiter_len, &next);
        if (kind != 0) {
            *before = lk_str_sub(m->rest, 0, at);
            m->rest = lk_str_sub(m->rest, next, m->rest.len);
            return kind;
        }
        from = at + m->delimiter_len;
    }
    return 0;
}

/* --- a part's header ------------------------------------------------------------------------------------ */

/* Takes a parameter's value off *s: a token, or a quoted string whose `\"` and `\\` are undone. */
static bool take_value(struct multipart *m, struct lk_str *s, struct lk_str *out) {
    if (s->len == 0 || s->ptr[0] != '"') {
        size_t end = lk_str_find(*s, ';');
        *out = lk_str_trim(lk_str_sub(*s, 0, end));
        *s = lk_str_sub(*s, end, s->len);
        return out->len > 0 || fail(m, "Bad Content-Disposition");
    }
    char *mem = lk_arena_alloc(m->arena, s->len);
    struct lk_buf b;
    lk_buf_init(&b, mem, mem == NULL ? 0 : s->len);
    size_t i = 1;
    for (; i < s->len && s->ptr[i] != '"'; i++) {
        if (s->ptr[i] == '\\' && i + 1 < s->len && (s->ptr[i + 1] == '"' || s->ptr[i + 1] == '\\')) {
            i++;
        }
        lk_buf_put_char(&b, s->ptr[i]);
    }
    if (i >= s->len || b.err != 0) {
        return fail(m, "Bad Content-Disposition");
    }
    *out = lk_buf_str(&b);
    *s = lk_str_sub(*s, i + 1, s->len);
    return true;
}

static bool read_disposition(struct multipart *m, struct lk_str value, struct part *part) {
    size_t end = lk_str_find(value, ';');
    if (!lk_str_eq_nocase(lk_str_trim(lk_str_sub(value, 0, end)), LK_STR("form-data"))) {
        return fail(m, "Bad Content-Disposition");
    }
    struct lk_str rest = lk_str_trim(lk_str_sub(value, end, value.len));
    while (rest.len > 0) {
        if (rest.ptr[0] != ';') {
            return fail(m, "Bad Content-Disposition");
        }
        rest = lk_str_trim(lk_str_sub(rest, 1, rest.len));
        size_t equals = lk_str_find(rest, '=');
        struct lk_str name = lk_str_trim(lk_str_sub(rest, 0, equals));
        struct lk_str text;
        rest = lk_str_trim(lk_str_sub(rest, equals + 1, rest.len));
        if (!take_value(m, &rest, &text)) {
            return false;
        }
        if (!lk_utf8_valid(text) || lk_has_nul(text)) {
            return fail(m, "Bad characters in Content-Disposition");
        }
        struct lk_str *slot = lk_str_eq_nocase(name, LK_STR("name"))       ? &part->name
                              : lk_str_eq_nocase(name, LK_STR("filename")) ? &part->file_name
                                                                           : NULL;
        if (slot != NULL && slot->ptr != NULL) {
            return fail(m, "Bad Content-Disposition"); /* which of two a reader takes must not matter */
        }
        if (slot != NULL) {
            *slot = text;
        }
        rest = lk_str_trim(rest);
    }
    return true;
}

static bool read_field(struct multipart *m, struct lk_str line, struct part *part) {
    size_t colon = lk_str_find(line, ':');
    struct lk_str name = lk_str_sub(line, 0, colon);
    struct lk_str value = lk_str_trim(lk_str_sub(line, colon + 1, line.len));
    if (colon == line.len || name.len == 0 || lk_str_trim(name).len != name.len) {
        return fail(m, "Bad header in a part"); /* a folded line comes here too */
    }
    if (lk_str_eq_nocase(name, LK_STR("Content-Disposition"))) {
        return part->name.ptr == NULL ? read_disposition(m, value, part) : fail(m, "Bad Content-Disposition");
    }
    if (lk_str_eq_nocase(name, LK_STR("Content-Type"))) {
        part->media_type = value;
    } else if (lk_str_eq_nocase(name, LK_STR("Content-Transfer-Encoding")) &&
               !lk_str_eq_nocase(value, LK_STR("7bit")) && !lk_str_eq_nocase(value, LK_STR("8bit")) &&
               !lk_str_eq_nocase(value, LK_STR("binary"))) {
        return fail(m, "Content-Transfer-Encoding is not supported"); /* RFC 7578 §4.7 */
    }
    return true;
}

/* Splits a part into header and content, and reads the header. */
static bool read_part(struct multipart *m, struct lk_str raw, struct part *part) {
    *part = (struct part){.content = raw};
    struct lk_str rest = raw;
    for (size_t count = 0;; count++) {
        const char *end = rest.len == 0 ? NULL : memmem(rest.ptr, rest.len, "\r\n", 2);
        if (end == NULL || (size_t)(end - raw.ptr) > LK_PART_HEADER_MAX || count > LK_PART_FIELDS_MAX) {
            return fail(m, "Bad header in a part");
        }
        struct lk_str line = {rest.ptr, (size_t)(end - rest.ptr)};
        rest = lk_str_sub(rest, line.len + 2, rest.len);
        if (line.len == 0) {
            part->content = rest;
            return true;
        }
        if (!read_field(m, line, part)) {
            return false;
        }
    }
}

/* --- fields --------------------------------------------------------------------------------------------- */

/* What stands behind the last slash of either kind: some clients send a whole path. */
static struct lk_str base_name(struct lk_str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '/' || s.ptr[i] == '\\') {
            from = i + 1;
        }
    }
    return lk_str_sub(s, from, s.len);
}

static bool add_field(struct multipart *m, struct lk_body *body, const struct part *part) {
    if (part->name.ptr == NULL) {
        return true; /* as Django does: a part without a name is no field */
    }
    struct lk_entry *entry = lk_body_add(body);
    if (entry == NULL) {
        return fail(m, "Too many parts");
    }
    entry->name = part->name;
    entry->value.text = (struct lk_str){part->content.len == 0 ? "" : part->content.ptr, part->content.len};
    entry->value.media_type = part->media_type;
    struct lk_str file = base_name(part->file_name);
    if (file.len > 0 && !lk_str_eq(file, LK_STR(".")) && !lk_str_eq(file, LK_STR(".."))) {
        entry->value.kind = LK_VALUE_FILE;
        entry->value.file_name = file;
        return true;
    }
    entry->value.kind = LK_VALUE_STRING;
    entry->value.has_nul = lk_has_nul(entry->value.text);
    if (!lk_utf8_valid(entry->value.text)) {
        if (part->file_name.ptr == NULL) {
            return fail(m, "a field is not UTF-8");
        }
        entry->value.text = LK_STR("\xEF\xBF\xBD"); /* a file without a name: text of no use, but not empty */
    }
    return true;
}

static bool read_parts(struct multipart *m, struct lk_body *body) {
    struct lk_str raw;
    int kind = next_delimiter(m, true, &raw);
    if (kind == 0) {
        return true; /* no delimiter at all: no field */
    }
    for (size_t count = 0; kind == 1; count++) {
        struct part part;
        if (count == LK_MULTIPART_PARTS_MAX) {
            return fail(m, "Too many parts");
        }
        kind = next_delimiter(m, false, &raw);
        if (kind == 0) {
            return fail(m, "The body ends within a part");
        }
        if (!read_part(m, raw, &part) || !add_field(m, body, &part)) {
            return false;
        }
    }
    return true;
}

static int refuse(struct lk_response *res, struct lk_str why) {
    lk_res_parse_error(res, "Multipart form parse error", why);
    return LK_ERR_INVALID;
}

static int refuse_boundary(struct lk_request *r, struct lk_response *res, struct lk_str boundary) {
    size_t cap = boundary.len + 64;
    char *mem = lk_arena_alloc(r->arena, cap);
    struct lk_buf b;
    lk_buf_init(&b, mem, mem == NULL ? 0 : cap);
    lk_buf_put_cstr(&b, "Invalid boundary in multipart: ");
    lk_buf_put_str(&b, boundary.ptr == NULL ? LK_STR("None") : boundary);
    return refuse(res, lk_buf_str(&b));
}

int lk_body_read_multipart(struct lk_request *r, struct lk_response *res, const struct lk_media_type *type,
                           struct lk_body **body) {
    struct lk_str boundary = lk_media_type_param(type, LK_STR("boundary"));
    if (!boundary_good(boundary)) {
        return refuse_boundary(r, res, boundary);
    }
    *body = lk_body_new(r->arena, LK_MULTIPART_PARTS_MAX);
    if (*body == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return LK_ERR_NO_MEMORY;
    }
    (*body)->repeats = true;
    struct multipart m = {.arena = r->arena, .rest = r->body};
    struct lk_buf delimiter;
    lk_buf_init(&delimiter, m.delimiter, sizeof(m.delimiter));
    lk_buf_put_cstr(&delimiter, "\r\n--");
    lk_buf_put_str(&delimiter, boundary);
    m.delimiter_len = delimiter.len;
    if (!read_parts(&m, *body)) {
        return refuse(res, lk_str_from(m.reason));
    }
    return 0;
}
