/*
 * Arm's semihosting: what a debugger or an emulator does for the program (Semihosting for AArch32 and AArch64,
 * release 2.0). Without one listening, a call is a fault.
 */
#ifndef LK_BOARDS_SEMIHOSTING_H
#define LK_BOARDS_SEMIHOSTING_H

#include <stddef.h>

/* Random bytes of the host's. As struct lk_board's. */
int lk_semihosting_entropy(void *out, size_t len);
/* Ends the emulator with this exit status. */
void lk_semihosting_stop(int code);
/* The program's command line (QEMU's -semihosting-config arg=), cut to `cap` - 1 bytes; empty if there is none. */
void lk_semihosting_argument(char *out, size_t cap);

#endif
