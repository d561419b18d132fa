/* Mutexes, whom they lend priority to, condition variables and events. */
#include "testing.h"

#include <errno.h>
#include <string.h>

static struct lk_mutex one, two;
static struct lk_cond cond;
static struct lk_event bell;

static char trace[64];

static void note(char c) {
    size_t len = strlen(trace);
    CHECK(len + 1 < sizeof(trace));
    trace[len] = c;
    trace[len + 1] = '\0';
}

static void fresh(void) {
    trace[0] = '\0';
    lk_mutex_init(&one, false);
    lk_mutex_init(&two, false);
    lk_cond_init(&cond, true);
    memset(&bell, 0, sizeof(bell));
}

/* The priority at which a thread runs now, lent or its own. */
static int runs_at(const char *name) {
    struct lk_thread_info all[8];
    size_t count = lk_thread_list(all, 8);
    CHECK(count <= 8);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].name, name) == 0) {
            return all[i].priority;
        }
    }
    return -1;
}

static void become(int priority) {
    CHECK_EQUAL(lk_thread_set_priority(lk_thread_self(), priority), 0);
}

/* --- mutexes ------------------------------------------------------------------------------------------------ */

static void a_mutex_has_one_owner(void) {
    fresh();
    lk_mutex_init(&two, true);
    CHECK_EQUAL(lk_mutex_unlock(&one), EPERM);
    CHECK_EQUAL(lk_mutex_lock(&one), 0);
    CHECK_EQUAL(lk_mutex_trylock(&one), EBUSY);
    CHECK_EQUAL(lk_mutex_destroy(&one), EBUSY);
    CHECK_EQUAL(lk_mutex_unlock(&one), 0);
    CHECK_EQUAL(lk_mutex_destroy(&one), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(lk_mutex_lock(&two), 0);
    }
    CHECK_EQUAL(lk_mutex_trylock(&two), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(lk_mutex_destroy(&two), EBUSY);
        CHECK_EQUAL(lk_mutex_unlock(&two), 0);
    }
    CHECK_EQUAL(lk_mutex_unlock(&two), EPERM);
}

static void *try_both(void *arg) {
    (void)arg;
    CHECK_EQUAL(lk_mutex_trylock(&one), EBUSY);
    CHECK_EQUAL(lk_mutex_unlock(&one), EPERM);
    CHECK_EQUAL(lk_mutex_trylock(&two), 0);
    CHECK_EQUAL(lk_mutex_unlock(&two), 0);
    return NULL;
}

static void nobody_else_opens_it(void) {
    fresh();
    lk_mutex_lock(&one);
    test_join(test_thread("other", 5, try_both, NULL));
    CHECK_EQUAL(lk_mutex_unlock(&one), 0);
}

static unsigned counter;

static void *count_up(void *arg) {
    (void)arg;
    for (int i = 0; i < 100; i++) {
        lk_mutex_lock(&one);
        unsigned seen = counter;
        if (i % 10 == 0) {
            lk_sleep_until(lk_ticks() + 1);
        }
        counter = seen + 1;
        lk_mutex_unlock(&one);
    }
    return NULL;
}

static void a_mutex_keeps_others_out(void) {
    fresh();
    counter = 0;
    struct lk_thread *t[4];
    for (int i = 0; i < 4; i++) {
        t[i] = test_thread("counter", 1 + i, count_up, NULL);
    }
    for (int i = 0; i < 4; i++) {
        test_join(t[i]);
    }
    CHECK_EQUAL(counter, 400);
}

static void *lock_and_note(void *arg) {
    lk_mutex_lock(&one);
    note(*(const char *)arg);
    lk_mutex_unlock(&one);
    return NULL;
}

static void the_highest_waiter_is_next(void) {
    fresh();
    become(6);
    lk_mutex_lock(&one);
    static const int priority[] = {2, 5, 3, 5, 1};
    static char names[] = "abcde";
    struct lk_thread *t[5];
    for (int i = 0; i < 5; i++) {
        t[i] = test_thread("waiter", priority[i], lock_and_note, &names[i]);
    }
    lk_sleep_until(lk_ticks() + 2); /* all come to wait */
    lk_mutex_unlock(&one);
    for (int i = 0; i < 5; i++) {
        test_join(t[i]);
    }
    CHECK(strcmp(trace, "bdcae") == 0);
    become(LK_PRIORITY_NORMAL);
}

/* --- inheritance ---------------------------------------------------------------------------------------------- */

static void *hold_one(void *arg) {
    lk_mutex_lock(&one);
    note('a');
    lk_event_set(&bell);
    test_spend_until(*(uint64_t *)arg);
    note('b');
    lk_mutex_unlock(&one);
    note('c');
    return NULL;
}

static void *spend(void *arg) {
    test_spend_until(*(uint64_t *)arg);
    note('m');
    return NULL;
}

