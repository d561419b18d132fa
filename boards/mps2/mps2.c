#include "mps2/mps2.h"

#include <string.h>

#include "rtos/kernel/cpu_armv7m.h"

/* The CMSDK's UART (Cortex-M System Design Kit, DDI 0479). */
#define UART_DATA LK_REGISTER(0x40004000U)
#define UART_STATE LK_REGISTER(0x40004004U)
#define UART_CTRL LK_REGISTER(0x40004008U)
#define UART_BAUDDIV LK_REGISTER(0x40004010U)
#define UART_STATE_TX_FULL 1U
#define UART_STATE_RX_FULL 2U
#define UART_BAUD 115200U

/* The CMSDK's watchdog: the first time that it runs out it raises the NMI, the second time it resets. */
#define WATCHDOG_LOAD LK_REGISTER(0x40008000U)
#define WATCHDOG_CONTROL LK_REGISTER(0x40008008U)
#define WATCHDOG_CLEAR LK_REGISTER(0x4000800CU)
#define WATCHDOG_LOCK LK_REGISTER(0x40008C00U)
#define WATCHDOG_KEY 0x1ACCE551U
/* Long, because an emulator on a busy machine may itself not run for seconds. */
#define WATCHDOG_SECONDS 30U

void lk_mps2_watchdog_kick(void) {
    WATCHDOG_LOCK = WATCHDOG_KEY;
    WATCHDOG_CLEAR = 1;
    WATCHDOG_LOCK = 0;
}

void lk_mps2_start(void) {
    WATCHDOG_LOCK = WATCHDOG_KEY;
    WATCHDOG_LOAD = WATCHDOG_SECONDS * LK_MPS2_HZ;
    WATCHDOG_CONTROL = 3;
    WATCHDOG_LOCK = 0;
    UART_BAUDDIV = LK_MPS2_HZ / UART_BAUD;
    UART_CTRL = 3; /* transmit and receive, no interrupts */
}

void lk_mps2_console_write(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        while (UART_STATE & UART_STATE_TX_FULL) {
        }
        UART_DATA = (uint8_t)text[i];
    }
}

int lk_mps2_console_read(void) {
    return UART_STATE & UART_STATE_RX_FULL ? (int)(UART_DATA & 0xFF) : -1;
}

/* The address that QEMU gives its first network interface. */
void lk_mps2_mac_address(uint8_t out[6]) {
    static const uint8_t address[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    memcpy(out, address, sizeof(address));
}

void lk_mps2_reset(void) {
    __asm volatile("dsb" : : : "memory");
    AIRCR = 0x05FA0004U;
    for (;;) {
    }
}
