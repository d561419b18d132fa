/* PBKDF2's rounds on a Cortex-M, by the compression function in assembly. */
#include "arm/sha256.h"
#include "port.h"

#include <string.h>

bool lk_port_pbkdf2_sha256_rounds(const uint32_t inner[8], const uint32_t outer[8], const uint32_t u1[8],
                                  uint32_t iterations, uint32_t t[8]) {
    /* A hash of 32 bytes, and the padding of a message of 64 + 32. */
    uint32_t block[16] = {[8] = 0x80000000, [15] = (64 + 32) * 8};

    memcpy(block, u1, 32);
    memcpy(t, u1, 32);
    for (uint32_t i = 1; i < iterations; i++) {
        lk_sha256_compress(block, inner, block);
        lk_sha256_compress(block, outer, block);
        for (unsigned j = 0; j < 8; j++) {
            t[j] ^= block[j];
        }
    }
    return true;
}