static void the_owner_runs_at_the_waiters_priority(void) {
    fresh();
    become(6);
    uint64_t end = test_tick_edge() + 10;
    struct lk_thread *low = test_thread("low", 1, hold_one, &end);
    CHECK(lk_event_wait(&bell, -1));
    struct lk_thread *mid = test_thread("mid", 2, spend, &end);
    CHECK_EQUAL(runs_at("low"), 1);
    struct lk_thread *high = test_thread("high", 5, lock_and_note, "h");
    lk_sleep_until(lk_ticks() + 2);
    CHECK_EQUAL(runs_at("low"), 5);
    CHECK_EQUAL(lk_thread_priority(low), 1);
    test_join(high);
    test_join(mid);
    test_join(low);
    CHECK(strcmp(trace, "abhmc") == 0);
    become(LK_PRIORITY_NORMAL);
}

static void *hold_one_until_bell(void *arg) {
    (void)arg;
    lk_mutex_lock(&one);
    lk_event_wait(&bell, -1);
    lk_mutex_unlock(&one);
    return NULL;
}

static void *hold_two_want_one(void *arg) {
    (void)arg;
    lk_mutex_lock(&two);
    lk_mutex_lock(&one);
    lk_mutex_unlock(&one);
    lk_mutex_unlock(&two);
    return NULL;
}

static void *want_two(void *arg) {
    (void)arg;
    lk_mutex_lock(&two);
    lk_mutex_unlock(&two);
    return NULL;
}

static void it_is_lent_along_a_chain_and_given_back(void) {
    fresh();
    become(6);
    struct lk_thread *first = test_thread("first", 1, hold_one_until_bell, NULL);
    lk_sleep_until(lk_ticks() + 2);
    struct lk_thread *second = test_thread("second", 2, hold_two_want_one, NULL);
    lk_sleep_until(lk_ticks() + 2);
    CHECK_EQUAL(runs_at("first"), 2);
    struct lk_thread *third = test_thread("third", 4, want_two, NULL);
    lk_sleep_until(lk_ticks() + 2);
    CHECK_EQUAL(runs_at("second"), 4);
    CHECK_EQUAL(runs_at("first"), 4);
    /* Who waits changes its own: it goes up and down the chain. */
    CHECK_EQUAL(lk_thread_set_priority(third, 5), 0);
    CHECK_EQUAL(runs_at("first"), 5);
    CHECK_EQUAL(lk_thread_set_priority(third, 3), 0);
    CHECK_EQUAL(runs_at("second"), 3);
    CHECK_EQUAL(runs_at("first"), 3);
    lk_event_set(&bell);
    test_join(first);
    test_join(second);
    test_join(third);
    become(LK_PRIORITY_NORMAL);
}

static void *hold_both(void *arg) {
    (void)arg;
    lk_mutex_lock(&one);
    lk_mutex_lock(&two);
    lk_event_wait(&bell, -1);
    lk_mutex_unlock(&two);
    CHECK_EQUAL(runs_at("both"), 4);
    lk_mutex_unlock(&one);
    CHECK_EQUAL(runs_at("both"), 1);
    return NULL;
}

static void each_mutex_lends_for_itself(void) {
    fresh();
    become(6);
    struct lk_thread *both = test_thread("both", 1, hold_both, NULL);
    lk_sleep_until(lk_ticks() + 2);
    struct lk_thread *a = test_thread("a", 4, lock_and_note, "a");
    struct lk_thread *b = test_thread("b", 5, want_two, NULL);
    lk_sleep_until(lk_ticks() + 2);
    CHECK_EQUAL(runs_at("both"), 5);
    lk_event_set(&bell);
    test_join(both);
    test_join(a);
    test_join(b);
    become(LK_PRIORITY_NORMAL);
}

/* --- condition variables ---------------------------------------------------------------------------------------- */

static void a_timed_wait_ends_in_time(void) {
    fresh();
    CHECK_EQUAL(lk_cond_wait(&cond, &one, LK_FOREVER), EPERM);
    lk_mutex_lock(&one);
    for (uint64_t ticks = 1; ticks < 50; ticks += 7) {
        uint64_t until = lk_ticks() + ticks;
        CHECK_EQUAL(lk_cond_wait(&cond, &one, until), ETIMEDOUT);
        CHECK(lk_ticks() >= until && lk_ticks() <= until + 1);
        CHECK_EQUAL(lk_mutex_trylock(&one), EBUSY);
    }
    /* One that is past is over at the next tick. */
    uint64_t now = lk_ticks();
    CHECK_EQUAL(lk_cond_wait(&cond, &one, 0), ETIMEDOUT);
    CHECK(lk_ticks() <= now + 2);
    CHECK_EQUAL(lk_mutex_unlock(&one), 0);
}

