/*
 * The last words of a board that cannot go on: what happened, in which thread, the registers. Only registers,
 * the console and constants are trusted here: no heap, no printf.
 */
#include <string.h>

#include "rtos/kernel/core.h"

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"

/* Exit status of the emulator. */
#define STATUS_FAULT 70

#define CFSR_MMARVALID (1U << 7)
#define CFSR_BFARVALID (1U << 15)
/* Bytes of the guard below the interrupts' stack (sections.ld). */
#define GUARD 32

/* While the processor itself stored a frame, or the floating-point registers. */
#define CFSR_MEMORY_STACKING ((1U << 4) | (1U << 5))

static void text(const char *s) {
    lk_board.console_write(s, strlen(s));
}

static void hex(const char *name, uint32_t value) {
    char digits[8];
    for (int i = 7; i >= 0; i--, value >>= 4) {
        digits[i] = "0123456789abcdef"[value & 15];
    }
    text(name);
    lk_board.console_write(digits, sizeof(digits));
}

_Noreturn static void stop(void) {
    text("\r\n");
    lk_board.stop(STATUS_FAULT);
    for (;;) {
    }
}

static void say_thread(bool interrupt) {
    text(interrupt ? "\r\nin an interrupt over thread " : "\r\nin thread ");
    text(lk_current != NULL ? lk_current->name : "(none yet)");
}

void lk_fault_overrun(const struct lk_thread *thread) {
    lk_cpu_lock();
    text("\r\nfault: stack overrun in thread ");
    text(thread->name);
    stop();
}

void lk_cpu_panic(const char *message) {
    lk_cpu_lock();
    text("\r\n");
    text(message);
    say_thread(lk_cpu_in_interrupt());
    stop();
}

static const char *const names[] = {"?",         "?",          "NMI", "hard fault", "memory fault",
                                    "bus fault", "usage fault"};

/* Whether it touched the bytes below the current thread's stack, or left no room for a frame there. */
static bool is_overrun(uint32_t cfsr, uint32_t psp) {
    if (lk_current == NULL) {
        return false;
    }
    uintptr_t low = (uintptr_t)lk_current->stack - LK_STACK_GUARD;
    if ((cfsr & CFSR_MMARVALID) && MMFAR - low < LK_STACK_GUARD) {
        return true;
    }
    return (cfsr & CFSR_MEMORY_STACKING) && psp < (uintptr_t)lk_current->stack + 128;
}

/* `frame`: what the processor stored of the faulting code; `exc_return` says of which mode it was. */
extern char lk_irq_stack_guard[];

void lk_fault_report(const uint32_t *frame, uint32_t exc_return);
void lk_fault_report(const uint32_t *frame, uint32_t exc_return) {
    uint32_t ipsr, psp;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    __asm volatile("mrs %0, psp" : "=r"(psp));
    uint32_t cfsr = CFSR;
    lk_mpu_set_guards(false); /* a second fault here would be the last */
    if (is_overrun(cfsr, psp)) {
        lk_fault_overrun(lk_current);
    }
    if (!(exc_return & 4) && (uintptr_t)frame < (uintptr_t)lk_irq_stack_guard + GUARD) {
        text("\r\nfault: stack overrun in an interrupt over thread ");
        text(lk_current != NULL ? lk_current->name : "(none yet)");
        stop();
    }
    text("\r\nfault: ");
    text(ipsr < sizeof(names) / sizeof(names[0]) ? names[ipsr] : "?");
    say_thread((exc_return & 8) == 0);
    hex("\r\ncfsr ", cfsr);
    hex(" hfsr ", HFSR);
    if (cfsr & CFSR_MMARVALID) {
        hex(" address ", MMFAR);
    } else if (cfsr & CFSR_BFARVALID) {
        hex(" address ", BFAR);
    }
    hex("\r\npc ", frame[6]);
    hex(" lr ", frame[5]);
    hex(" xpsr ", frame[7]);
    hex(" sp ", (uint32_t)frame);
    hex("\r\nr0 ", frame[0]);
    hex(" r1 ", frame[1]);
    hex(" r2 ", frame[2]);
    hex(" r3 ", frame[3]);
    hex(" r12 ", frame[4]);
    stop();
}

/* The frame's place first; then room on the interrupts' stack, which may be what overran: its upper end is lost. */
__attribute__((naked)) void lk_fault(void) {
    __asm volatile("cpsid i\n"
                   "tst lr, #4\n"
                   "ite eq\n"
                   "mrseq r0, msp\n"
                   "mrsne r0, psp\n"
                   "mov r1, lr\n"
                   "mrs r3, msp\n"
                   "ldr r2, =lk_irq_stack_guard + 288\n"
                   "cmp r3, r2\n"
                   "itt lo\n"
                   "ldrlo r2, =lk_irq_stack_top\n"
                   "msrlo msp, r2\n"
                   "b lk_fault_report\n"
                   ".ltorg\n");
}
