/* The heap: newlib's malloc over the board's memory, safe for threads. */
#ifndef LK_KERNEL_HEAP_H
#define LK_KERNEL_HEAP_H

#include <stddef.h>

struct lk_heap_info {
    size_t size; /* bytes that the board gives */
    size_t peak; /* the most that malloc ever had of them, with what lay between: the RAM that it takes */
    size_t used; /* allocated now */
};

void lk_heap_info(struct lk_heap_info *out);

#endif
