#include "http/errors.h"

#include "http/status.h"

/* --- errors of the parts below -------------------------------------------------------------------------- */

struct error_row {
    int err;
    int status;
    const char *detail;
    uint32_t retry_after;
};

static const struct error_row errors[] = {
    {LK_ERR_INVALID, 400, "Malformed request.", 0},
    {LK_ERR_NOT_FOUND, 404, "Not found.", 0},
    {LK_ERR_EXISTS, 409, "It is there already.", 0},
    {LK_ERR_TOO_LARGE, 413, "The request is too large.", 0},
    {LK_ERR_NO_MEMORY, 503, "Service temporarily unavailable, try again later.", 1},
    {LK_ERR_FULL, 507, "The storage is full.", 0},
    {LK_ERR_BUSY, 503, "Service temporarily unavailable, try again later.", 1},
    {LK_ERR_READ_ONLY, 503, "The storage takes no writes.", 60},
    {LK_ERR_DENIED, 403, "You do not have permission to perform this action.", 0},
    {LK_ERR_EXPIRED, 400, "Past its time.", 0},
    {LK_ERR_THROTTLED, 429, "Request was throttled.", 1},
    {LK_ERR_MISMATCH, 401, "Incorrect authentication credentials.", 0},
    {LK_ERR_UNSUPPORTED, 501, "Not supported.", 0},
    {LK_ERR_TIMEOUT, 503, "Service temporarily unavailable, try again later.", 1},
    {LK_ERR_CLOSED, 503, "Service temporarily unavailable, try again later.", 5},
    {LK_ERR_ENTROPY, 503, "Service temporarily unavailable, try again later.", 60},
    {LK_ERR_AGAIN, 503, "Service temporarily unavailable, try again later.", 1},
    {LK_ERR_WORN, 503, "The storage takes no writes.", 60},
    {LK_ERR_CONFLICT, 409, "This cannot be done as things are.", 0},
    {0, 500, "A server error occurred.", 0}, /* and every other: input/output, corrupt or newer records */
};

void lk_res_error(struct lk_response *res, int err) {
    const struct error_row *row = errors;
    while (row->err != err && row->err != 0) {
        row++;
    }
    lk_res_detail(res, row->status, row->detail);
    res->retry_after = row->retry_after;
}

void lk_res_refused(struct lk_response *res, int status, const char *reason) {
    lk_res_detail(res, status, reason != NULL ? reason : lk_status_detail(status));
    res->retry_after = status == 503 ? 1 : 0;
}

/* --- fields --------------------------------------------------------------------------------------------- */

static const char *const field_names[LK_FIELD_COUNT] = {
    [LK_FIELD_NONE] = "non_field_errors",
    [LK_FIELD_USERNAME] = "username",
    [LK_FIELD_EMAIL] = "email",
    [LK_FIELD_PASSWORD] = "password",
    [LK_FIELD_FULL_NAME] = "full_name",
    [LK_FIELD_BIOGRAPHY] = "biography",
    [LK_FIELD_PROFILE_PIC] = "profile_pic",
    [LK_FIELD_ROLES] = "roles",
    [LK_FIELD_REFRESH] = "refresh",
    [LK_FIELD_REFRESH_TOKEN] = "refresh_token",
    [LK_FIELD_TOKEN] = "token",
    [LK_FIELD_CODE] = "code",
    [LK_FIELD_NEW_PASSWORD1] = "new_password1",
    [LK_FIELD_NEW_PASSWORD2] = "new_password2",
    [LK_FIELD_CURSOR] = "cursor",
    [LK_FIELD_LIMIT] = "limit",
    [LK_FIELD_CURRENT_PASSWORD] = "current_password",
    [LK_FIELD_IS_ACTIVE] = "is_active",
    [LK_FIELD_MAIL] = "mail",
    [LK_FIELD_SEARCH] = "search",
};

