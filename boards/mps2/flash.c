#include "mps2/flash.h"

#include <string.h>

#include "base/err.h"

#define ERASE_SIZE 4096U

/* Memory holds the complement, so that a new one, all zeros, is an erased chip. */

int lk_mps2_flash_read(void *context, uint32_t address, void *out, size_t len) {
    const uint8_t *chip = (const uint8_t *)context + address;
    uint8_t *to = out;
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)~chip[i];
    }
    return LK_OK;
}

/* As NOR does: a program only ever clears bits. */
int lk_mps2_flash_program(void *context, uint32_t address, const void *data, size_t len) {
    volatile uint32_t *chip = (volatile uint32_t *)((uintptr_t)context + address);
    const uint8_t *from = data;
    for (size_t i = 0; i < len; i += sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, from + i, sizeof(word));
        chip[i / sizeof(word)] = chip[i / sizeof(word)] | ~word;
    }
    return LK_OK;
}

int lk_mps2_flash_erase(void *context, uint32_t address) {
    volatile uint32_t *chip = (volatile uint32_t *)((uintptr_t)context + address);
    for (size_t i = 0; i < ERASE_SIZE / sizeof(uint32_t); i++) {
        chip[i] = 0;
    }
    return LK_OK;
}
