/*
 * The flash as the log uses it: reads are repeated, programs and erases are looked at.
 */
#include "base/err.h"
#include "rtos/storage/flog.h"

#define READ_TRIES 3

static uint32_t address(const struct lk_flog *l, unsigned bank, uint32_t at) {
    return l->flash->bank[bank] + at;
}

int lk_flog_read(struct lk_flog *l, unsigned bank, uint32_t at, void *out, uint32_t len) {
    const struct lk_flash *f = l->flash;

    for (int i = 0; i < READ_TRIES; i++) {
        if (f->read(f->context, address(l, bank, at), out, len) == 0) {
            l->retries += i > 0;
            return 0;
        }
    }
    return LK_ERR_IO;
}

int lk_flog_program(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len) {
    const struct lk_flash *f = l->flash;
    int rc = f->program(f->context, address(l, bank, at), data, len);

    if (rc == LK_ERR_READ_ONLY) {
        return rc;
    }
    l->programmed += len;
    return rc == 0 && lk_flog_holds(l, bank, at, data, len) ? 0 : LK_ERR_WORN;
}

int lk_flog_erase(struct lk_flog *l, unsigned bank, uint32_t sector) {
    const struct lk_flash *f = l->flash;
    uint32_t at = sector * f->erase_size;
    int rc = f->erase(f->context, address(l, bank, at));

    if (rc == LK_ERR_READ_ONLY) {
        return rc;
    }
    return rc == 0 && lk_flog_is_blank(l, bank, at, f->erase_size) ? 0 : LK_ERR_WORN;
}
