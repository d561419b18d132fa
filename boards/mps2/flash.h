/*
 * The MPS2 board has no flash that a program may write. Its 16 MB of PSRAM stand for a NOR chip: in QEMU a file
 * makes them last (-machine memory-backend=), and a kill of QEMU is a power cut in the middle of a word's write.
 */
#ifndef LK_BOARDS_MPS2_FLASH_H
#define LK_BOARDS_MPS2_FLASH_H

#include "rtos/storage/flash.h"

/* A torn log is moved at the next start, which erases a whole bank first: no larger than it needs to be. */
#define LK_MPS2_BANK (2U << 20)

int lk_mps2_flash_read(void *context, uint32_t address, void *out, size_t len);
int lk_mps2_flash_program(void *context, uint32_t address, const void *data, size_t len);
int lk_mps2_flash_erase(void *context, uint32_t address);

/* A struct lk_flash in the PSRAM at this address. */
#define LK_MPS2_FLASH(psram)                                                                                 \
    {                                                                                                        \
        .erase_size = 4096, .program_unit = 4, .program_max = 256, .bank = {0, LK_MPS2_BANK},                \
        .bank_size = LK_MPS2_BANK, .context = (void *)(psram), .read = lk_mps2_flash_read,                   \
        .program = lk_mps2_flash_program, .erase = lk_mps2_flash_erase                                       \
    }

#endif
