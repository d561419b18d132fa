/* How many connections the memory of this board bears. */
#ifndef LK_FIRMWARE_BOUNDS_H
#define LK_FIRMWARE_BOUNDS_H

#include "config/config.h"

/* Lowers threads and connections to what the free heap can hold when all of them need the most at once, so
   that memory is a matter of how many are let in and never of who came first. Before the server starts. */
void bounds_apply(struct lk_config *config);

#endif
