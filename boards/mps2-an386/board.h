/* Arm's MPS2 with the image of application note 386: a Cortex-M4. Included before every source. */
#ifndef LK_BOARD_H
#define LK_BOARD_H

/* Where its image has the PSRAM that stands for a flash chip, and the network controller. */
#define LK_MPS2_PSRAM 0x21000000U
#define LK_MPS2_ETHERNET 0x40200000U

#include "../mps2/options.h"

#endif
