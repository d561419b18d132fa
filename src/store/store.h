/*
 * Ordered tables in transactions: the interface that the rules in src/account stand on. Keys and values are
 * bytes; keys sort by memcmp. One backend is LMDB (lmdb_*.c); the interface asks no more than any ordered
 * transactional store can give (a second one may be PostgreSQL).
 *
 * Reading takes a snapshot and no lock. Writing is a function that is run inside a transaction: concurrent
 * writers share one durable commit (group commit), and none returns before its change is on the medium.
 */
#ifndef LK_STORE_STORE_H
#define LK_STORE_STORE_H

#include "base/err.h"
#include "base/str.h"

#define LK_STORE_KEY_MAX 255 /* bytes of a key */

/* What each table holds, its key and its record are in SPEC.md; the numbers are part of the format. */
enum lk_table {
    LK_TABLE_META,        /* name → value: format version, counters */
    LK_TABLE_ACCOUNT,     /* account id → account record */
    LK_TABLE_BY_USERNAME, /* NFKC username → account id */
    LK_TABLE_BY_EMAIL,    /* lower-case email → account id */
    LK_TABLE_PROFILE,     /* account id → profile record */
    LK_TABLE_PICTURE,     /* picture name → owner id, content type, bytes */
    LK_TABLE_SESSION,     /* session id → session record */
    LK_TABLE_SESSION_OF,  /* account id + session id → nothing */
    LK_TABLE_LINK,        /* hash of a mailed secret → link record */
    LK_TABLE_THROTTLE,    /* account id → failed logins */
    LK_TABLE_AUDIT,       /* sequence number → audit record */
    LK_TABLE_OUTBOX,      /* sequence number → mail waiting to leave */
    LK_TABLE_COUNT
};

#define LK_STORE_FORMAT 3 /* the version of SPEC.md that this build writes */

struct lk_store;
struct lk_txn;

struct lk_store_options {
    const char *dir;      /* the folder that holds the store; made if missing */
    size_t map_size;      /* bytes, the most the store can grow to */
    unsigned max_readers; /* threads that read at once, 1..4096 */
    bool exclusive;       /* the server: LK_ERR_BUSY when another server has the same data open */
    bool read_only;       /* no change is made, not even a migration (LK_ERR_VERSION for an older format) */
    /* Told before each step of a migration, when the store is of format `from`, and once more when it is of format `to`,
       before that is durable. May be NULL. */
    void (*migrating)(void *arg, uint32_t from, uint32_t to);
    void *migrating_arg;
};

/*
 * Opens, makes or migrates the store. An older format is migrated in one transaction; a newer one is
 * LK_ERR_VERSION. Returns 0, LK_ERR_BUSY, LK_ERR_VERSION, LK_ERR_CORRUPT, LK_ERR_READ_ONLY, LK_ERR_FULL,
 * LK_ERR_NO_MEMORY, LK_ERR_IO, LK_ERR_INVALID (an option out of bounds), LK_ERR_DENIED (others than the owner
 * may enter the folder), or LK_ERR_NOT_FOUND (no folder to make `dir` in, or nothing to read with read_only).
 * *why, when not NULL, is set on an error to a constant English sentence that says what is wrong and what to
 * do. A process has the same folder open once at a time; a second time is LK_ERR_BUSY.
 */
int lk_store_open(struct lk_store **out, const struct lk_store_options *options, const char **why);
/* Waits for the writers under way. No call may start meanwhile. */
void lk_store_close(struct lk_store *s);

/*
 * Begins to read a snapshot. Every success is ended with lk_store_read_end by the same thread; a thread has
 * at most one at a time (LK_ERR_BUSY). Values read stay valid until then. Pages that a snapshot still sees
 * are not used again: one that is held for minutes under load lets the map fill up. Returns 0, LK_ERR_FULL
 * (too many readers), LK_ERR_NO_MEMORY or LK_ERR_IO.
 */
int lk_store_read_begin(struct lk_store *s, struct lk_txn **txn);
void lk_store_read_end(struct lk_txn *txn);

