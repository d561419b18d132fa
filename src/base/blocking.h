/*
 * A thread that is about to wait for something slow (a hash, a commit, a client that reads slowly) says so,
 * and says when it goes on. The server keeps as many threads running as there are processors, and lets
 * another one run meanwhile. In a thread without a hook both calls do nothing.
 */
#ifndef LK_BASE_BLOCKING_H
#define LK_BASE_BLOCKING_H

#include "base/err.h"

struct lk_blocking_hook {
    void (*begin)(void *arg); /* must not block */
    void (*end)(void *arg);   /* must not block */
    void *arg;
};

/* Gives the calling thread its hook, which must outlive the thread, or none with NULL. Returns 0 or
   LK_ERR_NO_MEMORY. */
int lk_blocking_set_hook(const struct lk_blocking_hook *hook);
void lk_blocking_begin(void);
void lk_blocking_end(void);

#endif
