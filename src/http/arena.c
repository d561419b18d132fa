#include "http/arena.h"

#include "crypto/crypto.h"
#include "http/http.h"

#include <stdlib.h>

#define ALIGNMENT sizeof(max_align_t)

struct lk_arena_chunk {
    struct lk_arena_chunk *next;
    size_t size; /* bytes of `data` */
    size_t used;
    max_align_t data[];
};

void lk_arena_init(struct lk_arena *a, size_t bound) {
    *a = (struct lk_arena){.bound = bound};
}

static struct lk_arena_chunk *new_chunk(struct lk_arena *a, size_t size) {
    if (size > a->bound - a->held) {
        return NULL;
    }
    struct lk_arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->size = size;
    a->held += size;
    return chunk;
}

static void *take(struct lk_arena_chunk *chunk, size_t size) {
    void *p = (char *)chunk->data + chunk->used;
    chunk->used += size;
    return p;
}

void *lk_arena_alloc(struct lk_arena *a, size_t size) {
    if (size > a->bound) {
        return NULL;
    }
    size = size == 0 ? ALIGNMENT : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct lk_arena_chunk *current = a->current;
    if (current != NULL && size <= current->size - current->used) {
        return take(current, size); /* zeroed already: chunks come so, and a reset wipes them */
    }
    size_t room = a->bound > a->held ? a->bound - a->held : 0;
    size_t want = size > LK_ARENA_CHUNK / 2 && current != NULL ? size : LK_ARENA_CHUNK;
    want = want < size ? size : want;
    struct lk_arena_chunk *chunk = new_chunk(a, want > room && size <= room ? size : want);
    if (chunk == NULL) {
        return NULL;
    }
    if (current != NULL && chunk->size == size) {
        chunk->next = current->next; /* full at once: keep filling the one before */
        current->next = chunk;
    } else {
        chunk->next = current;
        a->current = chunk;
    }
    return take(chunk, size);
}

static void free_chunk(struct lk_arena_chunk *chunk) {
    lk_wipe(chunk->data, chunk->used);
    free(chunk);
}

void lk_arena_reset(struct lk_arena *a, size_t bound) {
    struct lk_arena_chunk *kept = NULL;
    struct lk_arena_chunk *chunk = a->current;
    while (chunk != NULL) {
        struct lk_arena_chunk *next = chunk->next;
        if (kept == NULL && chunk->size == LK_ARENA_CHUNK && bound >= LK_ARENA_CHUNK) {
            kept = chunk;
            lk_wipe(kept->data, kept->used);
            kept->used = 0;
            kept->next = NULL;
        } else {
            free_chunk(chunk);
        }
        chunk = next;
    }
    a->current = kept;
    a->held = kept != NULL ? kept->size : 0;
    a->bound = bound;
}

void lk_arena_free(struct lk_arena *a) {
    lk_arena_reset(a, 0);
}
