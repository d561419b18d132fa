/* Records, cursors and snapshots, with one thread or two. */
#include <pthread.h>

#include "store_testing.h"

static int setup(void **state) {
    if (make_test_dir(state) != 0) {
        return -1;
    }
    *state = open_store();
    return 0;
}

static int teardown(void **state) {
    lk_store_close(*state);
    return remove_test_dir(state);
}

static int crud(struct lk_txn *txn, void *arg) {
    struct lk_str v;
    char long_key[LK_STORE_KEY_MAX + 1];

    (void)arg;
    memset(long_key, 'k', sizeof(long_key));
    CHECK(lk_get(txn, LK_TABLE_LINK, LK_STR("a"), &v) == LK_ERR_NOT_FOUND);
    CHECK(lk_put(txn, LK_TABLE_LINK, LK_STR("a"), LK_STR("1")) == 0);
    CHECK(lk_put(txn, LK_TABLE_LINK, LK_STR("a"), LK_STR("22")) == 0);
    CHECK(lk_put_new(txn, LK_TABLE_LINK, LK_STR("a"), LK_STR("3")) == LK_ERR_EXISTS);
    CHECK(lk_get(txn, LK_TABLE_LINK, LK_STR("a"), &v) == 0);
    CHECK(v.len == 2 && memcmp(v.ptr, "22", 2) == 0);
    CHECK(lk_get(txn, LK_TABLE_OUTBOX, LK_STR("a"), &v) == LK_ERR_NOT_FOUND);
    CHECK(lk_put(txn, LK_TABLE_LINK, LK_STR("b"), LK_STR("")) == 0);
    CHECK(lk_get(txn, LK_TABLE_LINK, LK_STR("b"), &v) == 0);
    CHECK(v.len == 0);
    CHECK(lk_del(txn, LK_TABLE_LINK, LK_STR("b")) == 0);
    CHECK(lk_del(txn, LK_TABLE_LINK, LK_STR("b")) == LK_ERR_NOT_FOUND);

    CHECK(lk_put(txn, LK_TABLE_LINK, LK_STR(""), LK_STR("x")) == LK_ERR_INVALID);
    CHECK(lk_put(txn, LK_TABLE_LINK, (struct lk_str){long_key, sizeof(long_key)}, LK_STR("x")) ==
          LK_ERR_TOO_LARGE);
    CHECK(lk_put(txn, LK_TABLE_LINK, (struct lk_str){long_key, LK_STORE_KEY_MAX}, LK_STR("x")) == 0);
    CHECK(lk_get(txn, LK_TABLE_LINK, LK_STR(""), &v) == LK_ERR_NOT_FOUND);
    return 0;
}

