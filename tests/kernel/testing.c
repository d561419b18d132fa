#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_check(bool ok, const char *what, const char *file, int line) {
    if (!ok) {
        printf("%s:%d: not so: %s\n", file, line, what);
        fflush(stdout);
        _Exit(1);
    }
}

void test_check_equal(long long a, long long b, const char *what, const char *file, int line) {
    if (a != b) {
        /* newlib-nano prints no long long. */
        printf("%s:%d: not so: %s: %ld, %ld\n", file, line, what, (long)a, (long)b);
        fflush(stdout);
        _Exit(1);
    }
}

int test_run(const struct test_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", cases[i].name);
        fflush(stdout);
        cases[i].run();
    }
    printf("%u passed\n", (unsigned)count);
    return 0;
}

int test_run_victim(const struct test_victim *victims, size_t count) {
    char name[32];
    test_argument(name, sizeof(name));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, victims[i].name) == 0) {
            test_join(test_thread("victim", 2, victims[i].run, NULL));
        }
    }
    return 0;
}

uint32_t test_any(void) {
    static uint32_t seed = 1;

    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

struct lk_thread *test_thread(const char *name, int priority, void *(*entry)(void *), void *arg) {
    struct lk_thread *thread;
    CHECK_EQUAL(
        lk_thread_create(&thread, &(struct lk_thread_attr){.name = name, .priority = priority}, entry, arg),
        0);
    return thread;
}

void test_join(struct lk_thread *thread) {
    CHECK_EQUAL(lk_thread_join(thread, NULL), 0);
}

void test_spend_until(uint64_t tick) {
    while (lk_ticks() < tick) {
        test_spend_moment();
    }
}

uint64_t test_tick_edge(void) {
    lk_sleep_until(lk_ticks() + 1);
    return lk_ticks();
}
