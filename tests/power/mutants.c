/*
 * Storages that are wrong on purpose, one function each; the test must find every one of them. MUTANT says
 * which is built.
 */
#include "base/err.h"
#include "rtos/storage/flog.h"

#if MUTANT == 1 /* no checksum is looked at */
bool __wrap_lk_flog_crc_good(uint32_t crc, uint32_t stored);
bool __wrap_lk_flog_crc_good(uint32_t crc, uint32_t stored) {
    (void)crc;
    (void)stored;
    return true;
}

#elif MUTANT == 2 /* the header of a bank is written before what it promises */
int __real_lk_flog_prepare(struct lk_flog *l, uint32_t sectors);
int __wrap_lk_flog_prepare(struct lk_flog *l, uint32_t sectors);
int __real_lk_flog_header_write(struct lk_flog *l);
int __wrap_lk_flog_header_write(struct lk_flog *l);
int __wrap_lk_flog_prepare(struct lk_flog *l, uint32_t sectors) {
    int rc = __real_lk_flog_prepare(l, sectors);

    if (rc == 0 && sectors == UINT32_MAX) {
        struct lk_flog early = *l;

        early.bank = 1 - l->bank;
        early.sequence++;
        early.start = 0;
        early.filled = 0;
        rc = __real_lk_flog_header_write(&early);
    }
    return rc;
}
int __wrap_lk_flog_header_write(struct lk_flog *l) {
    (void)l;
    return 0;
}

#elif MUTANT == 3 /* a change is acknowledged before it is committed */
int __real_lk_flog_change_map(struct lk_flog *l, uint32_t position, const void *data, uint32_t len,
                              bool sync);
int __wrap_lk_flog_change_map(struct lk_flog *l, uint32_t position, const void *data, uint32_t len,
                              bool sync);
int __wrap_lk_flog_change_map(struct lk_flog *l, uint32_t position, const void *data, uint32_t len,
                              bool sync) {
    (void)sync;
    return __real_lk_flog_change_map(l, position, data, len, false);
}

#elif MUTANT == 4 /* a torn log is written on where it ends */
bool __wrap_lk_flog_is_clean(struct lk_flog *l, uint32_t end, bool clean);
bool __wrap_lk_flog_is_clean(struct lk_flog *l, uint32_t end, bool clean) {
    (void)l;
    (void)end;
    (void)clean;
    return true;
}

#elif MUTANT == 5 /* a bank that reads blank is taken for an erased one */
int __real_lk_flog_prepare(struct lk_flog *l, uint32_t sectors);
int __wrap_lk_flog_prepare(struct lk_flog *l, uint32_t sectors);
int __wrap_lk_flog_prepare(struct lk_flog *l, uint32_t sectors) {
    if (lk_flog_is_blank(l, 1 - l->bank, 0, l->flash->bank_size)) {
        l->idle = LK_FLOG_ERASED;
    }
    return __real_lk_flog_prepare(l, sectors);
}

#elif MUTANT == 6 /* the first sector of a bank alone is erased */
int __wrap_lk_flog_erase(struct lk_flog *l, unsigned bank, uint32_t sector);
int __real_lk_flog_erase(struct lk_flog *l, unsigned bank, uint32_t sector);
int __wrap_lk_flog_erase(struct lk_flog *l, unsigned bank, uint32_t sector) {
    return sector == 0 ? __real_lk_flog_erase(l, bank, sector) : 0;
}

#elif MUTANT == 7 /* the commit goes before the data */
int __real_lk_flog_program(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len);
int __wrap_lk_flog_program(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len);
int __wrap_lk_flog_program(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len) {
    static struct {
        unsigned bank;
        uint32_t at, len;
        uint8_t data[LK_FLASH_PROGRAM_MAX];
    } held;
    const uint8_t *from = data;
    int rc = 0;

    if (held.len == 0 && l->uncommitted && from[0] != LK_FLOG_COMMIT) {
        held.bank = bank;
        held.at = at;
        held.len = len;
        for (uint32_t i = 0; i < len; i++) {
            held.data[i] = from[i];
        }
        return 0;
    }
    rc = __real_lk_flog_program(l, bank, at, data, len);
    if (held.len > 0 && rc == 0) {
        rc = __real_lk_flog_program(l, held.bank, held.at, held.data, held.len);
        held.len = 0;
    }
    return rc;
}
#endif
