#include "spi_nor/spi_nor.h"

#include <stdbool.h>

#include "base/err.h"
#include "rtos/kernel/kernel.h"

enum {
    PAGE_PROGRAM = 0x02,
    READ = 0x03,
    READ_STATUS = 0x05,
    WRITE_ENABLE = 0x06,
    SECTOR_ERASE = 0xD8,
};

#define STATUS_BUSY 0x01
#define STATUS_WRITE_ENABLED 0x02
#define STATUS_PROTECTED 0x1C /* block protection */
#define STATUS_FAILED 0x60    /* erase or program error, where the chip tells */

/* The slowest chips take 3 s for a sector. */
#define BUSY_MS 5000

static uint8_t status(const struct lk_spi_nor *nor) {
    static const uint8_t command[] = {READ_STATUS};
    uint8_t value = 0;
    nor->transfer(command, sizeof(command), NULL, &value, sizeof(value));
    return value;
}

static int wait_done(const struct lk_spi_nor *nor) {
    uint64_t end = lk_clock_deadline(BUSY_MS * 1000000ULL);
    /* A page takes less than a tick; a sector leaves the processor to others. */
    for (unsigned polls = 0; status(nor) & STATUS_BUSY; polls++) {
        if (lk_ticks() > end) {
            return LK_ERR_IO;
        }
        if (polls > 100) {
            lk_sleep_until(lk_ticks() + 1);
        }
    }
    return status(nor) & STATUS_FAILED ? LK_ERR_IO : LK_OK;
}

/* Sends a command that changes the chip, and waits until it has. */
static int change(const struct lk_spi_nor *nor, uint8_t code, uint32_t address, const uint8_t *data,
                  size_t len) {
    static const uint8_t enable[] = {WRITE_ENABLE};
    nor->transfer(enable, sizeof(enable), NULL, NULL, 0);
    uint8_t before = status(nor);
    if (!(before & STATUS_WRITE_ENABLED)) {
        return LK_ERR_IO; /* there is no chip, or it is busy for ever */
    }
    if (before & STATUS_PROTECTED) {
        return LK_ERR_READ_ONLY;
    }
    const uint8_t command[] = {code, (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    nor->transfer(command, sizeof(command), data, NULL, len);
    return wait_done(nor);
}

int lk_spi_nor_read(void *context, uint32_t address, void *out, size_t len) {
    const struct lk_spi_nor *nor = context;
    uint8_t *to = out;
    while (len > 0) {
        size_t part = len < LK_SPI_NOR_SECTOR / 2 ? len : LK_SPI_NOR_SECTOR / 2;
        const uint8_t command[] = {READ, (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
        nor->transfer(command, sizeof(command), NULL, to, part);
        to += part;
        address += (uint32_t)part;
        len -= part;
    }
    return LK_OK;
}

int lk_spi_nor_program(void *context, uint32_t address, const void *data, size_t len) {
    return change(context, PAGE_PROGRAM, address, data, len);
}

int lk_spi_nor_erase(void *context, uint32_t address) {
    return change(context, SECTOR_ERASE, address, NULL, 0);
}
