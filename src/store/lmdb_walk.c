/*
 * A walk through every page that a header leads to. It proves what LMDB takes for granted: a page is what it says, its
 * records lie within it, keys are in order, every page has one use. It reads the structure alone; what a record says is
 * src/account's to judge.
 */
#include "store/lmdb_file.h"
#include "store/lmdb_store.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 511 /* LMDB's own bound */
#define LIST_PIECE 64

enum { NODE_BIG_DATA = 0x01, NODE_SUB_TREE = 0x02, NODE_HEAD = 8 };

enum tree_kind { FREE_LIST, DIRECTORY, TABLE };

struct walk {
    const struct lk_lmdb_file *f;
    size_t page_size;
    unsigned char *used; /* a bit a page */
    size_t present;      /* pages that are wholly in the file */
    /* of the tree that is walked: */
    enum tree_kind kind;
    size_t entries;
    unsigned char last[KEY_MAX]; /* the key that was met last */
    size_t last_len;
    bool any;
    bool may_equal; /* it was a branch's, which is the least that may follow */
};

struct node {
    uint32_t len; /* of the data; in a branch the low half of the child's number */
    uint16_t flags;
    const unsigned char *key;
    size_t key_len;
    size_t data; /* where it begins in the page */
};

static int walk_tree(struct walk *w, const struct lk_lmdb_tree *t, enum tree_kind kind);

/* Each page has one use. */
static int mark(struct walk *w, size_t number, size_t count, size_t end) {
    if (number < 2 || number >= end || count < 1 || count > end - number) {
        return LK_ERR_CORRUPT;
    }
    for (size_t i = number; i < number + count; i++) {
        unsigned char bit = (unsigned char)(1u << i % 8);
        if ((w->used[i / 8] & bit) != 0) {
            return LK_ERR_CORRUPT;
        }
        w->used[i / 8] |= bit;
    }
    return 0;
}

/* --- keys ----------------------------------------------------------------------------------------------- */

/* As LMDB compares: free pages are listed under the numbers of transactions. */
static int compare(const struct walk *w, const unsigned char *key, size_t len) {
    if (w->kind == FREE_LIST) {
        size_t a;
        size_t b;
        memcpy(&a, key, sizeof(a));
        memcpy(&b, w->last, sizeof(b));
        return a > b ? 1 : a < b ? -1 : 0;
    }
    int order = memcmp(key, w->last, len < w->last_len ? len : w->last_len);
    return order != 0 ? order : len > w->last_len ? 1 : len < w->last_len ? -1 : 0;
}

static int follow_key(struct walk *w, const struct node *n, bool branch) {
    bool good =
        n->key_len >= 1 && n->key_len <= KEY_MAX && (w->kind != FREE_LIST || n->key_len == sizeof(size_t));
    if (!good) {
        return LK_ERR_CORRUPT;
    }
    int order = w->any ? compare(w, n->key, n->key_len) : 1;
    if (order < 0 || (order == 0 && !w->may_equal)) {
        return LK_ERR_CORRUPT;
    }
    memcpy(w->last, n->key, n->key_len);
    w->last_len = n->key_len;
    w->any = true;
    w->may_equal = branch;
    return 0;
}

/* --- leaves --------------------------------------------------------------------------------------------- */

/* A list of free pages, `room` bytes at `offset` of the file: how many, then their numbers, the highest first. */
static int walk_list(struct walk *w, uint64_t offset, size_t room) {
    size_t piece[LIST_PIECE];
    size_t count;
    size_t before = SIZE_MAX;
    int rc = room < sizeof(count) ? LK_ERR_CORRUPT : lk_lmdb_read_at(w->f, offset, &count, sizeof(count));

    if (rc != 0 || count > room / sizeof(count) - 1) {
        return rc != 0 ? rc : LK_ERR_CORRUPT;
    }
    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (i % LIST_PIECE == 0) {
            size_t n = count - i < LIST_PIECE ? count - i : LIST_PIECE;
            rc = lk_lmdb_read_at(w->f, offset + (i + 1) * sizeof(*piece), piece, n * sizeof(*piece));
        }
        size_t number = piece[i % LIST_PIECE];
        if (rc == 0) { /* a page that is free need not be in the file */
            rc = number < before ? mark(w, number, 1, w->f->meta.last_page + 1) : LK_ERR_CORRUPT;
        }
        before = number;
    }
    return rc;
}

/* Data that has pages of its own. */
static int walk_big(struct walk *w, const unsigned char *page, const struct node *n) {
    unsigned char bytes[LK_LMDB_HEAD];
    struct lk_lmdb_head head;
    size_t number;

    memcpy(&number, page + n->data, sizeof(number));
    if (number < 2 || number >= w->present) {
        return LK_ERR_CORRUPT;
    }
    int rc = lk_lmdb_read_at(w->f, (uint64_t)number * w->page_size, bytes, sizeof(bytes));
    if (rc != 0) {
        return rc;
    }
    memcpy(&head, bytes, LK_LMDB_HEAD);
    size_t count = head.lower | (size_t)head.upper << 16;
    uint64_t needed = ((uint64_t)n->len + LK_LMDB_HEAD + w->page_size - 1) / w->page_size;
    if (head.number != number || head.flags != LK_LMDB_OVERFLOW || count < needed) {
        return LK_ERR_CORRUPT;
    }
    rc = mark(w, number, count, w->present);
    if (rc == 0 && w->kind == FREE_LIST) {
        rc = walk_list(w, (uint64_t)number * w->page_size + LK_LMDB_HEAD, n->len);
    }
    return rc;
}

