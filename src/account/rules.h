/*
 * What a field may hold, and the list of what is wrong with a request's fields. The sentences that a client
 * sees stand in http/errors.c.
 */
#ifndef LK_ACCOUNT_RULES_H
#define LK_ACCOUNT_RULES_H

#include "base/str.h"

#define LK_USERNAME_CHARS_MAX 150
#define LK_USERNAME_BYTES_MAX 600
#define LK_EMAIL_CHARS_MAX 254
#define LK_FULL_NAME_CHARS_MAX 255
#define LK_FULL_NAME_BYTES_MAX 1020
#define LK_PASSWORD_CHARS_MAX 128

enum lk_field {
    LK_FIELD_NONE, /* the request as a whole: non_field_errors */
    LK_FIELD_USERNAME,
    LK_FIELD_EMAIL,
    LK_FIELD_PASSWORD,
    LK_FIELD_FULL_NAME,
    LK_FIELD_BIOGRAPHY,
    LK_FIELD_PROFILE_PIC,
    LK_FIELD_ROLES,
    LK_FIELD_REFRESH,
    LK_FIELD_REFRESH_TOKEN,
    LK_FIELD_TOKEN,
    LK_FIELD_CODE,
    LK_FIELD_NEW_PASSWORD1,
    LK_FIELD_NEW_PASSWORD2,
    LK_FIELD_CURSOR,
    LK_FIELD_LIMIT,
    LK_FIELD_CURRENT_PASSWORD,
    LK_FIELD_IS_ACTIVE,
    LK_FIELD_MAIL,
    LK_FIELD_SEARCH,
    LK_FIELD_COUNT
};

enum lk_rule {
    LK_RULE_REQUIRED,
    LK_RULE_NULL,
    LK_RULE_BLANK,
    LK_RULE_NOT_STRING,
    LK_RULE_NUL_CHARACTER,
    LK_RULE_SURROGATE,  /* number: the code unit, 0xD800..0xDFFF */
    LK_RULE_MAX_LENGTH, /* number: the limit in characters */
    LK_RULE_USERNAME_FORM,
    LK_RULE_USERNAME_TAKEN,
    LK_RULE_USERNAME_RESERVED,
    LK_RULE_USERNAME_FOREIGN, /* the address of somebody else */
    LK_RULE_EMAIL_FORM,
    LK_RULE_EMAIL_TAKEN,    /* "This field must be unique." or 003's own sentence, by mount */
    LK_RULE_PASSWORD_SHORT, /* number: the minimum in characters */
    LK_RULE_PASSWORD_COMMON,
    LK_RULE_PASSWORD_NUMERIC,
    LK_RULE_PASSWORD_SIMILAR_USERNAME,
    LK_RULE_PASSWORD_SIMILAR_EMAIL,
    LK_RULE_PASSWORD_MISMATCH, /* new_password2 differs */
    LK_RULE_PROFILE_TAKEN,
    LK_RULE_NOT_FILE,
    LK_RULE_FILE_EMPTY,
    LK_RULE_FILE_NAME_LONG, /* number: its length in characters */
    LK_RULE_FILE_EXTENSION, /* text: the extension */
    LK_RULE_NOT_IMAGE,
    LK_RULE_FILE_TOO_LARGE, /* number: the limit in bytes */
    LK_RULE_ROLE_UNKNOWN,
    LK_RULE_ROLE_DENIED,
    LK_RULE_NOT_NUMBER,
    LK_RULE_NOT_BOOLEAN,
    LK_RULE_PASSWORD_WRONG, /* the current one, entered again */
    LK_RULE_MAIL_OFF,
    LK_RULE_INVALID, /* "Enter a valid value." */
};

struct lk_violation {
    enum lk_field field;
    enum lk_rule rule;
    uint32_t number;
    char text[12];
};

#define LK_VIOLATIONS_MAX 16

/* What is wrong, in the order found. One more than fits is dropped: there is enough to say already. */
struct lk_violations {
    struct lk_violation list[LK_VIOLATIONS_MAX];
    size_t count;
};

void lk_violation_add(struct lk_violations *v, enum lk_field field, enum lk_rule rule, uint32_t number);
bool lk_violation_has(const struct lk_violations *v, enum lk_field field);

/* What a policy asks of passwords. */
struct lk_password_policy {
    uint32_t min_chars; /* 0..128 */
    bool blocklist;     /* refuse the commonest */
};

/* The checks. Each adds what it finds, in Django's order; `s` is UTF-8, already trimmed where the field is
   trimmed. */
void lk_check_username(struct lk_violations *v, struct lk_str s);
void lk_check_email(struct lk_violations *v, struct lk_str s);
void lk_check_full_name(struct lk_violations *v, struct lk_str s);
void lk_check_biography(struct lk_violations *v, struct lk_str s);
/* `username` and `email` may be empty. `field` is password or new_password2. */
void lk_check_password(struct lk_violations *v, enum lk_field field, struct lk_str s, struct lk_str username,
                       struct lk_str email, const struct lk_password_policy *policy);

/* True for the words that name a route: a username is never one of them. */
bool lk_username_reserved(struct lk_str username);

#endif