static void test_crud(void **state) {
    struct lk_store *s = *state;
    struct lk_txn *txn;
    struct lk_str v;
    uint64_t count = 0;

    assert_int_equal(lk_store_write(s, crud, NULL), 0);
    assert_int_equal(lk_store_read_begin(s, &txn), 0);
    assert_int_equal(lk_get(txn, LK_TABLE_LINK, LK_STR("a"), &v), 0);
    assert_int_equal(lk_table_count(txn, LK_TABLE_LINK, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(lk_put(txn, LK_TABLE_LINK, LK_STR("z"), LK_STR("x")), LK_ERR_READ_ONLY);
    assert_int_equal(lk_del(txn, LK_TABLE_LINK, LK_STR("a")), LK_ERR_READ_ONLY);
    lk_store_read_end(txn);
}

/* The format's number is where SPEC.md puts it. */
static void test_format_record(void **state) {
    static const char number[4] = {LK_STORE_FORMAT, 0, 0, 0};
    struct lk_txn *txn;
    struct lk_str v = {NULL, 0};

    assert_int_equal(lk_store_read_begin(*state, &txn), 0);
    assert_int_equal(lk_get(txn, LK_TABLE_META, LK_STR("format"), &v), 0);
    assert_int_equal(v.len, sizeof(number));
    assert_memory_equal(v.ptr, number, sizeof(number));
    lk_store_read_end(txn);
}

static int put_unsorted(struct lk_txn *txn, void *arg) {
    static const char *const keys[] = {"b", "\xff", "a", "ab", "\x01", "B"};

    (void)arg;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        CHECK(lk_put(txn, LK_TABLE_ACCOUNT, lk_str_from(keys[i]), LK_STR("v")) == 0);
    }
    return 0;
}

static void test_order(void **state) {
    static const char *const sorted[] = {"\x01", "B", "a", "ab", "b", "\xff"};
    struct lk_store *s = *state;
    struct lk_cursor c;
    struct lk_txn *txn;
    struct lk_str k = {NULL, 0};
    struct lk_str v;
    size_t n = 0;
    int rc;

    assert_int_equal(lk_store_write(s, put_unsorted, NULL), 0);
    assert_int_equal(lk_store_read_begin(s, &txn), 0);
    for (rc = lk_cursor_seek(&c, txn, LK_TABLE_ACCOUNT, LK_STR(""), &k, &v); rc == 0;
         rc = lk_cursor_next(&c, &k, &v)) {
        assert_true(n < 6 && lk_str_eq(k, lk_str_from(sorted[n])));
        n++;
    }
    assert_int_equal(rc, LK_ERR_NOT_FOUND);
    lk_cursor_close(&c);
    assert_int_equal(n, 6);

    for (rc = lk_cursor_last(&c, txn, LK_TABLE_ACCOUNT, &k, &v); rc == 0; rc = lk_cursor_prev(&c, &k, &v)) {
        n--;
        assert_true(lk_str_eq(k, lk_str_from(sorted[n])));
    }
    assert_int_equal(rc, LK_ERR_NOT_FOUND);
    lk_cursor_close(&c);
    assert_int_equal(n, 0);

    assert_int_equal(lk_cursor_seek(&c, txn, LK_TABLE_ACCOUNT, LK_STR("aa"), &k, &v), 0);
    assert_true(lk_str_eq(k, LK_STR("ab")));
    lk_cursor_close(&c);
    assert_int_equal(lk_cursor_seek(&c, txn, LK_TABLE_ACCOUNT, LK_STR("\xff\xff"), &k, &v), LK_ERR_NOT_FOUND);
    lk_cursor_close(&c);
    assert_int_equal(lk_cursor_seek(&c, txn, LK_TABLE_AUDIT, LK_STR(""), &k, &v), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_cursor_last(&c, txn, LK_TABLE_AUDIT, &k, &v), LK_ERR_NOT_FOUND);
    lk_store_read_end(txn);
}

/* --- a walk that deletes, against a plain array --------------------------------------------------------- */

#define MODEL_KEYS 3000

struct model {
    bool there[MODEL_KEYS];
    unsigned seed;
    bool backwards;
};

static unsigned draw(struct model *m, unsigned below) {
    m->seed = m->seed * 1103515245u + 12345u;
    return (m->seed >> 8) % below;
}

static struct lk_str model_key(char text[16], unsigned i) {
    return (struct lk_str){text, (size_t)snprintf(text, 16, "%08u", i)};
}

static int fill(struct lk_txn *txn, void *arg) {
    struct model *m = arg;
    char text[16];
    char value[200];

    memset(value, 'v', sizeof(value));
    for (unsigned i = 0; i < MODEL_KEYS; i++) {
        m->there[i] = draw(m, 3) != 0;
        if (m->there[i]) {
            CHECK(lk_put(txn, LK_TABLE_SESSION, model_key(text, i),
                         (struct lk_str){value, draw(m, sizeof(value))}) == 0);
        } else {
            int rc = lk_del(txn, LK_TABLE_SESSION, model_key(text, i));

            CHECK(rc == 0 || rc == LK_ERR_NOT_FOUND);
        }
    }
    return 0;
}

static int next_in_model(const struct model *m, int at) {
    int step = m->backwards ? -1 : 1;

    for (at += step; at >= 0 && at < MODEL_KEYS && !m->there[at];) {
        at += step;
    }
    return at;
}

/* Deletes about half of the keys it meets, at times a neighbour too, and adds one behind or before itself. */
static int walk_and_change(struct lk_txn *txn, void *arg) {
    struct model *m = arg;
    struct lk_cursor c;
    struct lk_str k = {NULL, 0};
    struct lk_str v;
    char text[16];
    int at = next_in_model(m, m->backwards ? MODEL_KEYS : -1);
    int rc = m->backwards ? lk_cursor_last(&c, txn, LK_TABLE_SESSION, &k, &v)
                          : lk_cursor_seek(&c, txn, LK_TABLE_SESSION, LK_STR(""), &k, &v);

    while (rc == 0) {
        CHECK(at >= 0 && at < MODEL_KEYS);
        CHECK(lk_str_eq(k, model_key(text, (unsigned)at)));
        if (draw(m, 2) == 0) {
            CHECK(lk_del(txn, LK_TABLE_SESSION, model_key(text, (unsigned)at)) == 0);
            m->there[at] = false;
        }
        if (draw(m, 4) == 0) {
            unsigned other = draw(m, MODEL_KEYS);

            rc = lk_del(txn, LK_TABLE_SESSION, model_key(text, other));
            CHECK(rc == (m->there[other] ? 0 : LK_ERR_NOT_FOUND));
            m->there[other] = false;
        }
        if (draw(m, 8) == 0) {
            unsigned other = draw(m, MODEL_KEYS);

            CHECK(lk_put(txn, LK_TABLE_SESSION, model_key(text, other), LK_STR("new")) == 0);
            m->there[other] = true;
        }
        at = next_in_model(m, at);
        rc = m->backwards ? lk_cursor_prev(&c, &k, &v) : lk_cursor_next(&c, &k, &v);
    }
    CHECK(rc == LK_ERR_NOT_FOUND);
    CHECK(at < 0 || at >= MODEL_KEYS);
    lk_cursor_close(&c);
    return 0;
}

static void test_delete_during_walk(void **state) {
    struct lk_store *s = *state;
    static struct model m;

    for (unsigned round = 0; round < 20; round++) {
        m.seed = round;
        m.backwards = round % 2 == 1;
        assert_int_equal(lk_store_write(s, fill, &m), 0);
        assert_int_equal(lk_store_write(s, walk_and_change, &m), 0);
        for (unsigned i = 0; i < MODEL_KEYS; i++) {
            struct test_put p = {.table = LK_TABLE_SESSION};
            char text[16];

            if (m.there[i] && round == 19) {
                p.key = model_key(text, i);
                assert_int_equal(lk_store_write(s, run_del, &p), 0);
            }
        }
        if (round < 19) {
            struct lk_txn *txn;
            uint64_t count = 0;
            uint64_t expected = 0;

            for (unsigned i = 0; i < MODEL_KEYS; i++) {
                expected += m.there[i];
            }
            assert_int_equal(lk_store_read_begin(s, &txn), 0);
            assert_int_equal(lk_table_count(txn, LK_TABLE_SESSION, &count), 0);
            assert_int_equal(count, expected);
            lk_store_read_end(txn);
        }
    }
}

/* --- snapshots ------------------------------------------------------------------------------------------ */

static void *write_other(void *arg) {
    return put_one(arg, "key", "after") == 0 ? arg : NULL;
}

static void test_snapshot_isolation(void **state) {
    struct lk_store *s = *state;
    struct lk_store_usage usage;
    struct lk_txn *txn;
    struct lk_txn *second;
    struct lk_str v;
    pthread_t thread;
    void *done = NULL;

    assert_int_equal(put_one(s, "key", "before"), 0);
    assert_int_equal(lk_store_read_begin(s, &txn), 0);
    assert_int_equal(lk_get(txn, LK_TABLE_ACCOUNT, LK_STR("key"), &v), 0);
    assert_int_equal(lk_store_read_begin(s, &second), LK_ERR_BUSY);
    assert_int_equal(lk_store_usage(s, &usage), 0);
    assert_int_equal(usage.readers, 1);

    assert_int_equal(pthread_create(&thread, NULL, write_other, s), 0);
    pthread_join(thread, &done);
    assert_ptr_equal(done, s);

    assert_true(lk_str_eq(v, LK_STR("before")));
    assert_int_equal(lk_get(txn, LK_TABLE_ACCOUNT, LK_STR("key"), &v), 0);
    assert_true(lk_str_eq(v, LK_STR("before")));
    lk_store_read_end(txn);
    assert_holds(s, "key", "after");
}

static void *read_once(void *arg) {
    char got[16];

    return get_one(arg, "key", got, sizeof(got)) == 0 ? arg : NULL;
}

/* A thousand threads, one after the other, fit 64 reader slots: each gives its own back. */
static void test_slots_return_with_threads(void **state) {
    struct lk_store *s = *state;

    assert_int_equal(put_one(s, "key", "value"), 0);
    for (int i = 0; i < 1000; i++) {
        pthread_t thread;
        void *done = NULL;

        assert_int_equal(pthread_create(&thread, NULL, read_once, s), 0);
        pthread_join(thread, &done);
        assert_ptr_equal(done, s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_crud, setup, teardown),
        cmocka_unit_test_setup_teardown(test_format_record, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delete_during_walk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_isolation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slots_return_with_threads, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
