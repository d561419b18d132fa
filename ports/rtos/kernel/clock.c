/* Clocks and sleeping. */
#include "rtos/kernel/core.h"

#define NS_PER_TICK (1000000000U / LK_TICK_HZ)

/* Nanoseconds from 1970 to the start of the board. */
static uint64_t realtime_offset;

uint64_t lk_clock_monotonic_ns(void) {
    unsigned before = lk_cpu_lock();
    uint64_t ns = lk_ticks() * NS_PER_TICK + lk_cpu_tick_fraction_ns();
    lk_cpu_unlock(before);
    return ns;
}

uint64_t lk_clock_realtime_ns(void) {
    unsigned before = lk_cpu_lock();
    uint64_t ns = realtime_offset + lk_clock_monotonic_ns();
    lk_cpu_unlock(before);
    return ns;
}

void lk_clock_set_realtime(int64_t seconds, uint32_t nanoseconds) {
    unsigned before = lk_cpu_lock();
    realtime_offset = (uint64_t)seconds * 1000000000U + nanoseconds - lk_clock_monotonic_ns();
    lk_cpu_unlock(before);
}

uint64_t lk_clock_deadline(uint64_t ns) {
    uint64_t now = lk_clock_monotonic_ns();
    if (ns > UINT64_MAX / 2) {
        return LK_FOREVER;
    }
    return (now + ns + NS_PER_TICK - 1) / NS_PER_TICK;
}

void lk_sleep_until(uint64_t tick) {
    unsigned before = lk_cpu_lock();
    if (tick > lk_ticks()) {
        lk_sched_block(NULL, tick);
    }
    lk_cpu_unlock(before);
}
