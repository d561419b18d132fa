/*
 * What an operator asks of the store: how full it is, whether it takes writes, and a copy of it.
 */
#include "store/lmdb_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Pages that a small write may add: a split all along a path, in two tables. */
#define SMALL_WRITE_PAGES 8
/* A deletion copies a path in each of a dozen tables, and what the change before it freed cannot be used yet:
   fewer pages, and nothing can be deleted from a full store of 64 pages. Smaller pages make longer paths. */
#define RESERVE_MIN 36
#define RESERVE_PART 8
#define RESERVE_PART_SMALL 5 /* of pages below 4 KB */

uint64_t lk_lmdb_reserve(const struct lk_store *s) {
    uint64_t part = atomic_load(&s->map_pages) / (s->page_size < 4096 ? RESERVE_PART_SMALL : RESERVE_PART);

    return part < RESERVE_MIN ? RESERVE_MIN : part > 256 ? 256 : part;
}

int lk_store_usage(struct lk_store *s, struct lk_store_usage *usage) {
    *usage = (struct lk_store_usage){
        .map_size = (uint64_t)atomic_load(&s->map_pages) * s->page_size,
        .used = (uint64_t)atomic_load(&s->used_pages) * s->page_size,
        .commits = atomic_load(&s->commits),
        .writes = atomic_load(&s->writes),
        .readers = lk_lmdb_count_snapshots(s),
    };
    return 0;
}

int lk_store_ready(struct lk_store *s) {
    struct lk_txn *txn;
    int rc = lk_store_read_begin(s, &txn);

    /* A thread that reads already shows that one can. */
    if (rc == 0) {
        lk_store_read_end(txn);
    } else if (rc != LK_ERR_BUSY) {
        return rc;
    }
    if (s->read_only) {
        return LK_ERR_READ_ONLY;
    }
    if (atomic_load(&s->used_pages) + lk_lmdb_reserve(s) + SMALL_WRITE_PAGES > atomic_load(&s->map_pages)) {
        return LK_ERR_FULL;
    }
    return lk_port_store_room(s->dir);
}

/* Writes the compacted copy to `path` and makes it durable. */
static int copy_to(struct lk_store *s, const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc;

    if (fd < 0) {
        return errno == EEXIST ? LK_ERR_EXISTS : lk_lmdb_err(errno);
    }
    rc = lk_lmdb_err(mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT));
    if (rc == 0 && fsync(fd) != 0) {
        rc = lk_lmdb_err(errno);
    }
    if (close(fd) != 0 && rc == 0) {
        rc = lk_lmdb_err(errno);
    }
    if (rc != 0) {
        unlink(path);
    }
    return rc;
}

int lk_store_backup(struct lk_store *s, const char *dir) {
    char path[LK_STORE_PATH_MAX + sizeof "/" LK_STORE_DATA_FILE];
    struct lk_port_dir_id id;
    struct lk_txn *txn;
    int len = snprintf(path, sizeof(path), "%s/%s", dir, LK_STORE_DATA_FILE);
    int rc;

    if (len < 0 || (size_t)len >= sizeof(path)) {
        return LK_ERR_TOO_LARGE;
    }
    rc = lk_port_store_dir(dir, true, &id);
    if (rc != 0) {
        return rc;
    }
    /* The copy has a transaction of its own; ours only keeps the map where it is. */
    rc = lk_store_read_begin(s, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = copy_to(s, path);
    lk_store_read_end(txn);
    return rc != 0 ? rc : lk_port_store_sync_dir(dir);
}
