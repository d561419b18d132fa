/* The board's half of testing.h. */
#include "testing.h"

#include <malloc.h>

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"
#include "semihosting/semihosting.h"

/* A line that no device drives. */
#define SOFT_IRQ 20
#define NVIC_ISPR(n) LK_REGISTER(0xE000E200U + 4 * (n))

void test_spend_moment(void) {
    __asm volatile("nop");
}

void test_interrupt(void (*handler)(void)) {
    lk_irq_enable(SOFT_IRQ, handler, 1);
    NVIC_ISPR(SOFT_IRQ / 32) = 1U << (SOFT_IRQ % 32);
    __asm volatile("dsb\n isb");
}

size_t test_memory(void) {
    return mallinfo().uordblks;
}

void test_argument(char *out, size_t cap) {
    lk_semihosting_argument(out, cap);
}

int main(void);
int main(void) {
    return test_main();
}
