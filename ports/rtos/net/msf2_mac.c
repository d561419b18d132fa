/*
 * The Ethernet MAC of Microchip's SmartFusion2: a DMA engine that walks rings of descriptors in memory, a
 * ring for each direction. The processors it comes with have no cache.
 */
#include "base/err.h"
#include "rtos/net/nic.h"
#include "rtos/net/registers.h"

#include <string.h>

enum {
    CFG1 = 0x00,
    CFG2 = 0x04,
    MAX_FRAME = 0x10,
    MII_COMMAND = 0x24,
    MII_ADDRESS = 0x28,
    MII_CONTROL = 0x2c,
    MII_STATUS = 0x30,
    MII_INDICATORS = 0x34,
    STATION1 = 0x40,
    STATION2 = 0x44,
    FIFO_CFG0 = 0x48,
    FIFO_CFG4 = 0x58,
    FIFO_CFG5 = 0x5c,
    TX_CONTROL = 0x180,
    TX_DESCRIPTOR = 0x184,
    TX_STATUS = 0x188,
    RX_CONTROL = 0x18c,
    RX_DESCRIPTOR = 0x190,
    RX_STATUS = 0x194,
    DMA_IRQ_MASK = 0x198
};

#define CFG1_RESET 0x80000000u
#define CFG1_RUN 0x5u       /* send and receive */
#define CFG2_RUN 0x7105u    /* preamble of 7 bytes, nibbles (MII), pad and check sequence, full duplex */
#define FIFO_ENABLE 0x1f00u /* of FIFO_CFG0: all five parts; bits 16 to 20 answer */
#define FIFO_ENABLED 0x1f0000u
#define DROP_MULTICAST 0x100u /* of FIFO_CFG4: drop what has this bit, unless FIFO_CFG5 says not to look */
#define LOOK_AT_NONE 0x3ffffu
#define DMA_ENABLE 1u
#define RX_RECEIVED 0x1u /* of RX_STATUS; writing it counts one frame down */
#define RX_OVERFLOW 0x4u
#define TX_SENT 0x1u /* of TX_STATUS */
#define TX_UNDERRUN 0x2u
#define IRQ_RX 0x50u      /* received, and overflow */
#define EMPTY 0x80000000u /* of a descriptor's size: the memory is the controller's to fill, or was sent */
#define SIZE 0x7ffu
#define RING 4 /* received frames that may wait: 1.5 KB each */
#define BUFFER 1536

struct descriptor {
    volatile uint32_t address;
    volatile uint32_t size;
    volatile uint32_t next;
};

static struct descriptor rx_ring[RING], tx_one;
static uint8_t rx_buffers[RING][BUFFER] __attribute__((aligned(4)));
static uint8_t tx_buffer[BUFFER] __attribute__((aligned(4)));
static unsigned current;     /* the ring's next frame */
static const uint8_t *reads; /* the rest of the current frame */
static size_t tx_len;
static uint32_t lost;

