/* Threads from their making to their end, and the values that each has of its own. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rtos/kernel/core.h"

/* What a stack is filled with, so that its deepest use can be seen later. */
#define PAINT 0xA5

/* Rounds of destructors, as PTHREAD_DESTRUCTOR_ITERATIONS. */
#define DESTRUCTOR_ROUNDS 4

/* The idle thread only waits; an interrupt's frame and the switch's stand on its stack. */
#ifndef LK_IDLE_STACK
#define LK_IDLE_STACK 256
#endif

static struct lk_thread main_thread, idle_thread;
static _Alignas(LK_STACK_GUARD) char idle_stack[LK_STACK_GUARD + LK_IDLE_STACK];
/* Detached threads that ended: an ended thread cannot free what it stands on. */
static struct lk_thread *ended;
static struct {
    bool taken;
    void (*destructor)(void *);
} keys[LK_KEYS_MAX];
static struct lk_mutex once_mutex = {.recursive = 1};

/* --- making --------------------------------------------------------------------------------------------- */

void lk_thread_set_name(struct lk_thread *thread, const char *name) {
    size_t len = strnlen(name, LK_THREAD_NAME - 1);
    memcpy(thread->name, name, len);
    thread->name[len] = '\0';
}

const char *lk_thread_name(const struct lk_thread *thread) {
    return thread->name;
}

void lk_thread_prepare(struct lk_thread *thread, void *stack, size_t size, int priority, const char *name,
                       void *(*entry)(void *), void *arg) {
    memset(thread, 0, sizeof(*thread));
    thread->stack = (char *)stack + LK_STACK_GUARD;
    thread->stack_size = size - LK_STACK_GUARD;
    thread->base_priority = thread->priority = (unsigned char)priority;
    thread->entry = entry;
    thread->arg = arg;
    lk_thread_set_name(thread, name);
    memset(thread->stack, PAINT, thread->stack_size);
    lk_cpu_thread_init(thread);
}

static void admit(struct lk_thread *thread) {
    unsigned before = lk_cpu_lock();
    thread->next_thread = lk_sched_threads;
    lk_sched_threads = thread;
    lk_sched_ready(thread);
    lk_cpu_unlock(before);
}

static void release(struct lk_thread *thread) {
    lk_cpu_thread_free(thread);
    lk_cpu_release(thread->stack - LK_STACK_GUARD);
}

static void reap(void) {
    for (;;) {
        unsigned before = lk_cpu_lock();
        struct lk_thread *thread = ended;
        if (thread != NULL) {
            ended = thread->next_thread;
        }
        lk_cpu_unlock(before);
        if (thread == NULL) {
            return;
        }
        release(thread);
    }
}

int lk_thread_create(struct lk_thread **out, const struct lk_thread_attr *attr, void *(*entry)(void *),
                     void *arg) {
    static const struct lk_thread_attr plain;
    attr = attr != NULL ? attr : &plain;
    size_t size = attr->stack_size != 0 ? attr->stack_size : LK_STACK_DEFAULT;
    int priority = attr->priority != 0 ? attr->priority : LK_PRIORITY_NORMAL;
    if (size < LK_STACK_MIN || size > SIZE_MAX / 2 || priority < 1 || priority > LK_PRIORITY_MAX) {
        return EINVAL;
    }
    reap();
    size = LK_STACK_GUARD + ((size + 7) & ~(size_t)7);
    char *memory = lk_cpu_alloc(size + sizeof(struct lk_thread));
    if (memory == NULL) {
        return EAGAIN;
    }
    struct lk_thread *thread = (struct lk_thread *)(void *)(memory + size);
    lk_thread_prepare(thread, memory, size, priority, attr->name != NULL ? attr->name : "thread", entry, arg);
    thread->detached = attr->detached;
    *out = thread; /* before it can run */
    admit(thread);
    return 0;
}

/* --- ending --------------------------------------------------------------------------------------------- */

static void run_destructors(void) {
    for (int round = 0; round < DESTRUCTOR_ROUNDS; round++) {
        bool any = false;
        for (unsigned key = 0; key < LK_KEYS_MAX; key++) {
            const void *value = lk_current->values[key];
            if (value != NULL && keys[key].destructor != NULL) {
                lk_current->values[key] = NULL;
                keys[key].destructor((void *)(uintptr_t)value);
                any = true;
            }
        }
        if (!any) {
            return;
        }
    }
}

void lk_thread_exit(void *result) {
    run_destructors();
    reap();
    lk_cpu_lock();
    lk_current->arg = result;
    lk_sched_end();
    if (lk_current->detached) {
        lk_current->next_thread = ended;
        ended = lk_current;
    } else {
        lk_sched_wake_first(&lk_current->joiner);
    }
    lk_cpu_unlock(0);
    lk_kernel_panic("an ended thread runs");
}

void lk_thread_main(struct lk_thread *thread) {
    lk_thread_exit(thread->entry(thread->arg));
}

int lk_thread_join(struct lk_thread *thread, void **result) {
    if (thread == lk_current) {
        return EDEADLK;
    }
    unsigned before = lk_cpu_lock();
    if (thread->detached || thread->joined) {
        lk_cpu_unlock(before);
        return EINVAL;
    }
    thread->joined = true;
    if (thread->state != LK_THREAD_ENDED) {
        lk_sched_block(&thread->joiner, LK_FOREVER);
    }
    lk_cpu_unlock(before);
    if (result != NULL) {
        *result = thread->arg;
    }
    release(thread);
    return 0;
}

