/*
 * What the kernel's core asks of a processor: cpu_armv7m.c for Cortex-M3, M4 and M7; on the host a stand-in
 * in tests/kernel, which makes each thread a thread of the host and lets one run at a time.
 */
#ifndef LK_KERNEL_CPU_H
#define LK_KERNEL_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __arm__
#include <reent.h>
/* newlib's errno, strtok and so on of one thread. */
struct lk_cpu_context {
    struct _reent reent;
};
/* Bytes below each stack that nothing may touch: a power of two, 32 at least; and the alignment of stacks. */
#ifndef LK_STACK_GUARD
#define LK_STACK_GUARD 32
#endif
#else
struct lk_cpu_context {
    void *host;
};
#define LK_STACK_GUARD 16
#endif

struct lk_thread;

/* Keeps interrupts, and with them other threads, away. Nests: each returns what lk_cpu_unlock gets back. */
unsigned lk_cpu_lock(void);
void lk_cpu_unlock(unsigned before);
bool lk_cpu_in_interrupt(void);

/* Asks for lk_sched_switch once interrupts are unlocked. */
void lk_cpu_request_switch(void);
/* Fills thread->sp (stack and stack_size are set) and thread->cpu so that the first switch to it calls
   lk_thread_main(thread). */
void lk_cpu_thread_init(struct lk_thread *thread);
/* The thread ended and its stack is about to go. */
void lk_cpu_thread_free(struct lk_thread *thread);
/* Starts the tick and the first switch; does not return. */
_Noreturn void lk_cpu_start(void);
/* Waits for an interrupt. */
void lk_cpu_idle(void);
/* Nanoseconds since the last tick that lk_sched_tick counted; interrupts are locked. */
uint32_t lk_cpu_tick_fraction_ns(void);

/* Memory for stacks, aligned to LK_STACK_GUARD. */
void *lk_cpu_alloc(size_t size);
void lk_cpu_release(void *memory);

/* Feeds the board's watchdog, if it has one. From the tick. */
void lk_cpu_watchdog_kick(void);
/* Ends everything after a panic's message. */
_Noreturn void lk_cpu_panic(const char *text);

#endif
