/*
 * Snapshots. Each thread keeps one read transaction a store, which a read renews and resets; that takes no
 * lock. The transaction, and with it LMDB's reader slot, is given back when the thread ends or the store is
 * closed.
 *
 * Only moving the map must keep readers out: see lk_lmdb_enter and lk_lmdb_remap.
 */
#include "base/blocking.h"
#include "store/lmdb_store.h"

#include <stdlib.h>
#include <time.h>

#define REMAP_WAIT_MS 5000

/* Guards every list of a store's snapshots, and the end of threads against the closing of stores. */
static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int key_error;

static void unlink_snapshot(struct lk_store *s, struct lk_snapshot *snap) {
    struct lk_snapshot **at = &s->snapshots;

    while (*at != snap) {
        at = &(*at)->next_of_store;
    }
    *at = snap->next_of_store;
}

static void end_snapshot(struct lk_snapshot *snap) {
    if (snap->txn.mdb != NULL) {
        mdb_txn_abort(snap->txn.mdb);
        snap->txn.mdb = NULL;
    }
}

static void end_thread(void *arg) {
    struct lk_snapshot *snap = arg;

    pthread_mutex_lock(&registry_mutex);
    while (snap != NULL) {
        struct lk_snapshot *next = snap->next_of_thread;
        struct lk_store *s = atomic_load(&snap->store);

        if (s != NULL) {
            end_snapshot(snap);
            unlink_snapshot(s, snap);
        }
        free(snap);
        snap = next;
    }
    pthread_mutex_unlock(&registry_mutex);
}

static void make_key(void) {
    key_error = pthread_key_create(&key, end_thread);
}

/* This thread's snapshot of `s`, or NULL when it never read. */
static struct lk_snapshot *find_snapshot(const struct lk_store *s) {
    struct lk_snapshot *snap = pthread_getspecific(key);

    while (snap != NULL && atomic_load_explicit(&snap->store, memory_order_relaxed) != s) {
        snap = snap->next_of_thread;
    }
    return snap;
}

static struct lk_snapshot *make_snapshot(struct lk_store *s) {
    struct lk_snapshot *head = pthread_getspecific(key);
    struct lk_snapshot *snap = head;

    while (snap != NULL && atomic_load(&snap->store) != NULL) {
        snap = snap->next_of_thread;
    }
    if (snap == NULL) {
        snap = calloc(1, sizeof(*snap));
        if (snap == NULL) {
            return NULL;
        }
        snap->next_of_thread = head;
        if (pthread_setspecific(key, snap) != 0) {
            free(snap);
            return NULL;
        }
    }
    snap->txn = (struct lk_txn){.store = s};
    atomic_store(&snap->active, false);
    pthread_mutex_lock(&registry_mutex);
    atomic_store(&snap->store, s);
    snap->next_of_store = s->snapshots;
    s->snapshots = snap;
    pthread_mutex_unlock(&registry_mutex);
    return snap;
}

void lk_lmdb_enter(struct lk_store *s, atomic_bool *flag) {
    /* Sequentially consistent on both sides: either we see `remapping`, or the one who set it sees our
       flag. */
    for (;;) {
        atomic_store(flag, true);
        if (!atomic_load(&s->remapping)) {
            return;
        }
        atomic_store(flag, false);
        lk_blocking_begin();
        pthread_mutex_lock(&s->remap_mutex);
        pthread_mutex_unlock(&s->remap_mutex);
        lk_blocking_end();
    }
}

static int begin_mdb(struct lk_snapshot *snap, MDB_env *env) {
    return snap->txn.mdb != NULL ? mdb_txn_renew(snap->txn.mdb)
                                 : mdb_txn_begin(env, NULL, MDB_RDONLY, &snap->txn.mdb);
}

