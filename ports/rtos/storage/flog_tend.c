/*
 * The bank that is not in use, and the work on it that is better done ahead of need.
 *
 * What reads blank after a start may have been erased only half: it is erased again, but only when a move comes
 * near, so that a device that is switched on and off does not wear its flash.
 */
#include "base/err.h"
#include "rtos/storage/flog.h"

int lk_flog_prepare(struct lk_flog *l, uint32_t sectors) {
    uint32_t count = l->flash->bank_size / l->flash->erase_size;
    unsigned bank = 1 - l->bank;

    if (l->idle == LK_FLOG_ERASED) {
        return 0;
    }
    if (l->idle != LK_FLOG_ERASING) {
        l->idle = LK_FLOG_ERASING;
        l->idle_sector = 0;
        l->erases[bank]++;
    }
    for (; l->idle_sector < count && sectors > 0; sectors--) {
        int rc = lk_flog_erase(l, bank, l->idle_sector);

        if (rc != 0) {
            return rc;
        }
        l->idle_sector++;
    }
    if (l->idle_sector == count) {
        l->idle = LK_FLOG_ERASED;
    }
    return 0;
}

/* Whether the next few commits may fill the bank, and a move gains something. */
static bool is_nearly_full(const struct lk_flog *l) {
    uint32_t room = l->flash->bank_size - l->start;
    uint32_t part = room / 8 > 16384 ? 16384 : room / 8;

    return l->torn || l->flash->bank_size - l->end < part;
}

/* Looks at a sector of the idle bank that was not looked at since the start. */
static void look_at_idle(struct lk_flog *l) {
    uint32_t size = l->flash->erase_size;

    if (!lk_flog_is_blank(l, 1 - l->bank, l->idle_sector * size, size)) {
        (void)lk_flog_prepare(l, 0);
        return;
    }
    l->idle_sector++;
    if (l->idle_sector == l->flash->bank_size / size) {
        l->idle = LK_FLOG_BLANK;
    }
}

int lk_flog_tend(struct lk_flog *l) {
    bool full = is_nearly_full(l);
    int rc = 0;

    if (l->error != 0 && l->error != LK_ERR_READ_ONLY) {
        return l->error;
    }
    switch (l->idle) {
    case LK_FLOG_UNKNOWN:
        look_at_idle(l);
        break;
    case LK_FLOG_BLANK:
    case LK_FLOG_ERASING:
        if (full || l->idle == LK_FLOG_ERASING) {
            rc = lk_flog_prepare(l, 1);
            rc = rc == LK_ERR_WORN ? lk_flog_prepare(l, 1) : rc;
            rc = rc != 0 ? lk_flog_fail(l, rc) : 0;
        }
        break;
    case LK_FLOG_ERASED:
        rc = full ? lk_flog_move(l, false) : 0;
        break;
    }
    if (rc != 0) {
        return rc;
    }
    return l->idle == LK_FLOG_UNKNOWN || l->idle == LK_FLOG_ERASING || (full && l->idle != LK_FLOG_ERASED);
}
