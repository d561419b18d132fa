/* The network of a board: one Ethernet interface, an address by DHCP or a fixed one, the time by SNTP. */
#ifndef LK_NET_NET_H
#define LK_NET_NET_H

#include "rtos/net/nic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IPv4 addresses in the order they are written; four zeros: none. */
struct lk_net_address {
    uint8_t address[4], netmask[4], gateway[4], dns[4];
};

enum lk_net_source { LK_NET_NONE, LK_NET_DHCP, LK_NET_FIXED };

struct lk_net_status {
    bool link;
    enum lk_net_source source; /* of the address */
    struct lk_net_address at;
};

struct lk_net_options {
    /* RFC 952: letters, digits and hyphens, 1..63. Given to the DHCP server, and announced by mDNS. */
    const char *host_name;
    /* Ask a DHCP server. Where none answers within `dhcp_wait_ms` of a working link, `fixed` is taken (unless
       it is none), and the asking goes on: an answer replaces it. */
    bool dhcp;
    uint32_t dhcp_wait_ms;
    struct lk_net_address fixed;
    /* Name or address of an NTP server. NULL: those that DHCP names, else none. */
    const char *ntp_server;
    /* What mDNS announces as _https._tcp, with LK_NET_MDNS; 0: the host name alone. */
    uint16_t https_port;
    /* 32 bits that nobody can guess; any thread, must not wait long. */
    uint32_t (*random)(void);
    /* Told when link or address changed; from lwIP's thread, under its lock: no sockets there. May be NULL. */
    void (*changed)(const struct lk_net_status *status);
};

/*
 * Starts lwIP and the interface. Called once, from a thread. The options are copied, their texts are not and
 * must stay. Returns 0 at once, without waiting for an address, or LK_ERR_IO when the controller does not
 * answer.
 */
int lk_net_start(const struct lk_nic *nic, const uint8_t mac[6], const struct lk_net_options *options);

/* Any thread. */
void lk_net_status(struct lk_net_status *out);

/* Waits for an address until `timeout_ms` passed. False when there is none. */
bool lk_net_wait(uint32_t timeout_ms);

/* --- what it costs, and what went wrong ------------------------------------------------------------------- */

/* One of lwIP's memories. */
struct lk_net_pool {
    const char *name;
    uint32_t size;  /* bytes of an element; 1 for the heap */
    uint32_t count; /* elements; bytes of the heap */
    uint32_t used, peak, failed;
};

/* Fills at most `cap` and returns how many there are. Any thread. */
size_t lk_net_pools(struct lk_net_pool *out, size_t cap);

struct lk_net_counters {
    uint32_t received, sent; /* frames */
    uint32_t no_buffer;      /* frames dropped because memory was short */
    uint32_t unsent;         /* frames that the controller had no room for */
    uint32_t overruns;       /* frames lost in the controller */
    uint32_t aborted;        /* connections that held memory without moving while others were short of it */
};

void lk_net_counters(struct lk_net_counters *out);

#endif