/* The controller reads and writes memory behind the compiler's back. */
static void memory_barrier(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static uint32_t bus_address(const volatile void *p) {
    return (uint32_t)(uintptr_t)p;
}

/* --- the PHY ------------------------------------------------------------------------------------------------ */

#define PHY_STATUS 1u
#define PHY_LINK 0x4u

static uint32_t phy_get(const struct lk_nic *nic, unsigned at) {
    lk_nic_put(nic, MII_ADDRESS, nic->phy << 8 | at);
    lk_nic_put(nic, MII_COMMAND, 0);
    lk_nic_put(nic, MII_COMMAND, 1);
    (void)lk_nic_settles(nic, MII_INDICATORS, 1, 0);
    lk_nic_put(nic, MII_COMMAND, 0);
    return lk_nic_get(nic, MII_STATUS);
}

static bool link_up(const struct lk_nic *nic) {
    /* The bit stays down until it was read after a break: the second look counts. */
    (void)phy_get(nic, PHY_STATUS);
    return (phy_get(nic, PHY_STATUS) & PHY_LINK) != 0;
}

/* --- start -------------------------------------------------------------------------------------------------- */

/* Switching the receiver on makes it begin at RX_DESCRIPTOR: never done while it runs. */
static void receiver_on(const struct lk_nic *nic) {
    lk_nic_put(nic, RX_DESCRIPTOR, bus_address(&rx_ring[current]));
    memory_barrier();
    lk_nic_put(nic, RX_CONTROL, DMA_ENABLE);
}

static int start(const struct lk_nic *nic, const uint8_t mac[6], bool multicast) {
    lk_nic_put(nic, RX_CONTROL, 0);
    lk_nic_put(nic, TX_CONTROL, 0);
    lk_nic_put(nic, CFG1, CFG1_RESET);
    lk_nic_put(nic, CFG1, 0);
    lk_nic_put(nic, FIFO_CFG0, FIFO_ENABLE);
    if (!lk_nic_settles(nic, FIFO_CFG0, FIFO_ENABLED, FIFO_ENABLED)) {
        return LK_ERR_IO;
    }
    lk_nic_put(nic, CFG2, CFG2_RUN);
    lk_nic_put(nic, MAX_FRAME, BUFFER);
    lk_nic_put(nic, FIFO_CFG4, multicast ? 0 : DROP_MULTICAST);
    lk_nic_put(nic, FIFO_CFG5, multicast ? LOOK_AT_NONE : LOOK_AT_NONE & ~DROP_MULTICAST);
    lk_nic_put(nic, STATION1,
               (uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 | (uint32_t)mac[3]);
    lk_nic_put(nic, STATION2, (uint32_t)mac[4] << 24 | (uint32_t)mac[5] << 16);
    lk_nic_put(nic, DMA_IRQ_MASK, 0);
    for (unsigned i = 0; i < RING; i++) {
        rx_ring[i].address = bus_address(rx_buffers[i]);
        rx_ring[i].size = EMPTY;
        rx_ring[i].next = bus_address(&rx_ring[(i + 1) % RING]);
    }
    tx_one.address = bus_address(tx_buffer);
    tx_one.size = EMPTY;
    tx_one.next = bus_address(&tx_one);
    current = 0;
    lost = 0;
    lk_nic_put(nic, CFG1, CFG1_RUN);
    receiver_on(nic);
    return 0;
}

/* --- receiving ----------------------------------------------------------------------------------------------- */

static void receive_end(const struct lk_nic *nic) {
    memory_barrier();
    rx_ring[current].size = EMPTY;
    lk_nic_put(nic, RX_STATUS, RX_RECEIVED);
    current = (current + 1) % RING;
}

static size_t receive_begin(const struct lk_nic *nic) {
    for (;;) {
        uint32_t size = rx_ring[current].size;
        if ((size & EMPTY) == 0) {
            size_t len = size & SIZE;
            memory_barrier();
            if (len >= 14 && len <= LK_FRAME_MAX) {
                reads = rx_buffers[current];
                return len;
            }
            receive_end(nic);
        } else if ((lk_nic_get(nic, RX_STATUS) & RX_OVERFLOW) != 0) {
            /* The ring was full, and the receiver stopped. It is empty now: on from here. */
            lost++;
            lk_nic_put(nic, RX_STATUS, RX_OVERFLOW);
            receiver_on(nic);
        } else {
            return 0;
        }
    }
}

static void receive_copy(const struct lk_nic *nic, void *out, size_t len) {
    (void)nic;
    memcpy(out, reads, len);
    reads += len;
}

/* --- sending ------------------------------------------------------------------------------------------------- */

static bool send_begin(const struct lk_nic *nic, size_t len) {
    /* A frame takes 120 µs at 100 Mbit/s; the one before has mostly left. */
    if (!lk_nic_settles(nic, TX_CONTROL, DMA_ENABLE, 0)) {
        return false;
    }
    if ((lk_nic_get(nic, TX_STATUS) & TX_SENT) != 0) {
        lk_nic_put(nic, TX_STATUS, TX_SENT);
    }
    lk_nic_put(nic, TX_STATUS, TX_UNDERRUN);
    tx_len = 0;
    (void)len;
    return true;
}

static void send_copy(const struct lk_nic *nic, const void *data, size_t len) {
    (void)nic;
    memcpy(tx_buffer + tx_len, data, len);
    tx_len += len;
}

static void send_end(const struct lk_nic *nic) {
    memory_barrier();
    tx_one.size = (uint32_t)tx_len;
    lk_nic_put(nic, TX_DESCRIPTOR, bus_address(&tx_one));
    memory_barrier();
    lk_nic_put(nic, TX_CONTROL, DMA_ENABLE);
}

/* --- interrupts ---------------------------------------------------------------------------------------------- */

static void interrupt_on(const struct lk_nic *nic) {
    lk_nic_put(nic, DMA_IRQ_MASK, IRQ_RX);
}

static void interrupt_off(const struct lk_nic *nic) {
    lk_nic_put(nic, DMA_IRQ_MASK, 0);
}

static uint32_t overruns(const struct lk_nic *nic) {
    (void)nic;
    return lost;
}

const struct lk_nic_driver lk_msf2_mac = {
    .start = start,
    .link_up = link_up,
    .receive_begin = receive_begin,
    .receive_copy = receive_copy,
    .receive_end = receive_end,
    .send_begin = send_begin,
    .send_copy = send_copy,
    .send_end = send_end,
    .interrupt_on = interrupt_on,
    .interrupt_off = interrupt_off,
    .overruns = overruns,
};
