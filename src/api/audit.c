/* The audit ring, the newest first. */
#include "account/audit.h"

#include "api/handlers.h"
#include "api/pages.h"

#include <string.h>

struct list {
    struct lk_json *json;
    uint64_t last; /* sequence number of the record shown last */
    size_t left;   /* rows still to show */
    bool more;
};

static void put_record(struct lk_json *j, const struct lk_audit_record *a) {
    static const uint8_t nobody[LK_UUID_LEN];
    lk_json_object(j, NULL);
    lk_json_int(j, "sequence", (int64_t)a->sequence);
    lk_api_json_time(j, "time", a->time);
    lk_json_cstr(j, "event", lk_audit_event_name(a->event));
    if (memcmp(a->subject, nobody, sizeof(nobody)) == 0) {
        lk_json_null(j, "account");
    } else {
        lk_api_json_id(j, "account", a->subject);
    }
    lk_json_str(j, "username", a->subject_name);
    lk_json_str(j, "actor", a->actor);
    lk_api_json_address(j, "address", a->address);
    lk_json_end_object(j);
}

static int put_one(const struct lk_audit_record *a, void *arg) {
    struct list *l = arg;
    if (l->left == 0 || l->json->res->body.len > LK_API_ROWS_BYTES) {
        l->more = true;
        return LK_ERR_EXISTS; /* stops the walk */
    }
    put_record(l->json, a);
    l->last = a->sequence;
    l->left--;
    return 0;
}

static void put_next(struct lk_json *j, const struct list *l) {
    char mem[24];
    struct lk_buf b;
    if (!l->more) {
        lk_json_null(j, "next");
        return;
    }
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_u64(&b, l->last);
    lk_json_str(j, "next", lk_buf_str(&b));
}

void lk_api_audit(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    uint64_t before = 0;
    struct lk_json j;
    struct list l = {.json = &j, .left = lk_api_query_limit(r, &v)};
    struct lk_str cursor = lk_api_query_text(r, "cursor", LK_FIELD_CURSOR, &v);
    if (cursor.ptr != NULL && (lk_str_to_u64(cursor, UINT64_MAX, &before) != 0 || before == 0)) {
        lk_violation_add(&v, LK_FIELD_CURSOR, LK_RULE_INVALID, 0);
    }
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_array(&j, "records");
    int err = lk_audit_walk(lk_api_app(r)->service, before, l.left + 1, put_one, &l);
    lk_json_end_array(&j);
    put_next(&j, &l);
    lk_json_end_object(&j);
    if (err != 0 && !l.more) {
        lk_res_error(res, err);
    }
}
