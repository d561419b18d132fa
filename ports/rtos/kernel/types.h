/*
 * What stands inside a mutex, a condition variable and an event. Callers see no fields: they are here because
 * these objects live in their owners' memory. All zero is a good initial value of each.
 */
#ifndef LK_KERNEL_TYPES_H
#define LK_KERNEL_TYPES_H

struct lk_thread;

/* Threads in a ring, the highest priority first and the earliest first among equals. */
struct lk_queue {
    struct lk_thread *first;
};

struct lk_mutex {
    struct lk_thread *owner;
    struct lk_queue waiters;
    struct lk_mutex *next_contended; /* of those that the owner holds and others want */
    unsigned short depth;            /* times that the owner locked it beyond the first */
    unsigned char recursive;
};

struct lk_cond {
    struct lk_queue waiters;
    unsigned char monotonic; /* the clock of timed waits; else CLOCK_REALTIME */
};

/* A flag that wakes: set by a thread or an interrupt, cleared by the one waiter that it lets go. */
struct lk_event {
    struct lk_queue waiters;
    unsigned char set;
};

struct lk_once {
    unsigned char done;
};

#endif