/* A sentence may hold one mark: %n the number, %x the number as U+XXXX, %t the text. */
static const char *const sentences[] = {
    [LK_RULE_REQUIRED] = "This field is required.",
    [LK_RULE_NULL] = "This field may not be null.",
    [LK_RULE_BLANK] = "This field may not be blank.",
    [LK_RULE_NOT_STRING] = "Not a valid string.",
    [LK_RULE_NUL_CHARACTER] = "Null characters are not allowed.",
    [LK_RULE_SURROGATE] = "Surrogate characters are not allowed: %x.",
    [LK_RULE_MAX_LENGTH] = "Ensure this field has no more than %n characters.",
    [LK_RULE_USERNAME_FORM] =
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
    [LK_RULE_USERNAME_TAKEN] = "A user with that username already exists.",
    [LK_RULE_USERNAME_RESERVED] = "This username is reserved.",
    [LK_RULE_USERNAME_FOREIGN] = "An email address as username must be the account's own.",
    [LK_RULE_EMAIL_FORM] = "Enter a valid email address.",
    [LK_RULE_EMAIL_TAKEN] = "This field must be unique.",
    [LK_RULE_PASSWORD_SHORT] = "This password is too short. It must contain at least %n characters.",
    [LK_RULE_PASSWORD_COMMON] = "This password is too common.",
    [LK_RULE_PASSWORD_NUMERIC] = "This password is entirely numeric.",
    [LK_RULE_PASSWORD_SIMILAR_USERNAME] = "The password is too similar to the username.",
    [LK_RULE_PASSWORD_SIMILAR_EMAIL] = "The password is too similar to the email address.",
    [LK_RULE_PASSWORD_MISMATCH] = "The two password fields didn\xE2\x80\x99t match.",
    [LK_RULE_PROFILE_TAKEN] = "profile with this username already exists.",
    [LK_RULE_NOT_FILE] = "The submitted data was not a file. Check the encoding type on the form.",
    [LK_RULE_FILE_EMPTY] = "The submitted file is empty.",
    [LK_RULE_FILE_NAME_LONG] = "Ensure this filename has at most 100 characters (it has %n).",
    [LK_RULE_FILE_EXTENSION] = "File extension \xE2\x80\x9C%t\xE2\x80\x9D is not allowed. "
                               "Allowed extensions are: gif, jfif, jpe, jpg, jpeg, png, webp.",
    [LK_RULE_NOT_IMAGE] =
        "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
    [LK_RULE_FILE_TOO_LARGE] = "Ensure this file has at most %n bytes.",
    [LK_RULE_ROLE_UNKNOWN] = "Not a valid role.",
    [LK_RULE_ROLE_DENIED] = "You may not give this role.",
    [LK_RULE_NOT_NUMBER] = "A valid integer is required.",
    [LK_RULE_NOT_BOOLEAN] = "Must be a valid boolean.",
    [LK_RULE_PASSWORD_WRONG] = "Your old password was entered incorrectly. Please enter it again.",
    [LK_RULE_MAIL_OFF] = "This server sends no mail.",
    [LK_RULE_INVALID] = "Enter a valid value.",
};

static void put_code_point(struct lk_buf *b, uint32_t n) {
    static const char digits[] = "0123456789ABCDEF";
    lk_buf_put_cstr(b, "U+");
    for (int shift = 12; shift >= 0; shift -= 4) {
        lk_buf_put_char(b, digits[(n >> shift) & 15]);
    }
}

const char *lk_field_name(enum lk_field field) {
    return field_names[field];
}

void lk_violation_text(struct lk_buf *out, const struct lk_violation *v, enum lk_mount mount) {
    const char *p = sentences[v->rule];
    if (v->rule == LK_RULE_EMAIL_TAKEN && mount == LK_MOUNT_API_USER) {
        p = "user with this email already exists."; /* document 003's own model */
    }
    for (; *p != '\0'; p++) {
        if (*p != '%') {
            lk_buf_put_char(out, *p);
        } else if (*++p == 'n') {
            lk_buf_put_u64(out, v->number);
        } else if (*p == 'x') {
            put_code_point(out, v->number);
        } else {
            size_t len = 0;
            while (len < sizeof(v->text) && v->text[len] != '\0') {
                len++;
            }
            lk_buf_put(out, v->text, len);
        }
    }
}

