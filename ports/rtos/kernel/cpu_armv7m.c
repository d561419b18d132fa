/* The processor's half of the kernel on Cortex-M3, M4 and M7: switch, tick, interrupts. */
#include <malloc.h>
#include <string.h>

#include "rtos/kernel/core.h"

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"

/* Lines that may have a handler at once. */
#ifndef LK_IRQ_HANDLERS
#define LK_IRQ_HANDLERS 6
#endif

/* Switch and tick are the lowest of all; of eight bits a processor has the upper three at least. */
#define PRIORITY_KERNEL 0xFF
#define IRQ_PRIORITY(level) ((uint8_t)((level) << 5))

/* What the switch leaves on a stack below the hardware's frame: r4-r11 and EXC_RETURN. */
struct switch_frame {
    uint32_t r4_r11[8];
    uint32_t exc_return;
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

#define EXC_RETURN_THREAD 0xFFFFFFFDU /* thread mode, process stack, no floating-point frame */
#define XPSR_THUMB 0x01000000U

static struct {
    unsigned irq;
    void (*handler)(void);
} handlers[LK_IRQ_HANDLERS];

/* Nanoseconds of one cycle, times 256. */
static uint32_t cycle_ns_256;

/* --- locking -------------------------------------------------------------------------------------------- */

unsigned lk_cpu_lock(void) {
    unsigned before;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(before) : : "memory");
    return before;
}

void lk_cpu_unlock(unsigned before) {
    /* The barrier takes a pending switch before the next instruction. */
    __asm volatile("msr primask, %0\n isb" : : "r"(before) : "memory");
}

bool lk_cpu_in_interrupt(void) {
    uint32_t ipsr;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr != 0;
}

/* --- the switch ----------------------------------------------------------------------------------------- */

void lk_cpu_request_switch(void) {
    ICSR = ICSR_PENDSVSET;
}

void lk_cpu_thread_init(struct lk_thread *thread) {
    uintptr_t top = ((uintptr_t)thread->stack + thread->stack_size) & ~(uintptr_t)7;
    struct switch_frame *frame = (struct switch_frame *)top - 1;
    *frame = (struct switch_frame){
        .exc_return = EXC_RETURN_THREAD,
        .r0 = (uint32_t)thread,
        .pc = (uint32_t)lk_thread_main & ~1U,
        .xpsr = XPSR_THUMB,
    };
    thread->sp = frame;
    _REENT_INIT_PTR(&thread->cpu.reent);
}

void lk_cpu_thread_free(struct lk_thread *thread) {
    _reclaim_reent(&thread->cpu.reent);
}

/* Called by the switch with the stack pointer of who ran (of nobody, the first time); returns the next one's. */
void *lk_cpu_switch(void *sp);
void *lk_cpu_switch(void *sp) {
    if (lk_current != NULL) {
        if ((char *)sp < lk_current->stack) {
            lk_fault_overrun(lk_current);
        }
        lk_current->sp = sp;
    }
    struct lk_thread *next = lk_sched_switch();
    lk_mpu_guard((uintptr_t)next->stack - LK_STACK_GUARD);
    _impure_ptr = &next->cpu.reent;
    return next->sp;
}

void lk_pendsv(void);
__attribute__((naked)) void lk_pendsv(void) {
    __asm volatile("mrs r0, psp\n"
#ifdef __ARM_FP
                   "tst lr, #0x10\n"
                   "it eq\n"
                   "vstmdbeq r0!, {s16-s31}\n"
#endif
                   "stmdb r0!, {r4-r11, lr}\n"
                   "cpsid i\n"
                   "bl lk_cpu_switch\n"
                   "cpsie i\n"
                   "ldmia r0!, {r4-r11, lr}\n"
#ifdef __ARM_FP
                   "tst lr, #0x10\n"
                   "it eq\n"
                   "vldmiaeq r0!, {s16-s31}\n"
#endif
                   "msr psp, r0\n"
                   "bx lr\n");
}

/* --- the tick ------------------------------------------------------------------------------------------- */

void lk_systick(void);
void lk_systick(void) {
    /* A frame larger than the guard can step over it: look at where the pointer is, too. */
    char *psp;
    __asm volatile("mrs %0, psp" : "=r"(psp));
    if (psp < lk_current->stack) {
        lk_fault_overrun(lk_current);
    }
    lk_sched_tick();
}

/* Cycles since the counter came round. It stands at zero for one, in which the tick has already happened. */
static uint32_t cycles_since(void) {
    uint32_t left = SYST_CVR;
    return left == 0 ? 0 : SYST_RVR - left;
}

uint32_t lk_cpu_tick_fraction_ns(void) {
    uint32_t cycles = cycles_since();
    if (ICSR & ICSR_PENDSTSET) {
        /* It came round, and the interrupt waits: one tick more, and what has passed since. */
        cycles = SYST_RVR + 1 + cycles_since();
    }
    return (uint32_t)(((uint64_t)cycles * cycle_ns_256) >> 8);
}

/* --- interrupts ----------------------------------------------------------------------------------------- */

/* The vector of every line. */
void lk_irq(void);
void lk_irq(void) {
    uint32_t ipsr;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    unsigned irq = (ipsr & 0x1FFU) - 16;
    for (size_t i = 0; i < LK_IRQ_HANDLERS; i++) {
        if (handlers[i].handler != NULL && handlers[i].irq == irq) {
            handlers[i].handler();
            return;
        }
    }
    lk_kernel_panic("interrupt %u has no handler", irq);
}

void lk_irq_enable(unsigned irq, void (*handler)(void), unsigned priority) {
    unsigned before = lk_cpu_lock();
    size_t i = 0;
    while (handlers[i].handler != NULL && handlers[i].irq != irq) {
        if (++i == LK_IRQ_HANDLERS) {
            lk_kernel_panic("no place for a handler of interrupt %u", irq);
        }
    }
    handlers[i].irq = irq;
    handlers[i].handler = handler;
    NVIC_IPR(irq) = IRQ_PRIORITY(priority);
    NVIC_ISER(irq / 32) = 1U << (irq % 32);
    lk_cpu_unlock(before);
}

void lk_irq_disable(unsigned irq) {
    NVIC_ICER(irq / 32) = 1U << (irq % 32);
    __asm volatile("dsb\n isb" : : : "memory");
}

/* --- start and stop ------------------------------------------------------------------------------------- */

void lk_cpu_start(void) {
    cycle_ns_256 = (uint32_t)((1000000000ULL << 8) / lk_board.cpu_hz);
    SHPR(14) = PRIORITY_KERNEL;
    SHPR(15) = PRIORITY_KERNEL;
    SYST_RVR = lk_board.cpu_hz / LK_TICK_HZ - 1;
    SYST_CVR = 0;
    SYST_CSR = 7;

    /* The first switch saves nobody's registers: below the caller's stack is as good a place as any. */
    uint32_t sp;
    __asm volatile("mrs %0, msp" : "=r"(sp));
    __asm volatile("msr psp, %0" : : "r"((sp - 256) & ~7U));
    lk_cpu_request_switch();
    lk_cpu_unlock(0);
    for (;;) {
    }
}

void lk_cpu_idle(void) {
    __asm volatile("dsb\n wfi" : : : "memory");
}

void *lk_cpu_alloc(size_t size) {
    return memalign(LK_STACK_GUARD, size);
}

void lk_cpu_release(void *memory) {
    free(memory);
}

void lk_cpu_watchdog_kick(void) {
    if (lk_board.watchdog_kick != NULL) {
        lk_board.watchdog_kick();
    }
}
