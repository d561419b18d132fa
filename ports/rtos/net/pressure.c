/*
 * The pools are smaller than what all connections together may ask for: mostly they ask for little. Who fills
 * them and stands still is found out here.
 *
 * - No connection block for a knock: lwIP itself lets go of those in TIME_WAIT, LAST_ACK and CLOSING, and then
 *   of one with a lower priority than the newcomer. So those that we have closed and whose peer does not
 *   answer get the lowest, and those that knocked and say no second word the next. One that somebody uses is
 *   never among them: the server itself chooses which of its idle clients goes.
 * - No memory for a frame or a segment: who holds most of it and has not moved for STUCK_MS goes. Moving is
 *   that bytes were acknowledged by the peer or read by us.
 */
#include "rtos/net/pressure.h"

#include "rtos/net/hooks.h"

#include <lwip/memp.h>
#include <lwip/priv/memp_priv.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <lwip/sys.h>

#define STUCK_MS 4000
/* Pieces that frames of more than one piece leave alone. */
#define RESERVE 8

static uint32_t aborted;
static uint32_t failures; /* that were seen by the last look */
static bool dropped;      /* a frame found no room since then */

/* --- knocks ---------------------------------------------------------------------------------------------------- */

static void set_priorities(void) {
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->state == SYN_RCVD) {
            pcb->prio = TCP_PRIO_MIN + 1;
        } else if (pcb->callback_arg == NULL) {
            pcb->prio = TCP_PRIO_MIN; /* nobody holds it any more */
        } else {
            pcb->prio = TCP_PRIO_NORMAL;
        }
    }
}

err_t lk_pressure_segment(struct tcp_pcb *pcb) {
    if (pcb->state == LISTEN) {
        set_priorities();
    }
    return ERR_OK;
}

/* --- buffers --------------------------------------------------------------------------------------------------- */

bool lk_pressure_may_take(size_t len) {
    const struct stats_mem *pool = memp_pools[MEMP_PBUF_POOL]->stats;
    size_t need = (len + PBUF_POOL_BUFSIZE - 1) / PBUF_POOL_BUFSIZE;
    size_t left = (size_t)(PBUF_POOL_SIZE - pool->used);
    bool may = need <= left && (need == 1 || left - need >= RESERVE);

    dropped |= !may;
    return may;
}

/* --- who stands still -------------------------------------------------------------------------------------------- */

/* Bytes that wait here for the peer's acknowledgement or for our reader. */
static uint32_t held(const struct tcp_pcb *pcb) {
    return (uint32_t)TCP_SND_BUF - pcb->snd_buf + (uint32_t)TCP_WND - pcb->rcv_wnd;
}

/* What changes when a connection moves: 20 bits of sums of counters that only grow, beside the time (in
   units of 256 ms) at which they were seen first. It lives in lwIP's place for such things in each block. */
static uint32_t position(const struct tcp_pcb *pcb) {
    return (pcb->lastack + (pcb->rcv_nxt + pcb->rcv_wnd) * 3) & 0xfffffu;
}

static bool stands_still(struct tcp_pcb *pcb, uint32_t now) {
    uint32_t before = (uint32_t)(uintptr_t)pcb->ext_args[0].data;
    uint32_t where = position(pcb);
    uint32_t time = now >> 8 & 0xfff;

    if ((before & 0xfffffu) != where || before == 0) {
        pcb->ext_args[0].data = (void *)(uintptr_t)(time << 20 | where);
        return false;
    }
    return ((time - (before >> 20)) & 0xfff) >= STUCK_MS / 256;
}

static uint32_t count_failures(void) {
    return (uint32_t)lwip_stats.mem.err + memp_pools[MEMP_TCP_SEG]->stats->err +
           memp_pools[MEMP_PBUF_POOL]->stats->err;
}

void lk_pressure_look(void) {
    uint32_t now = sys_now();
    struct tcp_pcb *worst = NULL;

    /* Everyone's position is noted each time, so that it is known when memory is short. */
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (stands_still(pcb, now) && held(pcb) > 0 && (worst == NULL || held(pcb) > held(worst))) {
            worst = pcb;
        }
    }
    uint32_t count = count_failures();
    bool is_short = dropped || count != failures;
    failures = count;
    dropped = false;
    if (is_short && worst != NULL) {
        aborted++;
        tcp_abort(worst);
    }
}

uint32_t lk_pressure_aborted(void) {
    return aborted;
}
