/* Threads from beginning to end, and what each has of its own. */
#include "testing.h"

#include <errno.h>
#include <string.h>

static void *echo(void *arg) {
    return arg;
}

/* --- join and detach ------------------------------------------------------------------------------------------ */

static void *join_self(void *arg) {
    (void)arg;
    CHECK_EQUAL(lk_thread_join(lk_thread_self(), NULL), EDEADLK);
    return NULL;
}

static void *leave_early(void *arg) {
    lk_thread_exit(arg);
}

static void a_join_brings_the_result(void) {
    int thing;
    void *result = NULL;
    for (int priority = 1; priority <= 5; priority += 4) { /* ended after, and before, somebody waits */
        CHECK_EQUAL(lk_thread_join(test_thread("echo", priority, echo, &thing), &result), 0);
        CHECK(result == &thing);
        result = NULL;
        CHECK_EQUAL(lk_thread_join(test_thread("early", priority, leave_early, &thing), &result), 0);
        CHECK(result == &thing);
    }
    test_join(test_thread("self", 5, join_self, NULL));
}

static void what_cannot_be_is_refused(void) {
    struct lk_thread *t;
    CHECK_EQUAL(lk_thread_create(&t, &(struct lk_thread_attr){.stack_size = LK_STACK_MIN - 1}, echo, NULL),
                EINVAL);
    CHECK_EQUAL(lk_thread_create(&t, &(struct lk_thread_attr){.priority = LK_PRIORITY_MAX + 1}, echo, NULL),
                EINVAL);
    CHECK_EQUAL(lk_thread_create(&t, &(struct lk_thread_attr){.priority = -1}, echo, NULL), EINVAL);
    CHECK_EQUAL(lk_thread_create(&t, &(struct lk_thread_attr){.stack_size = SIZE_MAX / 4}, echo, NULL),
                EAGAIN);
    CHECK_EQUAL(lk_thread_create(&t, &(struct lk_thread_attr){.detached = true, .priority = 1}, echo, NULL),
                0);
    CHECK_EQUAL(lk_thread_join(t, NULL), EINVAL);
    CHECK_EQUAL(lk_thread_detach(t), EINVAL);
    lk_sleep_until(lk_ticks() + 2);
}

/* Frees what ended threads left: they wait for the next one. */
static void tidy(void) {
    test_join(test_thread("tidy", 5, echo, NULL));
}

static void the_detached_leave_nothing(void) {
    tidy();
    size_t before = test_memory();
    struct lk_thread *t;
    for (int i = 0; i < 20; i++) {
        struct lk_thread_attr attr = {.detached = i % 2 == 0, .priority = i % 3 == 0 ? 1 : 5};
        CHECK_EQUAL(lk_thread_create(&t, &attr, echo, NULL), 0);
        if (!attr.detached) {
            CHECK_EQUAL(lk_thread_detach(t), 0); /* before it ran, or after its end */
        }
        lk_sleep_until(lk_ticks() + 2);
    }
    tidy();
    CHECK_EQUAL(test_memory(), before);
}

static void *count_one(void *arg) {
    ++*(unsigned *)arg;
    return arg;
}

static void ten_thousand_come_and_go(void) {
    tidy();
    size_t before = test_memory();
    unsigned count = 0;
    for (unsigned i = 0; i < 10000; i++) {
        struct lk_thread *t = test_thread("brief", i % 2 ? 2 : 5, count_one, &count);
        void *result;
        CHECK_EQUAL(lk_thread_join(t, &result), 0);
        CHECK(result == &count);
    }
    CHECK_EQUAL(count, 10000);
    CHECK_EQUAL(test_memory(), before);
}

static void the_list_shows_them(void) {
    struct lk_thread_info all[4];
    CHECK_EQUAL(lk_thread_list(all, 4), 2);
    struct lk_thread *t = test_thread("a name that is too long", 2, echo, NULL);
    CHECK_EQUAL(lk_thread_list(all, 4), 3);
    CHECK(strcmp(all[0].name, "a name that is ") == 0);
    CHECK_EQUAL(all[0].priority, 2);
    CHECK(!all[0].waits);
    CHECK(all[0].stack_peak <= all[0].stack_size && all[0].stack_size >= LK_STACK_DEFAULT);
    CHECK(strcmp(all[1].name, "main") == 0);
    CHECK(strcmp(all[2].name, "idle") == 0);
    CHECK_EQUAL(lk_thread_list(all, 1), 3);
    test_join(t);
    CHECK_EQUAL(lk_thread_list(all, 4), 2);
}

/* --- values of its own ------------------------------------------------------------------------------------------ */

static unsigned keys[2];
static int destroyed[2], stubborn;

static void destroy_first(void *value) {
    CHECK(value == &keys[0]);
    destroyed[0]++;
    /* What a destructor leaves in another key is destroyed too. */
    CHECK_EQUAL(lk_key_set(keys[1], &keys[1]), 0);
}

static void destroy_second(void *value) {
    CHECK(value == &keys[1]);
    destroyed[1]++;
    if (stubborn) {
        CHECK_EQUAL(lk_key_set(keys[1], &keys[1]), 0);
    }
}

static void *use_keys(void *arg) {
    CHECK(lk_key_get(keys[0]) == NULL);
    CHECK(lk_key_get(keys[1]) == NULL);
    CHECK_EQUAL(lk_key_set(keys[0], arg), 0);
    lk_thread_yield();
    CHECK(lk_key_get(keys[0]) == arg);
    return NULL;
}

