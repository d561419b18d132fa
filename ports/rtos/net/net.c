#include "rtos/net/net.h"

#include "base/err.h"
#include "rtos/kernel/kernel.h"
#include "rtos/net/ethernet.h"
#include "rtos/net/pressure.h"

#include <string.h>

#include <lwip/apps/mdns.h>
#include <lwip/apps/sntp.h>
#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/memp.h>
#include <lwip/priv/memp_priv.h>
#include <lwip/stats.h>
#include <lwip/tcpip.h>
#include <lwip/timeouts.h>

#define LOOK_MS 1000
#define TURN_MS 200

/* lwIP's thread looks in each second, under its lock: whoever keeps that for so long has stopped the board. */
#define WATCH_MS 30000

static struct lk_net_options options;
static struct netif interface;
static uint32_t without_address_ms; /* of a working link */
static struct lk_event has_address;
static struct lk_watch watch;

uint32_t lk_net_random(void) {
    return options.random();
}

/* --- the address ------------------------------------------------------------------------------------------------ */

static ip4_addr_t from_bytes(const uint8_t in[4]) {
    ip4_addr_t out;

    memcpy(&out, in, sizeof(out));
    return out;
}

static bool is_none(const uint8_t address[4]) {
    static const uint8_t none[4];
    return memcmp(address, none, sizeof(none)) == 0;
}

static void take_fixed(void) {
    const struct lk_net_address *fixed = &options.fixed;
    ip4_addr_t address = from_bytes(fixed->address);
    ip4_addr_t netmask = from_bytes(fixed->netmask);
    ip4_addr_t gateway = from_bytes(fixed->gateway);

    if (is_none(fixed->address)) {
        return;
    }
    netif_set_addr(&interface, &address, &netmask, &gateway);
    if (!is_none(fixed->dns)) {
        ip_addr_t dns;
        ip_addr_copy_from_ip4(dns, from_bytes(fixed->dns));
        dns_setserver(0, &dns);
    }
}

static void status_locked(struct lk_net_status *out) {
    memset(out, 0, sizeof(*out));
    out->link = lk_ethernet_has_cable();
    if (ip4_addr_isany_val(*netif_ip4_addr(&interface))) {
        return;
    }
    memcpy(out->at.address, netif_ip4_addr(&interface), 4);
    /* A lease that is being asked for again, after the cable was out, is one. */
    bool fixed = memcmp(out->at.address, options.fixed.address, 4) == 0 && !dhcp_supplied_address(&interface);
    out->source = fixed ? LK_NET_FIXED : LK_NET_DHCP;
    memcpy(out->at.netmask, netif_ip4_netmask(&interface), 4);
    memcpy(out->at.gateway, netif_ip4_gw(&interface), 4);
    memcpy(out->at.dns, ip_2_ip4(dns_getserver(0)), 4);
}

/* From lwIP: the interface, its address or its link changed. */
static void changed(struct netif *netif) {
    static struct lk_net_status last;
    struct lk_net_status now;

    (void)netif;
    status_locked(&now);
    if (now.source != LK_NET_NONE) {
        without_address_ms = 0;
        lk_event_set(&has_address);
        if (sntp_enabled() == 0) {
            sntp_init(); /* before there was no way to ask, and a question without answer is repeated late */
        }
    }
    if (memcmp(&now, &last, sizeof(now)) != 0 && options.changed != NULL) {
        options.changed(&now);
    }
    last = now;
}

static void look(void *unused) {
    (void)unused;
    lk_watch_report(&watch);
    lk_ethernet_look(&interface);
    lk_pressure_look();
    if (lk_ethernet_has_cable() && ip4_addr_isany_val(*netif_ip4_addr(&interface))) {
        without_address_ms += LOOK_MS;
        if (without_address_ms >= options.dhcp_wait_ms) {
            take_fixed();
        }
    }
    sys_timeout(LOOK_MS, look, NULL);
}

static void turn(void *unused) {
    (void)unused;
    lk_poller_turn();
    sys_timeout(TURN_MS, turn, NULL);
}

/* --- names and time --------------------------------------------------------------------------------------------- */