static void put_sentence(struct lk_json *j, const struct lk_violation *v, enum lk_mount mount) {
    char mem[LK_VIOLATION_TEXT_MAX];
    struct lk_buf text;
    lk_buf_init(&text, mem, sizeof(mem));
    lk_violation_text(&text, v, mount);
    lk_json_str(j, NULL, lk_buf_str(&text));
}

void lk_res_violations(struct lk_response *res, const struct lk_violations *v, enum lk_mount mount) {
    struct lk_json j;
    bool done[LK_FIELD_COUNT] = {false};
    lk_json_begin(&j, res, 400);
    lk_json_object(&j, NULL);
    for (size_t i = 0; i < v->count; i++) {
        enum lk_field field = v->list[i].field;
        if (done[field]) {
            continue;
        }
        done[field] = true;
        lk_json_array(&j, field_names[field]);
        for (size_t k = i; k < v->count; k++) {
            if (v->list[k].field == field) {
                put_sentence(&j, &v->list[k], mount);
            }
        }
        lk_json_end_array(&j);
    }
    lk_json_end_object(&j);
}

/* --- credentials ---------------------------------------------------------------------------------------- */

static void unauthorized(struct lk_response *res, enum lk_mount mount, const char *detail, const char *code,
                         const char *message) {
    struct lk_json j;
    lk_json_begin(&j, res, 401);
    lk_json_object(&j, NULL);
    lk_json_cstr(&j, "detail", detail);
    if (code != NULL) {
        lk_json_cstr(&j, "code", code);
    }
    if (message != NULL) {
        lk_json_array(&j, "messages");
        lk_json_object(&j, NULL);
        lk_json_cstr(&j, "token_class", "AccessToken");
        lk_json_cstr(&j, "token_type", "access");
        lk_json_cstr(&j, "message", message);
        lk_json_end_object(&j);
        lk_json_end_array(&j);
    }
    lk_json_end_object(&j);
    res->www_authenticate = lk_mount_scheme(mount);
}

void lk_res_no_credentials(struct lk_response *res, enum lk_mount mount) {
    unauthorized(res, mount, "Authentication credentials were not provided.", NULL, NULL);
}

void lk_res_bad_authorization(struct lk_response *res, enum lk_mount mount) {
    unauthorized(res, mount, "Authorization header must contain two space-delimited values",
                 "bad_authorization_header", NULL);
}

void lk_res_no_account(struct lk_response *res, enum lk_mount mount) {
    unauthorized(res, mount, "No active account found with the given credentials", NULL, NULL);
}

/* What SimpleJWT says of the token itself; NULL for a fault of its account. */
static const char *token_sentence(enum lk_token_fault fault) {
    switch (fault) {
    case LK_TOKEN_WRONG_TYPE:
        return "Token has wrong type";
    case LK_TOKEN_NO_TYPE:
        return "Token has no type";
    case LK_TOKEN_NO_ID:
        return "Token has no id";
    case LK_TOKEN_NO_EXP:
        return "Token has no 'exp' claim";
    case LK_TOKEN_REVOKED:
        return "Token is blacklisted";
    case LK_TOKEN_NO_USER:
    case LK_TOKEN_USER_UNKNOWN:
    case LK_TOKEN_USER_INACTIVE:
        return NULL;
    case LK_TOKEN_OK:
    case LK_TOKEN_INVALID:
        break;
    }
    return "Token is invalid or expired";
}

static const char no_user[] = "Token contained no recognizable user identification";

void lk_res_bad_token(struct lk_response *res, enum lk_token_fault fault, enum lk_mount mount) {
    if (fault == LK_TOKEN_NO_USER) {
        unauthorized(res, mount, no_user, "token_not_valid", NULL);
    } else if (fault == LK_TOKEN_USER_UNKNOWN) {
        unauthorized(res, mount, "User not found", "user_not_found", NULL);
    } else if (fault == LK_TOKEN_USER_INACTIVE) {
        unauthorized(res, mount, "User is inactive", "user_inactive", NULL);
    } else {
        unauthorized(res, mount, "Given token not valid for any token type", "token_not_valid",
                     token_sentence(fault));
    }
}