int lk_thread_detach(struct lk_thread *thread) {
    unsigned before = lk_cpu_lock();
    bool bad = thread->detached || thread->joined;
    bool over = thread->state == LK_THREAD_ENDED;
    if (!bad) {
        thread->detached = true;
    }
    lk_cpu_unlock(before);
    if (bad) {
        return EINVAL;
    }
    if (over) {
        release(thread);
    }
    return 0;
}

/* --- living --------------------------------------------------------------------------------------------- */

struct lk_thread *lk_thread_self(void) {
    return lk_current;
}

void lk_thread_yield(void) {
    unsigned before = lk_cpu_lock();
    lk_sched_rotate();
    lk_cpu_unlock(before);
}

int lk_thread_set_priority(struct lk_thread *thread, int priority) {
    if (priority < 1 || priority > LK_PRIORITY_MAX) {
        return EINVAL;
    }
    unsigned before = lk_cpu_lock();
    thread->base_priority = (unsigned char)priority;
    lk_mutex_reconsider(thread);
    lk_cpu_unlock(before);
    return 0;
}

int lk_thread_priority(const struct lk_thread *thread) {
    return thread->base_priority;
}

static size_t stack_peak(const char *stack, size_t size) {
    size_t untouched = 0;
    while (untouched < size && (unsigned char)stack[untouched] == PAINT) {
        untouched++;
    }
    return size - untouched;
}

/* Fills *out but for the peak, and returns where the stack is; NULL when there are fewer threads. */
static const char *look_at(size_t number, struct lk_thread_info *out) {
    const char *stack = NULL;
    unsigned before = lk_cpu_lock();
    const struct lk_thread *t = lk_sched_threads;
    while (t != NULL && number > 0) {
        t = t->next_thread;
        number--;
    }
    if (t != NULL) {
        memcpy(out->name, t->name, sizeof(t->name));
        out->priority = t->priority;
        out->waits = t->state == LK_THREAD_WAITING;
        out->stack_size = t->stack_size;
        stack = t->stack;
    }
    lk_cpu_unlock(before);
    return stack;
}

size_t lk_thread_list(struct lk_thread_info *out, size_t cap) {
    for (size_t count = 0;; count++) {
        struct lk_thread_info info;
        const char *stack = look_at(count, &info);
        if (stack == NULL) {
            return count;
        }
        if (count < cap) {
            /* Long, and therefore with interrupts on: of a thread that ends meanwhile it may be wrong. */
            info.stack_peak = stack_peak(stack, info.stack_size);
            out[count] = info;
        }
    }
}

/* --- thread-specific values ----------------------------------------------------------------------------- */

int lk_key_create(unsigned *key, void (*destructor)(void *)) {
    int err = EAGAIN;
    unsigned before = lk_cpu_lock();
    for (unsigned k = 0; k < LK_KEYS_MAX && err != 0; k++) {
        if (!keys[k].taken) {
            keys[k].taken = true;
            keys[k].destructor = destructor;
            *key = k;
            err = 0;
        }
    }
    lk_cpu_unlock(before);
    return err;
}

int lk_key_delete(unsigned key) {
    if (key >= LK_KEYS_MAX || !keys[key].taken) {
        return EINVAL;
    }
    unsigned before = lk_cpu_lock();
    /* The next owner of the key finds no value of this one's. */
    for (struct lk_thread *t = lk_sched_threads; t != NULL; t = t->next_thread) {
        t->values[key] = NULL;
    }
    keys[key].taken = false;
    keys[key].destructor = NULL;
    lk_cpu_unlock(before);
    return 0;
}

int lk_key_set(unsigned key, const void *value) {
    if (key >= LK_KEYS_MAX || !keys[key].taken) {
        return EINVAL;
    }
    lk_current->values[key] = value;
    return 0;
}

void *lk_key_get(unsigned key) {
    return key < LK_KEYS_MAX ? (void *)(uintptr_t)lk_current->values[key] : NULL;
}

int lk_once(struct lk_once *once, void (*init)(void)) {
    if (once->done) {
        return 0;
    }
    lk_mutex_lock(&once_mutex);
    if (!once->done) {
        init();
        once->done = 1;
    }
    return lk_mutex_unlock(&once_mutex);
}

/* --- start and stop ------------------------------------------------------------------------------------- */

static void *idle(void *arg) {
    (void)arg;
    for (;;) {
        lk_cpu_idle();
    }
    return NULL;
}

void lk_kernel_start(void *(*entry)(void *), void *arg, void *stack, size_t size) {
    lk_cpu_lock();
    lk_thread_prepare(&idle_thread, idle_stack, sizeof(idle_stack), 0, "idle", idle, NULL);
    lk_thread_prepare(&main_thread, stack, size, LK_PRIORITY_NORMAL, "main", entry, arg);
    admit(&idle_thread);
    admit(&main_thread);
    lk_cpu_start();
}

void lk_kernel_panic(const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    int len = snprintf(text, sizeof(text), "kernel: ");
    vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);
    va_end(args);
    lk_cpu_panic(text);
}
