#include "base/checksum.h"

#include <string.h>

#define START 0xCBF29CE484222325u
#define FACTOR 0x9E3779B97F4A7C15u /* odd, so that no step loses a difference that is there */

uint32_t lk_checksum(const void *data, size_t len) {
    const uint8_t *from = data;
    uint64_t sum = START ^ len;
    size_t i = 0;

    for (; len - i >= 8; i += 8) {
        sum = (sum ^ lk_load_le64(from + i)) * FACTOR;
    }
    if (i < len) {
        uint8_t rest[8] = {0};
        memcpy(rest, from + i, len - i);
        sum = (sum ^ lk_load_le64(rest)) * FACTOR;
    }
    return (uint32_t)(sum >> 32);
}
