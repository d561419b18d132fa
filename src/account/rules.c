#include "account/rules.h"

#include "account/account.h"
#include "account/names.h"
#include "crypto/password.h"

#include <string.h>

void lk_violation_add(struct lk_violations *v, enum lk_field field, enum lk_rule rule, uint32_t number) {
    if (v->count < LK_VIOLATIONS_MAX) {
        v->list[v->count++] = (struct lk_violation){.field = field, .rule = rule, .number = number};
    }
}

bool lk_violation_has(const struct lk_violations *v, enum lk_field field) {
    for (size_t i = 0; i < v->count; i++) {
        if (v->list[i].field == field) {
            return true;
        }
    }
    return false;
}

static void check_nul(struct lk_violations *v, enum lk_field field, struct lk_str s) {
    if (lk_str_find(s, '\0') < s.len) {
        lk_violation_add(v, field, LK_RULE_NUL_CHARACTER, 0);
    }
}

/* `bytes` bounds what `chars` alone would let grow past a record. */
static void check_length(struct lk_violations *v, enum lk_field field, struct lk_str s, uint32_t chars,
                         size_t bytes) {
    if (s.len > bytes || lk_utf8_length(s) > chars) {
        lk_violation_add(v, field, LK_RULE_MAX_LENGTH, chars);
    }
}

/* The two things that end every check at once. True when `s` is worth a closer look. */
static bool is_text(struct lk_violations *v, enum lk_field field, struct lk_str s) {
    if (s.len == 0) {
        lk_violation_add(v, field, LK_RULE_BLANK, 0);
        return false;
    }
    if (!lk_utf8_valid(s)) {
        lk_violation_add(v, field, LK_RULE_INVALID, 0);
        return false;
    }
    return true;
}

/* Django's ^[\w.@+-]+\Z */
static bool username_form(struct lk_str s) {
    while (s.len > 0) {
        int32_t c = lk_utf8_next(&s);
        bool mark = c == '.' || c == '@' || c == '+' || c == '-';
        if (c < 0 || (!mark && !lk_is_word(c))) {
            return false;
        }
    }
    return true;
}

void lk_check_username(struct lk_violations *v, struct lk_str s) {
    char mem[LK_USERNAME_BYTES_MAX];
    struct lk_buf b;
    if (!is_text(v, LK_FIELD_USERNAME, s)) {
        return;
    }
    lk_buf_init(&b, mem, sizeof(mem));
    int err = lk_username_put(&b, s);
    struct lk_str name = err == 0 ? lk_buf_str(&b) : s;
    if (err == LK_ERR_UNSUPPORTED || err == LK_ERR_INVALID || !username_form(name)) {
        lk_violation_add(v, LK_FIELD_USERNAME, LK_RULE_USERNAME_FORM, 0);
    }
    check_nul(v, LK_FIELD_USERNAME, name);
    check_length(v, LK_FIELD_USERNAME, name, LK_USERNAME_CHARS_MAX, LK_USERNAME_BYTES_MAX);
    if (!lk_violation_has(v, LK_FIELD_USERNAME) && lk_username_reserved(name)) {
        lk_violation_add(v, LK_FIELD_USERNAME, LK_RULE_USERNAME_RESERVED, 0);
    }
}

void lk_check_email(struct lk_violations *v, struct lk_str s) {
    if (s.len == 0) {
        lk_violation_add(v, LK_FIELD_EMAIL, LK_RULE_BLANK, 0);
        return;
    }
    check_length(v, LK_FIELD_EMAIL, s, LK_EMAIL_CHARS_MAX, LK_EMAIL_BYTES_MAX);
    check_nul(v, LK_FIELD_EMAIL, s);
    if (!lk_email_valid(s)) {
        lk_violation_add(v, LK_FIELD_EMAIL, LK_RULE_EMAIL_FORM, 0);
    }
}

void lk_check_full_name(struct lk_violations *v, struct lk_str s) {
    if (is_text(v, LK_FIELD_FULL_NAME, s)) {
        check_length(v, LK_FIELD_FULL_NAME, s, LK_FULL_NAME_CHARS_MAX, LK_FULL_NAME_BYTES_MAX);
        check_nul(v, LK_FIELD_FULL_NAME, s);
    }
}

void lk_check_biography(struct lk_violations *v, struct lk_str s) {
    if (is_text(v, LK_FIELD_BIOGRAPHY, s)) {
        check_length(v, LK_FIELD_BIOGRAPHY, s, LK_BIOGRAPHY_MAX / 4, LK_BIOGRAPHY_MAX);
        check_nul(v, LK_FIELD_BIOGRAPHY, s);
    }
}

void lk_check_password(struct lk_violations *v, enum lk_field field, struct lk_str s, struct lk_str username,
                       struct lk_str email, const struct lk_password_policy *policy) {
    if (!is_text(v, field, s)) {
        return;
    }
    size_t before = v->count;
    check_length(v, field, s, LK_PASSWORD_CHARS_MAX, LK_PASSWORD_MAX_BYTES);
    check_nul(v, field, s);
    if (v->count > before) {
        return; /* Django asks its password validators only about what the field took */
    }
    if (username.len > 0 && lk_str_eq_nocase(s, username)) {
        lk_violation_add(v, field, LK_RULE_PASSWORD_SIMILAR_USERNAME, 0);
    } else if (email.len > 0 && lk_str_eq_nocase(s, email)) {
        lk_violation_add(v, field, LK_RULE_PASSWORD_SIMILAR_EMAIL, 0);
    }
    if (lk_utf8_length(s) < policy->min_chars) {
        lk_violation_add(v, field, LK_RULE_PASSWORD_SHORT, policy->min_chars);
    }
    if (policy->blocklist && lk_password_is_common(s)) {
        lk_violation_add(v, field, LK_RULE_PASSWORD_COMMON, 0);
    }
}

bool lk_username_reserved(struct lk_str username) {
    /* Whatever stands, or may come to stand, where a route has <username>; and what a client's path rules
       would eat. */
    static const char *const words[] = {
        "me",
        "login",
        "signup",
        "register",
        "token",
        "refresh",
        "logout",
        "delete",
        "doc",
        "setup",
        "reset_password",
        "password_reset_confirm",
        "validate_token",
        "verify-email",
        "create",
        "users",
        "user",
        "media",
        "update",
        "forward",
        "session",
        "sessions",
        "accounts",
        "audit",
        "assets",
        "auth",
        "api",
        "static",
        "healthz",
        "readyz",
        "metrics",
        "openapi.json",
        "favicon.ico",
        "robots.txt",
        ".",
        "..",
    };
    uint8_t id[LK_UUID_LEN];
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (lk_str_eq_nocase(username, lk_str_from(words[i]))) {
            return true;
        }
    }
    return lk_uuid_parse(username, id) == 0; /* DELETE /auth/<user_id>/ */
}
