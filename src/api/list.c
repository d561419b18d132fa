/*
 * Every credential with its hash, for a backup service. The answer is written piece by piece, each piece from
 * a snapshot of its own, so that a million accounts cost the memory of one piece and hold no reader open.
 */
#include "api/handlers.h"
#include "base/time.h"
#include "jwt/latchkey_jwt.h"

#include <string.h>

#define LIMIT_MAX 10000
#define ACCOUNTS_A_WALK 32

enum part { PART_START, PART_ACCOUNTS, PART_END, PART_DONE };

struct list {
    struct lk_service *service;
    enum part part;
    uint8_t after[LK_UUID_LEN]; /* the last account written */
    bool any;                   /* `after` holds one */
    bool comma;
    bool more; /* accounts remain after the last one of this page */
    bool limited;
    uint64_t left;  /* accounts still to write, when limited */
    unsigned given; /* accounts written in this walk */
    struct lk_buf *out;
};

static void put_string(struct lk_buf *out, const char *key, struct lk_str value) {
    lk_buf_put_cstr(out, key);
    int len = lk_jwt_quote(value.ptr, value.len, out->ptr + out->len, out->cap - out->len);
    if (len < 0) {
        out->err = LK_ERR_TOO_LARGE;
        return;
    }
    out->len += (size_t)len;
}

static void put_bool(struct lk_buf *out, const char *key, bool value) {
    lk_buf_put_cstr(out, key);
    lk_buf_put_cstr(out, value ? "true" : "false");
}

static void put_time(struct lk_buf *out, const char *key, int64_t seconds) {
    lk_buf_put_cstr(out, key);
    if (seconds == 0) {
        lk_buf_put_cstr(out, "null");
        return;
    }
    lk_buf_put_char(out, '"');
    lk_buf_put_iso_date(out, seconds);
    lk_buf_put_char(out, '"');
}

static void put_account(struct lk_buf *out, const struct lk_account *a) {
    lk_buf_put_cstr(out, "{\"id\":\"");
    lk_buf_put_uuid(out, a->id);
    put_string(out, "\",\"username\":", a->username);
    put_string(out, ",\"email\":", a->email);
    put_string(out, ",\"password\":", a->password);
    put_string(out, ",\"full_name\":", a->full_name);
    lk_buf_put_cstr(out, ",\"roles\":[\"user\"");
    lk_buf_put_cstr(out, (a->roles & LK_ROLE_ADMIN) != 0 ? ",\"admin\"]" : "]");
    put_bool(out, ",\"is_active\":", a->is_active);
    put_bool(out, ",\"email_verified\":", a->email_verified);
    put_time(out, ",\"created\":", a->created);
    put_time(out, ",\"last_login\":", a->last_login);
    lk_buf_put_char(out, '}');
}

/* An account that no longer fits the piece is left for the next one. */
static int write_one(const struct lk_account *account, void *arg) {
    struct list *l = arg;
    size_t before = l->out->len;
    if (l->comma) {
        lk_buf_put_char(l->out, ',');
    }
    put_account(l->out, account);
    if (l->out->err != 0) {
        l->out->len = before;
        l->out->err = 0;
        return LK_ERR_TOO_LARGE;
    }
    l->comma = true;
    l->any = true;
    memcpy(l->after, account->id, LK_UUID_LEN);
    l->given++;
    return 0;
}

static int note_one(const struct lk_account *account, void *arg) {
    struct list *l = arg;
    (void)account;
    l->more = true;
    return 0;
}

/* Writes accounts until the piece is full. Returns 0 or an error of the store. */
static int write_accounts(struct list *l) {
    for (;;) {
        size_t count = l->limited && l->left < ACCOUNTS_A_WALK ? (size_t)l->left : ACCOUNTS_A_WALK;
        if (count == 0) {
            l->part = PART_END;
            return lk_account_walk(l->service, l->any ? l->after : NULL, 1, note_one, l);
        }
        l->given = 0;
        int err = lk_account_walk(l->service, l->any ? l->after : NULL, count, write_one, l);
        l->left -= l->limited ? l->given : 0;
        if (err == LK_ERR_TOO_LARGE) {
            return l->out->len > 0 ? 0 : err;
        }
        if (err != 0) {
            return err;
        }
        if (l->given < count) {
            l->part = PART_END;
            return 0;
        }
    }
}

static void write_end(struct list *l) {
    lk_buf_put_cstr(l->out, "],\"next\":");
    if (l->more) {
        lk_buf_put_char(l->out, '"');
        lk_buf_put_uuid(l->out, l->after);
        lk_buf_put_cstr(l->out, "\"}");
    } else {
        lk_buf_put_cstr(l->out, "null}");
    }
}

static int write_piece(void *arg, struct lk_buf *out) {
    struct list *l = arg;
    int err = 0;
    l->out = out;
    switch (l->part) {
    case PART_START:
        lk_buf_put_cstr(out, "{\"credentials\":[");
        l->part = PART_ACCOUNTS;
        break;
    case PART_ACCOUNTS:
        err = write_accounts(l);
        if (err == 0 && out->len == 0) {
            write_end(l);
            l->part = PART_DONE;
        }
        break;
    case PART_END:
        write_end(l);
        l->part = PART_DONE;
        break;
    case PART_DONE:
        return 0;
    }
    if (err == 0) {
        err = out->err;
    }
    return err != 0 ? err : 1;
}

/* ?cursor and ?limit. */
static void read_query(struct lk_request *r, struct list *l, struct lk_violations *v) {
    int err = 0;
    struct lk_str cursor = lk_request_query(r, "cursor", &err);
    if (err != 0 || (cursor.ptr != NULL && lk_uuid_parse(cursor, l->after) != 0)) {
        lk_violation_add(v, LK_FIELD_CURSOR, LK_RULE_INVALID, 0);
    }
    l->any = cursor.ptr != NULL;

    err = 0;
    struct lk_str limit = lk_request_query(r, "limit", &err);
    l->limited = limit.ptr != NULL;
    if (err != 0) {
        lk_violation_add(v, LK_FIELD_LIMIT, LK_RULE_INVALID, 0);
    } else if (l->limited) {
        err = lk_str_to_u64(limit, LIMIT_MAX, &l->left);
        if (err == LK_ERR_INVALID) {
            lk_violation_add(v, LK_FIELD_LIMIT, LK_RULE_NOT_NUMBER, 0);
        } else if (err != 0 || l->left == 0) {
            lk_violation_add(v, LK_FIELD_LIMIT, LK_RULE_INVALID, 0);
        }
    }
}

void lk_api_account_list(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct list *l = lk_arena_alloc(r->arena, sizeof(*l));
    if (l == NULL) {
        lk_res_error(res, LK_ERR_NO_MEMORY);
        return;
    }
    l->service = lk_api_app(r)->service;
    read_query(r, l, &v);
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    lk_res_bytes(res, 200, "application/json", (struct lk_str){NULL, 0});
    res->sensitive = true;
    res->stream = write_piece;
    res->stream_arg = l;
}
