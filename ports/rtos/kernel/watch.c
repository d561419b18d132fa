/* The watch over threads, and the board's watchdog behind it. */
#include "rtos/kernel/core.h"

/* Ticks between two looks. A board's watchdog must allow some of them. */
#define PERIOD (LK_TICK_HZ / 4)

static struct lk_watch *watches;

void lk_watch_start(struct lk_watch *watch, const char *name, uint32_t limit_ms) {
    watch->name = name;
    watch->limit = limit_ms * LK_TICK_HZ / 1000;
    lk_watch_report(watch);
    unsigned before = lk_cpu_lock();
    watch->next = watches;
    watches = watch;
    lk_cpu_unlock(before);
}

void lk_watch_report(struct lk_watch *watch) {
    unsigned before = lk_cpu_lock();
    watch->due = lk_ticks() + watch->limit;
    lk_cpu_unlock(before);
}

void lk_watch_pause(struct lk_watch *watch) {
    unsigned before = lk_cpu_lock();
    watch->due = LK_FOREVER;
    lk_cpu_unlock(before);
}

void lk_watch_stop(struct lk_watch *watch) {
    unsigned before = lk_cpu_lock();
    struct lk_watch **place = &watches;
    while (*place != NULL && *place != watch) {
        place = &(*place)->next;
    }
    if (*place != NULL) {
        *place = watch->next;
    }
    lk_cpu_unlock(before);
}

void lk_watch_tick(uint64_t now) {
    if (now % PERIOD != 0) {
        return;
    }
    for (const struct lk_watch *w = watches; w != NULL; w = w->next) {
        if (now > w->due) {
            lk_kernel_panic("%s has not reported for %u ms", w->name,
                            (unsigned)(w->limit * 1000 / LK_TICK_HZ));
        }
    }
    lk_cpu_watchdog_kick();
}
