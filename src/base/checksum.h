/*
 * A checksum against bits that a medium flips. It is no MAC: who can write the bytes can write their sum.
 */
#ifndef LK_BASE_CHECKSUM_H
#define LK_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#define LK_CHECKSUM_LEN 4

/* Eight bytes as one number, the first the lowest. Written so that it becomes one load where bytes are in that
   order. */
static inline uint64_t lk_load_le64(const void *data) {
    const uint8_t *b = data;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

/* The sum of `len` bytes as SPEC.md has it: a multiplication for eight of them, where a CRC takes a step for each. */
uint32_t lk_checksum(const void *data, size_t len);

#endif
