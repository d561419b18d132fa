/* Between a network controller and lwIP: frames, the interrupt, the cable. */
#ifndef LK_NET_ETHERNET_H
#define LK_NET_ETHERNET_H

#include "rtos/net/nic.h"

#include <stdbool.h>

#include <lwip/netif.h>

struct lk_ethernet_counters {
    uint32_t received, sent;
    uint32_t no_buffer; /* received, and dropped because memory was short */
    uint32_t unsent;    /* the controller had no room */
    uint32_t overruns;  /* lost in the controller */
};

/* Adds the board's controller as lwIP's interface `netif`. Under lwIP's lock. The caller then sets the
   interface's link callback and looks. Returns 0 or LK_ERR_IO. */
int lk_ethernet_start(struct netif *netif, const struct lk_nic *nic, const uint8_t mac[6], bool multicast);
/* Looks at the cable, and for frames whose interrupt was lost. About once a second, in lwIP's thread. */
void lk_ethernet_look(struct netif *netif);
/* Whether the cable led to something at the last look. */
bool lk_ethernet_has_cable(void);
void lk_ethernet_counters(struct lk_ethernet_counters *out);

#endif
