/* What a board's processor stops for. The argument says which; the test looks at the console. */
#include "testing.h"

#include <string.h>

#include "rtos/kernel/cpu_armv7m.h"

/* Goes deeper by a few bytes until something stops it. */
static unsigned dig(volatile unsigned depth) {
    if (depth == 0) {
        return 0;
    }
    return dig(depth - 1) + depth;
}

static void *overrun(void *arg) {
    (void)arg;
    dig(100000);
    return NULL;
}

/* Steps over the guard with one large frame: the tick finds out where the stack pointer is. */
static void *step_over(void *arg) {
    volatile char large[LK_STACK_DEFAULT + 64];
    (void)arg;
    large[LK_STACK_DEFAULT] = 1; /* near the top: nobody's bytes are touched */
    for (;;) {
        (void)large[LK_STACK_DEFAULT];
    }
    return NULL;
}

static void dig_in_interrupt(void) {
    dig(100000);
}

static void *overrun_interrupts(void *arg) {
    (void)arg;
    test_interrupt(dig_in_interrupt);
    return NULL;
}

static void *read_null(void *arg) {
    return *(void *volatile *)arg;
}

static void *write_null(void *arg) {
    *(void *volatile *)arg = NULL;
    return NULL;
}

static void *read_nowhere(void *arg) {
    (void)arg;
    (void)LK_REGISTER(0x5F000000U);
    return NULL;
}

static void *divide_by_zero(void *arg) {
    volatile int zero = 0;
    (void)arg;
    zero = 7 / zero;
    return NULL;
}

static void *run_data(void *arg) {
    static uint16_t code[] = {0x4770}; /* bx lr */
    (void)arg;
    ((void (*)(void))((uintptr_t)code | 1))();
    return NULL;
}

/* Interrupts are off: neither the tick nor a watch helps any more. */
static void *lock_up(void *arg) {
    (void)arg;
    __asm volatile("cpsid i");
    for (;;) {
    }
    return NULL;
}

int test_main(void) {
    static const struct test_victim cases[] = {
        {"overrun", overrun},
        {"step_over", step_over},
        {"overrun_interrupts", overrun_interrupts},
        {"read_null", read_null},
        {"write_null", write_null},
        {"read_nowhere", read_nowhere},
        {"divide_by_zero", divide_by_zero},
        {"run_data", run_data},
        {"lock_up", lock_up},
    };
    return test_run_victim(cases, sizeof(cases) / sizeof(cases[0]));
}
