/*
 * CRC-32, a half byte at a time: a table of 64 bytes, and some ten instructions a byte.
 */
#include "base/buf.h"
#include "rtos/storage/flog.h"

static const uint32_t table[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t lk_flog_crc(uint32_t crc, const void *data, size_t len) {
    const uint8_t *from = data;

    for (size_t i = 0; i < len; i++) {
        crc ^= from[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

uint32_t lk_flog_crc_begin(uint32_t sequence, uint32_t at) {
    char bytes[8];
    struct lk_buf b;

    lk_buf_init(&b, bytes, sizeof(bytes));
    lk_buf_put_le32(&b, sequence);
    lk_buf_put_le32(&b, at);
    return lk_flog_crc(LK_FLOG_CRC, bytes, sizeof(bytes));
}

bool lk_flog_crc_good(uint32_t crc, uint32_t stored) {
    return stored == ~crc;
}
