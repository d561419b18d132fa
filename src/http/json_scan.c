#include "http/json_scan.h"

#include "http/body.h"

#include <string.h>

/* An integer of more digits is refused, as Python refuses it. */
#define INT_DIGITS_MAX 4300

static bool fail(struct lk_json_scan *s, const char *reason, size_t at) {
    if (s->reason == NULL) {
        s->reason = reason;
        s->reason_at = at;
    }
    return false;
}

static int peek(const struct lk_json_scan *s) {
    return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static void skip_space(struct lk_json_scan *s) {
    while (s->at < s->len && memchr(" \t\n\r", s->text[s->at], 4) != NULL) {
        s->at++;
    }
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

/* --- strings -------------------------------------------------------------------------------------------- */

/* The code unit of \uXXXX at `at`, or -1. */
static int32_t code_unit(const struct lk_json_scan *s, size_t at) {
    uint8_t bytes[2];
    if (s->len - at < 6 || s->text[at] != '\\' || s->text[at + 1] != 'u' ||
        lk_hex_decode((struct lk_str){s->text + at + 2, 4}, bytes, 2) != 0) {
        return -1;
    }
    return bytes[0] << 8 | bytes[1];
}

static bool scan_unicode_escape(struct lk_json_scan *s) {
    int32_t unit = code_unit(s, s->at);
    if (unit < 0) {
        return fail(s, "Invalid \\uXXXX escape", s->at);
    }
    bool lone = false;
    size_t taken = 6;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        int32_t low = unit < 0xDC00 ? code_unit(s, s->at + 6) : -1;
        lone = low < 0xDC00 || low > 0xDFFF;
        taken = lone ? 6 : 12;
    }
    if (lone || unit == 0) {
        memcpy(s->copy + s->at + 2, "fffd", 4);
    }
    if (s->current != NULL && unit == 0) {
        s->current->has_nul = true;
    }
    if (s->current != NULL && lone && s->current->surrogate == 0) {
        s->current->surrogate = (uint32_t)unit;
    }
    s->at += taken;
    return true;
}

static bool scan_string(struct lk_json_scan *s) {
    size_t start = s->at++;
    for (;;) {
        int c = peek(s);
        if (c < 0) {
            return fail(s, "Unterminated string starting at", start);
        }
        if (c == '"') {
            s->at++;
            return true;
        }
        if (c < 0x20) {
            return fail(s, "Invalid control character at", s->at);
        }
        if (c != '\\') {
            s->at++;
            continue;
        }
        if (s->len - s->at < 2) {
            return fail(s, "Unterminated string starting at", start);
        }
        if (s->text[s->at + 1] == 'u') {
            if (!scan_unicode_escape(s)) {
                return false;
            }
        } else if (memchr("\"\\/bfnrt", s->text[s->at + 1], 8) != NULL) {
            s->at += 2;
        } else {
            return fail(s, "Invalid \\escape", s->at);
        }
    }
}

/* --- numbers and words ---------------------------------------------------------------------------------- */

static size_t skip_digits(struct lk_json_scan *s) {
    size_t start = s->at;
    while (is_digit(peek(s))) {
        s->at++;
    }
    return s->at - start;
}

static bool scan_number(struct lk_json_scan *s) {
    size_t start = s->at;
    s->at += peek(s) == '-' ? 1 : 0;
    if (peek(s) == '0') {
        s->at++;
    } else if (skip_digits(s) == 0) {
        return fail(s, "Expecting value", start);
    }
    if (peek(s) == '.') {
        s->at++;
        if (skip_digits(s) == 0) {
            return fail(s, "Expecting value", start);
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-' ? 1 : 0;
        if (skip_digits(s) == 0) {
            return fail(s, "Expecting value", start);
        }
    }
    struct lk_str raw = {s->text + start, s->at - start};
    if (raw.len > INT_DIGITS_MAX && lk_json_number_is_int(raw)) {
        return fail(s, "Integer of too many digits", start);
    }
    memset(s->copy + start, ' ', raw.len);
    s->copy[start] = '0';
    return true;
}

static bool scan_word(struct lk_json_scan *s) {
    static const char *const words[] = {"true", "false", "null"};
    struct lk_str rest = {s->text + s->at, s->len - s->at};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (lk_str_starts(rest, lk_str_from(words[i]))) {
            s->at += strlen(words[i]);
            return true;
        }
    }
    if (lk_str_starts(rest, LK_STR("NaN")) || lk_str_starts(rest, LK_STR("Infinity")) ||
        lk_str_starts(rest, LK_STR("-Infinity"))) {
        return fail(s, "Out of range float values are not JSON compliant", s->at);
    }
    return fail(s, "Expecting value", s->at);
}

/* --- values --------------------------------------------------------------------------------------------- */

static bool scan_value(struct lk_json_scan *s);

/* Remembers a member of the outermost object; *slot is NULL for deeper ones. */
static bool begin_member(struct lk_json_scan *s, struct lk_json_member **slot) {
    *slot = NULL;
    if (s->depth != 1) {
        return true;
    }
    if (s->member_count == s->member_cap) {
        return fail(s, "Too many members", s->at);
    }
    *slot = &s->members[s->member_count++];
    return true;
}

static bool scan_member(struct lk_json_scan *s) {
    struct lk_json_member *member;
    if (peek(s) != '"') {
        return fail(s, "Expecting property name enclosed in double quotes", s->at);
    }
    if (!begin_member(s, &member) || !scan_string(s)) {
        return false;
    }
    skip_space(s);
    if (peek(s) != ':') {
        return fail(s, "Expecting ':' delimiter", s->at);
    }
    s->at++;
    skip_space(s);
    size_t start = s->at;
    if (member != NULL) {
        s->current = member;
    }
    if (!scan_value(s)) {
        return false;
    }
    if (member != NULL) {
        member->raw = (struct lk_str){s->text + start, s->at - start};
        s->current = NULL;
    }
    return true;
}

static bool scan_container(struct lk_json_scan *s, char close, bool (*scan_item)(struct lk_json_scan *s)) {
    if (s->depth == LK_JSON_DEPTH_MAX) {
        return fail(s, "Nested too deeply", s->at);
    }
    s->depth++;
    s->at++;
    skip_space(s);
    if (peek(s) == close) {
        s->at++;
        s->depth--;
        return true;
    }
    for (;;) {
        if (!scan_item(s)) {
            return false;
        }
        skip_space(s);
        if (peek(s) == close) {
            s->at++;
            s->depth--;
            return true;
        }
        if (peek(s) != ',') {
            return fail(s, "Expecting ',' delimiter", s->at);
        }
        s->at++;
        skip_space(s);
    }
}

static bool scan_value(struct lk_json_scan *s) {
    if (++s->values > LK_JSON_VALUES_MAX) {
        return fail(s, "Too many values", s->at);
    }
    switch (peek(s)) {
    case '{':
        return scan_container(s, '}', scan_member);
    case '[':
        return scan_container(s, ']', scan_value);
    case '"':
        return scan_string(s);
    case '-':
        if (s->len - s->at > 1 && s->text[s->at + 1] == 'I') {
            return scan_word(s);
        }
        return scan_number(s);
    default:
        return is_digit(peek(s)) ? scan_number(s) : scan_word(s);
    }
}

/* Room for the members of the outermost object: each brings a colon, but for one that is broken off. */
static size_t member_room(struct lk_str text) {
    size_t count = 1;
    for (size_t i = 0; i < text.len && count < LK_BODY_FIELDS_MAX; i++) {
        count += text.ptr[i] == ':' ? 1 : 0;
    }
    return count;
}

int lk_json_scan(struct lk_json_scan *s, struct lk_arena *arena, struct lk_str text) {
    *s = (struct lk_json_scan){.text = text.ptr, .len = text.len};
    if (lk_str_starts(text, LK_STR("\xEF\xBB\xBF"))) {
        fail(s, "Unexpected UTF-8 BOM (decode using utf-8-sig)", 0);
        return LK_ERR_INVALID;
    }
    s->member_cap = member_room(text);
    s->members = lk_arena_alloc(arena, s->member_cap * sizeof(*s->members));
    s->copy = lk_arena_alloc(arena, text.len + 1);
    if (s->copy == NULL || s->members == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    memcpy(s->copy, text.ptr, text.len);
    skip_space(s);
    if (!scan_value(s)) {
        return LK_ERR_INVALID;
    }
    skip_space(s);
    if (s->at < s->len) {
        fail(s, "Extra data", s->at);
        return LK_ERR_INVALID;
    }
    return 0;
}
