/*
 * What the data file says of itself, read without mapping it. LMDB trusts its file: a page number past the
 * end of a cut file is a bus error. So before a file is mapped its headers are held to their rules, and every
 * page that they count must be there, or be one that the list of free pages names (LMDB does not write pages
 * that it freed again).
 *
 * The structures are those of LMDB's data version 1, in this machine's word size and byte order.
 */
#include "store/lmdb_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xBEEFC0DEu
#define DATA_VERSION 1u
#define NO_PAGE SIZE_MAX
#define DEPTH_MAX 32

enum page_flags { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_OVERFLOW = 0x04, PAGE_META = 0x08 };
enum { NODE_BIG_DATA = 0x01, NODE_HEAD = 8 };

struct page_head {
    size_t number;
    uint16_t pad;
    uint16_t flags;
    uint16_t lower; /* with upper, the number of pages of a large value */
    uint16_t upper;
};
#define PAGE_HEAD (sizeof(size_t) + 8)

struct tree {
    uint32_t page_size; /* in the first of the two trees of a header */
    uint16_t flags;
    uint16_t depth;
    size_t branch_pages;
    size_t leaf_pages;
    size_t overflow_pages;
    size_t entries;
    size_t root;
};

struct meta {
    uint32_t magic;
    uint32_t version;
    size_t address;
    size_t map_size;
    struct tree free_list;
    struct tree directory;
    size_t last_page;
    size_t txn;
};

struct file {
    int fd;
    uint64_t size;
    struct meta meta;
    size_t missing_from; /* the first page that is not wholly in the file */
    size_t missing_free; /* of those, how many the list of free pages names */
};

