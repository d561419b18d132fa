/*
 * The wall clock of a board that has no battery. It starts at the latest time that is known to have passed:
 * that of the build, or the last one stored. SNTP sets it; it never goes back below the start. The monotonic
 * clock is another one and is not touched.
 */
#ifndef LK_NET_WALL_H
#define LK_NET_WALL_H

#include <stdbool.h>
#include <stdint.h>

/* Starts the clock from what is stored in the small file "clock" of `dir` (port.h), or from the build. Before
   the server starts. */
void lk_wall_start(const char *dir);

/* Sets it: by SNTP, in lwIP's thread, or by the owner at the console. False when that time was before the start of
   the clock, or a lifetime after the build: then nothing changes. */
bool lk_wall_set(int64_t seconds, uint32_t microseconds);

/* True once it was set since the start. */
bool lk_wall_synced(void);
/* Waits for that. False after `timeout_ms`. */
bool lk_wall_wait(uint32_t timeout_ms);

/*
 * Stores the time if it is due: an hour after the last time, and once SNTP has set the clock. Called from time
 * to time by a thread that may write to flash. Returns 0, or what lk_port_file_write returned.
 */
int lk_wall_store(const char *dir);

/* Answers of SNTP that were before the start of the clock, or a lifetime after the build, and did not count. */
uint32_t lk_wall_refused(void);

#endif
