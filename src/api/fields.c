#include "api/handlers.h"

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