static void values_are_destroyed_at_the_end(void) {
    CHECK_EQUAL(lk_key_create(&keys[0], destroy_first), 0);
    CHECK_EQUAL(lk_key_create(&keys[1], destroy_second), 0);
    CHECK(keys[0] != keys[1]);
    CHECK_EQUAL(lk_key_set(keys[0], "main's"), 0);
    test_join(test_thread("keys", 5, use_keys, &keys[0]));
    CHECK_EQUAL(destroyed[0], 1);
    CHECK_EQUAL(destroyed[1], 1);
    test_join(test_thread("none", 5, use_keys, NULL));
    CHECK_EQUAL(destroyed[0], 1);

    stubborn = 1; /* sets it again each time: it is given up after four rounds */
    test_join(test_thread("keys", 5, use_keys, &keys[0]));
    CHECK(destroyed[1] >= 4 && destroyed[1] <= 6);
    CHECK(strcmp(lk_key_get(keys[0]), "main's") == 0);
    CHECK_EQUAL(lk_key_delete(keys[0]), 0);
    CHECK_EQUAL(lk_key_delete(keys[1]), 0);
    CHECK_EQUAL(lk_key_delete(keys[1]), EINVAL);
    CHECK_EQUAL(lk_key_set(keys[1], NULL), EINVAL);
}

static void keys_are_counted_and_come_back_empty(void) {
    unsigned all[LK_KEYS_MAX], one_more;
    for (int i = 0; i < LK_KEYS_MAX; i++) {
        CHECK_EQUAL(lk_key_create(&all[i], NULL), 0);
        CHECK(lk_key_get(all[i]) == NULL);
        CHECK_EQUAL(lk_key_set(all[i], &all[i]), 0);
    }
    CHECK_EQUAL(lk_key_create(&one_more, NULL), EAGAIN);
    CHECK_EQUAL(lk_key_delete(all[3]), 0);
    CHECK_EQUAL(lk_key_create(&all[3], NULL), 0);
    CHECK(lk_key_get(all[3]) == NULL);
    for (int i = 0; i < LK_KEYS_MAX; i++) {
        CHECK_EQUAL(lk_key_delete(all[i]), 0);
    }
}

static struct lk_once once;
static int inits;

static void init(void) {
    lk_sleep_until(lk_ticks() + 5);
    inits++;
}

static void *call_once(void *arg) {
    CHECK_EQUAL(lk_once(&once, init), 0);
    CHECK_EQUAL(inits, 1); /* nobody comes out before it is done */
    return arg;
}

static void once_is_once(void) {
    struct lk_thread *t[3];
    for (int i = 0; i < 3; i++) {
        t[i] = test_thread("once", 2 + i, call_once, NULL);
    }
    for (int i = 0; i < 3; i++) {
        test_join(t[i]);
    }
    CHECK_EQUAL(inits, 1);
}

static void *set_errno(void *arg) {
    errno = *(int *)arg;
    for (int i = 0; i < 5; i++) {
        lk_sleep_until(lk_ticks() + 1);
        CHECK_EQUAL(errno, *(int *)arg);
    }
    return NULL;
}

static void each_has_its_errno(void) {
    int a = ENOENT, b = EPERM;
    struct lk_thread *x = test_thread("x", 4, set_errno, &a);
    struct lk_thread *y = test_thread("y", 5, set_errno, &b);
    errno = EIO;
    test_join(x);
    test_join(y);
    CHECK_EQUAL(errno, EIO);
}

/* Keeps numbers in registers, the floating-point ones too where there are some, while others do the same. */
static void *compute(void *arg) {
    float factor = *(float *)arg, f = 1;
    double d = 1;
    uint64_t end = lk_ticks() + 5 * LK_TIME_SLICE;
    unsigned rounds = 0;
    while (lk_ticks() < end) {
        for (int i = 0; i < 100; i++) {
            f = f * factor;
            f = f / factor;
            d = d + (double)factor;
        }
        rounds++;
        test_spend_moment();
    }
    CHECK(f > 0.9999f && f < 1.0001f);
    CHECK(d == 1 + 100.0 * rounds * (double)factor);
    return NULL;
}

static void registers_survive_a_switch(void) {
    float a = 2, b = 4, c = 8;
    struct lk_thread *x = test_thread("x", 2, compute, &a);
    struct lk_thread *y = test_thread("y", 2, compute, &b);
    struct lk_thread *z = test_thread("z", 2, compute, &c);
    test_join(x);
    test_join(y);
    test_join(z);
}

/* --- the watch ---------------------------------------------------------------------------------------------------- */

static void a_watch_that_is_fed_lets_live(void) {
    struct lk_watch a, b;
    lk_watch_start(&a, "a", 1000);
    lk_watch_start(&b, "b", 400);
    for (int i = 0; i < 10; i++) {
        lk_sleep_until(lk_ticks() + 300);
        lk_watch_report(&a);
        lk_watch_report(&b);
    }
    lk_watch_pause(&b);
    lk_watch_stop(&a);
    lk_sleep_until(lk_ticks() + 3000);
    lk_watch_stop(&b);
    lk_watch_stop(&b);
}

int test_main(void) {
    static const struct test_case cases[] = {
        TEST_CASE(a_join_brings_the_result),
        TEST_CASE(what_cannot_be_is_refused),
        TEST_CASE(the_detached_leave_nothing),
        TEST_CASE(ten_thousand_come_and_go),
        TEST_CASE(the_list_shows_them),
        TEST_CASE(values_are_destroyed_at_the_end),
        TEST_CASE(keys_are_counted_and_come_back_empty),
        TEST_CASE(once_is_once),
        TEST_CASE(each_has_its_errno),
        TEST_CASE(registers_survive_a_switch),
        TEST_CASE(a_watch_that_is_fed_lets_live),
    };
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
