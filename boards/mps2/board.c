#include "rtos/board.h"
#include "mps2/flash.h"
#include "mps2/mps2.h"
#include "rtos/net/nic.h"
#include "semihosting/semihosting.h"

static const struct lk_flash flash = LK_MPS2_FLASH(LK_MPS2_PSRAM);
static const struct lk_nic nic = {.driver = &lk_lan9118, .base = LK_MPS2_ETHERNET, .irq = 13, .phy = 1};

const struct lk_board lk_board = {
    .name = LK_BOARD_NAME,
    .start = lk_mps2_start,
    .cpu_hz = LK_MPS2_HZ,
    .console_write = lk_mps2_console_write,
    .console_read = lk_mps2_console_read,
    .entropy = lk_semihosting_entropy,
    .flash = &flash,
    .nic = &nic,
    .mac_address = lk_mps2_mac_address,
    .watchdog_kick = lk_mps2_watchdog_kick,
    .stop = lk_semihosting_stop,
    .reset = lk_mps2_reset,
    .heap = {{lk_heap_start, lk_heap_end}},
};
