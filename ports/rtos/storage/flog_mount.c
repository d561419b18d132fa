/*
 * Replay. The newer bank with a header is looked through twice: once to find its last commit and to see that
 * nothing before it is damaged, and once to apply what is committed. Then the log is moved if it cannot be
 * written on where it ends.
 */
#include "base/err.h"
#include "base/log.h"
#include "rtos/storage/flog.h"

#include <string.h>

/* What the first pass found. */
struct found {
    uint32_t end; /* behind the last commit */
    bool weak;    /* a copy of a header or of a commit is damaged */
    bool blank;   /* nothing stands behind the last commit */
};

/*
 * A record that cannot be read ends the log where a power cut tore it. Nothing was written behind that; a
 * commit further on shows that the record was whole once, and that acknowledged data is lost.
 */
static int find_end(struct lk_flog *l, struct found *found) {
    uint32_t at = lk_flog_first(l);
    struct lk_flog_record r;

    while (lk_flog_next(l, &at, &r, NULL, &found->weak) == 0) {
        if (r.kind == LK_FLOG_COMMIT) {
            found->end = at;
        }
    }
    if (found->end < l->start) {
        return LK_ERR_CORRUPT;
    }
    bool blank = lk_flog_is_blank(l, l->bank, at, l->flash->bank_size - at);
    found->blank = blank && at == found->end;
    return !blank && lk_flog_commit_beyond(l, at) ? LK_ERR_CORRUPT : 0;
}

static int apply_file(struct lk_flog *l, const char *name, const struct lk_flog_record *r, uint32_t at) {
    int i = lk_flog_find_file(l, name);

    if (strlen(name) != r->name_len) {
        return LK_ERR_CORRUPT;
    }
    if (r->kind == LK_FLOG_REMOVED) {
        if (i >= 0) {
            l->files[i].at = 0;
        }
        return 0;
    }
    for (int free = 0; i < 0 && free < LK_STORAGE_FILES; free++) {
        i = l->files[free].at == 0 ? free : -1;
    }
    if (i < 0) {
        return LK_ERR_TOO_LARGE;
    }
    l->files[i] = (struct lk_flog_file){.at = at, .len = r->len, .name_len = r->name_len};
    return 0;
}

static int apply(struct lk_flog *l, const struct found *found) {
    char name[LK_STORAGE_NAME_MAX + 1] = "";
    const struct lk_flog_sink sink = {.map = l->map, .map_size = l->map_size, .name = name};
    bool weak = false;
    int rc = 0;

    for (uint32_t at = lk_flog_first(l); at < found->end && rc == 0;) {
        uint32_t begin = at;
        struct lk_flog_record r;

        rc = lk_flog_next(l, &at, &r, &sink, &weak);
        if (rc == 0 && r.kind == LK_FLOG_COMMIT) {
            l->map_len = r.position;
        } else if (rc == 0 && r.kind != LK_FLOG_MAP) {
            rc = apply_file(l, name, &r, begin);
        }
    }
    if (rc == 0 && l->map_len > l->map_size) {
        return LK_ERR_TOO_LARGE;
    }
    if (rc == 0) { /* what lies behind the file's end is nobody's, and a move would leave it behind */
        memset(l->map + l->map_len, 0, l->map_size - l->map_len);
    }
    return rc == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : rc;
}

static int replay(struct lk_flog *l, const struct lk_flog_header *h) {
    struct found found = {.weak = !h->whole};
    int rc;

    l->sequence = h->sequence;
    l->start = h->start;
    memset(l->map, 0, l->map_size);
    rc = find_end(l, &found);
    rc = rc != 0 ? rc : apply(l, &found);
    if (rc != 0) {
        return rc;
    }
    l->end = found.end;
    l->torn = !lk_flog_is_clean(l, found.end, !found.weak && found.blank);
    if (!l->torn) {
        return 0;
    }
    LK_LOG(LK_LOG_INFO, found.weak ? "flash_mended" : "flash_torn", LK_LOG_NUM("bank", l->bank),
           LK_LOG_NUM("at", found.end));
    rc = h->whole ? 0 : lk_flog_header_mend(l);
    return rc != 0 ? rc : lk_flog_move(l, false);
}

/* True when nothing stands behind where the headers and the first commit of an empty log would. */
static bool is_new(struct lk_flog *l, unsigned bank) {
    uint32_t used = lk_flog_first(l) + 2 * lk_flog_commit_len(l);

    return lk_flog_is_blank(l, bank, used, l->flash->bank_size - used);
}

/* Makes a blank flash ours. A power cut may have torn an attempt to: that one's bank is not used again before
   it was erased. */
static int format(struct lk_flog *l) {
    unsigned bank = lk_flog_is_blank(l, 0, 0, l->flash->erase_size) ? 0 : 1;

    memset(l->map, 0, l->map_size);
    l->bank = 1 - bank;
    l->idle = lk_flog_is_blank(l, bank, 0, l->flash->erase_size) ? LK_FLOG_ERASED : LK_FLOG_UNKNOWN;
    LK_LOG(LK_LOG_INFO, "flash_new", LK_LOG_NUM("bank", bank), LK_LOG_NUM("bytes", l->flash->bank_size));
    return lk_flog_move(l, true);
}

static bool is_power_of_two(uint32_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

static bool is_geometry(const struct lk_flog *l) {
    const struct lk_flash *f = l->flash;

    return f->erase_size > 0 && is_power_of_two(f->program_unit) && is_power_of_two(f->program_max) &&
           f->program_unit <= f->program_max && f->program_max <= LK_FLASH_PROGRAM_MAX &&
           f->erase_size % f->program_max == 0 && f->bank_size % f->erase_size == 0 &&
           f->bank[0] % f->erase_size == 0 && f->bank[1] % f->erase_size == 0 &&
           f->bank_size >= l->map_size + l->map_size / 4 + LK_STORAGE_FILES_MAX;
}

int lk_flog_mount(struct lk_flog *l) {
    struct lk_flog_header h[2];
    int rc[2];

    if (!is_geometry(l)) {
        return LK_ERR_INVALID;
    }
    for (unsigned bank = 0; bank < 2; bank++) {
        rc[bank] = lk_flog_header_read(l, bank, &h[bank]);
        if (rc[bank] != 0 && rc[bank] != LK_ERR_NOT_FOUND) {
            return rc[bank];
        }
    }
    if (rc[0] != 0 && rc[1] != 0) {
        uint8_t last;

        if (lk_flog_read(l, 0, l->flash->bank_size - 1, &last, 1) != 0) {
            return LK_ERR_IO;
        }
        return is_new(l, 0) && is_new(l, 1) ? format(l) : LK_ERR_CORRUPT;
    }
    l->bank = rc[0] != 0 || (rc[1] == 0 && h[1].sequence > h[0].sequence) ? 1 : 0;
    l->erases[0] = h[l->bank].erases[0];
    l->erases[1] = h[l->bank].erases[1];
    return replay(l, &h[l->bank]);
}
