/*
 * The pools are smaller than what all connections together may ask for: mostly they ask for little. Who fills
 * them and stands still is found out here.
 *
 * - No connection block for a knock: lwIP itself lets go of those in TIME_WAIT, LAST_ACK and CLOSING, and then
 *   of one with a lower priority than the newcomer. So those that we have closed and whose peer does not
 *   answer get the lowest, and those that knocked and say no second word the next. One that somebody uses is
 *   never among them: the server itself chooses which of its idle clients goes.
 * - No socket for a client that was let in: its word is dropped as if the network had lost it. It will say it
 *   again, and by then the server has made room. lwIP would reset the connection.
 * - No memory for a frame or a segment: who holds much of it and has not moved for STUCK_MS goes. Moving is
 *   that bytes were acknowledged by the peer or read by us.
 */
#include "rtos/net/pressure.h"

#include "rtos/net/hooks.h"

#include <lwip/memp.h>
#include <lwip/priv/memp_priv.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <lwip/sys.h>

#define STUCK_MS 3072
/* The same for a connection that nobody here holds any more. */
#define LEFT_MS 1024
/* Pieces that frames of more than one piece leave alone. */
#define RESERVE 8
/* Bytes that are worth taking back. */
#define MUCH 256
/* Sockets that clients leave alone: the mail's. */
#define OWN 1

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
    } else if (pcb->state == SYN_RCVD && memp_pools[MEMP_NETCONN]->stats->used + OWN >= MEMP_NUM_NETCONN) {
        if (pcb->nrtx == 0) {
            pcb->rto = 1; /* our own word is said again in half a second instead of three */
        }
        return ERR_MEM;
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

/* What a turn may take, and what is left for answers that are small. */
#define TURN_BYTES (TCP_SND_BUF + 256)

static uint32_t free_to_send(void) {
    return (uint32_t)MEM_SIZE - lwip_stats.mem.used;
}

bool lk_pressure_is_short(void) {
    return free_to_send() < TURN_BYTES;
}

unsigned lk_pressure_turns(void) {
    return 1 + free_to_send() / TURN_BYTES;
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
    return ((time - (before >> 20)) & 0xfff) >= (pcb->callback_arg != NULL ? STUCK_MS : LEFT_MS) / 256u;
}

static uint32_t count_failures(void) {
    return (uint32_t)lwip_stats.mem.err + memp_pools[MEMP_TCP_SEG]->stats->err +
           memp_pools[MEMP_PBUF_POOL]->stats->err;
}

void lk_pressure_look(void) {
    uint32_t now = sys_now();
    uint32_t count = count_failures();
    bool is_short = dropped || count != failures;
    struct tcp_pcb *next;

    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = next) {
        next = pcb->next;
        /* Everyone's position is noted each time, so that it is known when memory is short. */
        if (stands_still(pcb, now) && is_short && held(pcb) >= MUCH) {
            aborted++;
            tcp_abort(pcb);
        }
    }
    failures = count;
    dropped = false;
}

uint32_t lk_pressure_aborted(void) {
    return aborted;
}
