#include "base/blocking.h"

#include <stddef.h>

static struct lk_blocking_hook registered;

void lk_blocking_set_hook(const struct lk_blocking_hook *hook) {
    registered = hook == NULL ? (struct lk_blocking_hook){NULL, NULL, NULL} : *hook;
}

void lk_blocking_begin(void) {
    if (registered.begin != NULL) {
        registered.begin(registered.arg);
    }
}

void lk_blocking_end(void) {
    if (registered.end != NULL) {
        registered.end(registered.arg);
    }
}
