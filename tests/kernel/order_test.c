/* Who runs when: priorities, round robin, sleeping. */
#include "testing.h"

#include <errno.h>
#include <string.h>

/* --- order ------------------------------------------------------------------------------------------------ */

static char trace[64];

static void note(char c) {
    size_t len = strlen(trace);
    CHECK(len + 1 < sizeof(trace));
    trace[len] = c;
    trace[len + 1] = '\0';
}

static void *note_argument(void *arg) {
    note(*(const char *)arg);
    return NULL;
}

static void higher_runs_at_once_and_lower_waits(void) {
    trace[0] = '\0';
    struct lk_thread *low = test_thread("low", 2, note_argument, "l");
    struct lk_thread *lower = test_thread("lower", 1, note_argument, "k");
    struct lk_thread *high = test_thread("high", 5, note_argument, "h");
    note('m');
    test_join(lower);
    test_join(low);
    test_join(high);
    CHECK(strcmp(trace, "hmlk") == 0);
}

static void equals_run_in_the_order_of_their_making(void) {
    trace[0] = '\0';
    struct lk_thread *t[3];
    t[0] = test_thread("a", 3, note_argument, "a");
    t[1] = test_thread("b", 3, note_argument, "b");
    t[2] = test_thread("c", 3, note_argument, "c");
    note('m');
    lk_thread_yield();
    note('n');
    for (int i = 0; i < 3; i++) {
        test_join(t[i]);
    }
    CHECK(strcmp(trace, "mabcn") == 0);
}

static int turns;
static const void *last_turn;

static void *take_turns(void *arg) {
    uint64_t end = *(uint64_t *)arg;
    int me;
    while (lk_ticks() < end) {
        if (last_turn != &me) {
            last_turn = &me;
            turns++;
        }
        test_spend_moment();
    }
    return NULL;
}

static void equals_share_the_processor(void) {
    turns = 0;
    uint64_t end = test_tick_edge() + 20 * LK_TIME_SLICE;
    struct lk_thread *a = test_thread("a", 2, take_turns, &end);
    struct lk_thread *b = test_thread("b", 2, take_turns, &end);
    test_join(a);
    test_join(b);
    CHECK(turns >= 19 && turns <= 22);
}

static struct lk_event bell;

static void *wait_and_note(void *arg) {
    CHECK(lk_event_wait(&bell, -1));
    note(*(const char *)arg);
    return NULL;
}

static void ring(void) {
    lk_event_set(&bell);
}

static void who_is_woken_runs_at_once_if_it_is_higher(void) {
    trace[0] = '\0';
    struct lk_thread *high = test_thread("high", 5, wait_and_note, "h");
    note('1');
    ring();
    note('2');
    test_join(high);
    high = test_thread("high", 5, wait_and_note, "i");
    note('3');
    test_interrupt(ring);
    note('4');
    test_join(high);
    struct lk_thread *low = test_thread("low", 2, wait_and_note, "l");
    lk_sleep_until(lk_ticks() + 2);
    ring();
    note('5');
    test_join(low);
    CHECK(strcmp(trace, "1h23i45l") == 0);
}

static void a_new_priority_counts_at_once(void) {
    trace[0] = '\0';
    struct lk_thread *t = test_thread("t", 1, note_argument, "t");
    note('1');
    CHECK_EQUAL(lk_thread_set_priority(t, 0), EINVAL);
    CHECK_EQUAL(lk_thread_set_priority(t, LK_PRIORITY_MAX + 1), EINVAL);
    CHECK_EQUAL(lk_thread_set_priority(t, 5), 0);
    note('2');
    test_join(t);

    t = test_thread("u", 2, note_argument, "u");
    CHECK_EQUAL(lk_thread_set_priority(lk_thread_self(), 1), 0);
    note('3');
    CHECK_EQUAL(lk_thread_priority(lk_thread_self()), 1);
    CHECK_EQUAL(lk_thread_set_priority(lk_thread_self(), LK_PRIORITY_NORMAL), 0);
    test_join(t);
    CHECK(strcmp(trace, "1t2u3") == 0);
}

/* --- sleeping ----------------------------------------------------------------------------------------------- */

static void sleep_lasts_what_was_asked(void) {
    static const unsigned ms[] = {1, 2, 3, 7, 20, 100};
    for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
        uint64_t ns = lk_clock_monotonic_ns();
        uint64_t tick = lk_ticks();
        lk_sleep_until(lk_clock_deadline((uint64_t)ms[i] * 1000000));
        CHECK(lk_clock_monotonic_ns() - ns >= (uint64_t)ms[i] * 1000000);
        uint64_t slept = lk_ticks() - tick;
        CHECK(slept >= ms[i] * LK_TICK_HZ / 1000 && slept <= ms[i] * LK_TICK_HZ / 1000 + 1);
    }
    uint64_t tick = lk_ticks();
    lk_sleep_until(tick);
    CHECK(lk_ticks() - tick <= 1);
}

static void *sleep_and_note(void *arg) {
    const char *c = arg;
    lk_sleep_until(lk_ticks() + (uint64_t)(*c - '0'));
    note(*c);
    return NULL;
}

static void sleepers_wake_in_the_order_of_their_deadlines(void) {
    trace[0] = '\0';
    static char names[] = "52914";
    struct lk_thread *t[5];
    test_tick_edge();
    for (int i = 0; i < 5; i++) {
        t[i] = test_thread("sleeper", 4, sleep_and_note, &names[i]);
    }
    for (int i = 0; i < 5; i++) {
        test_join(t[i]);
    }
    CHECK(strcmp(trace, "12459") == 0);
}

static void clocks_only_go_forward(void) {
    uint64_t last = 0;
    uint64_t end = lk_ticks() + 20;
    while (lk_ticks() < end) {
        uint64_t now = lk_clock_monotonic_ns();
        CHECK(now >= last);
        last = now;
        test_spend_moment();
    }
    lk_clock_set_realtime(1700000000, 500000000);
    uint64_t wall = lk_clock_realtime_ns();
    CHECK(wall >= 1700000000500000000ULL && wall < 1700000001500000000ULL);
}

int test_main(void) {
    static const struct test_case cases[] = {
        TEST_CASE(higher_runs_at_once_and_lower_waits),
        TEST_CASE(equals_run_in_the_order_of_their_making),
        TEST_CASE(equals_share_the_processor),
        TEST_CASE(who_is_woken_runs_at_once_if_it_is_higher),
        TEST_CASE(a_new_priority_counts_at_once),
        TEST_CASE(sleep_lasts_what_was_asked),
        TEST_CASE(sleepers_wake_in_the_order_of_their_deadlines),
        TEST_CASE(clocks_only_go_forward),
    };
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
