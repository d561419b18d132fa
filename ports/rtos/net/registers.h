/* How drivers reach a controller's registers. The unit tests of drivers put a model of one here. */
#ifndef LK_NET_REGISTERS_H
#define LK_NET_REGISTERS_H

#include "rtos/net/nic.h"

#include <stdbool.h>
#include <stdint.h>

/* Looks at a register that is to change within microseconds. */
#define LK_NIC_SPINS 100000

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

/* The register of the controller that is `at` bytes from its base. */
static inline uint32_t lk_nic_get(const struct lk_nic *nic, unsigned at) {
    return lk_register_read(nic->base + at);
}

static inline void lk_nic_put(const struct lk_nic *nic, unsigned at, uint32_t value) {
    lk_register_write(nic->base + at, value);
}

/* Waits until `mask` of a register reads `value`; false when it does not. */
static inline bool lk_nic_settles(const struct lk_nic *nic, unsigned at, uint32_t mask, uint32_t value) {
    for (int i = 0; i < LK_NIC_SPINS; i++) {
        if ((lk_nic_get(nic, at) & mask) == value) {
            return true;
        }
    }
    return false;
}

#endif
