/*
 * The hash gate: right answers from many threads, a bounded queue, and the hook around each wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <time.h>

#include "base/blocking.h"
#include "base/err.h"
#include "crypto/crypto.h"
#include "crypto/hash_gate.h"
#include "port.h"

#define CALLERS 12

struct call {
    struct lk_hash_gate *gate;
    unsigned number;
    int err;
};

static atomic_int begun, ended, inside;

/* --- the port's rounds, linked in place of its own: they note the order of the hashes, and can be held up */

static pthread_mutex_t rounds_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t rounds_changed = PTHREAD_COND_INITIALIZER;
static bool rounds_held;
static uint32_t order[4];
static unsigned order_count;

static void hold_rounds(bool held) {
    pthread_mutex_lock(&rounds_lock);
    rounds_held = held;
    order_count = held ? 0 : order_count;
    pthread_cond_broadcast(&rounds_changed);
    pthread_mutex_unlock(&rounds_lock);
}

bool lk_port_pbkdf2_sha256_rounds(const uint32_t inner[8], const uint32_t outer[8], const uint32_t u1[8],
                                  uint32_t iterations, uint32_t t[8]) {
    (void)inner;
    (void)outer;
    (void)u1;
    (void)t;
    pthread_mutex_lock(&rounds_lock);
    while (rounds_held) {
        pthread_cond_wait(&rounds_changed, &rounds_lock);
    }
    if (order_count < 4) {
        order[order_count++] = iterations;
    }
    pthread_mutex_unlock(&rounds_lock);
    return false;
}

/* --- the tests ------------------------------------------------------------------------------------------ */

static void count_begin(void *arg) {
    (void)arg;
    atomic_fetch_add(&begun, 1);
    atomic_fetch_add(&inside, 1);
}

static void count_end(void *arg) {
    (void)arg;
    atomic_fetch_add(&ended, 1);
    atomic_fetch_sub(&inside, 1);
}

/* Makes a hash, then checks it with the right and a wrong password. */
static void *make_and_check(void *arg) {
    static const struct lk_blocking_hook hook = {count_begin, count_end, NULL};
    struct call *c = arg;
    char hash[LK_PASSWORD_HASH_MAX + 1], text[8] = "secret0";
    text[6] = (char)('a' + c->number);
    struct lk_str password = {text, 7};
    c->err = lk_blocking_set_hook(&hook);
    if (c->err != 0) {
        return NULL;
    }
    int len = lk_hash_gate_make(c->gate, password, 1000 + c->number, hash);
    c->err = -1;
    if (len > 0 && lk_hash_gate_check(c->gate, password, (struct lk_str){hash, (size_t)len}) == 0 &&
        lk_hash_gate_check(c->gate, LK_STR("wrong"), (struct lk_str){hash, (size_t)len}) == LK_ERR_MISMATCH &&
        lk_hash_gate_check_nobody(c->gate, password, 1000) == LK_ERR_MISMATCH) {
        c->err = 0;
    }
    return NULL;
}

static void start_callers(struct lk_hash_gate *gate, struct call calls[CALLERS], pthread_t threads[CALLERS],
                          void *(*body)(void *)) {
    for (unsigned i = 0; i < CALLERS; i++) {
        calls[i] = (struct call){gate, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, body, &calls[i]), 0);
    }
}

