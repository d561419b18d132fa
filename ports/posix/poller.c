/*
 * Readiness of sockets by epoll. EPOLLONESHOT hands each event to one thread alone; an eventfd wakes a
 * waiter. While all threads are busy several events are taken at a time, into a batch that any of them goes on
 * with: one that is held up keeps no event from the others.
 */
#include "base/err.h"
#include "base/time.h"
#include "port.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BATCH 16

struct lk_poller {
    int epoll;
    int wake;            /* a semaphore: each wake lets one thread go */
    atomic_uint waiting; /* threads that sleep, or are about to */

    pthread_mutex_t lock;
    struct epoll_event batch[BATCH]; /* under the lock, as its two ends */
    int next, end;
};

struct lk_poller *lk_poller_new(void) {
    struct lk_poller *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return NULL;
    }
    atomic_init(&p->waiting, 0);
    pthread_mutex_init(&p->lock, NULL);
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    if (p->epoll < 0 || p->wake < 0 || epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->wake, &event) != 0) {
        lk_poller_free(p);
        return NULL;
    }
    return p;
}

void lk_poller_free(struct lk_poller *p) {
    if (p == NULL) {
        return;
    }
    if (p->epoll >= 0) {
        close(p->epoll);
    }
    if (p->wake >= 0) {
        close(p->wake);
    }
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static int control(struct lk_poller *p, int op, int fd, void *tag, bool for_write) {
    struct epoll_event event = {.events = EPOLLONESHOT, .data.ptr = tag};
    event.events |= for_write ? EPOLLOUT : EPOLLIN;
    if (epoll_ctl(p->epoll, op, fd, &event) == 0) {
        return 0;
    }
    return errno == ENOSPC || errno == ENOMEM ? LK_ERR_FULL : LK_ERR_IO;
}

int lk_poller_add(struct lk_poller *p, int fd, void *tag, bool for_write) {
    return control(p, EPOLL_CTL_ADD, fd, tag, for_write);
}

int lk_poller_arm(struct lk_poller *p, int fd, void *tag, bool for_write) {
    return control(p, EPOLL_CTL_MOD, fd, tag, for_write);
}

void lk_poller_remove(struct lk_poller *p, int fd) {
    struct epoll_event unused = {0};
    (void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, &unused);
}

/* True when this thread took one wake; false when another thread was faster. */
static bool take_wake(struct lk_poller *p) {
    eventfd_t one;
    return eventfd_read(p->wake, &one) == 0;
}

/* What is ready now, without waiting: NULL when nothing is. A thread that sleeps would rather have been given
   what is beyond the first, so with one there no more than that is taken. */
static void *take_ready(struct lk_poller *p) {
    void *tag = NULL;

    pthread_mutex_lock(&p->lock);
    if (p->next == p->end) {
        p->next = 0;
        p->end = epoll_wait(p->epoll, p->batch, atomic_load(&p->waiting) > 0 ? 1 : BATCH, 0);
        p->end = p->end > 0 ? p->end : 0;
    }
    while (p->next < p->end && tag == NULL) {
        tag = p->batch[p->next++].data.ptr;
        tag = tag == p ? NULL : tag; /* a wake is for who sleeps next: it stays where it is */
    }
    bool more = p->next < p->end;
    pthread_mutex_unlock(&p->lock);
    if (more && atomic_load(&p->waiting) > 0) {
        lk_poller_wake(p); /* it went to sleep since */
    }
    return tag;
}

static bool batch_is_empty(struct lk_poller *p) {
    pthread_mutex_lock(&p->lock);
    bool empty = p->next == p->end;
    pthread_mutex_unlock(&p->lock);
    return empty;
}

/* Sleeps until one event comes. Returns epoll_wait's answer; 0 with *again set when there is a batch to go on
   with. */
static int sleep_for_one(struct lk_poller *p, struct epoll_event *event, int timeout_ms, bool *again) {
    int n = 0;

    atomic_fetch_add(&p->waiting, 1);
    /* Who fills a batch after this look sees that somebody waits. */
    *again = !batch_is_empty(p);
    if (!*again) {
        n = epoll_wait(p->epoll, event, 1, timeout_ms);
    }
    atomic_fetch_sub(&p->waiting, 1);
    return n;
}

void *lk_poller_wait(struct lk_poller *p, int timeout_ms) {
    uint64_t deadline = timeout_ms > 0 ? lk_time_mono_ms() + (uint64_t)timeout_ms : 0;
    for (;;) {
        struct epoll_event event;
        bool again;
        void *tag = take_ready(p);
        if (tag != NULL) {
            return tag;
        }
        int n = sleep_for_one(p, &event, timeout_ms, &again);
        if (n == 1 && event.data.ptr != p) {
            return event.data.ptr;
        }
        if ((n == 0 && !again) || (n < 0 && errno != EINTR) || (n == 1 && take_wake(p))) {
            return NULL;
        }
        if (timeout_ms > 0) {
            uint64_t now = lk_time_mono_ms();
            timeout_ms = now < deadline ? (int)(deadline - now) : 0;
        }
    }
}

void lk_poller_wake(struct lk_poller *p) {
    int saved = errno; /* a signal handler must leave it alone */
    (void)eventfd_write(p->wake, 1);
    errno = saved;
}
