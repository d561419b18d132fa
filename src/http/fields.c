#include "http/body.h"

struct lk_body *lk_body_new(struct lk_arena *arena, size_t cap) {
    struct lk_body *b = lk_arena_alloc(arena, sizeof(*b));
    if (b == NULL) {
        return NULL;
    }
    b->entries = lk_arena_alloc(arena, cap * sizeof(*b->entries));
    b->cap = cap;
    return b->entries == NULL ? NULL : b;
}

struct lk_entry *lk_body_add(struct lk_body *b) {
    return b->count == b->cap ? NULL : &b->entries[b->count++];
}

static const struct lk_entry *find_entry(const struct lk_body *b, const char *name) {
    for (size_t i = b->count; i > 0; i--) {
        if (lk_str_eq(b->entries[i - 1].name, lk_str_from(name))) {
            return &b->entries[i - 1];
        }
    }
    return NULL;
}

struct lk_value lk_body_get(const struct lk_body *b, const char *name) {
    const struct lk_entry *entry = find_entry(b, name);
    return entry != NULL ? entry->value : (struct lk_value){.kind = LK_VALUE_ABSENT};
}

static int repeated_fields(const struct lk_body *b, const char *name, struct lk_str *items, size_t cap) {
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct lk_entry *entry = &b->entries[i];
        if (!lk_str_eq(entry->name, lk_str_from(name))) {
            continue;
        }
        if (entry->value.kind != LK_VALUE_STRING || entry->value.has_nul) {
            return LK_ERR_INVALID;
        }
        if (count == cap) {
            return LK_ERR_TOO_LARGE;
        }
        items[count++] = entry->value.text;
    }
    return (int)count;
}

int lk_body_list(const struct lk_body *b, const char *name, struct lk_str *items, size_t cap) {
    if (b->repeats) {
        return repeated_fields(b, name, items, cap);
    }
    const struct lk_entry *entry = find_entry(b, name);
    if (entry == NULL) {
        return 0;
    }
    if (entry->value.kind != LK_VALUE_LIST || (entry->items == NULL && entry->item_count > 0)) {
        return LK_ERR_INVALID;
    }
    if (entry->item_count > cap) {
        return LK_ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < entry->item_count; i++) {
        items[i] = entry->items[i];
    }
    return (int)entry->item_count;
}

/* --- text ----------------------------------------------------------------------------------------------- */

/* What Python's str.strip() takes for white space. */
static bool is_space(int32_t c) {
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

static struct lk_str trim(struct lk_str s) {
    struct lk_str rest = s;
    while (rest.len > 0) {
        struct lk_str next = rest;
        if (!is_space(lk_utf8_next(&next))) {
            break;
        }
        rest = next;
    }
    while (rest.len > 0) {
        size_t at = rest.len - 1;
        while (at > 0 && ((unsigned char)rest.ptr[at] & 0xC0) == 0x80) {
            at--;
        }
        struct lk_str last = lk_str_sub(rest, at, rest.len);
        if (!is_space(lk_utf8_next(&last))) {
            break;
        }
        rest = lk_str_sub(rest, 0, at);
    }
    return rest;
}

/* Characters that no field takes, in the order in which Django's validators run. */
static bool check_characters(const struct lk_value *value, enum lk_field field, unsigned flags,
                             struct lk_violations *v) {
    if (!value->has_nul && value->surrogate == 0) {
        return true;
    }
    if ((flags & LK_FIELD_USERNAME_KIND) != 0) {
        lk_violation_add(v, field, LK_RULE_USERNAME_FORM, 0);
    }
    if (value->has_nul) {
        lk_violation_add(v, field, LK_RULE_NUL_CHARACTER, 0);
    }
    if (value->surrogate != 0) {
        lk_violation_add(v, field, LK_RULE_SURROGATE, value->surrogate);
    }
    if ((flags & LK_FIELD_EMAIL_KIND) != 0) {
        lk_violation_add(v, field, LK_RULE_EMAIL_FORM, 0);
    }
    return false;
}

bool lk_body_text(const struct lk_body *b, const char *name, enum lk_field field, unsigned flags,
                  struct lk_violations *v, struct lk_str *out) {
    struct lk_value value = lk_body_get(b, name);
    *out = (struct lk_str){NULL, 0};
    if (value.kind == LK_VALUE_ABSENT) {
        if ((flags & LK_FIELD_OPTIONAL) == 0) {
            lk_violation_add(v, field, LK_RULE_REQUIRED, 0);
        }
        return false;
    }
    if (value.kind == LK_VALUE_NULL) {
        if ((flags & LK_FIELD_NULLABLE) == 0) {
            lk_violation_add(v, field, LK_RULE_NULL, 0);
        }
        return false;
    }
    if (value.kind != LK_VALUE_STRING && value.kind != LK_VALUE_NUMBER) {
        bool email = (flags & LK_FIELD_EMAIL_KIND) != 0;
        lk_violation_add(v, field, email ? LK_RULE_EMAIL_FORM : LK_RULE_NOT_STRING, 0);
        return false;
    }
    struct lk_str trimmed = trim(value.text);
    if (trimmed.len == 0) { /* nothing but white space is blank even where it is not dropped */
        lk_violation_add(v, field, LK_RULE_BLANK, 0);
        return false;
    }
    if (!check_characters(&value, field, flags, v)) {
        return false;
    }
    *out = (flags & LK_FIELD_TRIM) != 0 ? trimmed : value.text;
    return true;
}
