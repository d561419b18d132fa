/* Accounts as JSON: for listings, exports and imports. */
#include "base/text.h"
#include "base/time.h"
#include "cli.h"
#include "crypto/crypto.h"
#include "crypto/password.h"

#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

/* --- writing -------------------------------------------------------------------------------------------- */

/* cJSON takes strings that end in NUL. */
static bool add_str(cJSON *json, const char *name, struct lk_str value) {
    char *copy = malloc(value.len + 1);

    if (copy == NULL) {
        return false;
    }
    if (value.len > 0) {
        memcpy(copy, value.ptr, value.len);
    }
    copy[value.len] = '\0';
    bool added = cJSON_AddStringToObject(json, name, copy) != NULL;
    lk_wipe(copy, value.len);
    free(copy);
    return added;
}

static bool add_time(cJSON *json, const char *name, int64_t seconds) {
    char text[CLI_TIME_TEXT_MAX];

    cli_time_text(seconds, text);
    return (seconds == 0 ? cJSON_AddNullToObject(json, name) : cJSON_AddStringToObject(json, name, text)) !=
           NULL;
}

static bool add_roles(cJSON *json, uint8_t roles) {
    cJSON *list = cJSON_AddArrayToObject(json, "roles");

    if (list == NULL ||
        ((roles & LK_ROLE_USER) != 0 && !cJSON_AddItemToArray(list, cJSON_CreateString("user")))) {
        return false;
    }
    return (roles & LK_ROLE_ADMIN) == 0 || cJSON_AddItemToArray(list, cJSON_CreateString("admin"));
}

static bool add_account(cJSON *json, const struct lk_account *a) {
    char id[LK_UUID_TEXT_LEN + 1];
    struct lk_buf b;

    lk_buf_init(&b, id, sizeof(id));
    lk_buf_put_uuid(&b, a->id);
    return add_str(json, "id", lk_buf_str(&b)) && add_str(json, "username", a->username) &&
           add_str(json, "email", a->email) && add_str(json, "full_name", a->full_name) &&
           add_roles(json, a->roles) && cJSON_AddBoolToObject(json, "is_active", a->is_active) != NULL &&
           cJSON_AddBoolToObject(json, "email_verified", a->email_verified) != NULL &&
           add_time(json, "created", a->created) && add_time(json, "last_login", a->last_login);
}

cJSON *cli_account_json(const struct lk_account *account, struct lk_str biography, bool secrets) {
    cJSON *json = cJSON_CreateObject();
    bool complete = json != NULL && add_account(json, account);

    if (complete && biography.ptr != NULL) {
        complete = add_str(json, "biography", biography);
    }
    if (complete && secrets) {
        complete =
            add_time(json, "revoked", account->revoked) && add_str(json, "password", account->password);
    } else if (complete) {
        complete = account->picture.len == 0 ? cJSON_AddNullToObject(json, "profile_pic") != NULL
                                             : add_str(json, "profile_pic", account->picture);
    }
    if (!complete) {
        cJSON_Delete(json);
        return NULL;
    }
    return json;
}

struct cJSON *cli_audit_json(const struct lk_audit_record *record, const char *address) {
    char id[LK_UUID_TEXT_LEN];
    struct lk_buf b;
    cJSON *json = cJSON_CreateObject();

    lk_buf_init(&b, id, sizeof(id));
    lk_buf_put_uuid(&b, record->subject);
    if (add_time(json, "time", record->time) &&
        add_str(json, "event", lk_str_from(lk_audit_event_name(record->event))) &&
        add_str(json, "account", lk_buf_str(&b)) && add_str(json, "username", record->subject_name) &&
        add_str(json, "actor", record->actor) && add_str(json, "address", lk_str_from(address))) {
        return json;
    }
    cJSON_Delete(json);
    return NULL;
}

