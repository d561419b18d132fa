/*
 * A port without fast rounds, linked before the platform's own, so that wolfCrypt's rounds are tested on any
 * machine.
 */
#include "port.h"

bool lk_port_pbkdf2_sha256_rounds(const uint32_t inner[8], const uint32_t outer[8], const uint32_t u1[8],
                                  uint32_t iterations, uint32_t t[8]) {
    (void)inner;
    (void)outer;
    (void)u1;
    (void)iterations;
    (void)t;
    return false;
}
