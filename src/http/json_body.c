#include "crypto/crypto.h"
#include "http/body.h"
#include "http/errors.h"
#include "http/json_scan.h"

#include <string.h>

#include <cJSON.h>

static int refuse(struct lk_response *res, struct lk_str why) {
    lk_res_parse_error(res, "JSON parse error", why);
    return LK_ERR_INVALID;
}

/* "<reason>: line 1 column 2 (char 1)", columns counted in characters. */
static int refuse_at(struct lk_response *res, struct lk_str text, const char *reason, size_t at) {
    size_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i < at; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    char mem[128];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_cstr(&b, reason);
    lk_buf_put_cstr(&b, ": line ");
    lk_buf_put_u64(&b, line);
    lk_buf_put_cstr(&b, " column ");
    lk_buf_put_u64(&b, lk_utf8_length(lk_str_sub(text, start, at - start)) + 1);
    lk_buf_put_cstr(&b, " (char ");
    lk_buf_put_u64(&b, lk_utf8_length(lk_str_sub(text, 0, at)));
    lk_buf_put_cstr(&b, ")");
    return refuse(res, lk_buf_str(&b));
}

/* Passwords and tokens do not stay behind in the heap. The tree is at most LK_JSON_DEPTH_MAX deep. */
static void wipe_strings(const cJSON *item) {
    for (; item != NULL; item = item->next) {
        if (item->valuestring != NULL) {
            lk_wipe(item->valuestring, strlen(item->valuestring));
        }
        wipe_strings(item->child);
    }
}

static bool copy_text(struct lk_arena *arena, const char *text, struct lk_str *out) {
    size_t len = strlen(text);
    char *mem = lk_arena_alloc(arena, len);
    if (mem != NULL) {
        memcpy(mem, text, len);
    }
    *out = (struct lk_str){mem, len};
    return mem != NULL;
}

/* The strings of a list; left NULL when something else is among them, or characters that no string may
   hold. */
static bool copy_list(struct lk_arena *arena, const cJSON *list, const struct lk_json_member *member,
                      struct lk_entry *entry) {
    entry->item_count = (size_t)cJSON_GetArraySize(list);
    if (member->has_nul || member->surrogate != 0 || entry->item_count == 0) {
        return true;
    }
    struct lk_str *items = lk_arena_alloc(arena, entry->item_count * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    size_t i = 0;
    for (const cJSON *item = list->child; item != NULL; item = item->next) {
        if (!cJSON_IsString(item)) {
            return true;
        }
        if (!copy_text(arena, item->valuestring, &items[i++])) {
            return false;
        }
    }
    entry->items = items;
    return true;
}

static bool copy_member(struct lk_arena *arena, const cJSON *item, const struct lk_json_member *member,
                        struct lk_entry *entry) {
    struct lk_value *value = &entry->value;
    value->has_nul = member->has_nul;
    value->surrogate = member->surrogate;
    if (!copy_text(arena, item->string, &entry->name)) {
        return false;
    }
    if (cJSON_IsString(item)) {
        value->kind = LK_VALUE_STRING;
        return copy_text(arena, item->valuestring, &value->text);
    }
    if (cJSON_IsNumber(item)) {
        value->kind = LK_VALUE_NUMBER;
        value->text = lk_json_number_text(arena, member->raw);
        return value->text.ptr != NULL;
    }
    if (cJSON_IsArray(item)) {
        value->kind = LK_VALUE_LIST;
        return copy_list(arena, item, member, entry);
    }
    if (cJSON_IsObject(item)) {
        value->kind = LK_VALUE_OBJECT;
    } else if (cJSON_IsBool(item)) {
        value->kind = LK_VALUE_BOOL;
        value->text = lk_str_from(cJSON_IsTrue(item) ? "true" : "false");
    } else {
        value->kind = LK_VALUE_NULL;
    }
    return true;
}

static bool copy_object(struct lk_arena *arena, const cJSON *root, const struct lk_json_scan *scan,
                        struct lk_body **body) {
    *body = lk_body_new(arena, scan->member_count);
    if (*body == NULL) {
        return false;
    }
    size_t i = 0;
    for (const cJSON *item = root->child; item != NULL; item = item->next, i++) {
        struct lk_entry *entry = i < scan->member_count ? lk_body_add(*body) : NULL;
        if (entry == NULL || !copy_member(arena, item, &scan->members[i], entry)) {
            return false;
        }
    }
    return true;
}

/* Python's name for what the text holds; NULL for null and for an object. */
static const char *python_kind(const cJSON *root, struct lk_str text) {
    if (cJSON_IsArray(root)) {
        return "list";
    }
    if (cJSON_IsString(root)) {
        return "str";
    }
    if (cJSON_IsBool(root)) {
        return "bool";
    }
    if (cJSON_IsNumber(root)) {
        return lk_json_number_is_int(text) ? "int" : "float";
    }
    return NULL;
}

int lk_body_read_json(struct lk_request *r, struct lk_response *res, struct lk_body **body) {
    struct lk_json_scan scan;
    if (!lk_utf8_valid(r->body)) {
        return refuse(res, LK_STR("the text is not UTF-8"));
    }
    int err = lk_json_scan(&scan, r->arena, r->body);
    if (err == LK_ERR_INVALID) {
        return refuse_at(res, r->body, scan.reason, scan.reason_at);
    }
    cJSON *root = err == 0 ? cJSON_ParseWithLength(scan.copy, scan.len) : NULL;
    if (root == NULL) { /* the text is sound: only memory can be short */
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return LK_ERR_NO_MEMORY;
    }
    if (!cJSON_IsObject(root)) {
        lk_res_not_an_object(res, python_kind(root, r->body));
        err = LK_ERR_INVALID;
    } else if (!copy_object(r->arena, root, &scan, body)) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        err = LK_ERR_NO_MEMORY;
    }
    wipe_strings(root);
    cJSON_Delete(root);
    return err;
}
