/*
 * LMDB's file as it lies on the medium: data version 1, in this machine's word size and byte order. Private to
 * lmdb_check.c and lmdb_walk.c, which read it without the map.
 */
#ifndef LK_STORE_LMDB_FILE_H
#define LK_STORE_LMDB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_LMDB_NO_PAGE SIZE_MAX

enum lk_lmdb_page {
    LK_LMDB_BRANCH = 0x01,
    LK_LMDB_LEAF = 0x02,
    LK_LMDB_OVERFLOW = 0x04,
    LK_LMDB_META = 0x08
};

struct lk_lmdb_head {
    size_t number;
    uint16_t pad;
    uint16_t flags;
    uint16_t lower; /* with upper, the number of pages of a large value */
    uint16_t upper;
};
#define LK_LMDB_HEAD (sizeof(size_t) + 8)

struct lk_lmdb_tree {
    uint32_t page_size; /* in the first of the two trees of a header; 0 in others */
    uint16_t flags;
    uint16_t depth;
    size_t branch_pages;
    size_t leaf_pages;
    size_t overflow_pages;
    size_t entries;
    size_t root;
};

struct lk_lmdb_meta {
    uint32_t magic;
    uint32_t version;
    size_t address;
    size_t map_size;
    struct lk_lmdb_tree free_list;
    struct lk_lmdb_tree directory;
    size_t last_page;
    size_t txn;
};

struct lk_lmdb_file {
    int fd;
    uint64_t size; /* bytes */
    struct lk_lmdb_meta meta;
};

/* Reads all of `len` bytes. Returns 0, LK_ERR_CORRUPT past the end, or LK_ERR_IO. */
int lk_lmdb_read_at(const struct lk_lmdb_file *f, uint64_t offset, void *out, size_t len);

/* Whether a tree could be what its header says: a root within the file, not too deep. */
bool lk_lmdb_is_tree(const struct lk_lmdb_tree *t, size_t last_page);

/*
 * Walks everything that `meta` leads to: the free pages, the directory of tables, and each table. Returns 0,
 * LK_ERR_CORRUPT, LK_ERR_NO_MEMORY or LK_ERR_IO.
 */
int lk_lmdb_walk(const struct lk_lmdb_file *f);

#endif
