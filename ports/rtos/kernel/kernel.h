/*
 * A preemptive kernel for one processor: threads of fixed priorities, round robin among equals, mutexes that
 * lend priority to their owner, condition variables, events for interrupts, thread-specific values, clocks.
 * pthread.c gives it POSIX's names on a board; a program that only knows pthread needs nothing of this file.
 *
 * Functions that return int return 0 or a (positive) number of errno.h, as pthread's do. Unless it says so, a
 * function may not be called from an interrupt. The core (every file but cpu_*.c) is plain C11 and runs on
 * the host too: tests/kernel.
 */
#ifndef LK_KERNEL_H
#define LK_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtos/kernel/types.h"

/* Ticks of the clock a second: the grain of sleeps and timeouts. Divides 1000. */
#define LK_TICK_HZ 1000

/* Ticks that a thread runs before another of its priority does. */
#define LK_TIME_SLICE 10

/* Higher runs first. 0 is the idle thread's own. */
#define LK_PRIORITY_BACKGROUND 1 /* hashing */
#define LK_PRIORITY_NORMAL 3     /* a thread that asks for nothing else */
#define LK_PRIORITY_NETWORK 5
#define LK_PRIORITY_MAX 7

/* Thread-specific values, a pointer each in every thread. */
#define LK_KEYS_MAX 8

/* Bytes of a thread's name, with the NUL. */
#define LK_THREAD_NAME 16

/* A deadline that never comes. */
#define LK_FOREVER UINT64_MAX

/* --- start ---------------------------------------------------------------------------------------------- */

/*
 * Makes the caller's stack the interrupts' and runs `entry(arg)` as the thread "main", at LK_PRIORITY_NORMAL
 * on `stack` of `size` bytes (aligned as lk_cpu.h asks). Does not return.
 */
_Noreturn void lk_kernel_start(void *(*entry)(void *), void *arg, void *stack, size_t size);

/* Prints "kernel: " and the formatted text (of printf, the subset of lk_console_printf) with the thread's
   name, and stops the board. From anywhere. */
_Noreturn void lk_kernel_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- threads -------------------------------------------------------------------------------------------- */

struct lk_thread_attr {
    size_t stack_size; /* bytes, at least LK_STACK_MIN; 0: LK_STACK_DEFAULT */
    int priority;      /* 1..LK_PRIORITY_MAX; 0: LK_PRIORITY_NORMAL */
    bool detached;
    const char *name; /* copied, cut to LK_THREAD_NAME - 1; NULL: "thread" */
};

#ifndef LK_STACK_MIN
#define LK_STACK_MIN 512
#endif
#ifndef LK_STACK_DEFAULT
#define LK_STACK_DEFAULT 4096
#endif

/* Stack and bookkeeping come from the heap in one piece. `attr` may be NULL. Returns EAGAIN when there is no
   memory, EINVAL for a priority or size out of bounds. */
int lk_thread_create(struct lk_thread **out, const struct lk_thread_attr *attr, void *(*entry)(void *),
                     void *arg);
/* Waits until it ended and gives its memory back. Returns EINVAL when it is detached or joined already,
   EDEADLK for the caller itself. */
int lk_thread_join(struct lk_thread *thread, void **result);
/* Returns EINVAL when it is detached already. */
int lk_thread_detach(struct lk_thread *thread);
_Noreturn void lk_thread_exit(void *result);
struct lk_thread *lk_thread_self(void);
void lk_thread_yield(void);
/* Returns EINVAL out of 1..LK_PRIORITY_MAX. */
int lk_thread_set_priority(struct lk_thread *thread, int priority);
/* The one that was set, without what is lent. */
int lk_thread_priority(const struct lk_thread *thread);
void lk_thread_set_name(struct lk_thread *thread, const char *name);
const char *lk_thread_name(const struct lk_thread *thread);

/* What a list of threads shows of one. */
struct lk_thread_info {
    char name[LK_THREAD_NAME];
    int priority; /* now, with what is lent */
    bool waits;
    size_t stack_size; /* bytes */
    size_t stack_peak; /* the most bytes of it ever used */
};

/* Fills at most `cap` entries and returns how many threads there are, the idle one included. One that begins
   or ends meanwhile may be missing or doubled. */
