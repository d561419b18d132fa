/* The list of one's own sessions. */
#include "account/sessions.h"

#include "api/handlers.h"
#include "api/pages.h"
#include "base/time.h"

#include <string.h>

struct list {
    struct lk_json *json;
    const uint8_t *own;
};

static int put_one(const struct lk_session_view *s, void *arg) {
    struct list *l = arg;
    struct lk_json *j = l->json;
    lk_json_object(j, NULL);
    lk_api_json_id(j, "id", s->id);
    lk_json_bool(j, "current", memcmp(s->id, l->own, LK_UUID_LEN) == 0);
    lk_json_cstr(j, "device", s->device);
    lk_api_json_address(j, "address", s->address);
    lk_api_json_time(j, "created", s->created);
    lk_api_json_time(j, "last_used", s->used);
    lk_api_json_time(j, "expires", s->expires);
    lk_json_end_object(j);
    return 0;
}

void lk_api_sessions_list(struct lk_request *r, struct lk_response *res) {
    struct lk_json j;
    struct list l = {&j, r->caller.session};
    res->sensitive = true;
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_array(&j, "sessions");
    int err = lk_sessions_walk(lk_api_app(r)->service, r->caller.account.id, r->client.now, put_one, &l);
    lk_json_end_array(&j);
    lk_json_end_object(&j);
    if (err != 0) {
        lk_res_error(res, err);
    }
}

void lk_api_sessions_end(struct lk_request *r, struct lk_response *res) {
    unsigned ended = 0;
    struct lk_json j;
    int err = lk_sessions_end_others(lk_api_app(r)->service, &r->caller, &r->client, &ended);
    if (lk_api_failed(r, res, err, NULL, 0)) {
        return;
    }
    lk_json_begin(&j, res, 200);
    lk_json_object(&j, NULL);
    lk_json_int(&j, "ended", ended);
    lk_json_end_object(&j);
}

void lk_api_sessions_end_one(struct lk_request *r, struct lk_response *res) {
    uint8_t id[LK_UUID_LEN];
    if (lk_uuid_parse(r->params[0], id) != 0) {
        lk_api_not_found(res);
        return;
    }
    int err = lk_session_end(lk_api_app(r)->service, &r->caller, id, &r->client);
    if (lk_api_failed(r, res, err, NULL, 0)) {
        return;
    }
    lk_res_empty(res, 204);
    if (memcmp(id, r->caller.session, sizeof(id)) == 0 && lk_request_cookie(r, LK_PAGE_COOKIE).ptr != NULL) {
        lk_api_drop_cookie(r, res);
    }
}
