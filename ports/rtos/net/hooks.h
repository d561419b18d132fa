/* Where lwIP asks us. Included by its sources (LWIP_HOOK_FILENAME). */
#ifndef LK_NET_HOOKS_H
#define LK_NET_HOOKS_H

#include <lwip/err.h>

struct tcp_pcb;

/* A first sequence number that a stranger cannot guess (RFC 9293 §3.4.1). */
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) lk_net_random()

/* pressure.c: before a segment reaches its connection or its listener. Anything but ERR_OK drops it. */
err_t lk_pressure_segment(struct tcp_pcb *pcb);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, len, len1, options2, p) lk_pressure_segment(pcb)

#endif
