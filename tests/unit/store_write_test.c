/* Group commit: what is acknowledged is there, what failed is not, whatever shared the transaction. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "base/blocking.h"
#include "base/buf.h"
#include "store_testing.h"

#define THREADS 16
#define ROUNDS 60

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

/* --- many threads, some of whose functions fail --------------------------------------------------------- */

struct mixed {
    struct lk_store *store;
    unsigned thread;
    unsigned round;
    unsigned runs; /* of the function in this round */
    int bad;
};

static struct lk_str mixed_key(char text[32], const struct mixed *m, const char *kind) {
    return (struct lk_str){text, (size_t)snprintf(text, 32, "%s-%u-%u", kind, m->thread, m->round)};
}

/* By round: succeeds, twice; fails before a change; fails after one, on a key that others write too. */
static int run_mixed(struct lk_txn *txn, void *arg) {
    struct mixed *m = arg;
    char text[32];
    struct lk_str v;
    int rc;

    m->runs++;
    switch ((m->round + m->thread) % 4) {
    case 0:
    case 1:
        rc = lk_put_new(txn, LK_TABLE_ACCOUNT, mixed_key(text, m, "good"), LK_STR("v"));
        break;
    case 2:
        rc = lk_get(txn, LK_TABLE_ACCOUNT, LK_STR("nowhere"), &v);
        break;
    default:
        rc = lk_put(txn, LK_TABLE_ACCOUNT, LK_STR("shared"), LK_STR("never"));
        if (rc == 0) {
            rc = lk_put_new(txn, LK_TABLE_ACCOUNT, mixed_key(text, m, "bad"), LK_STR("v"));
        }
        return rc == 0 ? LK_ERR_DENIED : rc;
    }
    return rc;
}

static void *mixed_thread(void *arg) {
    struct mixed *m = arg;

    for (m->round = 0; m->round < ROUNDS; m->round++) {
        static const int expected[] = {0, 0, LK_ERR_NOT_FOUND, LK_ERR_DENIED};

        m->runs = 0;
        if (lk_store_write(m->store, run_mixed, m) != expected[(m->round + m->thread) % 4] || m->runs == 0) {
            m->bad++;
        }
    }
    return NULL;
}