/*
 * Runs `fn` inside a write transaction and returns once the transaction is durable, together with others'
 * when they come at the same time. `fn` returns 0 to commit, or an error, which then is returned and nothing
 * of it is kept. `fn` may be run more than once (a batch is redone without the one that failed): all it does
 * must follow from `arg` and the store, and what it leaves in `arg` must be written anew each time. It must
 * not block, and it must not call lk_store_write. Returns fn's error, LK_ERR_FULL, LK_ERR_READ_ONLY,
 * LK_ERR_WORN, LK_ERR_IO or LK_ERR_NO_MEMORY.
 *
 * A small part of the map is kept back: functions that would make the store grow into it get LK_ERR_FULL,
 * those that delete or replace still go through, so that a full store can be emptied.
 */
int lk_store_write(struct lk_store *s, int (*fn)(struct lk_txn *txn, void *arg), void *arg);

/* Looks `key` up. The value is borrowed until the transaction ends or, inside a write, until the next change.
   Returns 0, LK_ERR_NOT_FOUND or LK_ERR_IO. */
int lk_get(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str *value);
/* Writes `key`; replaces what is there. Returns 0, LK_ERR_FULL, LK_ERR_TOO_LARGE (key), LK_ERR_INVALID (empty
   key), LK_ERR_READ_ONLY (in a snapshot) or LK_ERR_IO. */
int lk_put(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str value);
/* Writes `key` only where there is none. LK_ERR_EXISTS otherwise. */
int lk_put_new(struct lk_txn *txn, enum lk_table table, struct lk_str key, struct lk_str value);
/* Removes `key`. Returns 0, LK_ERR_NOT_FOUND, LK_ERR_FULL or LK_ERR_IO. */
int lk_del(struct lk_txn *txn, enum lk_table table, struct lk_str key);

/*
 * Walks a table in key order. The first call gives the first key >= `from`; each lk_cursor_next the one
 * after. A cursor is ended by lk_cursor_close before its transaction. In a write transaction the walk
 * survives lk_del of the key it stands on. Key and value are borrowed as with lk_get.
 */
struct lk_cursor {
    void *impl;
    enum lk_table table;
};
/* Returns 0, LK_ERR_NOT_FOUND (nothing there; nothing to close) or LK_ERR_IO, LK_ERR_NO_MEMORY. */
int lk_cursor_seek(struct lk_cursor *c, struct lk_txn *txn, enum lk_table table, struct lk_str from,
                   struct lk_str *key, struct lk_str *value);
/* The last key of the table; walk on with lk_cursor_prev. */
int lk_cursor_last(struct lk_cursor *c, struct lk_txn *txn, enum lk_table table, struct lk_str *key,
                   struct lk_str *value);
/* Returns 0, LK_ERR_NOT_FOUND at the end (the cursor is still to be closed) or LK_ERR_IO. */
int lk_cursor_next(struct lk_cursor *c, struct lk_str *key, struct lk_str *value);
int lk_cursor_prev(struct lk_cursor *c, struct lk_str *key, struct lk_str *value);
void lk_cursor_close(struct lk_cursor *c);

/* The number of records in a table. */
int lk_table_count(struct lk_txn *txn, enum lk_table table, uint64_t *count);

struct lk_store_usage {
    uint64_t map_size; /* bytes the store may grow to */
    uint64_t used;     /* bytes of pages in use */
    uint64_t commits;  /* durable commits since it was opened */
    uint64_t writes;   /* write functions committed since it was opened */
    unsigned readers;  /* snapshots open now */
};
int lk_store_usage(struct lk_store *s, struct lk_store_usage *usage);

/* Copies a consistent snapshot, compacted and durable, into the folder `dir` (made, mode 0700; holds no
   store yet) while others read and write. The calling thread has no snapshot open. Returns 0,
   LK_ERR_EXISTS, LK_ERR_BUSY, LK_ERR_DENIED, LK_ERR_NOT_FOUND, LK_ERR_FULL, LK_ERR_READ_ONLY or LK_ERR_IO. */
int lk_store_backup(struct lk_store *s, const char *dir);

/* A cheap test that a write would go through: the folder is writable, the map and the disk have room. For
   /readyz. Returns 0, LK_ERR_FULL, LK_ERR_READ_ONLY, LK_ERR_WORN or LK_ERR_IO. */
int lk_store_ready(struct lk_store *s);

#endif
