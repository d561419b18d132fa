/*
 * What the tests of the store share: a folder of their own, and one-record reads and writes.
 */
#ifndef STORE_TESTING_H
#define STORE_TESTING_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

/* An assertion for functions that run inside a transaction, out of which cmocka must not jump. */
#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            print_error("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                      \
            return LK_ERR_INVALID;                                                                           \
        }                                                                                                    \
    } while (0)

static char test_dir[64];

static inline void test_path(char *path, size_t cap, const char *name) {
    snprintf(path, cap, "%s/%s", test_dir, name);
}

/* Removes the files of `dir`, one level of folders deep, and `dir`. */
static inline void remove_tree(const char *dir) {
    DIR *d = opendir(dir);
    struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL) {
        char path[1024];

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        if (snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) < (int)sizeof(path) && unlink(path) != 0) {
            remove_tree(path);
        }
    }
    if (d != NULL) {
        closedir(d);
    }
    rmdir(dir);
}

static inline int make_test_dir(void **state) {
    (void)state;
    snprintf(test_dir, sizeof(test_dir), "/tmp/latchkey-store-XXXXXX");
    return mkdtemp(test_dir) == NULL ? -1 : 0;
}

static inline int remove_test_dir(void **state) {
    (void)state;
    remove_tree(test_dir);
    return 0;
}

static inline struct lk_store_options test_options(void) {
    return (struct lk_store_options){
        .dir = test_dir, .map_size = 16u << 20, .max_readers = 64, .exclusive = true};
}

static inline struct lk_store *open_store(void) {
    struct lk_store_options options = test_options();
    struct lk_store *s = NULL;
    const char *why = "";
    int rc = lk_store_open(&s, &options, &why);

    if (rc != 0) {
        print_error("lk_store_open: %d %s\n", rc, why);
    }
    assert_int_equal(rc, 0);
    return s;
}

struct test_put {
    enum lk_table table;
    struct lk_str key;
    struct lk_str value;
};

static inline int run_put(struct lk_txn *txn, void *arg) {
    const struct test_put *p = arg;

    return lk_put(txn, p->table, p->key, p->value);
}

static inline int run_del(struct lk_txn *txn, void *arg) {
    const struct test_put *p = arg;

    return lk_del(txn, p->table, p->key);
}

static inline int put_one(struct lk_store *s, const char *key, const char *value) {
    struct test_put p = {LK_TABLE_ACCOUNT, {key, strlen(key)}, {value, strlen(value)}};

    return lk_store_write(s, run_put, &p);
}

/* Copies the value of `key` as text into `out`. */
static inline int get_one(struct lk_store *s, const char *key, char *out, size_t cap) {
    struct lk_txn *txn;
    struct lk_str value;
    int rc = lk_store_read_begin(s, &txn);

    if (rc != 0) {
        return rc;
    }
    rc = lk_get(txn, LK_TABLE_ACCOUNT, (struct lk_str){key, strlen(key)}, &value);
    if (rc == 0 && value.len < cap) {
        memcpy(out, value.ptr, value.len);
        out[value.len] = '\0';
    }
    lk_store_read_end(txn);
    return rc;
}

static inline void assert_holds(struct lk_store *s, const char *key, const char *value) {
    char got[256] = "";

    assert_int_equal(get_one(s, key, got, sizeof(got)), 0);
    assert_string_equal(got, value);
}

static inline void assert_missing(struct lk_store *s, const char *key) {
    char got[256];

    assert_int_equal(get_one(s, key, got, sizeof(got)), LK_ERR_NOT_FOUND);
}

#endif