static void test_group_commit(void **state) {
    struct lk_store *s = *state;
    struct mixed threads[THREADS] = {{NULL, 0, 0, 0, 0}};
    pthread_t ids[THREADS];
    struct lk_store_usage usage;
    unsigned good = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = (struct mixed){.store = s, .thread = i};
        assert_int_equal(pthread_create(&ids[i], NULL, mixed_thread, &threads[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(ids[i], NULL);
        assert_int_equal(threads[i].bad, 0);
    }
    assert_int_equal(lk_store_usage(s, &usage), 0);
    lk_store_close(s);
    *state = s = open_store();
    for (unsigned i = 0; i < THREADS; i++) {
        for (struct mixed m = {.thread = i}; m.round < ROUNDS; m.round++) {
            char text[32];

            if ((m.round + i) % 4 < 2) {
                mixed_key(text, &m, "good");
                assert_holds(s, text, "v");
                good++;
            }
            mixed_key(text, &m, "bad");
            assert_missing(s, text);
        }
    }
    assert_missing(s, "shared");
    assert_int_equal(usage.writes, good);
    assert_true(usage.commits <= good);
}

/* --- callbacks run first come, first served ------------------------------------------------------------- */

struct turn {
    struct lk_store *store;
    atomic_uint *order;
    atomic_bool *held; /* the first one keeps the lead while this is set */
    atomic_bool waits; /* it has come to a wait: it is in the queue */
    unsigned got;
};

static int take_turn(struct lk_txn *txn, void *arg) {
    struct turn *t = arg;

    t->got = atomic_fetch_add(t->order, 1);
    while (atomic_load(t->held)) {
        usleep(1000);
    }
    return lk_put(txn, LK_TABLE_META, LK_STR("turn"), LK_STR("x"));
}

static void note_wait(void *arg) {
    struct turn *t = arg;

    atomic_store(&t->waits, true);
}

static void note_nothing(void *arg) {
    (void)arg;
}

static void *turn_thread(void *arg) {
    struct turn *t = arg;
    struct lk_blocking_hook hook = {note_wait, note_nothing, t};
    bool good = lk_blocking_set_hook(&hook) == 0 && lk_store_write(t->store, take_turn, t) == 0;

    lk_blocking_set_hook(NULL);
    return good ? t : NULL;
}

static void test_first_come_first_served(void **state) {
    atomic_uint order = 0;
    atomic_bool held = true;
    struct turn turns[8];
    struct lk_store_usage before, after;
    pthread_t ids[8];

    assert_int_equal(lk_store_usage(*state, &before), 0);
    for (unsigned i = 0; i < 8; i++) {
        turns[i] = (struct turn){.store = *state, .order = &order, .held = &held};
        assert_int_equal(pthread_create(&ids[i], NULL, turn_thread, &turns[i]), 0);
        while (i == 0 ? atomic_load(&order) == 0 : !atomic_load(&turns[i].waits)) {
            usleep(1000);
        }
    }
    atomic_store(&held, false);
    for (unsigned i = 0; i < 8; i++) {
        void *result;

        pthread_join(ids[i], &result);
        assert_ptr_equal(result, &turns[i]);
        assert_int_equal(turns[i].got, i);
    }
    /* Those who came while the first was busy share one commit. */
    assert_int_equal(lk_store_usage(*state, &after), 0);
    assert_int_equal(after.writes - before.writes, 8);
    assert_int_equal(after.commits - before.commits, 2);
}

/* --- a full map ----------------------------------------------------------------------------------------- */

#define BIG 20000

static int put_big(struct lk_store *s, unsigned number) {
    static char bytes[BIG];
    char text[16];
    struct test_put p = {LK_TABLE_PICTURE, {text, 0}, {bytes, sizeof(bytes)}};

    p.key.len = (size_t)snprintf(text, sizeof(text), "%06u", number);
    return lk_store_write(s, run_put, &p);
}

static int del_big(struct lk_store *s, unsigned number) {
    char text[16];
    struct test_put p = {LK_TABLE_PICTURE, {text, 0}, {NULL, 0}};

    p.key.len = (size_t)snprintf(text, sizeof(text), "%06u", number);
    return lk_store_write(s, run_del, &p);
}

static unsigned fill_up(struct lk_store *s) {
    unsigned n = 0;
    int rc;

    while ((rc = put_big(s, n)) == 0) {
        n++;
    }
    assert_int_equal(rc, LK_ERR_FULL);
    return n;
}

static unsigned fill_small(struct lk_store *s) {
    char key[16];
    unsigned n = 0;

    do {
        snprintf(key, sizeof(key), "small%06u", n++);
    } while (put_one(s, key, "0123456789012345678901234567890123456789") == 0 && n < 20000);
    return n;
}

static void reopen_small(void **state) {
    struct lk_store_options options = test_options();
    struct lk_store *s = NULL;

    options.map_size = 2u << 20;
    lk_store_close(*state);
    assert_int_equal(lk_store_open(&s, &options, NULL), 0);
    *state = s;
}

static void test_full_map(void **state) {
    struct lk_store *s;
    unsigned n;
    unsigned again;

    reopen_small(state);
    s = *state;
    n = fill_up(s);
    assert_in_range(n, 50, 110);
    assert_true(fill_small(s) < 20000);
    assert_int_equal(lk_store_ready(s), LK_ERR_FULL);
    assert_holds(s, "small000000", "0123456789012345678901234567890123456789");

    reopen_small(state);
    s = *state;
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(del_big(s, i), 0);
    }
    assert_int_equal(lk_store_ready(s), 0);
    again = fill_up(s);
    assert_true(again + 2 >= n / 2);
}

struct filler {
    struct lk_store *store;
    unsigned number;
    int result;
};

static void *filler_thread(void *arg) {
    struct filler *f = arg;

    f->result = put_big(f->store, f->number);
    return NULL;
}

static void *small_thread(void *arg) {
    struct filler *f = arg;
    struct test_put p = {LK_TABLE_META, LK_STR("format"), {"\1\0\0\0", 4}};

    f->result = lk_store_write(f->store, run_put, &p);
    return NULL;
}

/* One that does not fit fails alone: a change without growth in the same batch goes through. */
static void test_full_fails_alone(void **state) {
    struct filler fillers[12];
    pthread_t ids[12];
    struct lk_store *s;

    reopen_small(state);
    s = *state;
    fill_up(s);
    for (unsigned i = 0; i < 12; i++) {
        fillers[i] = (struct filler){.store = s, .number = 1000 + i, .result = 1};
        assert_int_equal(
            pthread_create(&ids[i], NULL, i % 2 == 0 ? filler_thread : small_thread, &fillers[i]), 0);
    }
    for (unsigned i = 0; i < 12; i++) {
        pthread_join(ids[i], NULL);
        assert_int_equal(fillers[i].result, i % 2 == 0 ? LK_ERR_FULL : 0);
    }
}

/* A disk that takes no more, played by a limit on the size of files. */
static void test_full_disk(void **state) {
    struct lk_store *s = *state;
    struct rlimit limit;
    struct rlimit low = {1u << 20, 1u << 20};
    unsigned n;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    low.rlim_max = limit.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    n = fill_up(s);
    assert_true(n > 10);
    assert_int_equal(lk_store_ready(s), LK_ERR_FULL);
    assert_int_equal(del_big(s, 0), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(put_big(s, n), 0);
    assert_int_equal(del_big(s, 0), LK_ERR_NOT_FOUND);
    assert_int_equal(del_big(s, n), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_group_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_come_first_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_map, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_fails_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
