/*
 * Stands before newlib's file of this name, whose mutexes and condition variables are numbers of hidden
 * objects: ours are the objects themselves, so that none is ever allocated.
 */
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#include <sys/sched.h>

#include "rtos/kernel/types.h"

typedef struct lk_thread *pthread_t;

#define PTHREAD_SCOPE_PROCESS 0
#define PTHREAD_SCOPE_SYSTEM 1
#define PTHREAD_INHERIT_SCHED 1
#define PTHREAD_EXPLICIT_SCHED 2
#define PTHREAD_CREATE_DETACHED 0
#define PTHREAD_CREATE_JOINABLE 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1

/* The least stack of a thread, in bytes. */
#define PTHREAD_STACK_MIN 512

typedef struct {
    size_t stacksize;
    int detachstate;
    struct sched_param schedparam;
} pthread_attr_t;

/* Every mutex lends its owner the priority of the highest thread that waits. */
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL

typedef struct lk_mutex pthread_mutex_t;
typedef struct {
    int type;
} pthread_mutexattr_t;

typedef struct lk_cond pthread_cond_t;
typedef struct {
    clockid_t clock;
} pthread_condattr_t;

typedef unsigned pthread_key_t;
typedef struct lk_once pthread_once_t;

/* clang-format off */
#define _PTHREAD_MUTEX_INITIALIZER {0}
#define _PTHREAD_COND_INITIALIZER {0}
#define _PTHREAD_ONCE_INIT {0}
/* clang-format on */

#endif
