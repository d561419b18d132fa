/*
 * Group commit. Writers queue up; the one at the head leads: it runs the functions of those queued behind it
 * inside one transaction, in their order, commits, and hands the lead to whoever is then first. While it
 * waits for the medium the next batch gathers by itself.
 *
 * LMDB has nested transactions, but not cheap ones: a function that fails after it changed something makes
 * the whole transaction be thrown away and redone without it. Results count only when the transaction they
 * were seen in has been committed.
 */
#include "base/blocking.h"
#include "store/lmdb_store.h"

#include <time.h>

enum turn { WAITS, LEADS, DONE };

struct lk_writer {
    int (*fn)(struct lk_txn *txn, void *arg);
    void *arg;
    int result;
    bool left_out; /* of this try: failed after a change in an earlier one */
    struct lk_writer *next;
    /* its own, so that a batch that is woken at once does not queue for a shared one */
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    enum turn turn; /* under the mutex */
};

struct batch {
    struct lk_writer *writers[LK_STORE_BATCH];
    unsigned count;
};

/* Now and then, gives back the slots of readers whose process died. */
static void sweep_readers(struct lk_store *s) {
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) == 0 && now.tv_sec - s->swept >= LK_STORE_SWEEP_SECONDS) {
        s->swept = now.tv_sec;
        mdb_reader_check(s->env, NULL);
    }
}

static void abandon(struct lk_txn *txn) {
    mdb_txn_abort(txn->mdb);
    atomic_store(&txn->store->writing, false);
}

static int begun(struct lk_txn *txn) {
    int rc = lk_lmdb_used_pages(txn->store, txn->mdb, &txn->used);

    if (rc != 0) {
        abandon(txn);
    }
    return rc;
}

static int begin(struct lk_store *s, struct lk_txn *txn) {
    int rc = MDB_MAP_RESIZED;

    *txn = (struct lk_txn){.store = s, .write = true};
    for (int attempt = 0; attempt < 3 && rc == MDB_MAP_RESIZED; attempt++) {
        lk_lmdb_enter(s, &s->writing);
        lk_blocking_begin();
        rc = mdb_txn_begin(s->env, NULL, 0, &txn->mdb);
        lk_blocking_end();
        if (rc == 0) {
            return begun(txn);
        }
        atomic_store(&s->writing, false);
        if (rc == MDB_MAP_RESIZED) {
            int moved = lk_lmdb_remap(s);

            if (moved != 0) {
                return moved;
            }
        }
    }
    return lk_lmdb_err(rc);
}

/*
 * Whether what is left of the map lets this transaction be committed. The last part of it is for functions
 * that delete: LMDB copies the pages it changes, so that a map without a free page could not even be emptied. On
 * small pages that is more of them: an account stands in a dozen trees of four or five levels.
 */
static int check_room(struct lk_txn *txn, uint64_t *used) {
    struct lk_store *s = txn->store;
    uint64_t limit = atomic_load(&s->map_pages);
    uint64_t reserve = lk_lmdb_reserve(s);
    int rc = lk_lmdb_used_pages(s, txn->mdb, used);

    if (rc != 0 || *used <= txn->used) {
        return rc;
    }
    limit -= txn->deleted ? reserve / 4 : reserve;
    return *used > limit ? LK_ERR_FULL : 0;
}

/* Ends the transaction, whether it succeeds or not. `count` functions are in it. */
static int commit(struct lk_txn *txn, unsigned count) {
    struct lk_store *s = txn->store;
    uint64_t used = 0;
    int rc = check_room(txn, &used);

    if (rc != 0) {
        abandon(txn);
        return rc;
    }
    lk_blocking_begin();
    rc = lk_lmdb_err(mdb_txn_commit(txn->mdb));
    lk_blocking_end();
    atomic_store(&s->writing, false);
    if (rc == 0) {
        atomic_store(&s->used_pages, (size_t)used);
        atomic_fetch_add(&s->commits, 1);
        atomic_fetch_add(&s->writes, count);
    } else if (rc == LK_ERR_IO) {
        int room = lk_port_store_room(s->dir);

        rc = room != 0 ? room : rc; /* LMDB calls a write that was cut short an I/O error */
    }
    return rc;
}

static int call(struct lk_txn *txn, const struct lk_writer *w) {
    int rc;

    txn->changes = 0;
    rc = w->fn(txn, w->arg);
    return txn->failed != 0 ? txn->failed : rc;
}

/* One function in a transaction of its own. */
static void run_alone(struct lk_store *s, struct lk_writer *w) {
    struct lk_txn txn;

    w->result = begin(s, &txn);
    if (w->result != 0) {
        return;
    }
    w->result = call(&txn, w);
    if (w->result != 0 || txn.changes == 0) {
        abandon(&txn);
    } else {
        w->result = commit(&txn, 1);
    }
}

static void fail_all(struct batch *b, int result) {
    for (unsigned i = 0; i < b->count; i++) {
        b->writers[i]->result = result;
    }
}

/* What one try at a batch came to. */
enum outcome { TRY_COMMITTED, TRY_REDO, TRY_ALONE };

/*
 * Runs the functions that are not left out, until the transaction is as large as it may get: the batch is
 * then cut there. TRY_REDO when one failed after a change, and is left out from then on.
 */
