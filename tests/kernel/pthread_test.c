/* The names of POSIX on a board: that each does what the kernel's tests show of what is behind it. */
#include "testing.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int done, destroyed;

static void count(void) {
    done++;
}

static void destroy(void *value) {
    CHECK(value == &key);
    destroyed++;
}

static void *work(void *arg) {
    struct sched_param param;
    int policy;
    CHECK_EQUAL(pthread_getschedparam(pthread_self(), &policy, &param), 0);
    CHECK_EQUAL(param.sched_priority, *(int *)arg);
    CHECK_EQUAL(pthread_once(&once, count), 0);
    CHECK_EQUAL(pthread_setspecific(key, &key), 0);
    CHECK(pthread_getspecific(key) == &key);
    pthread_mutex_lock(&mutex);
    done++;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    pthread_exit(arg);
}

static void threads(void) {
    pthread_attr_t attr;
    int priority = 4;
    void *result = NULL;
    pthread_t thread;
    CHECK_EQUAL(pthread_key_create(&key, destroy), 0);
    CHECK_EQUAL(pthread_attr_init(&attr), 0);
    CHECK_EQUAL(pthread_attr_setstacksize(&attr, 100), EINVAL);
    CHECK_EQUAL(pthread_attr_setstacksize(&attr, 2048), 0);
    CHECK_EQUAL(pthread_attr_setschedparam(&attr, &(struct sched_param){.sched_priority = priority}), 0);
    CHECK_EQUAL(pthread_create(&thread, &attr, work, &priority), 0);
    CHECK_EQUAL(pthread_setname_np(thread, "worker"), 0);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    while (done < 2) {
        CHECK_EQUAL(pthread_cond_wait(&cond, &mutex), 0);
    }
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == &priority);
    CHECK_EQUAL(destroyed, 1);
    CHECK_EQUAL(pthread_once(&once, count), 0);
    CHECK_EQUAL(done, 2);
    CHECK(pthread_equal(pthread_self(), pthread_self()));

    CHECK_EQUAL(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0);
    CHECK_EQUAL(pthread_create(&thread, &attr, work, &priority), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), EINVAL);
    CHECK_EQUAL(pthread_attr_destroy(&attr), 0);
}

static void mutexes(void) {
    pthread_mutexattr_t attr;
    pthread_mutex_t recursive;
    CHECK_EQUAL(pthread_mutexattr_init(&attr), 0);
    CHECK_EQUAL(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE), 0);
    CHECK_EQUAL(pthread_mutex_init(&recursive, &attr), 0);
    CHECK_EQUAL(pthread_mutex_lock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_lock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_trylock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_destroy(&recursive), EBUSY);
    CHECK_EQUAL(pthread_mutex_unlock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_destroy(&recursive), 0);
    CHECK_EQUAL(pthread_sigmask(SIG_BLOCK, NULL, NULL), 0);
    CHECK_EQUAL(sched_yield(), 0);
}

static long since_ms(const struct timespec *begin) {
    struct timespec now;
    CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (long)(now.tv_sec - begin->tv_sec) * 1000 + (now.tv_nsec - begin->tv_nsec) / 1000000;
}

static void timed_waits(void) {
    pthread_condattr_t attr;
    pthread_cond_t timed;
    struct timespec begin, until;
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
    CHECK_EQUAL(clock_settime(CLOCK_REALTIME, &(struct timespec){.tv_sec = 1700000000}), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(pthread_condattr_init(&attr), 0);
        CHECK_EQUAL(pthread_condattr_setclock(&attr, clocks[i]), 0);
        CHECK_EQUAL(pthread_cond_init(&timed, &attr), 0);
        CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
        CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &begin), 0);
        CHECK_EQUAL(clock_gettime(clocks[i], &until), 0);
        CHECK(i == 0 || (until.tv_sec >= 1700000000 && until.tv_sec < 1700000010));
        until.tv_nsec += 50000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        CHECK_EQUAL(pthread_cond_timedwait(&timed, &mutex, &until), ETIMEDOUT);
        CHECK(since_ms(&begin) >= 50 && since_ms(&begin) <= 53);
        until.tv_nsec = 1000000000;
        CHECK_EQUAL(pthread_cond_timedwait(&timed, &mutex, &until), EINVAL);
        CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
        CHECK_EQUAL(pthread_cond_destroy(&timed), 0);
    }
    CHECK_EQUAL(pthread_condattr_setclock(&attr, 77), EINVAL);
}

static void sleeping(void) {
    struct timespec begin;
    CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &begin), 0);
    CHECK_EQUAL(nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL), 0);
    CHECK(since_ms(&begin) >= 20 && since_ms(&begin) <= 22);
    CHECK_EQUAL(usleep(30000), 0);
    CHECK(since_ms(&begin) >= 50 && since_ms(&begin) <= 54);
    CHECK_EQUAL(sleep(1), 0);
    CHECK(since_ms(&begin) >= 1050 && since_ms(&begin) <= 1056);
    CHECK_EQUAL(nanosleep(&(struct timespec){.tv_nsec = -1}, NULL), -1);
    CHECK_EQUAL(errno, EINVAL);
}

#define BLOCKS 16
static unsigned char *blocks[BLOCKS];

static void *grow(void *arg) {
    (void)arg;
    for (size_t i = 0; i < BLOCKS; i++) {
        unsigned char *grown = realloc(blocks[i], 8192);
        CHECK(grown != NULL && grown != blocks[i] && grown[0] == i && grown[19] == i);
        blocks[i] = realloc(grown, 10);
        CHECK(blocks[i] != NULL && blocks[i][9] == i);
    }
    return NULL;
}

/* A block that grows is read no further than it reached: behind these is the guard of the thread that has them grow. */
static void growing(void) {
    pthread_t thread;
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = realloc(NULL, 20);
        CHECK(blocks[i] != NULL);
        memset(blocks[i], (int)i, 20);
    }
    CHECK_EQUAL(pthread_create(&thread, NULL, grow, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
}

int test_main(void) {
    static const struct test_case cases[] = {
        TEST_CASE(growing),     TEST_CASE(threads),  TEST_CASE(mutexes),
        TEST_CASE(timed_waits), TEST_CASE(sleeping),
    };
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
