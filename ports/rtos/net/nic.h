/*
 * What a driver of an Ethernet controller is. Drivers know nothing of lwIP and have no thread of their own:
 * ethernet.c calls one function at a time (under lwIP's lock, from any thread) and moves frames between the
 * controller and lwIP's buffers in pieces. To write one, read lan9118.c (a FIFO) or msf2_mac.c (descriptors),
 * and "A new network controller" in ports/README.md.
 */
#ifndef LK_NET_NIC_H
#define LK_NET_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest frame: addresses, type and 1500 bytes, without the check sequence. */
#define LK_FRAME_MAX 1514u

struct lk_nic;

struct lk_nic_driver {
    /*
     * Resets the controller and lets it run with this address, taking in broadcasts and, if asked, all
     * multicasts. Its interrupt for received frames is left off. Returns 0, or LK_ERR_IO when there is no
     * such controller or it does not answer.
     */
    int (*start)(const struct lk_nic *nic, const uint8_t mac[6], bool multicast);

    /* Whether the cable leads to something. May take some 100 µs; called about once a second. */
    bool (*link_up)(const struct lk_nic *nic);

    /*
     * Looks for a received frame and makes the first one current. Frames with errors are dropped on the way.
     * An overflow is noticed here, counted, and mended: afterwards frames come in again. Returns the frame's
     * length, 14..LK_FRAME_MAX, without the check sequence; 0 when there is none.
     */
    size_t (*receive_begin)(const struct lk_nic *nic);
    /* The next `len` bytes of the current frame; in all calls together no more than its length. */
    void (*receive_copy)(const struct lk_nic *nic, void *out, size_t len);
    /* Ends with the current frame, whose rest is dropped. */
    void (*receive_end)(const struct lk_nic *nic);

    /* Makes room for a frame of `len` bytes, up to LK_FRAME_MAX. False when the controller has none now; it
       waits no longer than a frame takes. */
    bool (*send_begin)(const struct lk_nic *nic, size_t len);
    /* The next bytes of it; the pieces of all calls together are `len` bytes. */
    void (*send_copy)(const struct lk_nic *nic, const void *data, size_t len);
    /* Sends it; frames shorter than 60 bytes are padded by the controller or here. */
    void (*send_end)(const struct lk_nic *nic);

    /* Lets the controller interrupt when a frame comes in, or has come in since receive_begin said 0. */
    void (*interrupt_on)(const struct lk_nic *nic);
    /* Keeps it from doing so. Also called from its interrupt. */
    void (*interrupt_off)(const struct lk_nic *nic);

    /* Frames that were lost for want of room in the controller, since the start, as far as it tells. */
    uint32_t (*overruns)(const struct lk_nic *nic);
};

/* One controller of a board. */
struct lk_nic {
    const struct lk_nic_driver *driver;
    uintptr_t base; /* of its registers */
    unsigned irq;   /* line of the interrupt controller */
    unsigned phy;   /* address of the PHY, where the driver must know it */
};

extern const struct lk_nic_driver lk_lan9118;  /* SMSC LAN9118 and relatives, 32 bits wide */
extern const struct lk_nic_driver lk_msf2_mac; /* Microchip SmartFusion2's MAC */

#endif
