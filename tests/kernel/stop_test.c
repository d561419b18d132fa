/*
 * What the kernel stops the program for, on the host and on boards. The argument says which; the test looks at the
 * console and the exit status.
 */
#include "testing.h"

static struct lk_event bell;

static void *lock_twice(void *arg) {
    static struct lk_mutex mutex;
    (void)arg;
    lk_mutex_lock(&mutex);
    lk_mutex_lock(&mutex);
    return NULL;
}

static void *hang(void *arg) {
    (void)arg;
    struct lk_watch watch;
    lk_watch_start(&watch, "sleepy", 500);
    for (;;) {
        lk_sleep_until(lk_ticks() + 100);
    }
    return NULL;
}

static void wait_here(void) {
    lk_event_wait(&bell, -1);
}

static void *wait_in_interrupt(void *arg) {
    (void)arg;
    test_interrupt(wait_here);
    return NULL;
}

int test_main(void) {
    static const struct test_victim cases[] = {
        {"lock_twice", lock_twice},
        {"hang", hang},
        {"wait_in_interrupt", wait_in_interrupt},
    };
    return test_run_victim(cases, sizeof(cases) / sizeof(cases[0]));
}
