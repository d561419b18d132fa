/* What newlib asks of the kernel: memory for malloc and its lock, and an end. Files are ports/rtos/libc's. */
#include <errno.h>
#include <malloc.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rtos/kernel/core.h"

#include "rtos/board.h"
#include "rtos/kernel/heap.h"

static struct lk_mutex malloc_mutex = {.recursive = 1};
static struct {
    size_t part; /* of lk_board.heap */
    char *top;   /* of that part; NULL: nothing taken yet */
    size_t peak;
} heap;

void __malloc_lock(struct _reent *reent) {
    (void)reent;
    if (lk_current != NULL) {
        lk_mutex_lock(&malloc_mutex);
    }
}

void __malloc_unlock(struct _reent *reent) {
    (void)reent;
    if (lk_current != NULL) {
        lk_mutex_unlock(&malloc_mutex);
    }
}

/*
 * In newlib-nano's place, which copies as many bytes as the new block has and so reads past the old one: into the guard
 * of a thread's stack, if that comes next.
 */
void *_realloc_r(struct _reent *reent, void *old, size_t size) {
    if (old == NULL || size == 0) {
        _free_r(reent, old);
        return size == 0 ? NULL : _malloc_r(reent, size);
    }
    size_t had = malloc_usable_size(old);
    if (size <= had) {
        return old;
    }
    void *grown = _malloc_r(reent, size);
    if (grown != NULL) {
        memcpy(grown, old, had);
        _free_r(reent, old);
    }
    return grown;
}

/* malloc bears a hole between two answers, but no step back. */
void *_sbrk(ptrdiff_t step);
void *_sbrk(ptrdiff_t step) {
    const size_t parts = sizeof(lk_board.heap) / sizeof(lk_board.heap[0]);
    for (; heap.part < parts; heap.part++, heap.top = NULL) {
        if (heap.top == NULL) {
            heap.top = lk_board.heap[heap.part].start;
        }
        if (step <= lk_board.heap[heap.part].end - heap.top) {
            char *before = heap.top;
            heap.top += step;
            heap.peak += (size_t)step;
            return before;
        }
        if (heap.part + 1 == parts || lk_board.heap[heap.part + 1].start == NULL) {
            break;
        }
    }
    errno = ENOMEM;
    return (void *)-1;
}

void lk_heap_info(struct lk_heap_info *out) {
    *out = (struct lk_heap_info){.peak = heap.peak};
    for (size_t i = 0; i < sizeof(lk_board.heap) / sizeof(lk_board.heap[0]); i++) {
        out->size += (size_t)(lk_board.heap[i].end - lk_board.heap[i].start);
    }
    out->used = mallinfo().uordblks;
}

void _exit(int code) {
    lk_cpu_lock();
    lk_board.stop(code);
    for (;;) {
    }
}
