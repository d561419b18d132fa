/*
 * The storage's checksum, eight bytes at a time: most of a cut's cost is this, and a board's table is made to
 * be small. It is held to the storage's own before the first use.
 */
#include "nor.h"
#include "rtos/storage/flog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t table[8][256];

uint32_t __real_lk_flog_crc(uint32_t crc, const void *data, size_t len);
uint32_t __wrap_lk_flog_crc(uint32_t crc, const void *data, size_t len);

static uint32_t fast(uint32_t crc, const uint8_t *from, size_t len) {
    for (; len >= 8; len -= 8, from += 8) {
        uint32_t low;
        uint32_t high;

        memcpy(&low, from, 4);
        memcpy(&high, from + 4, 4);
        low ^= crc;
        crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^
              table[4][low >> 24] ^ table[3][high & 255] ^ table[2][high >> 8 & 255] ^
              table[1][high >> 16 & 255] ^ table[0][high >> 24];
    }
    for (; len > 0; len--, from++) {
        crc = crc >> 8 ^ table[0][(crc ^ *from) & 255];
    }
    return crc;
}

static void make(void) {
    uint8_t bytes[100];
    uint64_t random = 1;

    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;

        table[0][i] = __real_lk_flog_crc(0, &byte, 1);
    }
    for (unsigned i = 0; i < 256 * 7; i++) {
        uint32_t before = table[i / 256][i % 256];

        table[i / 256 + 1][i % 256] = before >> 8 ^ table[0][before & 255];
    }
    for (size_t len = 0; len < sizeof(bytes); len++) {
        uint32_t begin = (uint32_t)next_random(&random);

        bytes[len] = (uint8_t)next_random(&random);
        if (fast(begin, bytes, len) != __real_lk_flog_crc(begin, bytes, len)) {
            printf("the fast checksum is wrong for %zu bytes\n", len);
            exit(1);
        }
    }
}

uint32_t __wrap_lk_flog_crc(uint32_t crc, const void *data, size_t len) {
    if (table[0][1] == 0) {
        make();
    }
    return fast(crc, data, len);
}