/* cJSON leaves DEL and the control characters of two bytes (U+0080 to U+009F) as they are; a terminal may act on them. */
static bool put_json(FILE *file, const char *text) {
    bool written = true;

    for (const char *c = text; *c != '\0' && written; c++) {
        bool two = (unsigned char)c[0] == 0xC2 && (unsigned char)c[1] >= 0x80 && (unsigned char)c[1] < 0xA0;
        if (two || *c == 0x7F) {
            written = fprintf(file, "\\u%04x", (unsigned)(unsigned char)c[two]) > 0;
            c += two;
        } else {
            written = fputc(*c, file) != EOF;
        }
    }
    return written;
}

int cli_print_json(FILE *file, cJSON *json) {
    char *text = json != NULL ? cJSON_PrintUnformatted(json) : NULL;

    cJSON_Delete(json);
    if (text == NULL) {
        return cli_fail("output", lk_err_text(LK_ERR_NO_MEMORY));
    }
    bool written = put_json(file, text) && fputc('\n', file) >= 0;
    lk_wipe(text, strlen(text));
    free(text);
    return written ? CLI_OK : cli_fail("output", "it cannot be written");
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* cJSON ends a string at the escape for NUL, and would so cut it. */
static bool has_nul_escape(struct lk_str line) {
    for (size_t i = 0; i + 1 < line.len; i++) {
        if (line.ptr[i] != '\\') {
            continue;
        }
        if (lk_str_starts(lk_str_sub(line, i, 6), LK_STR("\\u0000"))) {
            return true;
        }
        i++;
    }
    return false;
}

static bool has_twins(const cJSON *object) {
    for (const cJSON *a = object->child; a != NULL; a = a->next) {
        for (const cJSON *b = a->next; b != NULL; b = b->next) {
            if (strcmp(a->string, b->string) == 0) {
                return true;
            }
        }
        if (cJSON_IsObject(a) && has_twins(a)) {
            return true;
        }
    }
    return false;
}

cJSON *cli_json_parse(struct lk_str line, const char **why) {
    const char *end = NULL;

    if (!lk_utf8_valid(line) || memchr(line.ptr, '\0', line.len) != NULL || has_nul_escape(line)) {
        *why = "not UTF-8, or it holds a NUL";
        return NULL;
    }
    cJSON *json = cJSON_ParseWithLengthOpts(line.ptr, line.len, &end, false);
    if (json == NULL || lk_str_trim(lk_str_sub(line, (size_t)(end - line.ptr), line.len)).len != 0) {
        *why = "not a JSON value";
    } else if (!cJSON_IsObject(json)) {
        *why = "not a JSON object";
    } else if (json->child != NULL && has_twins(json)) {
        *why = "a name stands twice";
    } else {
        return json;
    }
    cJSON_Delete(json);
    return NULL;
}

static const cJSON *get(const cJSON *json, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(json, name);
}

/* The text of a member; empty when it is absent or null. */
static bool get_str(const cJSON *json, const char *name, struct lk_str *out) {
    const cJSON *value = get(json, name);

    *out = (struct lk_str){NULL, 0};
    if (value == NULL || cJSON_IsNull(value)) {
        return true;
    }
    *out = lk_str_from(cJSON_GetStringValue(value));
    return cJSON_IsString(value);
}

static bool get_bool(const cJSON *json, const char *name, bool fallback, bool *out) {
    const cJSON *value = get(json, name);

    if (value == NULL) {
        *out = fallback;
        return true;
    }
    /* Rows taken out of SQL have numbers. */
    *out = cJSON_IsTrue(value) || (cJSON_IsNumber(value) && value->valueint == 1);
    return cJSON_IsBool(value) || (cJSON_IsNumber(value) && (value->valueint == 0 || value->valueint == 1));
}

static bool get_time(const cJSON *json, const char *name, int64_t *out) {
    struct lk_str text;

    *out = 0;
    return get_str(json, name, &text) &&
           (text.ptr == NULL || (lk_iso_date_parse(text, out) == 0 && *out >= 0));
}

static bool get_roles(const cJSON *json, uint8_t *roles) {
    const cJSON *list = get(json, "roles");
    const cJSON *item;
    bool superuser;

    if (list == NULL) {
        *roles = LK_ROLE_USER;
        if (!get_bool(json, "is_superuser", false, &superuser)) {
            return false;
        }
        *roles |= superuser ? LK_ROLE_ADMIN : 0;
        return true;
    }
    *roles = 0;
    cJSON_ArrayForEach(item, list) {
        uint8_t one;
        if (!cJSON_IsString(item) || cli_roles_parse(lk_str_from(item->valuestring), &one) < 0) {
            return false;
        }
        *roles |= one;
    }
    return cJSON_IsArray(list);
}

/* full_name, or Django's first_name and last_name. */
static bool get_full_name(const cJSON *json, struct cli_row *row) {
    struct lk_str first;
    struct lk_str last;
    struct lk_buf b;

    if (get(json, "full_name") != NULL) {
        return get_str(json, "full_name", &row->account.full_name);
    }
    if (!get_str(json, "first_name", &first) || !get_str(json, "last_name", &last)) {
        return false;
    }
    lk_buf_init(&b, row->full_name, sizeof(row->full_name));
    lk_buf_put_str(&b, first);
    lk_buf_put_cstr(&b, first.len > 0 && last.len > 0 ? " " : "");
    lk_buf_put_str(&b, last);
    row->account.full_name = lk_buf_str(&b);
    return b.err == 0;
}

/* An id of ours is a UUID and is kept; Django's numbers are left behind. */
static bool get_id(const cJSON *json, uint8_t id[LK_UUID_LEN]) {
    const cJSON *value = get(json, "id");

    return value == NULL || cJSON_IsNumber(value) ||
           (cJSON_IsString(value) && lk_uuid_parse(lk_str_from(value->valuestring), id) == 0);
}

static bool hash_ok(struct lk_str hash) {
    return lk_password_iterations(hash) != 0 || lk_str_starts(hash, LK_STR("!"));
}

static const char *read_fields(const cJSON *json, struct cli_row *row) {
    struct lk_account *a = &row->account;

    if (!get_str(json, "username", &a->username) || !get_str(json, "email", &a->email)) {
        return "username and email: not a string";
    }
    if (!get_str(json, "password", &a->password) || a->password.len > LK_PASSWORD_HASH_MAX ||
        !hash_ok(a->password)) {
        return "password: not a pbkdf2_sha256 hash; such an account needs a new password, set \"!\" to let "
               "its owner "
               "ask for one by mail";
    }
    if (!get_full_name(json, row)) {
        return "full_name: not a string, or too long";
    }
    if (!get_str(json, "biography", &row->biography)) {
        return "biography: not a string";
    }
    if (!get_bool(json, "is_active", true, &a->is_active) ||
        !get_bool(json, "email_verified", false, &a->email_verified)) {
        return "is_active and email_verified: not true or false";
    }
    if (!get_roles(json, &a->roles)) {
        return "roles: not a list of \"user\" and \"admin\"";
    }
    if (!get_time(json, get(json, "created") != NULL ? "created" : "date_joined", &a->created) ||
        !get_time(json, "last_login", &a->last_login) || !get_time(json, "revoked", &a->revoked)) {
        return "a date that is not ISO 8601";
    }
    return NULL;
}

int cli_row_read(const cJSON *json, struct cli_row *row, const char **why) {
    const cJSON *model = get(json, "model");

    memset(row, 0, sizeof(*row));
    *why = NULL;
    if (model != NULL) {
        const cJSON *fields = get(json, "fields");
        if (!cJSON_IsString(model) || strcmp(model->valuestring, "auth.user") != 0 ||
            !cJSON_IsObject(fields)) {
            *why = "not a row of auth.user";
            return LK_ERR_INVALID;
        }
        json = fields;
    }
    if (!get_id(json, row->account.id)) {
        *why = "id: neither a UUID nor a number";
        return LK_ERR_INVALID;
    }
    *why = read_fields(json, row);
    return *why != NULL ? LK_ERR_INVALID : 0;
}
