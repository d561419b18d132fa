/*
 * SMSC LAN9118: two FIFOs behind a window of registers. A received frame is a word of status and its bytes
 * in words; a frame is sent as two words of command and its bytes in words.
 */
#include "base/err.h"
#include "rtos/net/nic.h"
#include "rtos/net/registers.h"

#include <string.h>

enum {
    RX_DATA = 0x00,
    TX_DATA = 0x20,
    RX_STATUS = 0x40,
    TX_STATUS = 0x48,
    ID_REV = 0x50,
    IRQ_CFG = 0x54,
    INT_STS = 0x58,
    INT_EN = 0x5c,
    BYTE_TEST = 0x64,
    FIFO_INT = 0x68,
    RX_CFG = 0x6c,
    TX_CFG = 0x70,
    HW_CFG = 0x74,
    RX_FIFO_INF = 0x7c,
    TX_FIFO_INF = 0x80,
    RX_DROP = 0xa0,
    MAC_CSR_CMD = 0xa4,
    MAC_CSR_DATA = 0xa8,
    AFC_CFG = 0xac
};

/* Behind MAC_CSR_CMD. */
enum { MAC_CR = 1, MAC_ADDRH = 2, MAC_ADDRL = 3, MAC_MII_ACC = 6, MAC_MII_DATA = 7 };
enum { MAC_CR_RXEN = 1 << 2, MAC_CR_TXEN = 1 << 3, MAC_CR_MCPAS = 1 << 19, MAC_CR_FDPX = 1 << 20 };

#define BYTES 0x87654321u    /* what BYTE_TEST reads */
#define CSR_BUSY 0x80000000u /* also of MAC_CSR_CMD; bit 30 reads */
#define CSR_READ 0x40000000u
#define RESET 1u         /* of HW_CFG */
#define IRQ_ON 0x111u    /* enabled, active high, push-pull: it comes out of reset active low */
#define INT_RX 0x8u      /* the status FIFO holds more words than FIFO_INT says */
#define RX_DUMP 0x8000u  /* of RX_CFG */
#define RX_BAD 0x8000u   /* of a frame's status: the sum of all errors */
#define TX_ON 2u         /* of TX_CFG */
#define TX_DUMP 0xc000u  /* of TX_CFG: both FIFOs */
#define TX_WHOLE 0x3000u /* of a frame's first command: first and last piece */
#define PHY_ID 1u        /* the internal PHY's address */

/* A current frame, in either direction: what is left of it, and the word that its bytes come from or go to. */
static struct {
    size_t left; /* bytes of the frame and, receiving, of its check sequence and padding */
    uint32_t word;
    unsigned used; /* bytes of `word` */
} rx, tx;
static uint32_t lost;

static void mac_put(const struct lk_nic *nic, unsigned at, uint32_t value) {
    lk_nic_put(nic, MAC_CSR_DATA, value);
    lk_nic_put(nic, MAC_CSR_CMD, CSR_BUSY | at);
    (void)lk_nic_settles(nic, MAC_CSR_CMD, CSR_BUSY, 0);
}

static uint32_t mac_get(const struct lk_nic *nic, unsigned at) {
    lk_nic_put(nic, MAC_CSR_CMD, CSR_BUSY | CSR_READ | at);
    (void)lk_nic_settles(nic, MAC_CSR_CMD, CSR_BUSY, 0);
    return lk_nic_get(nic, MAC_CSR_DATA);
}

/* --- the PHY ------------------------------------------------------------------------------------------------ */

#define PHY_CONTROL 0u
#define PHY_STATUS 1u
#define PHY_AUTO 0x1200u /* of PHY_CONTROL: negotiate, now */
#define PHY_LINK 0x0004u /* of PHY_STATUS */
#define MII_BUSY 1u      /* of MAC_MII_ACC */
#define MII_WRITE 2u

static void phy_access(const struct lk_nic *nic, unsigned at, uint32_t write) {
    mac_put(nic, MAC_MII_ACC, PHY_ID << 11 | at << 6 | write | MII_BUSY);
    for (int i = 0; i < LK_NIC_SPINS && (mac_get(nic, MAC_MII_ACC) & MII_BUSY) != 0; i++) {
    }
}

static bool link_up(const struct lk_nic *nic) {
    /* The bit stays down until it was read after a break: the second look counts. */
    phy_access(nic, PHY_STATUS, 0);
    phy_access(nic, PHY_STATUS, 0);
    return (mac_get(nic, MAC_MII_DATA) & PHY_LINK) != 0;
}

/* --- start -------------------------------------------------------------------------------------------------- */

