/*
 * A serial NOR chip with the commands that all makers share (JEDEC JESD216): 24-bit addresses, 64 KB sectors,
 * 256-byte pages. A board gives the transfer; the functions are those of struct lk_flash, whose context is a
 * struct lk_spi_nor.
 */
#ifndef LK_BOARDS_SPI_NOR_H
#define LK_BOARDS_SPI_NOR_H

#include <stddef.h>
#include <stdint.h>

#define LK_SPI_NOR_SECTOR 65536U
#define LK_SPI_NOR_PAGE 256U

struct lk_spi_nor {
    /*
     * One selection of the chip: sends `command_len` (1..4) bytes, then `len` (0..65000) more from `send`, or
     * as many zeros if that is NULL; keeps what comes in meanwhile in `receive` unless that is NULL.
     */
    void (*transfer)(const uint8_t *command, size_t command_len, const uint8_t *send, uint8_t *receive,
                     size_t len);
};

int lk_spi_nor_read(void *context, uint32_t address, void *out, size_t len);
int lk_spi_nor_program(void *context, uint32_t address, const void *data, size_t len);
int lk_spi_nor_erase(void *context, uint32_t address);

#endif
