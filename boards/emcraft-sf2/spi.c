#include "spi.h"

#include "rtos/kernel/cpu_armv7m.h"

#define SPI_CONTROL LK_REGISTER(0x40001000U)
#define SPI_FRAME_SIZE LK_REGISTER(0x40001004U)
#define SPI_STATUS LK_REGISTER(0x40001008U)
#define SPI_RECEIVE LK_REGISTER(0x40001010U)
#define SPI_SEND LK_REGISTER(0x40001014U)
#define SPI_CLOCK LK_REGISTER(0x40001018U)
#define SPI_SELECT LK_REGISTER(0x4000101CU)

#define CONTROL_ENABLE 1U
#define CONTROL_MASTER (1U << 1)
#define CONTROL_FRAMES(n) ((uint32_t)(n) << 8)
#define CONTROL_HOLD_SELECT (1U << 26) /* over all frames of the count */
#define CONTROL_BIG_FIFO (1U << 29)
#define STATUS_RECEIVE_EMPTY (1U << 6)

/* Frames of a byte that the big FIFO holds. */
#define FIFO 32

void lk_sf2_spi_start(void) {
    SPI_CONTROL = CONTROL_MASTER; /* out of reset, not enabled: the frame size may change */
    SPI_FRAME_SIZE = 8;
    SPI_CLOCK = 3;
    SPI_SELECT = 1;
}

void lk_sf2_spi_transfer(const uint8_t *command, size_t command_len, const uint8_t *send, uint8_t *receive,
                         size_t len) {
    size_t total = command_len + len;
    size_t sent = 0;
    SPI_CONTROL =
        CONTROL_MASTER | CONTROL_BIG_FIFO | CONTROL_HOLD_SELECT | CONTROL_FRAMES(total) | CONTROL_ENABLE;
    for (size_t received = 0; received < total;) {
        if (sent < total && sent - received < FIFO) {
            if (sent < command_len) {
                SPI_SEND = command[sent];
            } else {
                SPI_SEND = send != NULL ? send[sent - command_len] : 0;
            }
            sent++;
        }
        if (!(SPI_STATUS & STATUS_RECEIVE_EMPTY)) {
            uint8_t byte = (uint8_t)SPI_RECEIVE;
            if (receive != NULL && received >= command_len) {
                receive[received - command_len] = byte;
            }
            received++;
        }
    }
    SPI_CONTROL = CONTROL_MASTER;
}