static int start(const struct lk_nic *nic, const uint8_t mac[6], bool multicast) {
    if (!lk_nic_settles(nic, BYTE_TEST, UINT32_MAX, BYTES)) {
        return LK_ERR_IO;
    }
    lk_nic_put(nic, HW_CFG, RESET);
    if (!lk_nic_settles(nic, HW_CFG, RESET, 0)) {
        return LK_ERR_IO;
    }
    lk_nic_put(nic, HW_CFG, 0x150000);    /* store and forward; 5 KB of the memory to send from */
    lk_nic_put(nic, AFC_CFG, 0x006e3740); /* pause frames from 14 KB on, as the data sheet has them */
    lk_nic_put(nic, INT_EN, 0);
    lk_nic_put(nic, INT_STS, UINT32_MAX);
    lk_nic_put(nic, IRQ_CFG, IRQ_ON);
    lk_nic_put(nic, FIFO_INT, 0x48000000); /* from the first received frame on */
    lk_nic_put(nic, RX_CFG, 0);
    lk_nic_put(nic, TX_CFG, TX_DUMP);
    lk_nic_put(nic, TX_CFG, TX_ON);
    mac_put(nic, MAC_ADDRL,
            (uint32_t)mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24);
    mac_put(nic, MAC_ADDRH, (uint32_t)mac[4] | (uint32_t)mac[5] << 8);
    mac_put(nic, MAC_MII_DATA, PHY_AUTO);
    phy_access(nic, PHY_CONTROL, MII_WRITE);
    mac_put(nic, MAC_CR, MAC_CR_FDPX | MAC_CR_RXEN | MAC_CR_TXEN | (multicast ? MAC_CR_MCPAS : 0));
    memset(&rx, 0, sizeof(rx));
    memset(&tx, 0, sizeof(tx));
    lost = 0;
    return 0;
}

/* --- receiving ----------------------------------------------------------------------------------------------- */

/* Both FIFOs are emptied when they disagree; the receiver stands still meanwhile. */
static void resynchronise(const struct lk_nic *nic) {
    uint32_t control = mac_get(nic, MAC_CR);

    mac_put(nic, MAC_CR, control & ~(uint32_t)MAC_CR_RXEN);
    lk_nic_put(nic, RX_CFG, RX_DUMP);
    (void)lk_nic_settles(nic, RX_CFG, RX_DUMP, 0);
    lk_nic_put(nic, RX_CFG, 0);
    mac_put(nic, MAC_CR, control);
    lost++;
}

/* Frames are left by reading them: the controller's fast forward asks for four words at least. */
static void receive_end(const struct lk_nic *nic) {
    /* The words in the FIFO are those of the frame: one that was begun is in `word` already. */
    size_t words = (rx.left - rx.used + 3) / 4;

    while (words > 0) {
        (void)lk_nic_get(nic, RX_DATA);
        words--;
    }
    memset(&rx, 0, sizeof(rx));
}

static size_t receive_begin(const struct lk_nic *nic) {
    lk_nic_put(nic, INT_STS, INT_RX); /* before the look, so that a frame after it interrupts again */
    while ((lk_nic_get(nic, RX_FIFO_INF) >> 16 & 0xff) != 0) {
        uint32_t status = lk_nic_get(nic, RX_STATUS);
        size_t len = status >> 16 & 0x3fff;
        if (len == 0 || len > 2048) {
            resynchronise(nic);
            continue;
        }
        rx.left = len;
        rx.used = 0;
        if ((status & RX_BAD) == 0 && len >= 14 + 4 && len <= LK_FRAME_MAX + 4) {
            return len - 4;
        }
        receive_end(nic);
    }
    return 0;
}

static void receive_copy(const struct lk_nic *nic, void *out, size_t len) {
    uint8_t *to = out;

    rx.left -= len;
    while (len > 0) {
        if (rx.used == 0) {
            rx.word = lk_nic_get(nic, RX_DATA);
            rx.used = 4;
            if (len >= 4) {
                memcpy(to, &rx.word, 4);
                to += 4;
                len -= 4;
                rx.used = 0;
                continue;
            }
        }
        *to++ = (uint8_t)rx.word;
        rx.word >>= 8;
        rx.used--;
        len--;
    }
}

/* --- sending ------------------------------------------------------------------------------------------------- */

static bool send_begin(const struct lk_nic *nic, size_t len) {
    /* What became of earlier frames is not asked, but the FIFO of their statuses must not fill. */
    while ((lk_nic_get(nic, TX_FIFO_INF) >> 16 & 0xff) != 0) {
        (void)lk_nic_get(nic, TX_STATUS);
    }
    for (int i = 0; (lk_nic_get(nic, TX_FIFO_INF) & 0xffff) < len + 16; i++) {
        if (i == LK_NIC_SPINS) {
            return false;
        }
    }
    lk_nic_put(nic, TX_DATA, TX_WHOLE | (uint32_t)len);
    lk_nic_put(nic, TX_DATA, (uint32_t)len);
    tx.used = 0;
    tx.word = 0;
    return true;
}

static void send_copy(const struct lk_nic *nic, const void *data, size_t len) {
    const uint8_t *from = data;

    while (len > 0) {
        if (tx.used == 0 && len >= 4) {
            uint32_t word;
            memcpy(&word, from, 4);
            lk_nic_put(nic, TX_DATA, word);
            from += 4;
            len -= 4;
            continue;
        }
        tx.word |= (uint32_t)*from++ << (8 * tx.used);
        len--;
        if (++tx.used == 4) {
            lk_nic_put(nic, TX_DATA, tx.word);
            tx.used = 0;
            tx.word = 0;
        }
    }
}

static void send_end(const struct lk_nic *nic) {
    if (tx.used > 0) {
        lk_nic_put(nic, TX_DATA, tx.word);
        tx.used = 0;
    }
}

/* --- interrupts ---------------------------------------------------------------------------------------------- */

static void interrupt_on(const struct lk_nic *nic) {
    lk_nic_put(nic, INT_EN, INT_RX);
}

static void interrupt_off(const struct lk_nic *nic) {
    lk_nic_put(nic, INT_EN, 0);
}

static uint32_t overruns(const struct lk_nic *nic) {
    return lost + lk_nic_get(nic, RX_DROP);
}

const struct lk_nic_driver lk_lan9118 = {
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
