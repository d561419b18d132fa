#include "base/thread.h"

int lk_start_thread(pthread_t *out, size_t stack, void *(*run)(void *arg), void *arg) {
    pthread_attr_t attributes;
    int err = pthread_attr_init(&attributes);
    if (err != 0) {
        return err;
    }
    if (stack != 0) {
        err = pthread_attr_setstacksize(&attributes, stack);
    }
    if (err == 0) {
        err = pthread_create(out, &attributes, run, arg);
    }
    (void)pthread_attr_destroy(&attributes);
    return err;
}
