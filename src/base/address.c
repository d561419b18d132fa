#include "base/err.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

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

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

int lk_address_parse(struct lk_str text, uint8_t address[16]) {
    char copy[LK_ADDRESS_TEXT_MAX + 1];
    uint8_t found[16];
    bool bracketed = text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']';
    text = bracketed ? lk_str_sub(text, 1, text.len - 2) : text;
    if (text.len == 0 || text.len >= sizeof(copy) || lk_str_find(text, '\0') < text.len) {
        return LK_ERR_INVALID;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    memcpy(found, mapped, sizeof(mapped));
    if ((bracketed || inet_pton(AF_INET, copy, found + sizeof(mapped)) != 1) &&
        inet_pton(AF_INET6, copy, found) != 1) {
        return LK_ERR_INVALID;
    }
    memcpy(address, found, sizeof(found));
    return 0;
}

int lk_network_parse(struct lk_str text, struct lk_network *network) {
    struct lk_network found;
    size_t slash = lk_str_find(text, '/');
    int err = lk_address_parse(lk_str_sub(text, 0, slash), found.address);
    if (err != 0) {
        return err;
    }
    bool v4 = lk_str_find(text, ':') == text.len;
    uint64_t bits = v4 ? 32 : 128;
    if (slash < text.len && lk_str_to_u64(lk_str_sub(text, slash + 1, text.len), bits, &bits) != 0) {
        return LK_ERR_INVALID;
    }
    found.bits = (uint8_t)(bits + (v4 ? 96 : 0));
    *network = found;
    return 0;
}

bool lk_network_has(const struct lk_network *network, const uint8_t address[16]) {
    size_t whole = network->bits / 8u;
    uint8_t mask = (uint8_t)(0xff00 >> network->bits % 8u);
    if (memcmp(network->address, address, whole) != 0) {
        return false;
    }
    return mask == 0 || ((network->address[whole] ^ address[whole]) & mask) == 0;
}
