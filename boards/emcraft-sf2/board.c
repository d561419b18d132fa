#include <string.h>

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"
#include "rtos/net/nic.h"
#include "rtos/storage/flash.h"
#include "semihosting/semihosting.h"
#include "spi.h"
#include "spi_nor/spi_nor.h"

/* MMUART_0 of the microcontroller subsystem, which is a 16550 (SmartFusion2 MSS user guide, UG0331). */
#define UART_DATA LK_REGISTER(0x40000000U)
#define UART_LINE_STATUS LK_REGISTER(0x40000014U)
#define UART_RECEIVED 1U
#define UART_SEND_EMPTY (1U << 5)

static void console_write(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        while (!(UART_LINE_STATUS & UART_SEND_EMPTY)) {
        }
        UART_DATA = (uint8_t)text[i];
    }
}

static int console_read(void) {
    return UART_LINE_STATUS & UART_RECEIVED ? (int)(UART_DATA & 0xFF) : -1;
}

/* The address that QEMU gives its first network interface. */
static void mac_address(uint8_t out[6]) {
    static const uint8_t address[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    memcpy(out, address, sizeof(address));
}

static void reset(void) {
    __asm volatile("dsb" : : : "memory");
    AIRCR = 0x05FA0004U;
    for (;;) {
    }
}

/* A Spansion S25FL128S at SPI 0, 16 MB. */
static struct lk_spi_nor nor = {.transfer = lk_sf2_spi_transfer};
static const struct lk_flash flash = {
    .erase_size = LK_SPI_NOR_SECTOR,
    .program_unit = 1,
    .program_max = LK_SPI_NOR_PAGE,
    /* A torn log is moved at the next start, which erases a whole bank first: no larger than it needs to be. */
    .bank = {0, 2U << 20},
    .bank_size = 2U << 20,
    .endurance = 100000,
    .context = &nor,
    .read = lk_spi_nor_read,
    .program = lk_spi_nor_program,
    .erase = lk_spi_nor_erase,
};

/* The DDR is in a part of the map that ARMv7-M takes for devices: data, and in its first 4 MB code. */
static const struct lk_board_region regions[] = {
    {0xA0000000U, 26, MPU_RASR_XN | MPU_RASR_AP_FULL | MPU_RASR_NORMAL},
    {0xA0000000U, 22, MPU_RASR_AP_READ | MPU_RASR_NORMAL},
};

static const struct lk_nic nic = {.driver = &lk_msf2_mac, .base = 0x40041000, .irq = 12, .phy = 1};

const struct lk_board lk_board = {
    .name = "emcraft-sf2",
    .start = lk_sf2_spi_start,
    .cpu_hz = 142000000,
    .console_write = console_write,
    .console_read = console_read,
    .entropy = lk_semihosting_entropy,
    .flash = &flash,
    .nic = &nic,
    .mac_address = mac_address,
    .stop = lk_semihosting_stop,
    .reset = reset,
    .heap = {{lk_heap_start, lk_heap_end}},
    .regions = regions,
    .region_count = sizeof(regions) / sizeof(regions[0]),
};
