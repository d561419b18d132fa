/*
 * Who runs. Ready threads stand in a ring for each priority, the running one at the head of its own; waiting
 * threads in the ring of what they wait for; those with a deadline in a list in its order too.
 */
#include "rtos/kernel/core.h"

struct lk_thread *lk_current;
struct lk_thread *lk_sched_threads;

static struct {
    struct lk_queue ready[LK_PRIORITY_MAX + 1];
    unsigned mask; /* bit p: ready[p] is not empty */
    struct lk_thread *timers;
    uint64_t ticks;
} sched;

/* --- rings ---------------------------------------------------------------------------------------------- */

static void ring_insert_before(struct lk_queue *queue, struct lk_thread *thread, struct lk_thread *place) {
    thread->queue = queue;
    if (queue->first == NULL) {
        thread->next = thread->prev = thread;
        queue->first = thread;
        return;
    }
    thread->next = place;
    thread->prev = place->prev;
    place->prev->next = thread;
    place->prev = thread;
}

/* Behind those of its priority and above. Most often that is the end: looked for from there. */
static void ring_insert(struct lk_queue *queue, struct lk_thread *thread) {
    struct lk_thread *place = queue->first;
    if (place != NULL && place->priority < thread->priority) {
        ring_insert_before(queue, thread, place);
        queue->first = thread;
        return;
    }
    if (place != NULL) {
        while (place->prev->priority < thread->priority) {
            place = place->prev;
        }
    }
    ring_insert_before(queue, thread, place);
}

static void ring_remove(struct lk_thread *thread) {
    struct lk_queue *queue = thread->queue;
    if (thread->next == thread) {
        queue->first = NULL;
    } else {
        thread->prev->next = thread->next;
        thread->next->prev = thread->prev;
        if (queue->first == thread) {
            queue->first = thread->next;
        }
    }
    thread->queue = NULL;
}

/* --- ready and not --------------------------------------------------------------------------------------- */

static struct lk_thread *highest(void) {
    return sched.ready[31 - __builtin_clz(sched.mask)].first;
}

static void switch_if_due(void) {
    if (highest() != lk_current) {
        lk_cpu_request_switch();
    }
}

static void ready_insert(struct lk_thread *thread) {
    ring_insert(&sched.ready[thread->priority], thread);
    sched.mask |= 1U << thread->priority;
}

static void ready_remove(struct lk_thread *thread) {
    ring_remove(thread);
    if (sched.ready[thread->priority].first == NULL) {
        sched.mask &= ~(1U << thread->priority);
    }
}

void lk_sched_ready(struct lk_thread *thread) {
    thread->state = LK_THREAD_READY;
    thread->slice = LK_TIME_SLICE;
    ready_insert(thread);
    switch_if_due();
}

void lk_sched_rotate(void) {
    struct lk_queue *ring = &sched.ready[lk_current->priority];
    lk_current->slice = LK_TIME_SLICE;
    if (ring->first == lk_current) {
        ring->first = lk_current->next;
    }
    switch_if_due();
}

void lk_sched_set_priority(struct lk_thread *thread, int priority) {
    bool lowered = priority < thread->priority;
    if (thread->state == LK_THREAD_READY) {
        ready_remove(thread);
        thread->priority = (unsigned char)priority;
        ready_insert(thread);
        if (lowered && thread == lk_current) {
            /* It gives back what it was lent, not its turn. */
            sched.ready[priority].first = thread;
        }
        switch_if_due();
        return;
    }
    struct lk_queue *queue = thread->queue;
    if (queue != NULL) {
        ring_remove(thread);
    }
    thread->priority = (unsigned char)priority;
    if (queue != NULL) {
        ring_insert(queue, thread);
    }
}

struct lk_thread *lk_sched_switch(void) {
    lk_current = highest();
    return lk_current;
}

/* --- waiting --------------------------------------------------------------------------------------------- */

static void timer_insert(struct lk_thread *thread, uint64_t until) {
    struct lk_thread **place = &sched.timers;
    while (*place != NULL && (*place)->wake_at <= until) {
        place = &(*place)->next_timer;
    }
    thread->wake_at = until;
    thread->timed = true;
    thread->next_timer = *place;
    *place = thread;
}

static void timer_remove(struct lk_thread *thread) {
    struct lk_thread **place = &sched.timers;
    while (*place != thread) {
        place = &(*place)->next_timer;
    }
    *place = thread->next_timer;
    thread->timed = false;
}

void lk_sched_block(struct lk_queue *queue, uint64_t until) {
    struct lk_thread *self = lk_current;
    if (lk_cpu_in_interrupt()) {
        lk_kernel_panic("a wait in an interrupt");
    }
    ready_remove(self);
    self->state = LK_THREAD_WAITING;
    self->timed_out = false;
    if (queue != NULL) {
        ring_insert(queue, self);
    }
    if (until != LK_FOREVER) {
        timer_insert(self, until);
    }
    lk_cpu_request_switch();
}

void lk_sched_wake(struct lk_thread *thread) {
    if (thread->queue != NULL) {
        ring_remove(thread);
    }
    if (thread->timed) {
        timer_remove(thread);
    }
    lk_sched_ready(thread);
}

struct lk_thread *lk_sched_wake_first(struct lk_queue *queue) {
    struct lk_thread *thread = queue->first;
    if (thread != NULL) {
        lk_sched_wake(thread);
    }
    return thread;
}

void lk_sched_end(void) {
    struct lk_thread **place = &lk_sched_threads;
    while (*place != lk_current) {
        place = &(*place)->next_thread;
    }
    *place = lk_current->next_thread;
    ready_remove(lk_current);
    lk_current->state = LK_THREAD_ENDED;
    lk_cpu_request_switch();
}

/* --- the tick -------------------------------------------------------------------------------------------- */

void lk_sched_tick(void) {
    unsigned before = lk_cpu_lock();
    sched.ticks++;
    while (sched.timers != NULL && sched.timers->wake_at <= sched.ticks) {
        struct lk_thread *thread = sched.timers;
        lk_sched_wake(thread);
        thread->timed_out = true;
    }
    if (lk_current->state == LK_THREAD_READY && --lk_current->slice == 0) {
        lk_sched_rotate();
    }
    lk_watch_tick(sched.ticks);
    lk_cpu_unlock(before);
}

uint64_t lk_ticks(void) {
    unsigned before = lk_cpu_lock();
    uint64_t ticks = sched.ticks;
    lk_cpu_unlock(before);
    return ticks;
}