void lk_res_token_fault(struct lk_response *res, enum lk_token_fault fault, enum lk_mount mount) {
    const char *sentence = token_sentence(fault);
    if (sentence == NULL) {
        sentence = fault == LK_TOKEN_NO_USER ? no_user : "No active account found for the given token.";
    }
    unauthorized(res, mount, sentence, "token_not_valid", NULL);
}

/* --- requests that cannot be served as they are --------------------------------------------------------- */

static void detail_of(struct lk_response *res, int status, const char *before, struct lk_str middle,
                      const char *after) {
    size_t cap = 64 + middle.len * 3 + 64;
    char *mem = lk_arena_alloc(res->arena, cap);
    struct lk_buf text;
    lk_buf_init(&text, mem, mem == NULL ? 0 : cap);
    lk_buf_put_cstr(&text, before);
    bool utf8 = lk_utf8_valid(middle);
    for (size_t i = 0; i < middle.len; i++) {
        unsigned char c = (unsigned char)middle.ptr[i];
        if (c >= 0x80 && !utf8) { /* a header's bytes are Latin-1 then (RFC 9110 §5.5) */
            lk_buf_put_char(&text, (char)(0xC0 | c >> 6));
            lk_buf_put_char(&text, (char)(0x80 | (c & 0x3F)));
        } else {
            lk_buf_put_char(&text, (char)c);
        }
    }
    lk_buf_put_cstr(&text, after);
    struct lk_json j;
    lk_json_begin(&j, res, status);
    lk_json_object(&j, NULL);
    lk_json_str(&j, "detail", lk_buf_str(&text));
    lk_json_end_object(&j);
}

void lk_res_method_not_allowed(struct lk_response *res, struct lk_str method) {
    detail_of(res, 405, "Method \"", method, "\" not allowed.");
}

void lk_res_unsupported_media(struct lk_response *res, struct lk_str media_type) {
    detail_of(res, 415, "Unsupported media type \"", media_type, "\" in request.");
}

void lk_res_not_acceptable(struct lk_response *res) {
    lk_res_detail(res, 406, "Could not satisfy the request Accept header.");
}

void lk_res_parse_error(struct lk_response *res, const char *what, struct lk_str why) {
    char mem[64];
    struct lk_buf before;
    lk_buf_init(&before, mem, sizeof(mem));
    lk_buf_put_cstr(&before, what);
    lk_buf_put_cstr(&before, " - ");
    (void)lk_buf_end_cstr(&before);
    detail_of(res, 400, mem, why, "");
}

void lk_res_not_an_object(struct lk_response *res, const char *kind) {
    char mem[80];
    struct lk_buf text;
    lk_buf_init(&text, mem, sizeof(mem));
    lk_buf_put_cstr(&text,
                    kind == NULL ? "No data provided" : "Invalid data. Expected a dictionary, but got ");
    if (kind != NULL) {
        lk_buf_put_cstr(&text, kind);
        lk_buf_put_char(&text, '.');
    }
    struct lk_json j;
    lk_json_begin(&j, res, 400);
    lk_json_object(&j, NULL);
    lk_json_array(&j, field_names[LK_FIELD_NONE]);
    lk_json_str(&j, NULL, lk_buf_str(&text));
    lk_json_end_array(&j);
    lk_json_end_object(&j);
}

void lk_res_throttled(struct lk_response *res, uint32_t seconds) {
    char mem[96];
    struct lk_buf text;
    lk_buf_init(&text, mem, sizeof(mem));
    lk_buf_put_cstr(&text, "Request was throttled. Expected available in ");
    lk_buf_put_u64(&text, seconds);
    lk_buf_put_cstr(&text, seconds == 1 ? " second." : " seconds.");
    (void)lk_buf_end_cstr(&text);
    lk_res_detail(res, 429, mem);
    res->retry_after = seconds;
}
