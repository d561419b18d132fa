/*
 * Records as they are read. Whatever the flash holds is looked at within the bounds of its bank, and is a
 * record only when its checksum says so.
 */
#include "base/buf.h"
#include "base/err.h"
#include "rtos/storage/flog.h"

#include <string.h>

#define HEAD_LEN 8
#define CRC_LEN 4
#define TRIES 3

/* Whether these fields can be a record's that begins at `at`. */
static bool is_possible(const struct lk_flog *l, const struct lk_flog_record *r, uint32_t at) {
    bool named = r->name_len >= 1 && r->name_len <= LK_STORAGE_NAME_MAX;

    if (l->flash->bank_size - at < LK_FLOG_RECORD_MIN + (uint32_t)r->name_len + r->len) {
        return false;
    }
    switch (r->kind) {
    case LK_FLOG_MAP:
        return r->name_len == 0 && r->len > 0;
    case LK_FLOG_FILE:
        return named;
    case LK_FLOG_REMOVED:
        return named && r->len == 0;
    case LK_FLOG_COMMIT:
        return (r->name_len == 1 || r->name_len == 2) && r->len == 0;
    default:
        return false;
    }
}

/* Reads the fields, which are not checked yet. */
static int read_head(struct lk_flog *l, unsigned bank, uint32_t at, struct lk_flog_record *r,
                     uint8_t head[HEAD_LEN]) {
    struct lk_reader reader;

    if (at > l->flash->bank_size - LK_FLOG_RECORD_MIN) {
        return LK_ERR_NOT_FOUND;
    }
    if (lk_flog_read(l, bank, at, head, HEAD_LEN) != 0) {
        return LK_ERR_CORRUPT;
    }
    lk_reader_init(&reader, head, HEAD_LEN);
    r->kind = lk_read_u8(&reader);
    r->name_len = lk_read_u8(&reader);
    r->len = lk_read_le16(&reader);
    r->position = lk_read_le32(&reader);
    if (r->kind == 0xFF) {
        return LK_ERR_NOT_FOUND;
    }
    return is_possible(l, r, at) ? 0 : LK_ERR_CORRUPT;
}

/* Gives `n` bytes of data, which begin at `done` of the record's, to the sink. */
static int sink_data(struct lk_flog *l, const struct lk_flog_record *r, const struct lk_flog_sink *sink,
                     uint32_t done, const uint8_t *data, uint32_t n) {
    if (sink->map != NULL && r->kind == LK_FLOG_MAP) {
        if (r->position > sink->map_size || r->len > sink->map_size - r->position) {
            return LK_ERR_TOO_LARGE;
        }
        memcpy(sink->map + r->position + done, data, n);
    }
    if (sink->file != NULL && r->kind == LK_FLOG_FILE) {
        if (r->len > sink->file_size) {
            return LK_ERR_TOO_LARGE;
        }
        memcpy(sink->file + done, data, n);
    }
    return sink->piece != NULL ? sink->piece(l, data, n) : 0;
}

/* Reads what is behind the fields and checks it. */
static int read_body(struct lk_flog *l, unsigned bank, uint32_t at, uint32_t crc,
                     const struct lk_flog_record *r, const struct lk_flog_sink *sink) {
    bool file = r->kind == LK_FLOG_FILE || r->kind == LK_FLOG_REMOVED;
    uint8_t piece[LK_FLOG_PIECE];
    uint32_t name_len = file ? r->name_len : 0;
    uint32_t total = name_len + r->len;
    struct lk_reader reader;

    for (uint32_t done = 0; done < total;) {
        uint32_t left = done < name_len ? name_len - done : total - done;
        uint32_t n = left < sizeof(piece) ? left : (uint32_t)sizeof(piece);
        int rc = 0;

        if (lk_flog_read(l, bank, at + done, piece, n) != 0) {
            return LK_ERR_CORRUPT;
        }
        crc = lk_flog_crc(crc, piece, n);
        if (done >= name_len) {
            rc = sink != NULL ? sink_data(l, r, sink, done - name_len, piece, n) : 0;
        } else if (sink != NULL && sink->name != NULL) {
            memcpy(sink->name, piece, n);
            sink->name[n] = '\0';
        }
        if (rc != 0) {
            return rc;
        }
        done += n;
    }
    if (lk_flog_read(l, bank, at + total, piece, CRC_LEN) != 0) {
        return LK_ERR_CORRUPT;
    }
    lk_reader_init(&reader, piece, CRC_LEN);
    return lk_flog_crc_good(crc, lk_read_le32(&reader)) ? 0 : LK_ERR_CORRUPT;
}

