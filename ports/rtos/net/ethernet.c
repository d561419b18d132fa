/*
 * One interrupt brings lwIP's thread, which takes in all frames that are there. A flood of them cannot take
 * the processor: after a few the thread sleeps for a tick, with the interrupt off, and others run.
 */
#include "rtos/net/ethernet.h"

#include "base/err.h"
#include "rtos/kernel/kernel.h"
#include "rtos/net/pressure.h"

#include <string.h>

#include <lwip/etharp.h>
#include <lwip/pbuf.h>
#include <lwip/tcpip.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#define FRAMES_A_TURN 16
/* The kernel's own interrupts are below this. */
#define IRQ_PRIORITY 1

static const struct lk_nic *nic;
static struct netif *interface;
static struct tcpip_callback_msg *wake;
static struct lk_ethernet_counters counters;
static bool cable;
static bool later; /* take_frames goes on at the next tick */

/* --- receiving ------------------------------------------------------------------------------------------------ */

static void take_frame(size_t len) {
    struct pbuf *p = lk_pressure_may_take(len) ? pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL) : NULL;

    for (struct pbuf *piece = p; piece != NULL; piece = piece->next) {
        nic->driver->receive_copy(nic, piece->payload, piece->len);
    }
    nic->driver->receive_end(nic);
    counters.received++;
    if (p == NULL) {
        counters.no_buffer++;
    } else if (interface->input(p, interface) != ERR_OK) {
        pbuf_free(p);
    }
}

static void take_frames(void *unused) {
    (void)unused;
    if (later) {
        sys_untimeout(take_frames, NULL); /* who comes first takes what is there */
        later = false;
    }
    for (int i = 0; i < FRAMES_A_TURN; i++) {
        size_t len = nic->driver->receive_begin(nic);
        if (len == 0) {
            nic->driver->interrupt_on(nic);
            return;
        }
        take_frame(len);
    }
    later = true;
    sys_timeout(1, take_frames, NULL);
}

static void interrupt(void) {
    nic->driver->interrupt_off(nic);
    /* Should the mailbox be full, lk_ethernet_look comes by. */
    (void)tcpip_callbackmsg_trycallback_fromisr(wake);
}

/* --- sending -------------------------------------------------------------------------------------------------- */

static err_t send_frame(struct netif *netif, struct pbuf *p) {
    (void)netif;
    if (p->tot_len > LK_FRAME_MAX || !nic->driver->send_begin(nic, p->tot_len)) {
        counters.unsent++;
        return ERR_BUF;
    }
    for (struct pbuf *piece = p; piece != NULL; piece = piece->next) {
        nic->driver->send_copy(nic, piece->payload, piece->len);
    }
    nic->driver->send_end(nic);
    counters.sent++;
    return ERR_OK;
}

/* --- start ---------------------------------------------------------------------------------------------------- */

static err_t init(struct netif *netif) {
    const uint8_t *mac = netif->state;

    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    netif->mtu = LK_FRAME_MAX - SIZEOF_ETH_HDR;
    memcpy(netif->hwaddr, mac, ETH_HWADDR_LEN);
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
#if LWIP_IGMP
    netif->flags |= NETIF_FLAG_IGMP;
#endif
    netif->state = NULL;
    return ERR_OK;
}

int lk_ethernet_start(struct netif *netif, const struct lk_nic *controller, const uint8_t mac[6],
                      bool multicast) {
    uint8_t address[ETH_HWADDR_LEN];

    memcpy(address, mac, sizeof(address));
    memset(&counters, 0, sizeof(counters));
    nic = controller;
    interface = netif;
    if (nic->driver->start(nic, mac, multicast) != 0) {
        return LK_ERR_IO;
    }
    wake = tcpip_callbackmsg_new(take_frames, NULL);
    if (wake == NULL || netif_add(netif, NULL, NULL, NULL, address, init, ethernet_input) == NULL) {
        return LK_ERR_IO;
    }
    netif_set_default(netif);
    netif_set_up(netif);
    lk_irq_enable(nic->irq, interrupt, IRQ_PRIORITY);
    nic->driver->interrupt_on(nic);
    return 0;
}

/*
 * A cable that is out does not make lwIP's link go down: that would break every connection that sends, and
 * TCP itself bears an interruption. When it is back the link goes down and up, so that DHCP asks again.
 */
void lk_ethernet_look(struct netif *netif) {
    bool up = nic->driver->link_up(nic);

    if (up != cable) {
        cable = up;
        if (up) {
            netif->flags &= (u8_t)~NETIF_FLAG_LINK_UP;
            netif_set_link_up(netif);
        } else {
            netif->link_callback(netif);
        }
    }
    take_frames(NULL);
}

bool lk_ethernet_has_cable(void) {
    return cable;
}

void lk_ethernet_counters(struct lk_ethernet_counters *out) {
    *out = counters;
    out->overruns = nic != NULL ? nic->driver->overruns(nic) : 0;
}