static void *signal_soon(void *arg) {
    (void)arg;
    lk_sleep_until(lk_ticks() + 5);
    lk_mutex_lock(&one);
    lk_cond_signal(&cond);
    lk_mutex_unlock(&one);
    return NULL;
}

static void a_signal_ends_a_timed_wait(void) {
    fresh();
    lk_mutex_lock(&one);
    struct lk_thread *t = test_thread("signal", 5, signal_soon, NULL);
    uint64_t begin = lk_ticks();
    CHECK_EQUAL(lk_cond_wait(&cond, &one, begin + 1000), 0);
    CHECK(lk_ticks() - begin < 100);
    lk_mutex_unlock(&one);
    test_join(t);
    /* Its deadline went with it: nothing wakes this one early. */
    begin = lk_ticks();
    lk_sleep_until(begin + 1500);
    CHECK(lk_ticks() >= begin + 1500);
}

static void *wait_and_note(void *arg) {
    lk_mutex_lock(&one);
    CHECK_EQUAL(lk_cond_wait(&cond, &one, LK_FOREVER), 0);
    note(*(const char *)arg);
    lk_mutex_unlock(&one);
    return NULL;
}

static void a_signal_wakes_the_highest_and_a_broadcast_all(void) {
    fresh();
    become(6);
    static const int priority[] = {2, 5, 3, 5, 1};
    static char names[] = "abcde";
    struct lk_thread *t[5];
    for (int i = 0; i < 5; i++) {
        t[i] = test_thread("waiter", priority[i], wait_and_note, &names[i]);
    }
    lk_sleep_until(lk_ticks() + 2);
    lk_cond_signal(&cond);
    lk_sleep_until(lk_ticks() + 2);
    CHECK(strcmp(trace, "b") == 0);
    lk_cond_broadcast(&cond);
    for (int i = 0; i < 5; i++) {
        test_join(t[i]);
    }
    CHECK(strcmp(trace, "bdcae") == 0);
    lk_cond_signal(&cond); /* nobody waits: it is not kept */
    lk_mutex_lock(&one);
    CHECK_EQUAL(lk_cond_wait(&cond, &one, lk_ticks() + 2), ETIMEDOUT);
    lk_mutex_unlock(&one);
    become(LK_PRIORITY_NORMAL);
}

/* A queue of one place between two threads of all priorities: nothing is lost or doubled. */
static unsigned place;

static void *put(void *arg) {
    for (unsigned i = 1; i <= *(unsigned *)arg; i++) {
        lk_mutex_lock(&one);
        while (place != 0) {
            lk_cond_wait(&cond, &one, LK_FOREVER);
        }
        place = i;
        lk_cond_broadcast(&cond);
        lk_mutex_unlock(&one);
    }
    return NULL;
}

static void two_threads_pass_a_thing_on(void) {
    for (int priority = 1; priority <= 5; priority += 2) {
        fresh();
        place = 0;
        unsigned count = 500;
        struct lk_thread *t = test_thread("put", priority, put, &count);
        for (unsigned i = 1; i <= count; i++) {
            lk_mutex_lock(&one);
            while (place == 0) {
                lk_cond_wait(&cond, &one, LK_FOREVER);
            }
            CHECK_EQUAL(place, i);
            place = 0;
            lk_cond_broadcast(&cond);
            lk_mutex_unlock(&one);
        }
        test_join(t);
    }
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static void ring(void) {
    lk_event_set(&bell);
}

static void an_event_waits_for_its_waiter(void) {
    fresh();
    CHECK(!lk_event_wait(&bell, 0));
    uint64_t begin = lk_ticks();
    CHECK(!lk_event_wait(&bell, 10));
    CHECK(lk_ticks() - begin >= 10 && lk_ticks() - begin <= 11);
    test_interrupt(ring);
    test_interrupt(ring);
    CHECK(lk_event_wait(&bell, -1));
    CHECK(!lk_event_wait(&bell, 0)); /* two rings before it looked are one */
}

int test_main(void) {
    static const struct test_case cases[] = {
        TEST_CASE(a_mutex_has_one_owner),
        TEST_CASE(nobody_else_opens_it),
        TEST_CASE(a_mutex_keeps_others_out),
        TEST_CASE(the_highest_waiter_is_next),
        TEST_CASE(the_owner_runs_at_the_waiters_priority),
        TEST_CASE(it_is_lent_along_a_chain_and_given_back),
        TEST_CASE(each_mutex_lends_for_itself),
        TEST_CASE(a_timed_wait_ends_in_time),
        TEST_CASE(a_signal_ends_a_timed_wait),
        TEST_CASE(a_signal_wakes_the_highest_and_a_broadcast_all),
        TEST_CASE(two_threads_pass_a_thing_on),
        TEST_CASE(an_event_waits_for_its_waiter),
    };
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
