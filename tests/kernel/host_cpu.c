/*
 * The host's half: a processor (cpu.h) whose threads are the host's, one of which runs at a time: who is switched
 * to is posted its semaphore, and who is switched from waits for its own. So the sanitizers see each thread's stack
 * and the order of all accesses. Interrupts happen where a test says so, and time passes only then and when the idle
 * thread runs: a run is the same each time.
 */
#include "testing.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rtos/kernel/core.h"

/* Status of a program that the kernel stopped; the boards end with the same. */
#define STATUS_PANIC 70

/* The longest piece of memory, in bytes. */
#define MEMORY (1U << 20)

struct host_thread {
    pthread_t thread;
    sem_t turn;
    bool started;
};

static bool locked, in_interrupt, switch_requested;
static size_t blocks;
static const char *argument = "";

/* --- the switch ------------------------------------------------------------------------------------------- */

static void *begin(void *arg) {
    struct lk_thread *thread = arg;
    locked = false;
    lk_thread_main(thread);
    return NULL;
}

static void give_turn(struct lk_thread *thread) {
    struct host_thread *host = thread->cpu.host;
    if (host->started) {
        sem_post(&host->turn);
        return;
    }
    host->started = true;
    if (pthread_create(&host->thread, NULL, begin, thread) != 0) {
        abort();
    }
}

static void do_switch(void) {
    struct lk_thread *before = lk_current;
    bool over = before != NULL && before->state == LK_THREAD_ENDED;
    struct host_thread *host = before != NULL ? before->cpu.host : NULL;
    switch_requested = false;
    if (lk_sched_switch() == before) {
        return;
    }
    give_turn(lk_current);
    /* From here on another thread runs, and an ended one's record may be gone. */
    if (over) {
        pthread_exit(NULL);
    }
    while (host == NULL) {
        pause();
    }
    while (sem_wait(&host->turn) != 0) {
    }
}

unsigned lk_cpu_lock(void) {
    unsigned before = locked;
    locked = true;
    return before;
}

void lk_cpu_unlock(unsigned before) {
    if (!before && switch_requested && !in_interrupt) {
        do_switch();
    }
    locked = before;
}

bool lk_cpu_in_interrupt(void) {
    return in_interrupt;
}

void lk_cpu_request_switch(void) {
    switch_requested = true;
}

void lk_cpu_start(void) {
    lk_cpu_unlock(0);
    abort();
}

/* --- threads ------------------------------------------------------------------------------------------------ */

void lk_cpu_thread_init(struct lk_thread *thread) {
    struct host_thread *host = calloc(1, sizeof(*host));
    if (host == NULL || sem_init(&host->turn, 0, 0) != 0) {
        abort();
    }
    thread->cpu.host = host;
}

void lk_cpu_thread_free(struct lk_thread *thread) {
    struct host_thread *host = thread->cpu.host;
    if (host->started) {
        pthread_join(host->thread, NULL);
    }
    sem_destroy(&host->turn);
    free(host);
}

/* A board runs out of memory; the sanitizers end the program instead. */
void *lk_cpu_alloc(size_t size) {
    if (size > MEMORY) {
        return NULL;
    }
    blocks++;
    return malloc(size);
}

void lk_cpu_release(void *memory) {
    blocks--;
    free(memory);
}

/* --- time and interrupts -------------------------------------------------------------------------------------- */

void test_interrupt(void (*handler)(void)) {
    unsigned before = lk_cpu_lock();
    in_interrupt = true;
    handler();
    in_interrupt = false;
    lk_cpu_unlock(before);
}

void lk_cpu_idle(void) {
    test_interrupt(lk_sched_tick);
}

void test_spend_moment(void) {
    test_interrupt(lk_sched_tick);
}

uint32_t lk_cpu_tick_fraction_ns(void) {
    return 0;
}

static unsigned kicks;

void lk_cpu_watchdog_kick(void) {
    kicks++;
}

unsigned test_watchdog_kicks(void) {
    return kicks;
}

void lk_cpu_panic(const char *text) {
    printf("%s\nin thread %s\n", text, lk_current->name);
    fflush(stdout);
    _Exit(STATUS_PANIC);
}

/* --- the program ------------------------------------------------------------------------------------------------ */

size_t test_memory(void) {
    return blocks;
}

void test_argument(char *out, size_t cap) {
    snprintf(out, cap, "%s", argument);
}

static void *run(void *arg) {
    (void)arg;
    exit(test_main());
}

int main(int argc, char **argv) {
    static _Alignas(LK_STACK_GUARD) char stack[4096];
    if (argc > 1) {
        argument = argv[1];
    }
    lk_kernel_start(run, NULL, stack, sizeof(stack));
}