static void join_callers(const pthread_t threads[CALLERS]) {
    for (unsigned i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void test_answers(void **state) {
    (void)state;
    struct call calls[CALLERS];
    pthread_t threads[CALLERS];
    struct lk_hash_gate *gate = lk_hash_gate_new(2, CALLERS);
    assert_non_null(gate);
    start_callers(gate, calls, threads, make_and_check);
    join_callers(threads);
    for (unsigned i = 0; i < CALLERS; i++) {
        assert_int_equal(calls[i].err, 0);
    }
    assert_int_equal(begun, 4 * CALLERS);
    assert_int_equal(ended, 4 * CALLERS);
    assert_int_equal(inside, 0);
    assert_int_equal(lk_hash_gate_depth(gate), 0);
    lk_hash_gate_free(gate);
}

static atomic_uint turned_away;

static void *check_held(void *arg) {
    struct call *c = arg;
    c->err = lk_hash_gate_check_nobody(c->gate, LK_STR("x"), 10);
    atomic_fetch_add(&turned_away, c->err == LK_ERR_BUSY);
    return NULL;
}

/* One worker and two places: of many at once three are served, the others are told while a hash still
   runs. */
static void test_full_queue(void **state) {
    (void)state;
    struct call calls[CALLERS];
    pthread_t threads[CALLERS];
    unsigned served = 0;
    const struct timespec pause = {0, 1000000};
    struct lk_hash_gate *gate = lk_hash_gate_new(1, 2);
    assert_non_null(gate);
    hold_rounds(true);
    start_callers(gate, calls, threads, check_held);
    for (unsigned ms = 0; atomic_load(&turned_away) < CALLERS - 3 && ms < 60000; ms++) {
        nanosleep(&pause, NULL);
    }
    assert_int_equal(atomic_load(&turned_away), CALLERS - 3);
    assert_int_equal(lk_hash_gate_depth(gate), 3);
    hold_rounds(false);
    join_callers(threads);
    for (unsigned i = 0; i < CALLERS; i++) {
        served += calls[i].err == LK_ERR_MISMATCH;
    }
    assert_int_equal(served, 3);
    assert_int_equal(atomic_load(&turned_away), CALLERS - 3);
    assert_int_equal(lk_hash_gate_check_nobody(gate, LK_STR("x"), 1), LK_ERR_MISMATCH);
    lk_hash_gate_free(gate);
}

static void *check_numbered(void *arg) {
    struct call *c = arg;
    c->err = lk_hash_gate_check_nobody(c->gate, LK_STR("x"), 10 + c->number);
    return NULL;
}

static void test_first_come_first_served(void **state) {
    (void)state;
    struct call calls[4];
    pthread_t threads[4];
    struct lk_hash_gate *gate = lk_hash_gate_new(1, 4);
    const struct timespec pause = {0, 1000000};
    assert_non_null(gate);
    hold_rounds(true);
    for (unsigned i = 0; i < 4; i++) {
        calls[i] = (struct call){gate, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, check_numbered, &calls[i]), 0);
        while (lk_hash_gate_depth(gate) <= i) {
            nanosleep(&pause, NULL);
        }
    }
    hold_rounds(false);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(calls[i].err, LK_ERR_MISMATCH);
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(order[i], 10 + i);
    }
    lk_hash_gate_free(gate);
}

static void test_bounds(void **state) {
    (void)state;
    assert_null(lk_hash_gate_new(0, 1));
    assert_null(lk_hash_gate_new(65, 1));
    assert_null(lk_hash_gate_new(1, 0));
    assert_null(lk_hash_gate_new(1, 4097));
    struct lk_hash_gate *gate = lk_hash_gate_new(64, 4096);
    assert_non_null(gate);
    assert_null(lk_hash_gate_new(1, 1));
    lk_hash_gate_free(gate);
    gate = lk_hash_gate_new(1, 1);
    assert_non_null(gate);
    lk_hash_gate_free(gate);
    lk_hash_gate_free(NULL);
}

static void test_known_hash(void **state) {
    (void)state;
    struct lk_str hash =
        LK_STR("pbkdf2_sha256$1000$seasalt1234567890abcde$+mrJV1or3sXqbh2FU5v/LZJzsH54qMk5WG2EvU9SH7s=");
    struct lk_hash_gate *gate = lk_hash_gate_new(1, 1);
    assert_non_null(gate);
    assert_int_equal(lk_hash_gate_check(gate, LK_STR("password123"), hash), 0);
    assert_int_equal(lk_hash_gate_check(gate, LK_STR("password124"), hash), LK_ERR_MISMATCH);
    lk_hash_gate_free(gate);
}

static int start(void **state) {
    (void)state;
    return lk_crypto_init();
}

static int stop(void **state) {
    (void)state;
    lk_crypto_free();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_first_come_first_served),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_known_hash),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