size_t lk_thread_list(struct lk_thread_info *out, size_t cap);

/* --- thread-specific values ----------------------------------------------------------------------------- */

/* `destructor` (may be NULL) gets each thread's value that is not NULL when that thread ends, in at most four
   rounds. Returns EAGAIN when all keys are taken. */
int lk_key_create(unsigned *key, void (*destructor)(void *));
int lk_key_delete(unsigned key);
int lk_key_set(unsigned key, const void *value);
void *lk_key_get(unsigned key);
/* Runs `init` once; who comes meanwhile waits until it is done. */
int lk_once(struct lk_once *once, void (*init)(void));

/* --- mutexes -------------------------------------------------------------------------------------------- */

void lk_mutex_init(struct lk_mutex *mutex, bool recursive);
/* A thread that locks a mutex which it holds, and which is not recursive, would wait for ever: the board
   stops with its name. Returns 0. */
int lk_mutex_lock(struct lk_mutex *mutex);
/* Returns EBUSY when another thread, or the caller if it is not recursive, holds it. */
int lk_mutex_trylock(struct lk_mutex *mutex);
/* The highest waiter gets it. Returns EPERM when the caller does not hold it. */
int lk_mutex_unlock(struct lk_mutex *mutex);
/* Returns EBUSY when it is held. */
int lk_mutex_destroy(const struct lk_mutex *mutex);

/* --- condition variables -------------------------------------------------------------------------------- */

void lk_cond_init(struct lk_cond *cond, bool monotonic);
/* Lets go of `mutex` (locked once by the caller), waits, and locks it again. `until`: the tick at which it
   gives up with ETIMEDOUT, or LK_FOREVER. Returns EPERM when the caller does not hold the mutex. */
int lk_cond_wait(struct lk_cond *cond, struct lk_mutex *mutex, uint64_t until);
void lk_cond_signal(struct lk_cond *cond);
void lk_cond_broadcast(struct lk_cond *cond);

/* --- events --------------------------------------------------------------------------------------------- */

/* From a thread or an interrupt. */
void lk_event_set(struct lk_event *event);
/* Waits until it is set, clears it and returns true; false after `timeout_ms` (-1: no limit). */
bool lk_event_wait(struct lk_event *event, int timeout_ms);

/* --- clocks --------------------------------------------------------------------------------------------- */

/* Ticks since the start. Also from an interrupt. */
uint64_t lk_ticks(void);
/* Nanoseconds since the start, finer than a tick. Also from an interrupt. */
uint64_t lk_clock_monotonic_ns(void);
/* Nanoseconds since 1970; from 1970-01-01 on until it is set. */
uint64_t lk_clock_realtime_ns(void);
/* Sets the wall clock. Waits on CLOCK_REALTIME that are under way keep their length. */
void lk_clock_set_realtime(int64_t seconds, uint32_t nanoseconds);
/* The first tick at which `ns` from now have passed. */
uint64_t lk_clock_deadline(uint64_t ns);
void lk_sleep_until(uint64_t tick);

/* --- interrupts (cpu_*.c) ------------------------------------------------------------------------------- */

/* Gives the line a handler and enables it. `priority` 0 (first) .. 2: the kernel's own are below. At most
   LK_IRQ_HANDLERS lines. */
void lk_irq_enable(unsigned irq, void (*handler)(void), unsigned priority);
void lk_irq_disable(unsigned irq);

/* --- the watch over threads (watch.c) ------------------------------------------------------------------- */

/*
 * A thread that must not hang registers a watch and reports within `limit_ms` of the last report, or pauses
 * it before it waits without a limit. The tick feeds the board's watchdog only while every watch is in time;
 * one that is late stops the board with its name, and a board whose tick itself has died is reset by its
 * watchdog.
 */
struct lk_watch {
    struct lk_watch *next;
    const char *name;
    uint64_t due;
    uint32_t limit;
};

/* `name` must outlive the watch. `limit_ms` 1..3600000. */
void lk_watch_start(struct lk_watch *watch, const char *name, uint32_t limit_ms);
void lk_watch_report(struct lk_watch *watch);
void lk_watch_pause(struct lk_watch *watch);
void lk_watch_stop(struct lk_watch *watch);

#endif
