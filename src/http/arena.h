/*
 * The memory of one request: chunks from the heap, bounded in sum, wiped and given back together.
 */
#ifndef LK_HTTP_ARENA_H
#define LK_HTTP_ARENA_H

#include "options.h"

#include <stddef.h>

struct lk_arena_chunk;

struct lk_arena {
    struct lk_arena_chunk *current;
    size_t bound; /* bytes that may be held in all */
    size_t held;
};

/* An arena that may hold `bound` bytes in all. Takes no memory yet. */
void lk_arena_init(struct lk_arena *a, size_t bound);
/* Wipes what was handed out, gives all chunks back but one of LK_ARENA_CHUNK bytes, and sets a new bound. */
void lk_arena_reset(struct lk_arena *a, size_t bound);
/* Wipes and gives back everything. */
void lk_arena_free(struct lk_arena *a);

#endif
