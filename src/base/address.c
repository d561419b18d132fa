#include "base/text.h"

static uint16_t group(const uint8_t address[16], unsigned i) {
    return (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
}

static bool zeros(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The longest run of two or more zero groups, the first of equals; its length. */
static unsigned longest_run(const uint8_t address[16], unsigned *start) {
    unsigned best = 1;
    for (unsigned i = 0; i < 8; i++) {
        unsigned len = 0;
        while (i + len < 8 && group(address, i + len) == 0) {
            len++;
        }
        if (len > best) {
            best = len;
            *start = i;
        }
    }
    return best > 1 ? best : 0;
}

/* Without leading zeros. */
static void put_group(struct lk_buf *b, uint16_t v) {
    static const char digits[] = "0123456789abcdef";
    for (int shift = 12; shift >= 0; shift -= 4) {
        if (v >> shift != 0 || shift == 0) {
            lk_buf_put_char(b, digits[v >> shift & 15]);
        }
    }
}

static void put_v6(struct lk_buf *b, const uint8_t address[16]) {
    unsigned start = 0;
    unsigned run = longest_run(address, &start);
    for (unsigned i = 0; i < 8; i++) {
        if (run > 0 && i == start) {
            lk_buf_put_cstr(b, "::");
            i += run - 1;
        } else {
            if (i > 0 && !(run > 0 && i == start + run)) {
                lk_buf_put_char(b, ':');
            }
            put_group(b, group(address, i));
        }
    }
}

void lk_buf_put_address(struct lk_buf *b, const uint8_t address[16]) {
    if (zeros(address, 16)) {
        return;
    }
    if (!zeros(address, 10) || group(address, 5) != 0xFFFF) {
        put_v6(b, address);
        return;
    }
    for (unsigned i = 12; i < 16; i++) {
        lk_buf_put_cstr(b, i > 12 ? "." : "");
        lk_buf_put_u64(b, address[i]);
    }
}
