/* POSIX.1-2017's names for what the kernel does; the subset is that of ports/port.h. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "rtos/kernel/core.h"

#define NS_PER_SECOND 1000000000U

/* --- threads -------------------------------------------------------------------------------------------- */

int pthread_attr_init(pthread_attr_t *attr) {
    memset(attr, 0, sizeof(*attr));
    attr->detachstate = PTHREAD_CREATE_JOINABLE;
    return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr) {
    (void)attr;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size) {
    if (size < PTHREAD_STACK_MIN) {
        return EINVAL;
    }
    attr->stacksize = size;
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int state) {
    attr->detachstate = state;
    return 0;
}

int pthread_attr_setschedparam(pthread_attr_t *attr, const struct sched_param *param) {
    attr->schedparam = *param;
    return 0;
}

int pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*entry)(void *), void *arg) {
    struct lk_thread_attr ours = {0};
    if (attr != NULL) {
        ours.stack_size = attr->stacksize;
        ours.detached = attr->detachstate == PTHREAD_CREATE_DETACHED;
        ours.priority = attr->schedparam.sched_priority;
    }
    return lk_thread_create(out, &ours, entry, arg);
}

int pthread_join(pthread_t thread, void **result) {
    return lk_thread_join(thread, result);
}

int pthread_detach(pthread_t thread) {
    return lk_thread_detach(thread);
}

void pthread_exit(void *result) {
    lk_thread_exit(result);
}

pthread_t pthread_self(void) {
    return lk_thread_self();
}

int pthread_equal(pthread_t a, pthread_t b) {
    return a == b;
}

int pthread_setname_np(pthread_t thread, const char *name) {
    lk_thread_set_name(thread, name);
    return 0;
}

int pthread_setschedprio(pthread_t thread, int priority) {
    return lk_thread_set_priority(thread, priority);
}

int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *param) {
    (void)policy;
    return lk_thread_set_priority(thread, param->sched_priority);
}

int pthread_getschedparam(pthread_t thread, int *policy, struct sched_param *param) {
    *policy = SCHED_RR;
    param->sched_priority = lk_thread_priority(thread);
    return 0;
}

int sched_yield(void) {
    lk_thread_yield();
    return 0;
}

int sched_get_priority_min(int policy) {
    (void)policy;
    return 1;
}

int sched_get_priority_max(int policy) {
    (void)policy;
    return LK_PRIORITY_MAX;
}

/* There are no signals to hold back. */
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
    (void)how;
    (void)set;
    if (old != NULL) {
        *old = 0;
    }
    return 0;
}

/* --- thread-specific values ----------------------------------------------------------------------------- */

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    return lk_key_create(key, destructor);
}

int pthread_key_delete(pthread_key_t key) {
    return lk_key_delete(key);
}

int pthread_setspecific(pthread_key_t key, const void *value) {
    return lk_key_set(key, value);
}

void *pthread_getspecific(pthread_key_t key) {
    return lk_key_get(key);
}

int pthread_once(pthread_once_t *once, void (*init)(void)) {
    return lk_once(once, init);
}

/* --- mutexes -------------------------------------------------------------------------------------------- */

int pthread_mutexattr_init(pthread_mutexattr_t *attr) {
    attr->type = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr) {
    (void)attr;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type) {
    if (type != PTHREAD_MUTEX_NORMAL && type != PTHREAD_MUTEX_RECURSIVE) {
        return EINVAL;
    }
    attr->type = type;
    return 0;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr) {
    lk_mutex_init(mutex, attr != NULL && attr->type == PTHREAD_MUTEX_RECURSIVE);
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
    return lk_mutex_destroy(mutex);
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    return lk_mutex_lock(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
    return lk_mutex_trylock(mutex);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    return lk_mutex_unlock(mutex);
}

/* --- condition variables -------------------------------------------------------------------------------- */

static bool is_time(const struct timespec *t) {
    return t->tv_nsec >= 0 && t->tv_nsec < (long)NS_PER_SECOND;
}

/* What is left until `t` of the clock that shows `now`. A time before 1970 is past. */
static uint64_t left(const struct timespec *t, uint64_t now) {
    if (t->tv_sec < 0) {
        return 0;
    }
    if ((uint64_t)t->tv_sec > UINT64_MAX / NS_PER_SECOND - 1) {
        return UINT64_MAX;
    }
    uint64_t ns = (uint64_t)t->tv_sec * NS_PER_SECOND + (uint64_t)t->tv_nsec;
    return ns > now ? ns - now : 0;
}

int pthread_condattr_init(pthread_condattr_t *attr) {
    attr->clock = CLOCK_REALTIME;
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr) {
    (void)attr;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        return EINVAL;
    }
    attr->clock = clock;
    return 0;
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr) {
    lk_cond_init(cond, attr != NULL && attr->clock == CLOCK_MONOTONIC);
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond) {
    return cond->waiters.first == NULL ? 0 : EBUSY;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
    return lk_cond_wait(cond, mutex, LK_FOREVER);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *at) {
    if (!is_time(at)) {
        return EINVAL;
    }
    uint64_t now = cond->monotonic ? lk_clock_monotonic_ns() : lk_clock_realtime_ns();
    return lk_cond_wait(cond, mutex, lk_clock_deadline(left(at, now)));
}

int pthread_cond_signal(pthread_cond_t *cond) {
    lk_cond_signal(cond);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond) {
    lk_cond_broadcast(cond);
    return 0;
}

/* --- clocks --------------------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *out) {
    uint64_t ns;
    if (clock == CLOCK_REALTIME) {
        ns = lk_clock_realtime_ns();
    } else if (clock == CLOCK_MONOTONIC) {
        ns = lk_clock_monotonic_ns();
    } else {
        errno = EINVAL;
        return -1;
    }
    out->tv_sec = (time_t)(ns / NS_PER_SECOND);
    out->tv_nsec = (long)(ns % NS_PER_SECOND);
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec *t) {
    if (clock != CLOCK_REALTIME || !is_time(t)) {
        errno = EINVAL;
        return -1;
    }
    lk_clock_set_realtime(t->tv_sec, (uint32_t)t->tv_nsec);
    return 0;
}

int _gettimeofday(struct timeval *out, void *zone);
int _gettimeofday(struct timeval *out, void *zone) {
    (void)zone;
    struct timespec now;
    int err = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return err;
}

int nanosleep(const struct timespec *length, struct timespec *rest) {
    if (!is_time(length) || length->tv_sec < 0) {
        errno = EINVAL;
        return -1;
    }
    lk_sleep_until(lk_clock_deadline(left(length, 0)));
    if (rest != NULL) {
        *rest = (struct timespec){0};
    }
    return 0;
}

int usleep(useconds_t us) {
    lk_sleep_until(lk_clock_deadline((uint64_t)us * 1000));
    return 0;
}

unsigned sleep(unsigned seconds) {
    lk_sleep_until(lk_clock_deadline((uint64_t)seconds * NS_PER_SECOND));
    return 0;
}
