#include "api/handlers.h"

#define ROLES_MAX 8

void lk_api_field_username(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                           struct lk_str *out) {
    lk_body_text(body, "username", LK_FIELD_USERNAME, flags | LK_FIELD_TRIM | LK_FIELD_USERNAME_KIND, v, out);
}

void lk_api_field_email(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                        struct lk_str *out) {
    lk_body_text(body, "email", LK_FIELD_EMAIL, flags | LK_FIELD_TRIM | LK_FIELD_EMAIL_KIND, v, out);
}

void lk_api_field_password(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                           struct lk_str *out) {
    lk_body_text(body, "password", LK_FIELD_PASSWORD, flags, v, out);
}

void lk_api_field_full_name(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                            struct lk_str *out) {
    lk_body_text(body, "full_name", LK_FIELD_FULL_NAME, flags | LK_FIELD_TRIM, v, out);
}

bool lk_api_field_token(const struct lk_body *body, const char *first, enum lk_field field,
                        const char *second, struct lk_violations *v, struct lk_str *out) {
    const char *name = first;
    if (second != NULL && lk_body_get(body, first).kind == LK_VALUE_ABSENT &&
        lk_body_get(body, second).kind != LK_VALUE_ABSENT) {
        name = second;
    }
    return lk_body_text(body, name, field, LK_FIELD_TRIM, v, out);
}

bool lk_api_field_roles(const struct lk_body *body, struct lk_violations *v, uint8_t *roles) {
    struct lk_str names[ROLES_MAX];
    enum lk_value_kind kind = lk_body_get(body, "roles").kind;
    *roles = LK_ROLE_USER;
    if (kind == LK_VALUE_ABSENT) {
        return false;
    }
    if (kind == LK_VALUE_NULL) {
        lk_violation_add(v, LK_FIELD_ROLES, LK_RULE_NULL, 0);
        return false;
    }
    int count = lk_body_list(body, "roles", names, ROLES_MAX);
    if (count < 0) {
        lk_violation_add(v, LK_FIELD_ROLES, LK_RULE_INVALID, 0);
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (lk_str_eq(names[i], LK_STR("admin"))) {
            *roles |= LK_ROLE_ADMIN;
        } else if (!lk_str_eq(names[i], LK_STR("user"))) {
            lk_violation_add(v, LK_FIELD_ROLES, LK_RULE_ROLE_UNKNOWN, 0);
            return false;
        }
    }
    return true;
}

bool lk_api_field_bool(const struct lk_body *body, const char *name, enum lk_field field,
                       struct lk_violations *v, bool *out) {
    struct lk_value value = lk_body_get(body, name);
    if (value.kind == LK_VALUE_ABSENT) {
        return false;
    }
    bool text = value.kind == LK_VALUE_BOOL || value.kind == LK_VALUE_STRING;
    *out = text && lk_str_eq(value.text, LK_STR("true"));
    if (!*out && !(text && lk_str_eq(value.text, LK_STR("false")))) {
        lk_violation_add(v, field, LK_RULE_NOT_BOOLEAN, 0);
        return false;
    }
    return true;
}
