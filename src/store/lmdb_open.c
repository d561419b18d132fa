/*
 * Opening and closing: the folder, the locks, the file. Whatever is wrong is said in one sentence.
 */
#include "base/log.h"
#include "store/lmdb_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The names are part of the format (SPEC.md). */
static const char *const table_names[LK_TABLE_COUNT] = {
    [LK_TABLE_META] = "meta",
    [LK_TABLE_ACCOUNT] = "account",
    [LK_TABLE_BY_USERNAME] = "by_username",
    [LK_TABLE_BY_EMAIL] = "by_email",
    [LK_TABLE_PROFILE] = "profile",
    [LK_TABLE_PICTURE] = "picture",
    [LK_TABLE_SESSION] = "session",
    [LK_TABLE_SESSION_OF] = "session_of",
    [LK_TABLE_LINK] = "link",
    [LK_TABLE_THROTTLE] = "throttle",
    [LK_TABLE_AUDIT] = "audit",
    [LK_TABLE_OUTBOX] = "outbox",
};

/* Stores open in this process: LMDB must not have the same file open twice in one process. */
static pthread_mutex_t open_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct lk_store *open_stores;

static int open_tables(struct lk_store *s, MDB_txn *txn, unsigned flags) {
    for (unsigned i = 0; i < LK_TABLE_COUNT; i++) {
        int rc = mdb_dbi_open(txn, table_names[i], flags, &s->tables[i]);

        if (rc != 0) {
            return rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE ? LK_ERR_CORRUPT : lk_lmdb_err(rc);
        }
    }
    return 0;
}

/* The first transaction: tables, format, and how much is in use. */
static int prepare(struct lk_store *s, const char **why, const struct lk_formats *formats) {
    struct lk_txn txn = {.store = s, .write = !s->read_only};
    uint64_t used = 0;
    MDB_stat stat;
    int rc = mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &txn.mdb);

    if (rc != 0) {
        return lk_lmdb_explain(why, lk_lmdb_err(rc));
    }
    rc = mdb_env_stat(s->env, &stat);
    if (rc == 0 && stat.ms_entries != 0 && stat.ms_entries < LK_TABLE_COUNT) {
        rc = MDB_INVALID; /* LMDB's, but not ours: a store has all its tables from its first commit on */
    }
    rc = rc != 0 ? lk_lmdb_err(rc) : open_tables(s, txn.mdb, s->read_only ? 0 : MDB_CREATE);
    rc = lk_lmdb_explain(why, rc);
    if (rc == 0) {
        rc = lk_lmdb_settle_format(&txn, stat.ms_entries == 0, formats, why);
    }
    if (rc == 0) {
        rc = lk_lmdb_explain(why, lk_lmdb_used_pages(s, txn.mdb, &used));
    }
    if (rc != 0) {
        mdb_txn_abort(txn.mdb);
        return rc;
    }
    atomic_store(&s->used_pages, (size_t)used);
    return lk_lmdb_explain(why, lk_lmdb_err(mdb_txn_commit(txn.mdb)));
}

static void on_assert(MDB_env *env, const char *message) {
    (void)env;
    LK_LOG(LK_LOG_ERROR, "store_assertion", LK_LOG_STR("what", lk_str_from(message)));
}

static int open_env(struct lk_store *s, const struct lk_store_options *options) {
    unsigned flags = MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0u);
    int rc = mdb_env_create(&s->env);

    if (rc == 0) {
        rc = mdb_env_set_maxdbs(s->env, LK_TABLE_COUNT);
    }
    if (rc == 0) {
        rc = mdb_env_set_maxreaders(s->env, options->max_readers);
    }
    if (rc == 0) {
        /* A map that ends inside a page of the machine's cannot be mapped; 64 KB is a multiple of all of
           them. */
        rc = mdb_env_set_mapsize(s->env, (options->map_size + 65535u) & ~(size_t)65535u);
    }
    if (rc == 0) {
        rc = mdb_env_set_assert(s->env, on_assert);
    }
    if (rc == 0) {
        rc = mdb_env_open(s->env, s->dir, flags, 0600);
    }
    if (rc == 0) {
        rc = mdb_reader_check(s->env, NULL);
    }
    return rc != 0 ? lk_lmdb_err(rc) : lk_lmdb_measure(s);
}

static bool is_same(const struct lk_store *a, const struct lk_store *b) {
    return a->process == b->process && a->dir_id.device == b->dir_id.device &&
           a->dir_id.number == b->dir_id.number;
}

static int register_store(struct lk_store *s) {
    struct lk_store *other;

    pthread_mutex_lock(&open_mutex);
    other = open_stores;
    while (other != NULL && !is_same(other, s)) {
        other = other->next_open;
    }
    if (other == NULL) {
        s->next_open = open_stores;
        open_stores = s;
    }
    pthread_mutex_unlock(&open_mutex);
    return other == NULL ? 0 : LK_ERR_BUSY;
}

