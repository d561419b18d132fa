/* Emcraft's SmartFusion2 system-on-module (M2S010): a Cortex-M3. Included before every source. */
#ifndef LK_BOARD_H
#define LK_BOARD_H

/* Lines of the interrupt controller. */
#define LK_BOARD_IRQS 81

/* Its memory is large: room for thousands of accounts, and for the largest requests. */
#ifndef LK_DEFAULT_MAP_SIZE
#define LK_DEFAULT_MAP_SIZE "1M"
#endif
#define LK_LMDB_LOGN 10
#define LK_STORE_BATCH_PAGES 512
#define LK_HTTP_MEMORY 524288
#define LK_BUFFERED_MAX 524288
#define LK_AUDIT_RECORDS 500
#define LK_SESSIONS_PER_ACCOUNT 100
#define LK_OUTBOX_MAX 100

/* Found as https://<host name>.local (ports/rtos/net/lwipopts.h). */
#define LK_NET_MDNS 1

#include "../defaults.h"

#endif
