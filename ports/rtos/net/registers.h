/* How drivers reach a controller's registers. The unit tests of drivers put a model of one here. */
#ifndef LK_NET_REGISTERS_H
#define LK_NET_REGISTERS_H

#include <stdint.h>

#ifdef LK_REGISTER_MODEL
uint32_t lk_register_read(uintptr_t address);
void lk_register_write(uintptr_t address, uint32_t value);
#else
static inline uint32_t lk_register_read(uintptr_t address) {
    return *(volatile uint32_t *)address;
}
static inline void lk_register_write(uintptr_t address, uint32_t value) {
    *(volatile uint32_t *)address = value;
}
#endif

#endif
