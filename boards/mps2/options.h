/* The options of the MPS2 boards (src/options.h), for each one's board.h. */
#ifndef LK_BOARDS_MPS2_OPTIONS_H
#define LK_BOARDS_MPS2_OPTIONS_H

/* Lines of the interrupt controller. */
#define LK_BOARD_IRQS 32

/* 25 MHz / 3 733 instructions an iteration (tools/size) = 6 700 in a second: fewer than the floor, which takes 1.5 s. */
#define LK_DEFAULT_PBKDF2_ITERATIONS "10000"

#include "../roomy.h"

#include "../defaults.h"

#endif
