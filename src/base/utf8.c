#include "base/err.h"
#include "base/text.h"

int32_t lk_utf8_next(struct lk_str *s) {
    static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (s->len == 0) {
        return LK_ERR_INVALID;
    }
    uint8_t first = (uint8_t)s->ptr[0];
    size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || more >= s->len) {
        return LK_ERR_INVALID;
    }
    int32_t point = more == 0 ? first : first & (0x3f >> more);
    for (size_t i = 1; i <= more; i++) {
        uint8_t next = (uint8_t)s->ptr[i];
        if ((next & 0xc0) != 0x80) {
            return LK_ERR_INVALID;
        }
        point = point << 6 | (next & 0x3f);
    }
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        return LK_ERR_INVALID;
    }
    s->ptr += more + 1;
    s->len -= more + 1;
    return point;
}

bool lk_is_ascii(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if ((uint8_t)s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

bool lk_utf8_valid(struct lk_str s) {
    while (s.len > 0) {
        if (lk_utf8_next(&s) < 0) {
            return false;
        }
    }
    return true;
}

size_t lk_utf8_length(struct lk_str s) {
    size_t points = 0;
    for (size_t i = 0; i < s.len; i++) {
        points += ((uint8_t)s.ptr[i] & 0xc0) != 0x80;
    }
    return points;
}
