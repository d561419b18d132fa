/*
 * Records and cursors. A cursor remembers the key it stands on and looks it up again after a change, so that
 * a walk does not depend on how the tree was rebalanced under it.
 */
#include "store/lmdb_store.h"

#include <stdlib.h>
#include <string.h>

struct walk {
    MDB_cursor *mdb;
    struct lk_txn *txn;
    unsigned changes; /* of the transaction when the cursor was placed */
    size_t key_len;
    char key[LK_STORE_KEY_MAX];
};

static MDB_val to_val(struct lk_str s) {
    /* LMDB's type is not const, but no call here writes through it. */
    union {
        const char *in;
        void *out;
    } ptr = {.in = s.ptr};

    return (MDB_val){s.len, ptr.out};
}

static struct lk_str from_val(MDB_val v) {
    return (struct lk_str){v.mv_data, v.mv_size};
}

/* The pages that a change of `len` bytes may dirty: a path of the tree with splits, and those of a large
   value. */
static unsigned pages_of(const struct lk_store *s, size_t len) {
    return 6 + (unsigned)(len / s->page_size);
}

/* What a change returned: most errors leave LMDB's transaction unusable. */
static int changed(struct lk_txn *txn, int rc, size_t len) {
    if (rc == MDB_KEYEXIST || rc == MDB_NOTFOUND || rc == MDB_BAD_VALSIZE) {
        return lk_lmdb_err(rc);
    }
    txn->changes++;
    txn->pages += pages_of(txn->store, len);
    if (rc != 0) {
        txn->failed = lk_lmdb_err(rc);
    }
    return lk_lmdb_err(rc);
}

int lk_get(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str *value) {
    MDB_val k = to_val(key);
    MDB_val v;
    int rc;

    if (key.len == 0 || key.len > LK_STORE_KEY_MAX) {
        return LK_ERR_NOT_FOUND;
    }
    rc = mdb_get(txn->mdb, txn->store->tables[table], &k, &v);
    if (rc == 0) {
        *value = from_val(v);
    }
    return lk_lmdb_err(rc);
}

static int put(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str value,
               unsigned flags) {
    MDB_val k = to_val(key);
    MDB_val v = to_val(value);

    if (!txn->write) {
        return LK_ERR_READ_ONLY;
    }
    if (key.len == 0) {
        return LK_ERR_INVALID;
    }
    if (key.len > LK_STORE_KEY_MAX) {
        return LK_ERR_TOO_LARGE;
    }
    return changed(txn, mdb_put(txn->mdb, txn->store->tables[table], &k, &v, flags), value.len);
}

int lk_put(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str value) {
    return put(txn, table, key, value, 0);
}

int lk_put_new(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str value) {
    return put(txn, table, key, value, MDB_NOOVERWRITE);
}

int lk_del(struct lk_txn *txn, enum lk_table table, struct lk_str key) {
    MDB_val k = to_val(key);
    int rc;

    if (!txn->write) {
        return LK_ERR_READ_ONLY;
    }
    if (key.len == 0 || key.len > LK_STORE_KEY_MAX) {
        return LK_ERR_NOT_FOUND;
    }
    rc = changed(txn, mdb_del(txn->mdb, txn->store->tables[table], &k, NULL), 0);
    if (rc == 0) {
        txn->deleted = true;
    }
    return rc;
}

/* Hands out what the cursor stands on, and remembers it where a change may move it. */
static int placed(struct walk *w, int rc, const MDB_val *k, const MDB_val *v, struct lk_str *key,
                  struct lk_str *value) {
    if (rc != 0) {
        return lk_lmdb_err(rc);
    }
    if (w->txn->write) {
        if (k->mv_size > sizeof(w->key)) {
            return LK_ERR_CORRUPT;
        }
        memcpy(w->key, k->mv_data, k->mv_size);
        w->key_len = k->mv_size;
        w->changes = w->txn->changes;
    }
    *key = from_val(*k);
    *value = from_val(*v);
    return 0;
}

