/* Emcraft's SmartFusion2 system-on-module (M2S010): a Cortex-M3. Included before every source. */
#ifndef LK_BOARD_H
#define LK_BOARD_H

/* Lines of the interrupt controller. */
#define LK_BOARD_IRQS 81

#include "../defaults.h"

#endif
