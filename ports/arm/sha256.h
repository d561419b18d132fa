/*
 * SHA-256's compression function (FIPS 180-4 §6.2.2) in Thumb-2 assembly, for a Cortex-M3, M4 or M7: a third
 * fewer instructions than wolfCrypt's C, which calls it too (ports/patches/wolfssl/0004).
 */
#ifndef LK_ARM_SHA256_H
#define LK_ARM_SHA256_H

#include <stdint.h>

/* out = the state after `state` has taken the block `w`. Words are integers; `out` may be `state` and may be
   `w`. Its time depends on nothing. */
void lk_sha256_compress(uint32_t out[8], const uint32_t state[8], const uint32_t w[16]);

#endif