static int place_first(struct lk_cursor *c, struct lk_txn *txn, enum lk_table table, MDB_val k,
                       MDB_cursor_op op, struct lk_str *key, struct lk_str *value) {
    struct walk *w = malloc(sizeof(*w));
    MDB_val v;
    int rc;

    c->impl = NULL;
    c->table = table;
    if (w == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    w->txn = txn;
    rc = mdb_cursor_open(txn->mdb, txn->store->tables[table], &w->mdb);
    if (rc != 0) {
        free(w);
        return lk_lmdb_err(rc);
    }
    rc = placed(w, mdb_cursor_get(w->mdb, &k, &v, op), &k, &v, key, value);
    if (rc != 0) {
        mdb_cursor_close(w->mdb);
        free(w);
        return rc;
    }
    c->impl = w;
    return 0;
}

int lk_cursor_seek(struct lk_cursor *c, struct lk_txn *txn, enum lk_table table, struct lk_str from,
                   struct lk_str *key, struct lk_str *value) {
    return place_first(c, txn, table, to_val(from), from.len == 0 ? MDB_FIRST : MDB_SET_RANGE, key, value);
}

int lk_cursor_last(struct lk_cursor *c, struct lk_txn *txn, enum lk_table table, struct lk_str *key,
                   struct lk_str *value) {
    return place_first(c, txn, table, (MDB_val){0, NULL}, MDB_LAST, key, value);
}

/* True when something changed since the cursor was placed, so that LMDB's own position may have moved. */
static bool is_stale(const struct walk *w) {
    return w->txn->write && w->changes != w->txn->changes;
}

int lk_cursor_next(struct lk_cursor *c, struct lk_str *key, struct lk_str *value) {
    struct walk *w = c->impl;
    MDB_val k = {0, NULL};
    MDB_val v = {0, NULL};
    int rc;

    if (!is_stale(w)) {
        return placed(w, mdb_cursor_get(w->mdb, &k, &v, MDB_NEXT), &k, &v, key, value);
    }
    k = (MDB_val){w->key_len, w->key};
    rc = mdb_cursor_get(w->mdb, &k, &v, MDB_SET_RANGE);
    if (rc == 0 && k.mv_size == w->key_len && memcmp(k.mv_data, w->key, w->key_len) == 0) {
        rc = mdb_cursor_get(w->mdb, &k, &v, MDB_NEXT);
    }
    return placed(w, rc, &k, &v, key, value);
}

int lk_cursor_prev(struct lk_cursor *c, struct lk_str *key, struct lk_str *value) {
    struct walk *w = c->impl;
    MDB_val k = {0, NULL};
    MDB_val v = {0, NULL};
    MDB_cursor_op op = MDB_PREV;

    if (is_stale(w)) {
        int rc;

        k = (MDB_val){w->key_len, w->key};
        rc = mdb_cursor_get(w->mdb, &k, &v, MDB_SET_RANGE);
        if (rc != 0 && rc != MDB_NOTFOUND) {
            return lk_lmdb_err(rc);
        }
        /* Every key left is smaller: the last of them is the one before. */
        op = rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV;
    }
    return placed(w, mdb_cursor_get(w->mdb, &k, &v, op), &k, &v, key, value);
}

void lk_cursor_close(struct lk_cursor *c) {
    struct walk *w = c->impl;

    if (w != NULL) {
        mdb_cursor_close(w->mdb);
        free(w);
        c->impl = NULL;
    }
}

int lk_table_count(struct lk_txn *txn, enum lk_table table, uint64_t *count) {
    MDB_stat stat;
    int rc = mdb_stat(txn->mdb, txn->store->tables[table], &stat);

    if (rc == 0) {
        *count = stat.ms_entries;
    }
    return lk_lmdb_err(rc);
}

static uint64_t pages_in(const MDB_stat *stat) {
    return (uint64_t)stat->ms_branch_pages + stat->ms_leaf_pages + stat->ms_overflow_pages;
}

int lk_lmdb_used_pages(struct lk_store *s, MDB_txn *txn, uint64_t *pages) {
    /* LMDB's own tables: 0 is its list of free pages, 1 the directory of ours. Two pages more are its
       headers. */
    const MDB_dbi own = 2;
    uint64_t sum = 2;
    MDB_stat stat;

    for (unsigned i = 0; i < own + LK_TABLE_COUNT; i++) {
        int rc = mdb_stat(txn, i < own ? i : s->tables[i - own], &stat);

        if (rc != 0) {
            return lk_lmdb_err(rc);
        }
        sum += pages_in(&stat);
    }
    *pages = sum;
    return 0;
}
