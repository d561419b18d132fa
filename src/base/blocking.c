#include "base/blocking.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool usable;

static void make_key(void) {
    usable = pthread_key_create(&key, NULL) == 0;
}

/* The calling thread's hook, or NULL. */
static const struct lk_blocking_hook *own(void) {
    return pthread_once(&once, make_key) == 0 && usable ? pthread_getspecific(key) : NULL;
}

int lk_blocking_set_hook(const struct lk_blocking_hook *hook) {
    if (pthread_once(&once, make_key) != 0 || !usable || pthread_setspecific(key, hook) != 0) {
        return LK_ERR_NO_MEMORY;
    }
    return 0;
}

void lk_blocking_begin(void) {
    const struct lk_blocking_hook *hook = own();

    if (hook != NULL) {
        hook->begin(hook->arg);
    }
}

void lk_blocking_end(void) {
    const struct lk_blocking_hook *hook = own();

    if (hook != NULL) {
        hook->end(hook->arg);
    }
}
