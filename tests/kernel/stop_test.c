/*
 * What the kernel stops the program for, on the host and on boards. The argument says which; the test looks at the
 * console and the exit status.
 */
#include "testing.h"

#include <string.h>

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
    static const struct {
        const char *name;
        void *(*run)(void *);
    } cases[] = {
        {"lock_twice", lock_twice},
        {"hang", hang},
        {"wait_in_interrupt", wait_in_interrupt},
    };
    char name[32];
    test_argument(name, sizeof(name));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (strcmp(name, cases[i].name) == 0) {
            test_join(test_thread("victim", 2, cases[i].run, NULL));
        }
    }
    return 0; /* it did not stop, or there is no such case: the test fails by the status */
}