/* Begins the transaction of `snap`, past what other processes did to the map and to the slots of readers. */
static int begin(struct lk_store *s, struct lk_snapshot *snap) {
    int rc = 0;

    for (int attempt = 0; attempt < 3; attempt++) {
        lk_lmdb_enter(s, &snap->active);
        rc = begin_mdb(snap, s->env);
        if (rc == 0) {
            return 0;
        }
        atomic_store(&snap->active, false);
        if (rc == MDB_MAP_RESIZED) {
            int moved = lk_lmdb_remap(s);

            if (moved != 0) {
                return moved;
            }
        } else if (rc == MDB_READERS_FULL) {
            mdb_reader_check(s->env, NULL);
        } else {
            break;
        }
    }
    return lk_lmdb_err(rc);
}

int lk_store_read_begin(struct lk_store *s, struct lk_txn **txn) {
    struct lk_snapshot *snap;
    int rc;

    if (pthread_once(&key_once, make_key) != 0 || key_error != 0) {
        return LK_ERR_NO_MEMORY;
    }
    snap = find_snapshot(s);
    if (snap == NULL) {
        snap = make_snapshot(s);
        if (snap == NULL) {
            return LK_ERR_NO_MEMORY;
        }
    }
    if (atomic_load_explicit(&snap->active, memory_order_relaxed)) {
        return LK_ERR_BUSY;
    }
    rc = begin(s, snap);
    if (rc == 0) {
        *txn = &snap->txn;
    }
    return rc;
}

void lk_store_read_end(struct lk_txn *txn) {
    struct lk_snapshot *snap = (struct lk_snapshot *)((char *)txn - offsetof(struct lk_snapshot, txn));

    mdb_txn_reset(txn->mdb);
    atomic_store(&snap->active, false);
}

void lk_lmdb_end_snapshots(struct lk_store *s) {
    pthread_mutex_lock(&registry_mutex);
    for (struct lk_snapshot *snap = s->snapshots; snap != NULL; snap = snap->next_of_store) {
        end_snapshot(snap);
        atomic_store(&snap->store, NULL);
    }
    s->snapshots = NULL;
    pthread_mutex_unlock(&registry_mutex);
}

unsigned lk_lmdb_count_snapshots(struct lk_store *s) {
    unsigned count = 0;

    pthread_mutex_lock(&registry_mutex);
    for (struct lk_snapshot *snap = s->snapshots; snap != NULL; snap = snap->next_of_store) {
        count += atomic_load(&snap->active);
    }
    pthread_mutex_unlock(&registry_mutex);
    return count;
}

/* Waits until nobody is in the map. Returns 0, or LK_ERR_BUSY after REMAP_WAIT_MS. */
static int wait_for_others(struct lk_store *s) {
    const struct timespec step = {0, 1000000};

    for (int waited = 0; waited < REMAP_WAIT_MS; waited++) {
        if (lk_lmdb_count_snapshots(s) == 0 && !atomic_load(&s->writing)) {
            return 0;
        }
        nanosleep(&step, NULL);
    }
    return LK_ERR_BUSY;
}

int lk_lmdb_measure(struct lk_store *s) {
    MDB_envinfo info;
    MDB_stat stat;
    int rc = mdb_env_info(s->env, &info);

    if (rc == 0) {
        rc = mdb_env_stat(s->env, &stat);
    }
    if (rc != 0) {
        return lk_lmdb_err(rc);
    }
    s->page_size = stat.ms_psize;
    atomic_store(&s->map_pages, info.me_mapsize / stat.ms_psize);
    return 0;
}

int lk_lmdb_remap(struct lk_store *s) {
    int rc;

    lk_blocking_begin();
    pthread_mutex_lock(&s->remap_mutex);
    atomic_store(&s->remapping, true);
    rc = wait_for_others(s);
    if (rc == 0) {
        rc = lk_lmdb_err(mdb_env_set_mapsize(s->env, 0));
    }
    if (rc == 0) {
        rc = lk_lmdb_measure(s);
    }
    atomic_store(&s->remapping, false);
    pthread_mutex_unlock(&s->remap_mutex);
    lk_blocking_end();
    return rc;
}
