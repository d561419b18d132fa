/*
 * How many instructions a piece of code takes. The emulator's clock counts them (-icount): a loop of known length
 * tells how much of it one is, and the kernel's tick, a few hundred a millisecond, is within what a test allows.
 */
#ifndef LK_TESTS_BOARD_COUNTING_H
#define LK_TESTS_BOARD_COUNTING_H

#include <stdint.h>

#include "rtos/kernel/kernel.h"

/* Runs `rounds` times two instructions. */
static inline void counting_loop(uint32_t rounds) {
    __asm volatile("1: subs %0, %0, #1\n bne 1b" : "+r"(rounds) : : "cc");
}

/* Instructions that `ns` of the clock are. */
static inline uint32_t counted(uint64_t ns) {
    static uint64_t loop_ns;
    const uint32_t rounds = 500000;

    if (loop_ns == 0) {
        uint64_t start = lk_clock_monotonic_ns();
        counting_loop(rounds);
        loop_ns = lk_clock_monotonic_ns() - start;
    }
    return (uint32_t)(ns * rounds * 2 / loop_ns);
}

#endif
