/*
 * What the flash holds, compared a piece at a time.
 */
#include "rtos/storage/flog.h"

#include <string.h>

/* A program of one byte may be torn in one bit, which reads as it likes: blank once, but hardly so often. */
#define LOOKS 24

static uint32_t piece_of(uint32_t left) {
    return left < LK_FLOG_PIECE ? left : LK_FLOG_PIECE;
}

bool lk_flog_holds(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len) {
    const uint8_t *want = data;
    uint8_t piece[LK_FLOG_PIECE];

    for (uint32_t n; len > 0; at += n, want += n, len -= n) {
        n = piece_of(len);
        if (lk_flog_read(l, bank, at, piece, n) != 0 || memcmp(piece, want, n) != 0) {
            return false;
        }
    }
    return true;
}

bool lk_flog_is_blank(struct lk_flog *l, unsigned bank, uint32_t at, uint32_t len) {
    uint8_t piece[LK_FLOG_PIECE];

    for (uint32_t n; len > 0; at += n, len -= n) {
        n = piece_of(len);
        if (lk_flog_read(l, bank, at, piece, n) != 0) {
            return false;
        }
        if (piece[0] != 0xFF || memcmp(piece, piece + 1, n - 1) != 0) {
            return false;
        }
    }
    return true;
}

bool lk_flog_is_clean(struct lk_flog *l, uint32_t end, bool clean) {
    uint32_t left = l->flash->bank_size - end;
    uint32_t near = left < l->flash->program_max ? left : l->flash->program_max;

    for (unsigned i = 0; clean && i < LOOKS; i++) {
        clean = lk_flog_is_blank(l, l->bank, end, near);
    }
    return clean;
}
