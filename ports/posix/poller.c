/*
 * Readiness of sockets by epoll. EPOLLONESHOT hands each event to one thread alone; an eventfd wakes a
 * waiter.
 */
#include "base/err.h"
#include "base/time.h"
#include "port.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct lk_poller {
    int epoll;
    int wake; /* a semaphore: each wake lets one thread go */
};

struct lk_poller *lk_poller_new(void) {
    struct lk_poller *p = malloc(sizeof(*p));
    if (p == NULL) {
        return NULL;
    }
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

void *lk_poller_wait(struct lk_poller *p, int timeout_ms) {
    uint64_t deadline = timeout_ms > 0 ? lk_time_mono_ms() + (uint64_t)timeout_ms : 0;
    for (;;) {
        struct epoll_event event;
        int n = epoll_wait(p->epoll, &event, 1, timeout_ms);
        if (n == 1 && event.data.ptr != p) {
            return event.data.ptr;
        }
        if (n == 0 || (n < 0 && errno != EINTR) || (n == 1 && take_wake(p))) {
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
