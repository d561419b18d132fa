/* The field profile_pic. */
#include "api/handlers.h"

#include <string.h>

#define FILE_NAME_CHARS_MAX 100

/* The endings of the types we take; what the file really holds is looked at besides. */
static const char extensions[] = " gif jfif jpe jpg jpeg png webp ";

static bool is_json(const struct lk_request *r) {
    return lk_str_eq_nocase(lk_str_sub(lk_request_header(r, "content-type"), 0, 16),
                            LK_STR("application/json"));
}

/* What follows the last dot, in lower case, as far as it fits; a name may begin with a dot. */
static struct lk_str extension_of(struct lk_str name, char *mem, size_t cap) {
    struct lk_buf b;
    size_t dot = name.len;
    for (size_t i = 1; i < name.len; i++) {
        if (name.ptr[i] == '.') {
            dot = i;
        }
    }
    lk_buf_init(&b, mem, cap);
    for (size_t i = dot + 1; i < name.len && b.len < cap; i++) {
        char c = name.ptr[i];
        lk_buf_put_char(&b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    return lk_buf_str(&b);
}

static bool extension_known(struct lk_str extension) {
    struct lk_str list = {extensions, sizeof(extensions) - 1};
    char word[16];
    struct lk_buf b;
    lk_buf_init(&b, word, sizeof(word));
    lk_buf_put_char(&b, ' ');
    lk_buf_put_str(&b, extension);
    lk_buf_put_char(&b, ' ');
    if (extension.len == 0 || b.err != 0) {
        return false;
    }
    for (size_t i = 0; i + b.len <= list.len; i++) {
        if (memcmp(list.ptr + i, word, b.len) == 0) {
            return true;
        }
    }
    return false;
}

/* An extension that is not ASCII or does not fit is left out of the sentence. */
static void refuse_extension(struct lk_violations *v, struct lk_str extension) {
    lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_FILE_EXTENSION, 0);
    struct lk_violation *last = &v->list[v->count - 1];
    if (last->rule != LK_RULE_FILE_EXTENSION || extension.len >= sizeof(last->text)) {
        return;
    }
    for (size_t i = 0; i < extension.len; i++) {
        if (extension.ptr[i] < ' ' || extension.ptr[i] > '~') {
            return;
        }
    }
    memcpy(last->text, extension.ptr, extension.len);
}

/* In the order of Django REST Framework: size, length of the name, content, ending of the name. */
static void check_file(struct lk_violations *v, const struct lk_value *file, uint32_t limit,
                       const char **type) {
    size_t name_chars = lk_utf8_length(file->file_name);
    char mem[16];
    if (file->text.len == 0) {
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_FILE_EMPTY, 0);
    } else if (file->text.len > limit) {
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_FILE_TOO_LARGE, limit);
    } else if (name_chars > FILE_NAME_CHARS_MAX) {
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_FILE_NAME_LONG, (uint32_t)name_chars);
    } else if ((*type = lk_picture_type(file->text)) == NULL) {
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_NOT_IMAGE, 0);
    } else {
        struct lk_str extension = extension_of(file->file_name, mem, sizeof(mem));
        if (!extension_known(extension)) {
            refuse_extension(v, extension);
        }
    }
}

bool lk_api_field_picture(struct lk_request *r, const struct lk_body *body, struct lk_violations *v,
                          struct lk_str *bytes, struct lk_str *type) {
    struct lk_value value = lk_body_get(body, "profile_pic");
    const char *found = NULL;
    switch (value.kind) {
    case LK_VALUE_ABSENT:
        return false;
    case LK_VALUE_NULL:
        return true;
    case LK_VALUE_STRING:
        /* A form has no null: its empty text stands for it. */
        if (value.text.len == 0 && !is_json(r)) {
            return true;
        }
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_NOT_FILE, 0);
        return false;
    case LK_VALUE_FILE:
        check_file(v, &value, lk_service_policy(lk_api_app(r)->service).max_picture, &found);
        if (lk_violation_has(v, LK_FIELD_PROFILE_PIC)) {
            return false;
        }
        *bytes = value.text;
        *type = lk_str_from(found);
        return true;
    default:
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_NOT_FILE, 0);
        return false;
    }
}
