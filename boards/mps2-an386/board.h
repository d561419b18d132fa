/* Arm's MPS2 with the image of application note 386: a Cortex-M4. Included before every source. */
#ifndef LK_BOARD_H
#define LK_BOARD_H

/* Lines of the interrupt controller. */
#define LK_BOARD_IRQS 32

#include "../defaults.h"

#endif
