/*
 * The only thing that the port knows of a board: each folder of boards/ defines one `lk_board`. Numbers that
 * the compiler needs (LK_BOARD_IRQS and the options of options.h) stand in the board's board.h, which is
 * included before every source.
 */
#ifndef LK_RTOS_BOARD_H
#define LK_RTOS_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_flash;
struct lk_nic;

/* A region of the MPU beyond those that the port sets itself. */
struct lk_board_region {
    uint32_t base;      /* a multiple of the size */
    uint8_t size_log2;  /* 5..32 */
    uint32_t attribute; /* the RASR register's XN, AP, TEX, S, C and B */
};

struct lk_board {
    /* [a-z0-9-] */
    const char *name;

    /* Clocks, pins, memory controllers: the first thing after .data and .bss are there. Before the kernel,
       with interrupts locked. NULL: nothing. */
    void (*start)(void);

    /* The clock of the processor and of its SysTick, in Hz. */
    uint32_t cpu_hz;

    /* Writes to the console and waits until it is out (a fault handler prints with it). */
    void (*console_write)(const char *text, size_t len);
    /* A byte that was typed, or -1. Never waits. */
    int (*console_read)(void);

    /* Fills `out` with `len` (1..256) bytes fit for keys. Returns 0 or LK_ERR_ENTROPY. NULL: the board has
       none, and lives on a provisioned seed or does not start. */
    int (*entropy)(void *out, size_t len);

    /* Where the store lives; NULL: the board cannot keep anything. ports/rtos/storage/flash.h */
    const struct lk_flash *flash;

    /* The network interface. ports/rtos/net/nic.h */
    const struct lk_nic *nic;
    /* Its address: unique and steady. */
    void (*mac_address)(uint8_t out[6]);

    /* Called four times a second while all is well; NULL: no watchdog. It must bear two seconds without. One
       that can, raises the NMI before it resets: the fault handler then says what hung. */
    void (*watchdog_kick)(void);

    /* Whether the button for a factory reset is down: held through the first seconds, it wipes the board. NULL:
       no button. */
    bool (*reset_button)(void);

    /* Ends after a fatal fault, whose message is on the console: a reset on hardware, the end of the emulator
       with exit status `code` in QEMU. Does not return. */
    void (*stop)(int code);
    /* Starts the board anew. Does not return. */
    void (*reset)(void);

    /* Memory for the heap, in the order of use. The port's linker scripts give lk_heap_start, lk_heap_end. */
    struct {
        char *start, *end;
    } heap[2];

    /* What the MPU shall know beyond the port's own: at most four. */
    const struct lk_board_region *regions;
    size_t region_count;
};

extern const struct lk_board lk_board;

/* From the linker script: what is left of the RAM. */
extern char lk_heap_start[], lk_heap_end[];

#endif