int lk_flog_record_read(struct lk_flog *l, unsigned bank, uint32_t sequence, uint32_t at,
                        struct lk_flog_record *r, const struct lk_flog_sink *sink) {
    /* What was handed on cannot be taken back. */
    unsigned tries = sink != NULL && sink->piece != NULL ? 1 : TRIES;
    int rc = LK_ERR_CORRUPT;

    for (unsigned i = 0; i < tries && rc == LK_ERR_CORRUPT; i++) {
        uint8_t head[HEAD_LEN];

        rc = read_head(l, bank, at, r, head);
        if (rc == 0) {
            uint32_t crc = lk_flog_crc(lk_flog_crc_begin(sequence, at), head, sizeof(head));

            rc = read_body(l, bank, at + HEAD_LEN, crc, r, sink);
        }
        l->retries += i > 0 && rc == 0;
    }
    return rc;
}

/* Whether the copy `number` of a commit stands at `at`. */
static bool is_commit(struct lk_flog *l, uint32_t at, uint8_t number, struct lk_flog_record *r) {
    return lk_flog_record_read(l, l->bank, l->sequence, at, r, NULL) == 0 && r->kind == LK_FLOG_COMMIT &&
           r->name_len == number;
}

/* A commit both of whose copies stand from `at` on, or one of them. */
static bool next_commit(struct lk_flog *l, uint32_t at, struct lk_flog_record *r, bool *weak) {
    uint32_t len = lk_flog_commit_len(l);
    struct lk_flog_record second;
    bool first_good = is_commit(l, at, 1, r);
    bool second_good = at <= l->flash->bank_size - len && is_commit(l, at + len, 2, &second);

    if (!first_good && !second_good) {
        return false;
    }
    if (!first_good) {
        *r = second;
    }
    *weak = *weak || !first_good || !second_good;
    return true;
}

int lk_flog_next(struct lk_flog *l, uint32_t *at, struct lk_flog_record *r, const struct lk_flog_sink *sink,
                 bool *weak) {
    int rc = lk_flog_record_read(l, l->bank, l->sequence, *at, r, sink);

    if (rc == 0 && r->kind != LK_FLOG_COMMIT) {
        *at += LK_FLOG_RECORD_MIN + (uint32_t)r->name_len + r->len;
        return 0;
    }
    if (rc == LK_ERR_TOO_LARGE) {
        return rc;
    }
    /* A commit begins at a unit; what a record left of the one before is filled up. */
    if (lk_flog_align(l, *at) >= l->flash->bank_size) {
        return LK_ERR_NOT_FOUND;
    }
    *at = lk_flog_align(l, *at);
    if (!next_commit(l, *at, r, weak)) {
        return rc == 0 ? LK_ERR_CORRUPT : rc;
    }
    *at += 2 * lk_flog_commit_len(l);
    return 0;
}

bool lk_flog_commit_beyond(struct lk_flog *l, uint32_t at) {
    uint32_t size = l->flash->bank_size;
    uint32_t unit = l->flash->program_unit;
    uint32_t step = unit > LK_FLOG_PIECE ? unit : LK_FLOG_PIECE;
    uint8_t piece[LK_FLOG_PIECE];
    struct lk_flog_record r;

    for (at = lk_flog_align(l, at); at < size; at += step) {
        uint32_t n = size - at < LK_FLOG_PIECE ? size - at : LK_FLOG_PIECE;
        bool unreadable = lk_flog_read(l, l->bank, at, piece, n) != 0;

        for (uint32_t i = 0; i < n; i += unit) {
            if ((unreadable || piece[i] == LK_FLOG_COMMIT) &&
                (is_commit(l, at + i, 1, &r) || is_commit(l, at + i, 2, &r))) {
                return true;
            }
        }
    }
    return false;
}
