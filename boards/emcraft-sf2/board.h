/* Emcraft's SmartFusion2 system-on-module (M2S010): a Cortex-M3. Included before every source. */
#ifndef LK_BOARD_H
#define LK_BOARD_H

/* Lines of the interrupt controller. */
#define LK_BOARD_IRQS 81

/* Found as https://<host name>.local (ports/rtos/net/lwipopts.h). */
#define LK_NET_MDNS 1

/* 142 MHz / 3 733 instructions an iteration (tools/size) = 38 000 in a second. */
#define LK_DEFAULT_PBKDF2_ITERATIONS "38000"

#include "../roomy.h"

#include "../defaults.h"

#endif
