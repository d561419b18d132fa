/*
 * What the kernel's tests share. The same sources run on the host (host_cpu.c makes the processor) and on each
 * board in its emulator; what differs is here. No cmocka: its asserts leave the thread by a jump.
 */
#ifndef LK_TESTS_KERNEL_TESTING_H
#define LK_TESTS_KERNEL_TESTING_H

#include <stddef.h>
#include <stdint.h>

#include "rtos/kernel/kernel.h"

/* Ends the whole program with status 1 when `condition` does not hold. */
#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(a, b) test_check_equal((long long)(a), (long long)(b), #a " == " #b, __FILE__, __LINE__)

void test_check(bool ok, const char *what, const char *file, int line);
void test_check_equal(long long a, long long b, const char *what, const char *file, int line);

struct test_case {
    const char *name;
    void (*run)(void);
};
#define TEST_CASE(function)                                                                                  \
    { #function, function }

/* What each program defines: runs in the thread "main", of priority LK_PRIORITY_NORMAL. */
int test_main(void);

/* Runs them in turn and returns 0; the first failure ends the program. */
int test_run(const struct test_case *cases, size_t count);

/* One of several ways to be stopped. */
struct test_victim {
    const char *name;
    void *(*run)(void *arg);
};
/* Runs the one that the command line names, as the thread "victim". Returns 0, which is a failure: it was not stopped,
   or there is no such one. */
int test_run_victim(const struct test_victim *victims, size_t count);

/* Numbers that look random, the same in each run. */
uint32_t test_any(void);

/* Starts a thread of this priority, joinable. */
struct lk_thread *test_thread(const char *name, int priority, void *(*entry)(void *), void *arg);
void test_join(struct lk_thread *thread);

/* Uses the processor until the clock shows `tick`; others may take it away meanwhile. */
void test_spend_until(uint64_t tick);
/* A moment of it. */
void test_spend_moment(void);
/* Calls `handler` as an interrupt does, at once. */
void test_interrupt(void (*handler)(void));
/* Bytes (on the host: blocks) of memory that threads hold. */
size_t test_memory(void);
/* Waits for a tick to begin, so that what follows falls into one. */
uint64_t test_tick_edge(void);

/* How often the watchdog was fed; on a board without one, that is counted all the same. */
unsigned test_watchdog_kicks(void);

/* What the program shall do, from its command line: at most `cap` - 1 characters. */
void test_argument(char *out, size_t cap);

#endif
