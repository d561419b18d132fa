/* Registers of ARMv7-M's private peripherals, by the names of the Architecture Reference Manual (DDI 0403E). */
#ifndef LK_KERNEL_CPU_ARMV7M_H
#define LK_KERNEL_CPU_ARMV7M_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_REGISTER(address) (*(volatile uint32_t *)(address))

#define SYST_CSR LK_REGISTER(0xE000E010U)
#define SYST_RVR LK_REGISTER(0xE000E014U)
#define SYST_CVR LK_REGISTER(0xE000E018U)
#define NVIC_ISER(n) LK_REGISTER(0xE000E100U + 4 * (n))
#define NVIC_ICER(n) LK_REGISTER(0xE000E180U + 4 * (n))
#define NVIC_IPR(irq) (*(volatile uint8_t *)(0xE000E400U + (irq)))
#define ICSR LK_REGISTER(0xE000ED04U)
#define VTOR LK_REGISTER(0xE000ED08U)
#define AIRCR LK_REGISTER(0xE000ED0CU)
#define CCR LK_REGISTER(0xE000ED14U)
#define SHPR(n) (*(volatile uint8_t *)(0xE000ED14U + (n))) /* exception n, 4..15 */
#define SHCSR LK_REGISTER(0xE000ED24U)
#define CFSR LK_REGISTER(0xE000ED28U)
#define HFSR LK_REGISTER(0xE000ED2CU)
#define MMFAR LK_REGISTER(0xE000ED34U)
#define BFAR LK_REGISTER(0xE000ED38U)
#define CPACR LK_REGISTER(0xE000ED88U)
#define MPU_TYPE LK_REGISTER(0xE000ED90U)
#define MPU_CTRL LK_REGISTER(0xE000ED94U)
#define MPU_RNR LK_REGISTER(0xE000ED98U)
#define MPU_RBAR LK_REGISTER(0xE000ED9CU)
#define MPU_RASR LK_REGISTER(0xE000EDA0U)

#define ICSR_PENDSVSET (1U << 28)
#define ICSR_PENDSTSET (1U << 26)
#define MPU_RBAR_VALID (1U << 4)
#define MPU_RASR_ENABLE 1U
#define MPU_RASR_SIZE(log2) (((uint32_t)(log2)-1) << 1)
#define MPU_RASR_XN (1U << 28)
#define MPU_RASR_AP_FULL (3U << 24)
#define MPU_RASR_AP_READ (6U << 24)
#define MPU_RASR_NORMAL (0x0BU << 16) /* TEX 1, C, B: normal memory, write back */

/* --- mpu_armv7m.c ----------------------------------------------------------------------------------------- */

/* Sets the regions that stay: no code in RAM, nothing at NULL, the guard of the interrupts' stack, the
   board's. Runs from .boot, before anything outside of it may. */
void lk_mpu_start(void);
/* Moves the guard of thread stacks to the LK_STACK_GUARD bytes at `address`. */
void lk_mpu_guard(uintptr_t address);
/* Takes the guards away, or puts them back: for the last words after a fault, and for a debugger, which looks at
   the beginning of a whole page. */
void lk_mpu_set_guards(bool on);

/* --- fault_armv7m.c --------------------------------------------------------------------------------------- */

/* The vector of every fault. */
void lk_fault(void);
/* Says that a thread's stack pointer is below its stack, and stops. */
struct lk_thread;
_Noreturn void lk_fault_overrun(const struct lk_thread *thread);

#endif