/* A table: its root stands in the directory. */
static int walk_table(struct walk *w, const unsigned char *page, const struct node *n) {
    struct lk_lmdb_tree t;
    struct walk inner = {.f = w->f, .page_size = w->page_size, .used = w->used, .present = w->present};

    if (n->len != sizeof(t)) {
        return LK_ERR_CORRUPT;
    }
    memcpy(&t, page + n->data, sizeof(t));
    if (t.flags != 0 || t.page_size != 0) {
        return LK_ERR_CORRUPT;
    }
    return walk_tree(&inner, &t, TABLE);
}

static int walk_leaf_node(struct walk *w, size_t number, const unsigned char *page, const struct node *n) {
    bool big = n->flags == NODE_BIG_DATA;
    size_t stored = big ? sizeof(size_t) : n->len;
    uint16_t wanted = w->kind == DIRECTORY ? NODE_SUB_TREE : 0;

    if ((!big && n->flags != wanted) || (big && w->kind == DIRECTORY) || stored > w->page_size - n->data) {
        return LK_ERR_CORRUPT;
    }
    int rc = follow_key(w, n, false);
    if (rc != 0) {
        return rc;
    }
    w->entries++;
    if (big) {
        return walk_big(w, page, n);
    }
    switch (w->kind) {
    case FREE_LIST:
        return walk_list(w, (uint64_t)number * w->page_size + n->data, n->len);
    case DIRECTORY:
        return walk_table(w, page, n);
    case TABLE:
        break;
    }
    return 0;
}

/* --- pages ---------------------------------------------------------------------------------------------- */

/* Reads page `number`, which has to be of that sort, and marks it. *count is how many records it has. */
static int take_page(struct walk *w, size_t number, bool branch, unsigned char *page, size_t *count,
                     size_t *upper) {
    struct lk_lmdb_head head;
    int rc = mark(w, number, 1, w->present);

    if (rc == 0) {
        rc = lk_lmdb_read_at(w->f, (uint64_t)number * w->page_size, page, w->page_size);
    }
    if (rc != 0) {
        return rc;
    }
    memcpy(&head, page, LK_LMDB_HEAD);
    bool good = head.number == number && head.flags == (branch ? LK_LMDB_BRANCH : LK_LMDB_LEAF) &&
                head.lower >= LK_LMDB_HEAD && head.lower % 2 == 0 && head.lower <= head.upper &&
                head.upper <= w->page_size;
    if (!good) {
        return LK_ERR_CORRUPT;
    }
    *count = (head.lower - LK_LMDB_HEAD) / 2;
    *upper = head.upper;
    /* LMDB itself stops the program at a branch of one. */
    return *count >= (branch && w->kind != FREE_LIST ? 2 : 1) ? 0 : LK_ERR_CORRUPT;
}

static int read_node(const struct walk *w, const unsigned char *page, size_t i, size_t upper,
                     struct node *n) {
    uint16_t at;
    uint16_t key_len;

    memcpy(&at, page + LK_LMDB_HEAD + 2 * i, sizeof(at));
    if (at < upper || at % 2 != 0 || at + (size_t)NODE_HEAD > w->page_size) {
        return LK_ERR_CORRUPT;
    }
    memcpy(&n->len, page + at, sizeof(n->len));
    memcpy(&n->flags, page + at + 4, sizeof(n->flags));
    memcpy(&key_len, page + at + 6, sizeof(key_len));
    n->key = page + at + NODE_HEAD;
    n->key_len = key_len;
    n->data = at + (size_t)NODE_HEAD + key_len;
    return n->data <= w->page_size ? 0 : LK_ERR_CORRUPT;
}

/* Walks page `number` and what is below it; it is `depth` pages, itself one of them, to the leaves. */
static int walk_page(struct walk *w, size_t number, unsigned depth) {
    unsigned char *page = malloc(w->page_size);
    size_t count = 0;
    size_t upper = 0;
    int rc = page == NULL ? LK_ERR_NO_MEMORY : take_page(w, number, depth > 1, page, &count, &upper);

    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct node n;
        rc = read_node(w, page, i, upper, &n);
        if (rc == 0 && depth == 1) {
            rc = walk_leaf_node(w, number, page, &n);
        } else if (rc == 0) {
            rc = i > 0 ? follow_key(w, &n, true) : 0; /* the first is for all that is less */
            if (rc == 0) {
                rc = walk_page(w, (size_t)(n.len | (uint64_t)n.flags << 32), depth - 1);
            }
        }
    }
    free(page);
    return rc;
}

static int walk_tree(struct walk *w, const struct lk_lmdb_tree *t, enum tree_kind kind) {
    w->kind = kind;
    w->entries = 0;
    w->any = false;
    if (!lk_lmdb_is_tree(t, w->f->meta.last_page)) {
        return LK_ERR_CORRUPT;
    }
    int rc = t->root == LK_LMDB_NO_PAGE ? 0 : walk_page(w, t->root, t->depth);
    return rc == 0 && w->entries != t->entries ? LK_ERR_CORRUPT : rc;
}

int lk_lmdb_walk(const struct lk_lmdb_file *f) {
    const struct lk_lmdb_meta *m = &f->meta;
    size_t page_size = m->free_list.page_size;
    uint64_t present = f->size / page_size;
    size_t pages = m->last_page + 1;
    struct walk w = {.f = f, .page_size = page_size, .present = present < pages ? (size_t)present : pages};

    w.used = calloc(pages / 8 + 1, 1);
    if (w.used == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    int rc = walk_tree(&w, &m->free_list, FREE_LIST);
    if (rc == 0) {
        rc = walk_tree(&w, &m->directory, DIRECTORY);
    }
    free(w.used);
    return rc;
}
