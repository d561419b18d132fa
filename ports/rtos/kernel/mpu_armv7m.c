/*
 * The memory protection unit. The background map stays for everything privileged, which is all of us; regions
 * take away what nobody should do. Higher numbers win where regions overlap.
 */
#include "rtos/kernel/core.h"

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"

#define BOOT __attribute__((section(".boot")))

enum { REGION_RAM, REGION_NULL, REGION_BOARD, REGION_IRQ_STACK = 6, REGION_STACK };

#define NO_ACCESS MPU_RASR_XN
#define GUARD_LOG2 (31 - __builtin_clz(LK_STACK_GUARD))

extern char lk_irq_stack_guard[];

BOOT static void region(unsigned number, uint32_t base, unsigned size_log2, uint32_t attribute) {
    MPU_RBAR = base | MPU_RBAR_VALID | number;
    MPU_RASR = attribute | MPU_RASR_SIZE(size_log2) | MPU_RASR_ENABLE;
}

BOOT void lk_mpu_start(void) {
    if (MPU_TYPE == 0) {
        return; /* this chip was made without one: the switch still looks at the stack pointer */
    }
    region(REGION_RAM, 0x20000000U, 29, MPU_RASR_XN | MPU_RASR_AP_FULL | MPU_RASR_NORMAL);
    /* The vectors are read past the MPU, and by nobody else. */
    region(REGION_NULL, 0, 8, NO_ACCESS);
    for (size_t i = 0; i < lk_board.region_count; i++) {
        const struct lk_board_region *r = &lk_board.regions[i];
        region(REGION_BOARD + (unsigned)i, r->base, r->size_log2, r->attribute);
    }
    region(REGION_IRQ_STACK, (uint32_t)lk_irq_stack_guard, 5, NO_ACCESS);
    MPU_CTRL = 5; /* on, with the background map */
    __asm volatile("dsb\n isb" : : : "memory");
}

void lk_mpu_guard(uintptr_t address) {
    MPU_RBAR = (uint32_t)address | MPU_RBAR_VALID | REGION_STACK;
    MPU_RASR = NO_ACCESS | MPU_RASR_SIZE(GUARD_LOG2) | MPU_RASR_ENABLE;
}

void lk_mpu_set_guards(bool on) {
    for (uint32_t number = REGION_IRQ_STACK; number <= REGION_STACK; number++) {
        MPU_RNR = number;
        uint32_t region_attribute = MPU_RASR & ~MPU_RASR_ENABLE;
        MPU_RASR = on && region_attribute != 0 ? region_attribute | MPU_RASR_ENABLE : region_attribute;
    }
    __asm volatile("dsb\n isb" : : : "memory");
}