static void unregister_store(struct lk_store *s) {
    struct lk_store **at = &open_stores;

    pthread_mutex_lock(&open_mutex);
    while (*at != NULL && *at != s) {
        at = &(*at)->next_open;
    }
    if (*at != NULL) {
        *at = s->next_open;
    }
    pthread_mutex_unlock(&open_mutex);
}

static void destroy(struct lk_store *s) {
    if (s->env != NULL) {
        mdb_env_close(s->env);
    }
    unregister_store(s);
    lk_port_store_unlock(s->lock);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->queue_mutex);
    pthread_mutex_destroy(&s->remap_mutex);
    free(s);
}

static struct lk_store *create(const struct lk_store_options *options) {
    struct lk_store *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return NULL;
    }
    s->lock = -1;
    s->process = (long)getpid();
    s->read_only = options->read_only;
    if (pthread_mutex_init(&s->queue_mutex, NULL) != 0) {
        goto no_queue;
    }
    if (pthread_mutex_init(&s->remap_mutex, NULL) != 0) {
        goto no_remap;
    }
    if (pthread_cond_init(&s->idle, NULL) != 0) {
        goto no_idle;
    }
    return s;
no_idle:
    pthread_mutex_destroy(&s->remap_mutex);
no_remap:
    pthread_mutex_destroy(&s->queue_mutex);
no_queue:
    free(s);
    return NULL;
}

/* Everything up to the first transaction. */
static int open_files(struct lk_store *s, const struct lk_store_options *options, const char **why) {
    bool fresh = false;
    int rc = lk_lmdb_explain(why, lk_port_store_dir(s->dir, !options->read_only, &s->dir_id));

    if (rc != 0) {
        return rc;
    }
    rc = register_store(s);
    if (rc != 0) {
        return lk_lmdb_fail(why, rc, "This process has the data folder open already.");
    }
    if (options->exclusive) {
        rc = lk_lmdb_explain(why, lk_port_store_lock(s->dir, &s->lock));
    }
    if (rc == 0) {
        rc = lk_lmdb_explain(why, lk_lmdb_inspect(s->dir, &fresh));
    }
    if (rc == 0 && fresh && options->read_only) {
        rc = lk_lmdb_explain(why, LK_ERR_NOT_FOUND);
    }
    if (rc == 0) {
        rc = lk_lmdb_explain(why, open_env(s, options));
    }
    if (rc == 0) {
        rc = lk_lmdb_explain(why, lk_lmdb_verify(s));
    }
    if (rc == 0 && fresh) {
        rc = lk_lmdb_explain(why, lk_port_store_sync_dir(s->dir));
    }
    return rc;
}

int lk_lmdb_open(struct lk_store **out, const struct lk_store_options *options, const char **why,
                 uint32_t format, const struct lk_migration *migrations, size_t count) {
    const struct lk_formats formats = {.want = format,
                                       .steps = migrations,
                                       .count = count,
                                       .migrating = options->migrating,
                                       .arg = options->migrating_arg};
    const char *unused = NULL;
    struct lk_store *s;
    size_t len = strlen(options->dir);
    int rc;

    why = why != NULL ? why : &unused;
    if (len == 0 || len >= LK_STORE_PATH_MAX || options->max_readers < 1 || options->max_readers > 4096 ||
        options->map_size > SIZE_MAX - 65535u) {
        return lk_lmdb_fail(why, LK_ERR_INVALID,
                            "The path of the data folder, map_size or max_readers is out of bounds.");
    }
    s = create(options);
    if (s == NULL) {
        return lk_lmdb_explain(why, LK_ERR_NO_MEMORY);
    }
    memcpy(s->dir, options->dir, len + 1);
    rc = open_files(s, options, why);
    if (rc == 0) {
        rc = prepare(s, why, &formats);
    }
    if (rc != 0) {
        destroy(s);
        return rc;
    }
    *out = s;
    return 0;
}

/* What 2 added (a session's device, links shown to an admin) and 3 (the language of a waiting mail, sums) says so in
   its own record: older ones are read as they are. */
static int nothing_to_do(struct lk_txn *txn) {
    (void)txn;
    return 0;
}

static const struct lk_migration migrations[] = {{1, nothing_to_do}, {2, nothing_to_do}};

int lk_store_open(struct lk_store **out, const struct lk_store_options *options, const char **why) {
    return lk_lmdb_open(out, options, why, LK_STORE_FORMAT, migrations,
                        sizeof(migrations) / sizeof(*migrations));
}

void lk_store_close(struct lk_store *s) {
    pthread_mutex_lock(&s->queue_mutex);
    while (s->queue_head != NULL) {
        pthread_cond_wait(&s->idle, &s->queue_mutex);
    }
    pthread_mutex_unlock(&s->queue_mutex);
    lk_lmdb_end_snapshots(s);
    destroy(s);
}
