/*
 * Removing what expired, a little at a time. The walk only reads; a transaction is spent where something
 * died.
 */
#include "account/db.h"

#include <string.h>

#define SWEEP_WALK 300 /* records looked at in one call */

static struct lk_str from_str(const struct lk_sweep *s) {
    return (struct lk_str){(const char *)s->from, s->from_len};
}

/* Expired at `now`, by the table it stands in. */
static int expired(bool links, struct lk_str value, int64_t now, bool *is) {
    struct lk_session_record session;
    struct lk_link_record link;
    int err = links ? lk_link_decode(value, &link) : lk_session_decode(value, &session);
    *is = err == 0 && (links ? link.expires : session.expires) <= now;
    return err;
}

static void note(struct lk_sweep *s, struct lk_str key) {
    if (s->dead_count < LK_SWEEP_BATCH && key.len <= sizeof(s->dead[0])) {
        memset(s->dead[s->dead_count], 0, sizeof(s->dead[0]));
        memcpy(s->dead[s->dead_count++], key.ptr, key.len);
    }
}

/* Remembers where to go on: behind `key`. */
static void stop_after(struct lk_sweep *s, struct lk_str key) {
    s->from_len = 0;
    if (key.len < sizeof(s->from)) {
        memcpy(s->from, key.ptr, key.len);
        s->from[key.len] = 0;
        s->from_len = key.len + 1;
    }
}

static int find_dead(struct lk_sweep *s, struct lk_txn *txn, int64_t now) {
    struct lk_cursor c;
    struct lk_str key;
    struct lk_str value;
    int err = lk_cursor_seek(&c, txn, s->links ? LK_TABLE_LINK : LK_TABLE_SESSION, from_str(s), &key, &value);
    if (err != 0) {
        return err;
    }
    for (int i = 0; err == 0 && i < SWEEP_WALK && s->dead_count < LK_SWEEP_BATCH; i++) {
        bool dead;
        err = expired(s->links, value, now, &dead);
        if (err == 0 && dead) {
            note(s, key);
        }
        stop_after(s, key);
        if (err == 0) {
            err = lk_cursor_next(&c, &key, &value);
        }
    }
    lk_cursor_close(&c);
    return err;
}

struct removal {
    const struct lk_sweep *sweep;
    int64_t now;
    int removed; /* result */
};

static int remove_one(struct removal *r, struct lk_txn *txn, const uint8_t *key) {
    bool links = r->sweep->links;
    struct lk_str k = {(const char *)key, links ? LK_LINK_KEY_LEN : LK_UUID_LEN};
    struct lk_str value;
    bool dead = false;
    int err = lk_get(txn, links ? LK_TABLE_LINK : LK_TABLE_SESSION, k, &value);
    if (err == 0) {
        err = expired(links, value, r->now, &dead); /* again: it may have been renewed since the walk */
    }
    if (err != 0 || !dead) {
        return err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    if (links) {
        err = lk_del(txn, LK_TABLE_LINK, k);
    } else {
        struct lk_session_record s;
        err = lk_session_decode(value, &s);
        err = err == 0 ? lk_db_session_end(txn, s.account, key) : err;
    }
    r->removed += err == 0;
    return err;
}

static int write_removal(struct lk_txn *txn, void *arg) {
    struct removal *r = arg;
    int err = 0;
    r->removed = 0;
    for (size_t i = 0; err == 0 && i < r->sweep->dead_count; i++) {
        err = remove_one(r, txn, r->sweep->dead[i]);
    }
    return err;
}

int lk_service_sweep(struct lk_service *svc, int64_t now) {
    struct lk_sweep *s = &svc->sweep;
    struct removal r = {.sweep = s, .now = now};
    struct lk_txn *txn;
    s->dead_count = 0;
    int err = lk_store_read_begin(svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = find_dead(s, txn, now);
    lk_store_read_end(txn);
    bool end = err == LK_ERR_NOT_FOUND;
    if (err != 0 && !end) {
        return err;
    }
    err = s->dead_count > 0 ? lk_store_write(svc->store, write_removal, &r) : 0;
    if (end) {
        s->links = !s->links;
        s->from_len = 0;
    }
    return err != 0 ? err : r.removed;
}
