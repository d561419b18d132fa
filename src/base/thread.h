/* Threads of the server's own, each with as much stack as it needs (src/options.h). */
#ifndef LK_BASE_THREAD_H
#define LK_BASE_THREAD_H

#include <stddef.h>

#include <pthread.h>

/* As pthread_create, joinable, on a stack of `stack` bytes; 0: as large as the platform makes it. Returns 0 or a
   number of errno.h. */
int lk_start_thread(pthread_t *out, size_t stack, void *(*run)(void *arg), void *arg);

#endif
