/*
 * What the data file says of itself, read without its map. LMDB trusts its file: a page number past the end is a bus
 * error, and a flipped bit in a page leads it anywhere. So before a file is mapped its headers are held to their
 * rules, and before a record is looked at, every page that they lead to is (lmdb_walk.c).
 */
#include "store/lmdb_file.h"
#include "store/lmdb_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xBEEFC0DEu
#define DATA_VERSION 1u
#define DEPTH_MAX 32
#define INTEGER_KEYS 0x08u /* how LMDB keeps its list of free pages; the other trees have no flags */
#define RETRIES 8          /* when others commit while the headers are read */

int lk_lmdb_read_at(const struct lk_lmdb_file *f, uint64_t offset, void *out, size_t len) {
    char *to = out;

    while (len > 0) {
        ssize_t n = pread(f->fd, to, len, (off_t)offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0 ? LK_ERR_CORRUPT : LK_ERR_IO;
        }
        to += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

bool lk_lmdb_is_tree(const struct lk_lmdb_tree *t, size_t last_page) {
    if (t->root == LK_LMDB_NO_PAGE) {
        return t->entries == 0 && t->depth == 0;
    }
    return t->root >= 2 && t->root <= last_page && t->depth >= 1 && t->depth <= DEPTH_MAX;
}

static bool is_page_size(uint32_t n) {
    return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

static bool is_meta(const struct lk_lmdb_head *head, const struct lk_lmdb_meta *m) {
    return (head->flags & LK_LMDB_META) != 0 && m->magic == MAGIC && m->version == DATA_VERSION &&
           is_page_size(m->free_list.page_size) && m->last_page >= 1 &&
           m->last_page <= SIZE_MAX / m->free_list.page_size - 1 && m->free_list.flags == INTEGER_KEYS &&
           m->directory.flags == 0 && lk_lmdb_is_tree(&m->free_list, m->last_page) &&
           lk_lmdb_is_tree(&m->directory, m->last_page);
}

/* Reads the header at `offset` and holds it to its rules. */
static int read_meta(const struct lk_lmdb_file *f, uint64_t offset, struct lk_lmdb_meta *m) {
    unsigned char bytes[LK_LMDB_HEAD + sizeof(*m)];
    struct lk_lmdb_head head;
    int rc = lk_lmdb_read_at(f, offset, bytes, sizeof(bytes));

    if (rc != 0) {
        return rc;
    }
    memcpy(&head, bytes, LK_LMDB_HEAD);
    memcpy(m, bytes + LK_LMDB_HEAD, sizeof(*m));
    return is_meta(&head, m) ? 0 : LK_ERR_CORRUPT;
}

/* Reads both headers and keeps the one of `txn`, or with 0 the newer. LK_ERR_AGAIN: there is none of `txn`. */
static int read_metas(struct lk_lmdb_file *f, size_t txn) {
    struct lk_lmdb_meta other;
    int rc = read_meta(f, 0, &f->meta);

    if (rc == 0) {
        rc = read_meta(f, f->meta.free_list.page_size, &other);
    }
    if (rc != 0) {
        return rc;
    }
    if (other.free_list.page_size != f->meta.free_list.page_size) {
        return LK_ERR_CORRUPT;
    }
    if (txn == 0 ? other.txn > f->meta.txn : other.txn == txn) {
        f->meta = other;
    }
    return txn == 0 || f->meta.txn == txn ? 0 : LK_ERR_AGAIN;
}

/* Opens the file. Returns 0, LK_ERR_NOT_FOUND, or another error. */
static int open_file(struct lk_lmdb_file *f, const char *dir) {
    char path[LK_STORE_PATH_MAX + sizeof "/" LK_STORE_DATA_FILE];
    struct stat st;
    int len = snprintf(path, sizeof(path), "%s/%s", dir, LK_STORE_DATA_FILE);

    if (len < 0 || (size_t)len >= sizeof(path)) {
        return LK_ERR_IO;
    }
    /* Whoever put a pipe there shall not keep us waiting. */
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0) {
        return errno == ENOENT ? LK_ERR_NOT_FOUND : lk_lmdb_err(errno);
    }
    if (fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode)) {
        f->size = (uint64_t)st.st_size;
        return 0;
    }
    close(f->fd);
    return LK_ERR_IO;
}

int lk_lmdb_inspect(const char *dir, bool *fresh) {
    struct lk_lmdb_file f;
    int rc = open_file(&f, dir);

    *fresh = rc == LK_ERR_NOT_FOUND;
    if (rc != 0) {
        return *fresh ? 0 : rc;
    }
    *fresh = f.size == 0;
    rc = *fresh ? 0 : read_metas(&f, 0);
    close(f.fd);
    return rc;
}

/* Inside a snapshot no page that it sees is used again, whatever others write meanwhile. */
static int verify_snapshot(struct lk_store *s, MDB_txn *txn) {
    struct lk_lmdb_file f;
    int rc = open_file(&f, s->dir);

    if (rc != 0) {
        return rc;
    }
    rc = read_metas(&f, mdb_txn_id(txn));
    if (rc == 0) {
        rc = lk_lmdb_walk(&f);
    }
    close(f.fd);
    return rc;
}

int lk_lmdb_verify(struct lk_store *s) {
    int rc = LK_ERR_AGAIN;

    for (int i = 0; rc == LK_ERR_AGAIN && i < RETRIES; i++) {
        MDB_txn *txn;
        int err = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);

        if (err != 0) {
            return lk_lmdb_err(err);
        }
        rc = verify_snapshot(s, txn);
        mdb_txn_abort(txn);
    }
    return rc == LK_ERR_AGAIN ? LK_ERR_BUSY : rc;
}
