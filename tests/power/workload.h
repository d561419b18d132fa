/*
 * What is recorded and cut: every kind of write that the rules and the small files make, and the log moved
 * several times, ahead of need and in the middle of a commit.
 */
#ifndef POWER_WORKLOAD_H
#define POWER_WORKLOAD_H

#include "nor.h"

/* After how many steps of the flash a change was acknowledged, and what the device then held. The first one
   is an empty store, before any step. */
struct mark {
    uint32_t steps;
    uint64_t state;
};

struct recording {
    struct nor nor; /* its notes are the steps; its cells are as the last step left them */
    struct mark *marks;
    uint32_t mark_count, mark_room;
    uint32_t moves;
};

void record(struct recording *r, const struct geometry *g);
void recording_free(struct recording *r);

/* A little of everything, on an opened device that holds anything. Prints and returns false on an error. */
bool short_workload(void);

#endif
