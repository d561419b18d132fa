/*
 * Records as they are written. Bytes gather in a chunk, which is programmed when a block of program_max is
 * full; a commit programs what is left before it, then itself, twice.
 */
#include "base/buf.h"
#include "base/err.h"
#include "rtos/storage/flog.h"

#include <string.h>

#define HEAD_LEN 8
#define RUN_MAX 0xFFFFu

int lk_flog_flush(struct lk_flog *l) {
    uint32_t len = lk_flog_align(l, l->filled);
    int rc;

    if (len == 0) {
        return 0;
    }
    memset(l->chunk + l->filled, 0xFF, len - l->filled);
    rc = lk_flog_program(l, l->bank, l->end, l->chunk, len);
    l->filled = 0;
    l->end += len;
    l->torn = l->torn || rc != 0;
    return rc;
}

int lk_flog_put(struct lk_flog *l, const void *data, uint32_t len) {
    uint32_t max = l->flash->program_max;
    const uint8_t *from = data;

    while (len > 0) {
        uint32_t room = max - (l->end & (max - 1)) - l->filled;
        uint32_t n = len < room ? len : room;

        memcpy(l->chunk + l->filled, from, n);
        l->filled += n;
        from += n;
        len -= n;
        if (n == room) {
            int rc = lk_flog_flush(l);

            if (rc != 0) {
                return rc;
            }
        }
    }
    return 0;
}

static int put_head(struct lk_flog *l, const struct lk_flog_record *r) {
    uint8_t head[HEAD_LEN];
    struct lk_buf b;

    lk_buf_init(&b, head, sizeof(head));
    lk_buf_put_u8(&b, r->kind);
    lk_buf_put_u8(&b, r->name_len);
    lk_buf_put_le16(&b, r->len);
    lk_buf_put_le32(&b, r->position);
    l->crc = lk_flog_crc_begin(l->sequence, l->end + l->filled);
    return lk_flog_record_data(l, head, sizeof(head));
}

int lk_flog_record_begin(struct lk_flog *l, const struct lk_flog_record *r) {
    uint32_t len = LK_FLOG_RECORD_MIN + (uint32_t)r->name_len + r->len;

    /* A commit always fits behind it. */
    if (lk_flog_align(l, l->end + l->filled + len) + 2 * lk_flog_commit_len(l) > l->flash->bank_size) {
        return LK_ERR_FULL;
    }
    l->uncommitted = true;
    return put_head(l, r);
}

int lk_flog_record_data(struct lk_flog *l, const void *data, uint32_t len) {
    l->crc = lk_flog_crc(l->crc, data, len);
    return lk_flog_put(l, data, len);
}

int lk_flog_record_end(struct lk_flog *l) {
    uint8_t bytes[4];
    struct lk_buf b;

    lk_buf_init(&b, bytes, sizeof(bytes));
    lk_buf_put_le32(&b, ~l->crc);
    return lk_flog_put(l, bytes, sizeof(bytes));
}

static bool differs(const uint8_t *base, const uint8_t *data, uint32_t at) {
    return data[at] != (base != NULL ? base[at] : 0);
}

/* The end of the run of differences that begins at `from`; a record's own bytes cost more than a short gap. */
static uint32_t run_end(const uint8_t *base, const uint8_t *data, uint32_t from, uint32_t len) {
    uint32_t limit = len - from < RUN_MAX ? len : from + RUN_MAX;
    uint32_t end = from + 1;

    for (uint32_t at = end; at < limit && at - end < LK_FLOG_RECORD_MIN; at++) {
        if (differs(base, data, at)) {
            end = at + 1;
        }
    }
    return end;
}

int lk_flog_map_write(struct lk_flog *l, uint32_t position, const uint8_t *base, const uint8_t *data,
                      uint32_t len) {
    uint32_t at = 0;

    while (at < len) {
        uint32_t end;
        int rc;

        if (!differs(base, data, at)) {
            at++;
            continue;
        }
        end = run_end(base, data, at, len);
        rc = lk_flog_record_begin(l, &(struct lk_flog_record){.kind = LK_FLOG_MAP,
                                                              .len = (uint16_t)(end - at),
                                                              .position = position + at});
        rc = rc != 0 ? rc : lk_flog_record_data(l, data + at, end - at);
        rc = rc != 0 ? rc : lk_flog_record_end(l);
        if (rc != 0) {
            return rc;
        }
        at = end;
    }
    return 0;
}

int lk_flog_commit(struct lk_flog *l) {
    int rc = lk_flog_flush(l);

    for (uint8_t copy = 1; copy <= 2 && rc == 0; copy++) {
        rc = put_head(
            l, &(struct lk_flog_record){.kind = LK_FLOG_COMMIT, .name_len = copy, .position = l->map_len});
        rc = rc != 0 ? rc : lk_flog_record_end(l);
        rc = rc != 0 ? rc : lk_flog_flush(l);
    }
    if (rc == 0) {
        l->uncommitted = false;
        l->commits++;
    }
    return rc;
}