static void prepare_sntp(void) {
    sntp_setoperatingmode(SNTP_OPMODE_POLL);
    if (options.ntp_server != NULL) {
        sntp_setservername(0, options.ntp_server);
    } else {
        sntp_servermode_dhcp(1);
    }
}

#if LK_NET_MDNS
static void describe(struct mdns_service *service, void *unused) {
    (void)unused;
    (void)mdns_resp_add_service_txtitem(service, "path=/", 6);
}

static void start_mdns(void) {
    mdns_resp_init();
    (void)mdns_resp_add_netif(&interface, options.host_name, 120);
    if (options.https_port != 0) {
        (void)mdns_resp_add_service(&interface, options.host_name, "_https", DNSSD_PROTO_TCP,
                                    options.https_port, 120, describe, NULL);
    }
}
#else
static void start_mdns(void) {
}
#endif

/* --- start ------------------------------------------------------------------------------------------------------- */

struct start {
    const struct lk_nic *nic;
    const uint8_t *mac;
    int result;
    struct lk_event done;
};

/* In lwIP's thread, under its lock. */
static void start(void *arg) {
    struct start *s = arg;

    interface.hostname = options.host_name;
    s->result = lk_ethernet_start(&interface, s->nic, s->mac, LK_NET_MDNS);
    if (s->result == 0) {
        netif_set_status_callback(&interface, changed);
        netif_set_link_callback(&interface, changed);
        prepare_sntp();
        start_mdns();
        if (!options.dhcp) {
            take_fixed();
        } else if (dhcp_start(&interface) != ERR_OK) {
            s->result = LK_ERR_NO_MEMORY;
        }
        lk_watch_start(&watch, "lwip", WATCH_MS);
        look(NULL);
        turn(NULL);
    }
    lk_event_set(&s->done);
}

int lk_net_start(const struct lk_nic *nic, const uint8_t mac[6], const struct lk_net_options *given) {
    struct start s = {.nic = nic, .mac = mac};

    options = *given;
    tcpip_init(start, &s);
    (void)lk_event_wait(&s.done, -1);
    return s.result;
}

void lk_net_status(struct lk_net_status *out) {
    LOCK_TCPIP_CORE();
    status_locked(out);
    UNLOCK_TCPIP_CORE();
}

bool lk_net_wait(uint32_t timeout_ms) {
    uint64_t until = lk_ticks() + timeout_ms;
    struct lk_net_status status;

    for (;;) {
        lk_net_status(&status);
        uint64_t now = lk_ticks();
        if (status.source != LK_NET_NONE || now >= until) {
            return status.source != LK_NET_NONE;
        }
        (void)lk_event_wait(&has_address, (int)(until - now));
    }
}

/* --- counts ------------------------------------------------------------------------------------------------------ */

static const char *const pool_names[] = {
#define LWIP_MEMPOOL(name, num, size, desc) #name,
#include <lwip/priv/memp_std.h>
};

size_t lk_net_pools(struct lk_net_pool *out, size_t cap) {
    size_t n = 0;

    LOCK_TCPIP_CORE();
    if (cap > 0) {
        const struct stats_mem *heap = &lwip_stats.mem;
        out[n++] = (struct lk_net_pool){"HEAP", 1, MEM_SIZE, heap->used, heap->max, heap->err};
    }
    for (size_t i = 0; i < MEMP_MAX && n < cap; i++) {
        const struct memp_desc *pool = memp_pools[i];
        out[n++] = (struct lk_net_pool){pool_names[i],     pool->size,       pool->num,
                                        pool->stats->used, pool->stats->max, pool->stats->err};
    }
    UNLOCK_TCPIP_CORE();
    return MEMP_MAX + 1;
}

void lk_net_counters(struct lk_net_counters *out) {
    struct lk_ethernet_counters ethernet;

    LOCK_TCPIP_CORE();
    lk_ethernet_counters(&ethernet);
    *out = (struct lk_net_counters){
        .received = ethernet.received,
        .sent = ethernet.sent,
        .no_buffer = ethernet.no_buffer,
        .unsent = ethernet.unsent,
        .overruns = ethernet.overruns,
        .aborted = lk_pressure_aborted(),
    };
    UNLOCK_TCPIP_CORE();
}
