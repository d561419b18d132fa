/* The options of the MPS2 boards (src/options.h), for each one's board.h. */
#ifndef LK_BOARDS_MPS2_OPTIONS_H
#define LK_BOARDS_MPS2_OPTIONS_H

/* Lines of the interrupt controller. */
#define LK_BOARD_IRQS 32

#include "../roomy.h"

#include "../defaults.h"

#endif
