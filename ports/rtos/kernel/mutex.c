/*
 * Mutexes with priority inheritance: the owner runs at the priority of the highest thread that waits, and so
 * does whoever it waits for in turn. An unlock hands the mutex to the first waiter.
 */
#include <errno.h>

#include "rtos/kernel/core.h"

void lk_mutex_init(struct lk_mutex *mutex, bool recursive) {
    *mutex = (struct lk_mutex){.recursive = recursive};
}

/* The priority of its own or of those that wait for what it holds, whichever is higher. */
static int due_priority(const struct lk_thread *thread) {
    int priority = thread->base_priority;
    for (const struct lk_mutex *m = thread->contended; m != NULL; m = m->next_contended) {
        if (m->waiters.first->priority > priority) {
            priority = m->waiters.first->priority;
        }
    }
    return priority;
}

void lk_mutex_reconsider(struct lk_thread *thread) {
    while (thread != NULL) {
        int priority = due_priority(thread);
        if (priority == thread->priority) {
            return;
        }
        lk_sched_set_priority(thread, priority);
        thread = thread->wants != NULL ? thread->wants->owner : NULL;
    }
}

static void contended_insert(struct lk_thread *owner, struct lk_mutex *mutex) {
    mutex->next_contended = owner->contended;
    owner->contended = mutex;
}

static void contended_remove(struct lk_thread *owner, struct lk_mutex *mutex) {
    struct lk_mutex **place = &owner->contended;
    while (*place != mutex) {
        place = &(*place)->next_contended;
    }
    *place = mutex->next_contended;
}

int lk_mutex_lock(struct lk_mutex *mutex) {
    unsigned before = lk_cpu_lock();
    if (mutex->owner == NULL) {
        mutex->owner = lk_current;
    } else if (mutex->owner == lk_current) {
        if (!mutex->recursive) {
            lk_kernel_panic("a mutex locked twice");
        }
        mutex->depth++;
    } else {
        if (mutex->waiters.first == NULL) {
            contended_insert(mutex->owner, mutex);
        }
        lk_current->wants = mutex;
        lk_sched_block(&mutex->waiters, LK_FOREVER);
        lk_mutex_reconsider(mutex->owner);
    }
    lk_cpu_unlock(before);
    return 0;
}

int lk_mutex_trylock(struct lk_mutex *mutex) {
    int err = 0;
    unsigned before = lk_cpu_lock();
    if (mutex->owner == NULL) {
        mutex->owner = lk_current;
    } else if (mutex->owner == lk_current && mutex->recursive) {
        mutex->depth++;
    } else {
        err = EBUSY;
    }
    lk_cpu_unlock(before);
    return err;
}

/* With interrupts locked. */
static void hand_over(struct lk_mutex *mutex) {
    struct lk_thread *next = mutex->waiters.first;
    mutex->owner = next;
    if (next == NULL) {
        return;
    }
    contended_remove(lk_current, mutex);
    next->wants = NULL;
    lk_sched_wake(next);
    if (mutex->waiters.first != NULL) {
        contended_insert(next, mutex);
    }
    lk_mutex_reconsider(lk_current);
}

int lk_mutex_unlock(struct lk_mutex *mutex) {
    int err = 0;
    unsigned before = lk_cpu_lock();
    if (mutex->owner != lk_current) {
        err = EPERM;
    } else if (mutex->depth > 0) {
        mutex->depth--;
    } else {
        hand_over(mutex);
    }
    lk_cpu_unlock(before);
    return err;
}

int lk_mutex_destroy(const struct lk_mutex *mutex) {
    return mutex->owner == NULL ? 0 : EBUSY;
}

/* --- condition variables -------------------------------------------------------------------------------- */

void lk_cond_init(struct lk_cond *cond, bool monotonic) {
    *cond = (struct lk_cond){.monotonic = monotonic};
}

int lk_cond_wait(struct lk_cond *cond, struct lk_mutex *mutex, uint64_t until) {
    unsigned before = lk_cpu_lock();
    if (mutex->owner != lk_current || mutex->depth > 0) {
        lk_cpu_unlock(before);
        return EPERM;
    }
    hand_over(mutex);
    lk_sched_block(&cond->waiters, until);
    lk_cpu_unlock(before);

    bool timed_out = lk_current->timed_out;
    lk_mutex_lock(mutex);
    return timed_out ? ETIMEDOUT : 0;
}

void lk_cond_signal(struct lk_cond *cond) {
    unsigned before = lk_cpu_lock();
    lk_sched_wake_first(&cond->waiters);
    lk_cpu_unlock(before);
}

void lk_cond_broadcast(struct lk_cond *cond) {
    unsigned before = lk_cpu_lock();
    while (lk_sched_wake_first(&cond->waiters) != NULL) {
    }
    lk_cpu_unlock(before);
}

/* --- events --------------------------------------------------------------------------------------------- */

void lk_event_set(struct lk_event *event) {
    unsigned before = lk_cpu_lock();
    if (lk_sched_wake_first(&event->waiters) == NULL) {
        event->set = 1;
    }
    lk_cpu_unlock(before);
}

bool lk_event_wait(struct lk_event *event, int timeout_ms) {
    uint64_t until = timeout_ms < 0 ? LK_FOREVER : lk_clock_deadline((uint64_t)timeout_ms * 1000000);
    unsigned before = lk_cpu_lock();
    if (event->set || timeout_ms == 0) {
        bool set = event->set;
        event->set = 0;
        lk_cpu_unlock(before);
        return set;
    }
    lk_sched_block(&event->waiters, until);
    lk_cpu_unlock(before);
    return !lk_current->timed_out;
}
