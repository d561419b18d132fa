/* What the firmware does beside requests: tends the flash, stores the time, tells of the network. */
#ifndef LK_FIRMWARE_UPKEEP_H
#define LK_FIRMWARE_UPKEEP_H

#include "rtos/net/net.h"

/* Starts the thread that tends storage and clock once a second. Returns 0 or LK_ERR_NO_MEMORY. */
int upkeep_start(void);

/* Tells on the console where the board can be reached. From lwIP's thread. */
void upkeep_network_changed(const struct lk_net_status *status);

/* A factory reset when the board's button is held down through the first seconds. */
void upkeep_check_button(void);

/* Accounts, keys, sessions, settings: gone for good. Returns 0 or an error; the board must start anew then. */
int upkeep_factory_reset(void);

#endif
