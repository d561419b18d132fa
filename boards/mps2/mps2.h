/* What the images of Arm's MPS2 board have in common (application notes 385, 386 and 500). */
#ifndef LK_BOARDS_MPS2_H
#define LK_BOARDS_MPS2_H

#include <stddef.h>
#include <stdint.h>

#define LK_MPS2_HZ 25000000U

/* UART0 and the watchdog on. */
void lk_mps2_start(void);
void lk_mps2_console_write(const char *text, size_t len);
int lk_mps2_console_read(void);
void lk_mps2_mac_address(uint8_t out[6]);
void lk_mps2_watchdog_kick(void);
void lk_mps2_reset(void);

#endif
