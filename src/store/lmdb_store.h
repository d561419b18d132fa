/*
 * Inside the LMDB backend; no header of another module includes this one.
 *
 *   lmdb_open.c    opening and closing
 *   lmdb_format.c  formats and migrations
 *   lmdb_check.c   what the file says of itself, looked at without its map
 *   lmdb_walk.c    and every page that its headers lead to (lmdb_file.h: how they look)
 *   lmdb_read.c    snapshots: one read transaction a thread, kept for the next read
 *   lmdb_write.c   group commit
 *   lmdb_txn.c     records and cursors
 *   lmdb_admin.c   usage, readiness, backup
 *   lmdb_err.c     errors as values and sentences
 */
#ifndef LK_STORE_LMDB_STORE_H
#define LK_STORE_LMDB_STORE_H

#include "options.h"
#include "store/store.h"
#include "store/store_port.h"

#include <pthread.h>
#include <stdatomic.h>

#include <lmdb.h>

/* Seconds between two sweeps of the slots that dead readers left. */
#define LK_STORE_SWEEP_SECONDS 60

#define LK_STORE_DATA_FILE "data.mdb"
#define LK_STORE_PATH_MAX 512

struct lk_txn {
    MDB_txn *mdb;
    struct lk_store *store;
    bool write;
    bool deleted;     /* the function that runs removed a record */
    unsigned changes; /* of the function that runs */
    unsigned pages;   /* dirty pages since the transaction began, estimated from above */
    int failed;       /* an error after which LMDB refuses the whole transaction */
    uint64_t used;    /* pages in use when the transaction began */
};

/* A thread's read transaction. The thread alone uses it, but for closing and remapping the store. */
struct lk_snapshot {
    _Atomic(struct lk_store *) store; /* NULL once the store is closed: free to be used for another */
    atomic_bool active;
    struct lk_txn txn;
    struct lk_snapshot *next_of_thread;
    struct lk_snapshot *next_of_store;
};

struct lk_writer;

struct lk_store {
    MDB_env *env;
    MDB_dbi tables[LK_TABLE_COUNT];
    bool read_only;
    int lock; /* of the one server, or -1 */
    struct lk_port_dir_id dir_id;
    char dir[LK_STORE_PATH_MAX];
    unsigned page_size;
    atomic_size_t map_pages;
    long process; /* that opened it: after a fork the child may open it anew */
    struct lk_store *next_open;

    struct lk_snapshot *snapshots; /* under the registry's mutex */
    pthread_mutex_t remap_mutex;   /* held while the map moves */
    atomic_bool remapping;
    atomic_bool writing;

    pthread_mutex_t queue_mutex;
    pthread_cond_t idle;
    struct lk_writer *queue_head; /* the leader, while there is one */
    struct lk_writer *queue_tail;
    unsigned queued;
    int64_t swept; /* CLOCK_MONOTONIC, seconds; the leader's */

    /* Of one machine word each: a Cortex-M has no larger atomics. */
    atomic_size_t used_pages; /* as of our last commit */
    atomic_size_t commits;
    atomic_size_t writes;
};

/* A step from format `from` to `from` + 1. */
struct lk_migration {
    uint32_t from;
    int (*run)(struct lk_txn *txn);
};

/* The format that is wanted, and the way to it. */
struct lk_formats {
    uint32_t want;
    const struct lk_migration *steps;
    size_t count;
    void (*migrating)(void *arg, uint32_t from, uint32_t to); /* of struct lk_store_options */
    void *arg;
};

/* lk_store_open for any format and list of migrations, so that a test can have both. */
int lk_lmdb_open(struct lk_store **out, const struct lk_store_options *options, const char **why,
                 uint32_t format, const struct lk_migration *migrations, size_t count);

/*
 * Brings the store to the format that is wanted, inside `txn`; `empty` when nothing was ever stored. An older format
 * is migrated step by step, unless the store was opened to be read alone.
 */
int lk_lmdb_settle_format(struct lk_txn *txn, bool empty, const struct lk_formats *formats, const char **why);

/* Sets *why and returns `err`. */
int lk_lmdb_fail(const char **why, int err, const char *sentence);
/* The same, with the sentence that goes with `err`; 0 leaves *why alone. */
int lk_lmdb_explain(const char **why, int err);

/* The error value for what an LMDB function returned. */
int lk_lmdb_err(int rc);

/* Pages that hold records or LMDB's own lists, as `txn` sees them. */
int lk_lmdb_used_pages(struct lk_store *s, MDB_txn *txn, uint64_t *pages);
/* Pages kept back for functions that delete, so that a full store can be emptied. */
uint64_t lk_lmdb_reserve(const struct lk_store *s);

/* Reads what the map and the file have become; called before anything else runs, or by lk_lmdb_remap. */
int lk_lmdb_measure(struct lk_store *s);
/*
 * Follows a map that another process made larger. Waits for this process's readers, which must not be the
 * caller. Returns 0, LK_ERR_BUSY when one reads on for seconds, or LK_ERR_IO.
 */
int lk_lmdb_remap(struct lk_store *s);
/* Marks `flag`, unless the map is being moved: then waits until it has been. */
void lk_lmdb_enter(struct lk_store *s, atomic_bool *flag);

void lk_lmdb_end_snapshots(struct lk_store *s);
unsigned lk_lmdb_count_snapshots(struct lk_store *s);

/*
 * Looks at the data file's headers before LMDB maps it. *fresh says that there is none yet, or an empty one. Returns 0,
 * LK_ERR_CORRUPT, LK_ERR_READ_ONLY or LK_ERR_IO.
 */
int lk_lmdb_inspect(const char *dir, bool *fresh);
/* Walks every page in use, before one is looked at through the map. Returns 0, LK_ERR_CORRUPT, LK_ERR_NO_MEMORY,
   LK_ERR_BUSY (others commit all the time) or LK_ERR_IO. */
int lk_lmdb_verify(struct lk_store *s);

#endif
