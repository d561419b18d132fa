/*
 * The number of the format, in the table "meta", and the steps from an older one (SPEC.md).
 */
#include "base/buf.h"
#include "store/lmdb_store.h"

static int put_format(struct lk_txn *txn, uint32_t format) {
    char bytes[4];
    struct lk_buf b;

    lk_buf_init(&b, bytes, sizeof(bytes));
    lk_buf_put_le32(&b, format);
    return lk_put(txn, LK_TABLE_META, LK_STR("format"), lk_buf_str(&b));
}

static int get_format(struct lk_txn *txn, uint32_t *format) {
    struct lk_str value;
    struct lk_reader r;
    int rc = lk_get(txn, LK_TABLE_META, LK_STR("format"), &value);

    if (rc != 0) {
        return rc == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : rc;
    }
    lk_reader_init(&r, value.ptr, value.len);
    *format = lk_read_le32(&r);
    return lk_reader_end(&r);
}

static int run_steps(struct lk_txn *txn, uint32_t have, const struct lk_formats *f, const char **why) {
    int rc = 0;

    for (uint32_t at = have; at < f->want && rc == 0; at++) {
        size_t i = 0;

        while (i < f->count && f->steps[i].from != at) {
            i++;
        }
        if (i == f->count) {
            return lk_lmdb_fail(why, LK_ERR_VERSION,
                                "The store is of a format older than this program can migrate.");
        }
        if (f->migrating != NULL) {
            f->migrating(f->arg, at, f->want);
        }
        rc = lk_lmdb_explain(why, f->steps[i].run(txn));
    }
    if (rc == 0) {
        rc = lk_lmdb_explain(why, put_format(txn, f->want));
    }
    if (rc == 0 && f->migrating != NULL) {
        f->migrating(f->arg, f->want, f->want);
    }
    return rc;
}

/* Runs the steps from `have` to what is wanted. A server of the older format must not be serving meanwhile. */
static int migrate(struct lk_txn *txn, uint32_t have, const struct lk_formats *f, const char **why) {
    struct lk_store *s = txn->store;
    int lock = -1;
    int rc = 0;

    if (s->lock < 0) {
        rc = lk_port_store_lock(s->dir, &lock);
        if (rc != 0) {
            return rc == LK_ERR_BUSY
                       ? lk_lmdb_fail(
                             why, rc,
                             "The store is of an older format and a server has it open; stop it first.")
                       : lk_lmdb_explain(why, rc);
        }
    }
    rc = run_steps(txn, have, f, why);
    lk_port_store_unlock(lock);
    return rc;
}

int lk_lmdb_settle_format(struct lk_txn *txn, bool empty, const struct lk_formats *formats,
                          const char **why) {
    const uint32_t want = formats->want;
    uint32_t have;
    int rc;

    if (empty) {
        return lk_lmdb_explain(why, put_format(txn, want));
    }
    rc = get_format(txn, &have);
    if (rc != 0) {
        return lk_lmdb_explain(why, rc);
    }
    if (have > want) {
        return lk_lmdb_fail(why, LK_ERR_VERSION,
                            "The store was written by a newer version of Latchkey; use that one.");
    }
    if (have == want) {
        return 0;
    }
    if (txn->store->read_only) {
        return lk_lmdb_fail(why, LK_ERR_VERSION,
                            "The store is of an older format; open it for writing once to migrate it.");
    }
    return migrate(txn, have, formats, why);
}
