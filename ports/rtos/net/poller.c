/*
 * Readiness of sockets (port.h) by the events that lwIP reports for each: a socket that was added tells this
 * file first, and one that is armed for what happened joins the list of the ready. No wait looks at more than
 * the head of that list, however many sockets there are.
 *
 * While memory for sending is short, who waits to send is not told at once that something was acknowledged: those
 * who send most would always be first to take it. They get their turns from lk_poller_turn, one after the other.
 */
#include "base/err.h"
#include "port.h"
#include "rtos/kernel/cpu.h"
#include "rtos/kernel/kernel.h"
#include "rtos/net/pressure.h"

#include <stdlib.h>

#include <lwip/api.h>
#include <lwip/priv/sockets_priv.h>
#include <lwip/sockets.h>
#include <lwip/tcpip.h>

enum armed { NOT, FOR_READ, FOR_WRITE };

/* What a socket waits for; by its number. Guarded by locked interrupts, as the lists are: a few instructions
   each time. */
struct place {
    struct lk_poller *poller;
    void *tag;
    struct place *next; /* in the list of the ready */
    uint8_t armed;
    bool ready;
    bool later; /* could send; its turn comes */
};

struct lk_poller {
    struct place *first, **last;
    struct lk_event some; /* ready or woken */
    unsigned wakes;
};

static struct place places[NUM_SOCKETS];
/* What keeps a socket's own counts of events: lwIP's, the same for all. */
static netconn_callback keep_counts;

/* --- events ------------------------------------------------------------------------------------------------------ */

/* Interrupts are locked. */
static void make_ready(struct place *at) {
    struct lk_poller *p = at->poller;

    at->armed = NOT;
    at->later = false;
    at->ready = true;
    at->next = NULL;
    *p->last = at;
    p->last = &at->next;
    lk_event_set(&p->some);
}

static void on_event(struct netconn *conn, enum netconn_evt event, u16_t len) {
    keep_counts(conn, event, len);
    if (event == NETCONN_EVT_RCVMINUS || event == NETCONN_EVT_SENDMINUS) {
        return;
    }
    int i = conn->socket - LWIP_SOCKET_OFFSET;
    if (i < 0 || i >= NUM_SOCKETS) {
        return;
    }
    unsigned before = lk_cpu_lock();
    struct place *at = &places[i];
    if (at->armed == FOR_WRITE && event == NETCONN_EVT_SENDPLUS && lk_pressure_is_short()) {
        at->later = true;
    } else if ((at->armed == FOR_READ && event != NETCONN_EVT_SENDPLUS) ||
               (at->armed == FOR_WRITE && event != NETCONN_EVT_RCVPLUS)) {
        make_ready(at);
    }
    lk_cpu_unlock(before);
}

static bool is_ready(const struct lwip_sock *sock, bool for_write) {
    if (sock->errevent != 0) {
        return true;
    }
    return for_write ? sock->sendevent != 0 : sock->rcvevent > 0 || sock->lastdata.pbuf != NULL;
}

void lk_poller_turn(void) {
    static unsigned next;

    for (unsigned i = 0, left = lk_pressure_turns(); i < NUM_SOCKETS && left > 0; i++) {
        unsigned before = lk_cpu_lock();
        next = (next + 1) % NUM_SOCKETS;
        if (places[next].later) {
            left--;
            make_ready(&places[next]);
        }
        lk_cpu_unlock(before);
    }
}

/* --- port.h ------------------------------------------------------------------------------------------------------ */

struct lk_poller *lk_poller_new(void) {
    struct lk_poller *p = calloc(1, sizeof(*p));

    if (p != NULL) {
        p->last = &p->first;
    }
    return p;
}

void lk_poller_free(struct lk_poller *p) {
    free(p);
}

static struct place *find(int fd) {
    int i = fd - LWIP_SOCKET_OFFSET;
    return i >= 0 && i < NUM_SOCKETS ? &places[i] : NULL;
}

int lk_poller_add(struct lk_poller *p, int fd, void *tag, bool for_write) {
    struct lwip_sock *sock = lwip_socket_dbg_get_socket(fd);
    struct place *at = find(fd);

    if (at == NULL || sock == NULL || sock->conn == NULL) {
        return LK_ERR_IO;
    }
    if (at->poller != NULL) {
        lk_poller_remove(at->poller, fd); /* of an earlier socket with this number */
    }
    at->poller = p;
    LOCK_TCPIP_CORE();
    if (sock->conn->callback != on_event) {
        keep_counts = sock->conn->callback;
        sock->conn->callback = on_event;
    }
    UNLOCK_TCPIP_CORE();
    return lk_poller_arm(p, fd, tag, for_write);
}

int lk_poller_arm(struct lk_poller *p, int fd, void *tag, bool for_write) {
    struct lwip_sock *sock = lwip_socket_dbg_get_socket(fd);
    struct place *at = find(fd);

    if (at == NULL || sock == NULL || at->poller != p) {
        return LK_ERR_IO;
    }
    unsigned before = lk_cpu_lock();
    at->tag = tag;
    /* The counts change before on_event looks whether the socket is armed: nothing falls in between. */
    at->armed = for_write ? FOR_WRITE : FOR_READ;
    if (is_ready(sock, for_write)) {
        if (for_write && sock->errevent == 0 && lk_pressure_is_short()) {
            at->later = true;
        } else {
            make_ready(at);
        }
    }
    lk_cpu_unlock(before);
    return 0;
}

void lk_poller_remove(struct lk_poller *p, int fd) {
    struct place *at = find(fd);

    if (at == NULL) {
        return;
    }
    unsigned before = lk_cpu_lock();
    if (at->ready) {
        struct place **link = &p->first;
        while (*link != at) {
            link = &(*link)->next;
        }
        *link = at->next;
        if (at->next == NULL) {
            p->last = link;
        }
    }
    *at = (struct place){0};
    lk_cpu_unlock(before);
}

/* True when there was something to return: a tag, or NULL for a wake. */
static bool take(struct lk_poller *p, void **tag) {
    unsigned before = lk_cpu_lock();
    struct place *at = p->first;
    bool found = true;

    *tag = NULL;
    if (p->wakes > 0) {
        p->wakes--;
    } else if (at != NULL) {
        p->first = at->next;
        if (at->next == NULL) {
            p->last = &p->first;
        }
        at->ready = false;
        *tag = at->tag;
    } else {
        found = false;
    }
    /* The event lets one thread go at a time: it passes on what is left. */
    if (found && (p->wakes > 0 || p->first != NULL)) {
        lk_event_set(&p->some);
    }
    lk_cpu_unlock(before);
    return found;
}

void *lk_poller_wait(struct lk_poller *p, int timeout_ms) {
    uint64_t until = timeout_ms < 0 ? LK_FOREVER : lk_ticks() + (uint64_t)timeout_ms;
    void *tag;

    while (!take(p, &tag)) {
        uint64_t now = lk_ticks();
        if (now >= until) {
            return NULL;
        }
        (void)lk_event_wait(&p->some, timeout_ms < 0 ? -1 : (int)(until - now));
    }
    return tag;
}

void lk_poller_wake(struct lk_poller *p) {
    unsigned before = lk_cpu_lock();
    p->wakes++;
    lk_event_set(&p->some);
    lk_cpu_unlock(before);
}
