/*
 * When lwIP's memory is short, it is taken back from who holds it without moving on. Everything here runs
 * under lwIP's lock.
 */
#ifndef LK_NET_PRESSURE_H
#define LK_NET_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a received frame of `len` bytes may have buffers. Long ones leave the last to short ones:
 * acknowledgements are what sets memory free.
 */
bool lk_pressure_may_take(size_t len);

/* Whether memory for sending is so short that those who wait for it take turns. From any thread. */
bool lk_pressure_is_short(void);
/* How many of them may have a turn now; at least one. */
unsigned lk_pressure_turns(void);
/* poller.c: gives them. Several times a second. */
void lk_poller_turn(void);

/*
 * About once a second: if an allocation has failed since, aborts the connections that hold memory and have not
 * moved for a while.
 */
void lk_pressure_look(void);

/* Connections that were aborted so. */
uint32_t lk_pressure_aborted(void);

#endif
