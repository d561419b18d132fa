#include "api/pages.h"

#include "base/time.h"

void lk_api_json_time(struct lk_json *j, const char *key, int64_t seconds) {
    char text[32];
    struct lk_buf b;
    if (seconds == 0) {
        lk_json_null(j, key);
        return;
    }
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_iso_date(&b, seconds);
    lk_json_str(j, key, lk_buf_str(&b));
}

void lk_api_json_address(struct lk_json *j, const char *key, const uint8_t address[16]) {
    char text[LK_ADDRESS_TEXT_MAX];
    struct lk_buf b;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_address(&b, address);
    if (b.len == 0) {
        lk_json_null(j, key);
    } else {
        lk_json_str(j, key, lk_buf_str(&b));
    }
}

struct lk_str lk_api_query_text(struct lk_request *r, const char *name, enum lk_field field,
                                struct lk_violations *v) {
    int err = 0;
    struct lk_str text = lk_request_query(r, name, &err);
    if (err != 0) {
        lk_violation_add(v, field, LK_RULE_INVALID, 0);
        text = (struct lk_str){NULL, 0};
    }
    return text;
}

size_t lk_api_query_limit(struct lk_request *r, struct lk_violations *v) {
    uint64_t limit = 0;
    size_t before = v->count;
    struct lk_str text = lk_api_query_text(r, "limit", LK_FIELD_LIMIT, v);
    if (text.ptr == NULL || v->count > before) {
        return LK_API_LIMIT_DEFAULT;
    }
    int err = lk_str_to_u64(text, LK_API_LIMIT_MAX, &limit);
    if (err == LK_ERR_INVALID) {
        lk_violation_add(v, LK_FIELD_LIMIT, LK_RULE_NOT_NUMBER, 0);
    } else if (err != 0 || limit == 0) {
        lk_violation_add(v, LK_FIELD_LIMIT, LK_RULE_INVALID, 0);
    }
    return (size_t)limit;
}