static enum outcome run_functions(struct lk_txn *txn, struct batch *b, unsigned *committed) {
    bool any_change = false;
    bool any_delete = true;
    unsigned good = 0;
    int rc;

    for (unsigned i = 0; i < b->count; i++) {
        struct lk_writer *w = b->writers[i];

        if (w->left_out) {
            continue;
        }
        if (txn->pages > LK_STORE_BATCH_PAGES) {
            b->count = i;
            break;
        }
        txn->deleted = false;
        w->result = call(txn, w);
        any_delete = any_delete && txn->deleted;
        if (txn->failed != 0 || (w->result != 0 && txn->changes != 0)) {
            w->left_out = true;
            abandon(txn);
            return txn->failed != 0 ? TRY_ALONE : TRY_REDO;
        }
        any_change = any_change || txn->changes != 0;
        good += w->result == 0;
    }
    if (!any_change) {
        abandon(txn);
        return TRY_COMMITTED;
    }
    txn->deleted = any_delete;
    rc = commit(txn, good);
    if (rc == LK_ERR_FULL) {
        return TRY_ALONE;
    }
    if (rc != 0) {
        fail_all(b, rc);
    }
    *committed = good;
    return TRY_COMMITTED;
}

/* Runs the batch, or as much of its front as fits a transaction; b->count then says how much. */
static void run_batch(struct lk_store *s, struct batch *b) {
    enum outcome outcome = b->count == 1 ? TRY_ALONE : TRY_REDO;
    unsigned committed = 0;

    for (unsigned i = 0; i < b->count; i++) {
        b->writers[i]->left_out = false;
    }
    while (outcome == TRY_REDO) {
        struct lk_txn txn;
        int rc = begin(s, &txn);

        if (rc != 0) {
            fail_all(b, rc);
            return;
        }
        outcome = run_functions(&txn, b, &committed);
    }
    for (unsigned i = 0; outcome == TRY_ALONE && i < b->count; i++) {
        run_alone(s, b->writers[i]);
    }
}

/* The last that is seen of a writer, unless it leads: it may be gone when this returns. */
static void tell(struct lk_writer *w, enum turn turn) {
    pthread_mutex_lock(&w->mutex);
    w->turn = turn;
    pthread_cond_signal(&w->woken);
    pthread_mutex_unlock(&w->mutex);
}

static enum turn wait_turn(struct lk_writer *w) {
    lk_blocking_begin();
    pthread_mutex_lock(&w->mutex);
    while (w->turn == WAITS) {
        pthread_cond_wait(&w->woken, &w->mutex);
    }
    enum turn turn = w->turn;
    pthread_mutex_unlock(&w->mutex);
    lk_blocking_end();
    return turn;
}

/* Takes the finished batch off the queue, makes the next one lead, and wakes the writers. */
static void finish_batch(struct lk_store *s, const struct batch *b, const struct lk_writer *self) {
    pthread_mutex_lock(&s->queue_mutex);
    struct lk_writer *next = b->writers[b->count - 1]->next;
    s->queue_head = next;
    s->queued -= b->count;
    if (next == NULL) {
        s->queue_tail = NULL;
        pthread_cond_broadcast(&s->idle);
    }
    pthread_mutex_unlock(&s->queue_mutex);
    /* The store may be closed from here on, but for the writers that are queued. */
    if (next != NULL) {
        tell(next, LEADS);
    }
    for (unsigned i = 0; i < b->count; i++) {
        if (b->writers[i] != self) {
            tell(b->writers[i], DONE);
        }
    }
}

static void lead(struct lk_store *s, const struct lk_writer *self) {
    struct batch b = {.count = 0};

    pthread_mutex_lock(&s->queue_mutex);
    for (struct lk_writer *w = s->queue_head; w != NULL && b.count < LK_STORE_BATCH; w = w->next) {
        b.writers[b.count++] = w;
    }
    pthread_mutex_unlock(&s->queue_mutex);
    sweep_readers(s);
    run_batch(s, &b);
    finish_batch(s, &b, self);
}

/* True when the queue was empty: the writer then leads. */
static bool enqueue(struct lk_store *s, struct lk_writer *w) {
    pthread_mutex_lock(&s->queue_mutex);
    bool leads = s->queue_tail == NULL;
    if (leads) {
        s->queue_head = w;
    } else {
        s->queue_tail->next = w;
    }
    s->queue_tail = w;
    s->queued++;
    pthread_mutex_unlock(&s->queue_mutex);
    return leads;
}

int lk_store_write(struct lk_store *s, int (*fn)(struct lk_txn *txn, void *arg), void *arg) {
    struct lk_writer self = {.fn = fn, .arg = arg, .turn = WAITS};

    if (s->read_only) {
        return LK_ERR_READ_ONLY;
    }
    if (pthread_mutex_init(&self.mutex, NULL) != 0) {
        return LK_ERR_NO_MEMORY;
    }
    if (pthread_cond_init(&self.woken, NULL) != 0) {
        pthread_mutex_destroy(&self.mutex);
        return LK_ERR_NO_MEMORY;
    }
    if (enqueue(s, &self) || wait_turn(&self) == LEADS) {
        lead(s, &self);
    }
    pthread_cond_destroy(&self.woken);
    pthread_mutex_destroy(&self.mutex);
    return self.result;
}
