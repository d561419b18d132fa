/* From reset to main(), on any Cortex-M. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"
#include "rtos/kernel/kernel.h"

/* Bytes of main()'s stack. */
#ifndef LK_MAIN_STACK
#define LK_MAIN_STACK 8192
#endif

#define BOOT __attribute__((section(".boot")))

extern const uint32_t lk_vectors[];
extern char lk_data_start[], lk_data_end[], lk_data_source[], lk_bss_start[], lk_bss_end[];

int main(void);
void lk_reset(void);

static _Alignas(32) char main_stack[LK_MAIN_STACK] __attribute__((section(".noinit")));

/* --- the vectors ------------------------------------------------------------------------------------------ */

#define TEXT(x) #x
#define TEXT_OF(macro) TEXT(macro)

__asm(".section .vectors, \"a\"\n"
      ".global lk_vectors\n"
      "lk_vectors:\n"
      ".word lk_irq_stack_top\n"
      ".word lk_reset\n"
      ".rept 5\n" /* NMI, hard fault, memory, bus, usage */
      ".word lk_fault\n"
      ".endr\n"
      ".word 0, 0, 0, 0\n"
      ".word lk_fault, lk_fault\n" /* SVC, debug monitor: nobody calls them */
      ".word 0\n"
      ".word lk_pendsv, lk_systick\n"
      ".rept " TEXT_OF(LK_BOARD_IRQS) "\n"
                                      ".word lk_irq\n"
                                      ".endr\n"
                                      ".previous\n");

/* --- start ------------------------------------------------------------------------------------------------ */

static void *run_main(void *arg) {
    (void)arg;
    exit(main());
}

/* Outside of .boot: by now the MPU lets code run wherever the board has it. */
__attribute__((noinline)) static void start(void) {
    memcpy(lk_data_start, lk_data_source, (size_t)(lk_data_end - lk_data_start));
    memset(lk_bss_start, 0, (size_t)(lk_bss_end - lk_bss_start));
    if (lk_board.start != NULL) {
        lk_board.start();
    }
    lk_kernel_start(run_main, NULL, main_stack, sizeof(main_stack));
}

BOOT void lk_reset(void) {
    __asm volatile("cpsid i");
    VTOR = (uint32_t)lk_vectors;
    SHCSR |= 7U << 16; /* memory, bus and usage faults by their own names */
    CCR |= 1U << 4;    /* a division by zero is a fault */
#ifdef __ARM_FP
    CPACR |= 0xFU << 20;
    __asm volatile("dsb\n isb");
#endif
    lk_mpu_start();
    start();
}
