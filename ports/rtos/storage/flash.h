/*
 * What the storage knows of a board's NOR flash: where it is, how it is erased and programmed, and three
 * functions of the driver. A board fills one of these (struct lk_board); ports/README.md says what a driver
 * must do, and which test proves it.
 *
 * The storage programs each unit at most once between two erases of its sector, in rising order within a
 * bank. That suits flash whose words may be written only once (STM32H7: 32 bytes) as well as flash that takes
 * single bytes (SPI NOR), so that no flag tells them apart.
 */
#ifndef LK_RTOS_STORAGE_FLASH_H
#define LK_RTOS_STORAGE_FLASH_H

#include <stddef.h>
#include <stdint.h>

/* The largest `program_max`. */
#define LK_FLASH_PROGRAM_MAX 256

/* Every address is an offset in bytes from the flash's own beginning. Erased bytes read 0xFF. */
struct lk_flash {
    uint32_t erase_size;   /* bytes of a sector: what one erase clears */
    uint32_t program_unit; /* bytes, a power of two: a program begins and ends on a multiple of it */
    uint32_t program_max; /* bytes of the longest program, a power of two, program_unit..LK_FLASH_PROGRAM_MAX;
                              no program crosses a multiple of it */
    uint32_t bank[2];     /* where each bank begins, a multiple of erase_size. Two sectors' runs of one chip,
                              or the two banks of a controller that reads one while it erases the other */
    uint32_t
        bank_size; /* bytes of each, a multiple of erase_size: at least one and a quarter times the map and 24 KB,
                              better eight times: a flash wears as often as a bank fills */
    uint32_t endurance; /* erases of a sector that the maker promises, 0: not known */
    void *context;      /* given back to each function */

    /*
     * The storage calls one function at a time, from a thread, and these may wait.
     *
     * read: 0, or LK_ERR_IO when the controller reports an error that it cannot correct. Never fewer bytes.
     * program: 0 when all is programmed; LK_ERR_READ_ONLY when the flash is locked; LK_ERR_IO. The storage
     *     reads back what it programmed.
     * erase: the sector at `address`. As program.
     */
    int (*read)(void *context, uint32_t address, void *out, size_t len);
    int (*program)(void *context, uint32_t address, const void *data, size_t len);
    int (*erase)(void *context, uint32_t address);
};

#endif
