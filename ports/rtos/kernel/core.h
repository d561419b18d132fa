/* What the kernel's files share: the thread's record and the scheduler under everything else. */
#ifndef LK_KERNEL_CORE_H
#define LK_KERNEL_CORE_H

#include "rtos/kernel/kernel.h"

#include "rtos/kernel/cpu.h"

enum lk_thread_state { LK_THREAD_READY, LK_THREAD_WAITING, LK_THREAD_ENDED };

struct lk_thread {
    void *sp;    /* where the processor's registers are, while it does not run; cpu_*.c knows this place */
    char *stack; /* its lowest byte: the guard, then the stack up to stack + stack_size */
    size_t stack_size;

    /* a ready list or a wait queue: a ring */
    struct lk_thread *next, *prev;
    struct lk_queue *queue;     /* the one it waits in, or NULL */
    struct lk_mutex *wants;     /* the mutex that it waits for, or NULL */
    struct lk_mutex *contended; /* those that it holds and others want */

    struct lk_thread *next_timer; /* in the order of wake_at */
    uint64_t wake_at;             /* tick, while in the list of timers */

    unsigned char state;
    unsigned char priority; /* now, with what is lent */
    unsigned char base_priority;
    unsigned char slice; /* ticks left of its turn */
    bool timed;          /* in the list of timers */
    bool timed_out;      /* how its last wait ended */
    bool detached;
    bool joined; /* somebody waits for it, or did */

    struct lk_queue joiner;
    void *(*entry)(void *);
    void *arg; /* of entry; then its result */
    const void *values[LK_KEYS_MAX];
    struct lk_thread *next_thread; /* all of them, or those to be freed */
    char name[LK_THREAD_NAME];
    struct lk_cpu_context cpu;
};

/* The one that runs. Written by lk_sched_switch alone. */
extern struct lk_thread *lk_current;

/* --- sched.c: all with interrupts locked ------------------------------------------------------------------- */

/* Makes a new thread, or one whose wait ended, ready. */
void lk_sched_ready(struct lk_thread *thread);
/*
 * Puts the caller to sleep in `queue` (NULL: none) until lk_sched_wake or the tick `until`. It takes effect
 * when the caller unlocks interrupts; then lk_current->timed_out says which of the two it was.
 */
void lk_sched_block(struct lk_queue *queue, uint64_t until);
/* Ends a thread's wait. */
void lk_sched_wake(struct lk_thread *thread);
/* Wakes the first of a queue; returns it or NULL. */
struct lk_thread *lk_sched_wake_first(struct lk_queue *queue);
/* The caller's last act: never runs again. */
void lk_sched_end(void);
/* Lets the next of the caller's priority run. */
void lk_sched_rotate(void);
/* Changes the priority that counts, and its place in a ring with it. */
void lk_sched_set_priority(struct lk_thread *thread, int priority);
/* Chooses who runs now, makes it lk_current and returns it. Called by the processor's switch. */
struct lk_thread *lk_sched_switch(void);
/* One tick of the clock. Called by the processor's timer. */
void lk_sched_tick(void);
/* All threads. */
extern struct lk_thread *lk_sched_threads;

/* --- thread.c -------------------------------------------------------------------------------------------- */

/* Makes a thread in memory of the caller's; used for the first two, which have no heap. */
void lk_thread_prepare(struct lk_thread *thread, void *stack, size_t size, int priority, const char *name,
                       void *(*entry)(void *), void *arg);
/* Where every thread begins. Called by the processor's first switch to it. */
void lk_thread_main(struct lk_thread *thread);

/* --- mutex.c: with interrupts locked ----------------------------------------------------------------------- */

/* After a priority was set or a waiter left: what the thread's own priority and its waiters ask for. */
void lk_mutex_reconsider(struct lk_thread *thread);

/* --- watch.c ------------------------------------------------------------------------------------------------ */

/* Called on each tick, with interrupts locked. */
void lk_watch_tick(uint64_t now);

#endif