/* Reads all of `len` bytes. Returns 0, LK_ERR_CORRUPT past the end, or LK_ERR_IO. */
static int read_at(const struct file *f, uint64_t offset, void *out, size_t len) {
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

static bool is_page_size(uint32_t n) {
    return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

static bool is_tree(const struct tree *t, size_t last_page) {
    if (t->root == NO_PAGE) {
        return t->entries == 0;
    }
    return t->root >= 2 && t->root <= last_page && t->depth >= 1 && t->depth <= DEPTH_MAX;
}

/* Reads the header at `offset` and holds it to its rules. */
static int read_meta(const struct file *f, uint64_t offset, struct meta *m) {
    unsigned char bytes[PAGE_HEAD + sizeof(*m)];
    struct page_head head;
    int rc = read_at(f, offset, bytes, sizeof(bytes));

    if (rc != 0) {
        return rc;
    }
    memcpy(&head, bytes, PAGE_HEAD);
    memcpy(m, bytes + PAGE_HEAD, sizeof(*m));
    if ((head.flags & PAGE_META) == 0 || m->magic != MAGIC || m->version != DATA_VERSION ||
        !is_page_size(m->free_list.page_size) || m->last_page < 1 ||
        m->last_page > SIZE_MAX / m->free_list.page_size - 1 || !is_tree(&m->free_list, m->last_page) ||
        !is_tree(&m->directory, m->last_page)) {
        return LK_ERR_CORRUPT;
    }
    return 0;
}

/* Reads both headers and keeps the newer one. */
static int read_metas(struct file *f) {
    struct meta other;
    int rc = read_meta(f, 0, &f->meta);

    if (rc != 0) {
        return rc;
    }
    rc = read_meta(f, f->meta.free_list.page_size, &other);
    if (rc != 0) {
        return rc;
    }
    if (other.free_list.page_size != f->meta.free_list.page_size) {
        return LK_ERR_CORRUPT;
    }
    if (other.txn > f->meta.txn) {
        f->meta = other;
    }
    return 0;
}

/* Reads page `number`, whose flags must have one of `want`, into `page`. */
static int read_page(const struct file *f, size_t number, unsigned want, unsigned char *page,
                     struct page_head *head) {
    uint32_t size = f->meta.free_list.page_size;
    int rc;

    if (number < 2 || number >= f->missing_from) {
        return LK_ERR_CORRUPT;
    }
    rc = read_at(f, (uint64_t)number * size, page, size);
    if (rc != 0) {
        return rc;
    }
    memcpy(head, page, PAGE_HEAD);
    return head->number == number && (head->flags & want) != 0 ? 0 : LK_ERR_CORRUPT;
}

/* Counts the free pages of one list, `count` numbers at `offset` of the file, that lie past its end. */
static int count_missing(struct file *f, uint64_t offset, size_t room) {
    size_t count;
    int rc = room < sizeof(count) ? LK_ERR_CORRUPT : read_at(f, offset, &count, sizeof(count));

    if (rc != 0 || count > room / sizeof(count) - 1) {
        return rc != 0 ? rc : LK_ERR_CORRUPT;
    }
    for (size_t i = 1; i <= count; i++) {
        size_t number;

        rc = read_at(f, offset + i * sizeof(number), &number, sizeof(number));
        if (rc != 0) {
            return rc;
        }
        if (number < 2 || number > f->meta.last_page) {
            return LK_ERR_CORRUPT;
        }
        f->missing_free += number >= f->missing_from;
    }
    return 0;
}

/* One record of the list of free pages: node `at` of the leaf `page`, which is page `number` of the file. */
static int look_at_list(struct file *f, size_t number, const unsigned char *page, size_t at) {
    uint32_t page_size = f->meta.free_list.page_size;
    uint64_t start = (uint64_t)number * page_size;
    unsigned char head_bytes[PAGE_HEAD];
    uint32_t len;
    uint16_t flags;
    uint16_t key_len;
    size_t data;
    size_t big;

    memcpy(&len, page + at, sizeof(len));
    memcpy(&flags, page + at + 4, sizeof(flags));
    memcpy(&key_len, page + at + 6, sizeof(key_len));
    data = at + NODE_HEAD + key_len;
    if ((flags & NODE_BIG_DATA) == 0) {
        return data + len > page_size ? LK_ERR_CORRUPT : count_missing(f, start + data, len);
    }
    if (data + sizeof(big) > page_size) {
        return LK_ERR_CORRUPT;
    }
    memcpy(&big, page + data, sizeof(big));
    if (big < 2 || big >= f->missing_from ||
        read_at(f, (uint64_t)big * page_size, head_bytes, PAGE_HEAD) != 0) {
        return LK_ERR_CORRUPT;
    }
    return count_missing(f, (uint64_t)big * page_size + PAGE_HEAD, len);
}

static size_t child_of(const unsigned char *page, size_t at) {
    uint32_t low;
    uint16_t high;

    memcpy(&low, page + at, sizeof(low));
    memcpy(&high, page + at + 4, sizeof(high));
    return (size_t)(low | (uint64_t)high << 32);
}

/* Walks the tree of free pages below page `number`; `depth` pages are left to its leaves. */
static int walk_free_list(struct file *f, size_t number, unsigned depth) {
    uint32_t page_size = f->meta.free_list.page_size;
    unsigned char *page = malloc(page_size);
    struct page_head head;
    int rc;

    if (page == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    rc = read_page(f, number, depth > 1 ? PAGE_BRANCH : PAGE_LEAF, page, &head);
    if (rc == 0 && (head.lower < PAGE_HEAD || head.lower > head.upper || head.upper > page_size)) {
        rc = LK_ERR_CORRUPT;
    }
    for (size_t i = PAGE_HEAD; rc == 0 && i + 1 < head.lower; i += 2) {
        uint16_t at;

        memcpy(&at, page + i, sizeof(at));
        if (at < head.upper || at + (size_t)NODE_HEAD > page_size) {
            rc = LK_ERR_CORRUPT;
        } else if (depth > 1) {
            rc = walk_free_list(f, child_of(page, at), depth - 1);
        } else {
            rc = look_at_list(f, number, page, at);
        }
    }
    free(page);
    return rc;
}

/* A file shorter than its header counts is sound when all that is missing is free. */
static int check_length(struct file *f) {
    const struct meta *m = &f->meta;
    int rc = 0;

    f->missing_from = (size_t)(f->size / m->free_list.page_size);
    if (f->missing_from > m->last_page) {
        return 0;
    }
    if (m->free_list.root != NO_PAGE) {
        rc = walk_free_list(f, m->free_list.root, m->free_list.depth);
    }
    if (rc == 0 && f->missing_free != m->last_page + 1 - f->missing_from) {
        rc = LK_ERR_CORRUPT;
    }
    return rc;
}

static int inspect_file(struct file *f, bool *fresh) {
    struct stat st;
    int rc;

    if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return LK_ERR_IO;
    }
    f->size = (uint64_t)st.st_size;
    if (f->size == 0) {
        *fresh = true;
        return 0;
    }
    rc = read_metas(f);
    return rc != 0 ? rc : check_length(f);
}

int lk_lmdb_inspect(const char *dir, bool *fresh) {
    char path[LK_STORE_PATH_MAX + sizeof "/" LK_STORE_DATA_FILE];
    struct file f = {.fd = -1};
    int len = snprintf(path, sizeof(path), "%s/%s", dir, LK_STORE_DATA_FILE);
    int rc;

    *fresh = false;
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return LK_ERR_IO;
    }
    f.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f.fd < 0) {
        *fresh = errno == ENOENT;
        return *fresh ? 0 : lk_lmdb_err(errno);
    }
    rc = inspect_file(&f, fresh);
    close(f.fd);
    return rc;
}
