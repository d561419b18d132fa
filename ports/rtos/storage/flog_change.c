/*
 * Changes. Each is tried where the log stands; when the bank is full or takes no more, the log moves and the
 * change is tried once more, from its beginning.
 */
#include "base/err.h"
#include "rtos/storage/flog.h"

#include <string.h>

struct change {
    int (*write)(struct lk_flog *l, struct change *c);
    const char *name;
    const void *data;
    uint32_t position;
    uint32_t len;
    bool sync;
    uint32_t at; /* result: where the record stands */
};

static int run(struct lk_flog *l, struct change *c) {
    int rc = l->torn ? LK_ERR_FULL : c->write(l, c);

    if (rc == 0) {
        return 0;
    }
    /* Part of it may stand in the log, or wait in the chunk. */
    l->torn = true;
    rc = lk_flog_move(l, false);
    if (rc == 0) {
        rc = c->write(l, c);
        l->torn = rc != 0;
    }
    return rc;
}

static int write_map(struct lk_flog *l, struct change *c) {
    uint32_t before = l->map_len;
    int rc = lk_flog_map_write(l, c->position, l->map + c->position, c->data, c->len);

    if (rc == 0) {
        l->map_len = before < c->position + c->len ? c->position + c->len : before;
        l->uncommitted = l->uncommitted || l->map_len != before;
        rc = c->sync ? lk_flog_commit(l) : 0;
    }
    if (rc != 0) {
        l->map_len = before;
    }
    return rc;
}

int lk_flog_change_map(struct lk_flog *l, uint32_t position, const void *data, uint32_t len, bool sync) {
    struct change c = {.write = write_map, .data = data, .position = position, .len = len, .sync = sync};
    int rc;

    if (position > l->map_size || len > l->map_size - position) {
        return LK_ERR_FULL;
    }
    rc = run(l, &c);
    if (rc == 0) {
        memcpy(l->map + position, data, len);
    }
    return rc;
}

static int write_commit(struct lk_flog *l, struct change *c) {
    (void)c;
    return l->uncommitted ? lk_flog_commit(l) : 0;
}

int lk_flog_sync(struct lk_flog *l) {
    return run(l, &(struct change){.write = write_commit});
}

/* --- files ---------------------------------------------------------------------------------------------- */

int lk_flog_find_file(struct lk_flog *l, const char *name) {
    size_t len = strlen(name);

    for (int i = 0; i < LK_STORAGE_FILES; i++) {
        const struct lk_flog_file *f = &l->files[i];

        /* The name stands behind the eight bytes of the record's fields. */
        if (f->at != 0 && f->name_len == len && lk_flog_holds(l, l->bank, f->at + 8, name, f->name_len)) {
            return i;
        }
    }
    return -1;
}

static int write_file(struct lk_flog *l, struct change *c) {
    struct lk_flog_record r = {.kind = c->data != NULL ? LK_FLOG_FILE : LK_FLOG_REMOVED,
                               .name_len = (uint8_t)strlen(c->name),
                               .len = (uint16_t)c->len};
    int rc;

    c->at = l->end + l->filled;
    rc = lk_flog_record_begin(l, &r);
    rc = rc != 0 ? rc : lk_flog_record_data(l, c->name, r.name_len);
    rc = rc != 0 ? rc : lk_flog_record_data(l, c->data, c->len);
    rc = rc != 0 ? rc : lk_flog_record_end(l);
    return rc != 0 ? rc : lk_flog_commit(l);
}

/* The place where a file of `len` bytes goes: `old` its former one, or a free one. Returns -1 when there is
   none, or not room enough for all. */
static int find_place(const struct lk_flog *l, int old, uint32_t len) {
    uint32_t total = len;
    int place = old;

    for (int i = 0; i < LK_STORAGE_FILES; i++) {
        if (l->files[i].at == 0) {
            place = place < 0 ? i : place;
        } else if (i != old) {
            total += l->files[i].len;
        }
    }
    return total > LK_STORAGE_FILES_MAX ? -1 : place;
}

int lk_flog_change_file(struct lk_flog *l, const char *name, const void *data, uint32_t len) {
    struct change c = {.write = write_file, .name = name, .data = data, .len = len};
    int place = lk_flog_find_file(l, name);
    int rc;

    if (data == NULL && place < 0) {
        return LK_ERR_NOT_FOUND;
    }
    place = data == NULL ? place : find_place(l, place, len);
    if (place < 0) {
        return LK_ERR_FULL;
    }
    rc = run(l, &c);
    if (rc == 0) {
        l->files[place] = (struct lk_flog_file){
            .at = data != NULL ? c.at : 0, .len = (uint16_t)len, .name_len = (uint8_t)strlen(name)};
    }
    return rc;
}
