/*
 * The log moved to the other bank: erase it, write everything there is, commit, and the header last. Until
 * the header stands, the bank that was in use is the one that a restart finds.
 */
#include "base/err.h"
#include "base/log.h"
#include "rtos/storage/flog.h"

#include <string.h>

/* Copies a file's record from `from`, as it was of sequence `sequence`. */
static int copy_file(struct lk_flog *l, unsigned from, uint32_t sequence, const struct lk_flog_file *f) {
    char name[LK_STORAGE_NAME_MAX + 1] = "";
    struct lk_flog_sink sink = {.name = name};
    struct lk_flog_record r;
    int rc = lk_flog_record_read(l, from, sequence, f->at, &r, &sink);

    rc = rc == 0 ? lk_flog_record_begin(l, &r) : LK_ERR_CORRUPT;
    rc = rc == 0 ? lk_flog_record_data(l, name, r.name_len) : rc;
    if (rc == 0) {
        sink = (struct lk_flog_sink){.piece = lk_flog_record_data};
        rc = lk_flog_record_read(l, from, sequence, f->at, &r, &sink);
    }
    return rc == 0 ? lk_flog_record_end(l) : rc;
}

/* Everything there is, and a commit. Where each file came to stand is left in `moved`. */
static int write_snapshot(struct lk_flog *l, unsigned from, uint32_t sequence, bool empty,
                          uint32_t moved[LK_STORAGE_FILES]) {
    int rc = empty ? 0 : lk_flog_map_write(l, 0, NULL, l->map, l->map_len);

    for (unsigned i = 0; i < LK_STORAGE_FILES && rc == 0 && !empty; i++) {
        moved[i] = l->end + l->filled;
        if (l->files[i].at != 0) {
            rc = copy_file(l, from, sequence, &l->files[i]);
        }
    }
    if (rc != 0) {
        return rc;
    }
    rc = lk_flog_commit(l);
    l->start = l->end;
    return rc != 0 ? rc : lk_flog_header_write(l);
}

/* What a move changes before it is known to succeed. */
struct tail {
    unsigned bank;
    uint32_t sequence;
    uint32_t start;
    uint32_t end;
    uint32_t map_len;
    bool torn;
};

static int try_move(struct lk_flog *l, bool empty, uint32_t moved[LK_STORAGE_FILES]) {
    struct tail before = {.bank = l->bank,
                          .sequence = l->sequence,
                          .start = l->start,
                          .end = l->end,
                          .map_len = l->map_len,
                          .torn = l->torn || l->uncommitted};
    int rc = lk_flog_prepare(l, UINT32_MAX);

    if (rc != 0) {
        l->idle = LK_FLOG_UNKNOWN;
        return rc;
    }
    l->bank = 1 - before.bank;
    l->sequence = before.sequence + 1;
    l->end = lk_flog_first(l);
    l->map_len = empty ? 0 : before.map_len;
    l->filled = 0;
    l->torn = false;
    rc = write_snapshot(l, before.bank, before.sequence, empty, moved);
    l->idle = LK_FLOG_UNKNOWN;
    l->idle_sector = 0;
    if (rc != 0) {
        l->bank = before.bank;
        l->sequence = before.sequence;
        l->start = before.start;
        l->end = before.end;
        l->map_len = before.map_len;
        l->filled = 0;
        l->torn = before.torn; /* what waited in the chunk is lost to the log */
    }
    return rc;
}

int lk_flog_fail(struct lk_flog *l, int err) {
    if (l->error != err) {
        LK_LOG(LK_LOG_ERROR, err == LK_ERR_READ_ONLY ? "flash_locked" : "flash_failed",
               LK_LOG_STR("error", lk_str_from(lk_err_text(err))), LK_LOG_NUM("bank", 1 - l->bank),
               LK_LOG_NUM("erases", l->erases[1 - l->bank]));
    }
    l->error = err;
    return err;
}

int lk_flog_move(struct lk_flog *l, bool empty) {
    uint32_t moved[LK_STORAGE_FILES];
    int rc;

    if (l->error != 0 && l->error != LK_ERR_READ_ONLY) {
        return l->error;
    }
    rc = try_move(l, empty, moved);
    if (rc == LK_ERR_WORN || rc == LK_ERR_CORRUPT) {
        rc = try_move(l, empty, moved);
    }
    if (rc != 0) {
        return lk_flog_fail(l, rc);
    }
    for (unsigned i = 0; i < LK_STORAGE_FILES; i++) {
        if (empty) {
            l->files[i].at = 0;
        } else if (l->files[i].at != 0) {
            l->files[i].at = moved[i];
        }
    }
    if (empty) {
        memset(l->map, 0, l->map_size);
    }
    l->error = 0;
    LK_LOG(LK_LOG_DEBUG, "flash_moved", LK_LOG_NUM("bank", l->bank), LK_LOG_NUM("sequence", l->sequence),
           LK_LOG_NUM("bytes", l->end), LK_LOG_NUM("erases", l->erases[l->bank]));
    return 0;
}
