/*
 * The header of a bank: written last, twice, so that a bank with one holds a whole snapshot.
 */
#include "base/buf.h"
#include "base/err.h"
#include "rtos/storage/flog.h"

#include <string.h>

#define MAGIC LK_STR("LKFL")

static void encode(const struct lk_flog *l, struct lk_buf *b) {
    lk_buf_put_str(b, MAGIC);
    lk_buf_put_le16(b, LK_FLOG_VERSION);
    lk_buf_put_le16(b, LK_FLOG_HEADER_LEN);
    lk_buf_put_le32(b, l->sequence);
    lk_buf_put_le32(b, l->start);
    lk_buf_put_le32(b, l->flash->bank_size);
    lk_buf_put_le32(b, l->flash->program_unit);
    lk_buf_put_le32(b, 0);
    lk_buf_put_le32(b, l->erases[0]);
    lk_buf_put_le32(b, l->erases[1]);
    lk_buf_put_le32(b, ~lk_flog_crc(LK_FLOG_CRC, b->ptr, b->len));
}

static int decode(const struct lk_flog *l, const uint8_t *bytes, uint32_t len, struct lk_flog_header *h) {
    struct lk_reader r;
    uint32_t bank_size;
    uint32_t unit;

    lk_reader_init(&r, bytes, len);
    lk_read_bytes(&r, 8);
    h->sequence = lk_read_le32(&r);
    h->start = lk_read_le32(&r);
    bank_size = lk_read_le32(&r);
    unit = lk_read_le32(&r);
    lk_read_le32(&r);
    h->erases[0] = lk_read_le32(&r);
    h->erases[1] = lk_read_le32(&r);
    return bank_size != l->flash->bank_size || unit != l->flash->program_unit || h->start > bank_size
               ? LK_ERR_INVALID
               : 0;
}

/* A later format may have a longer header, but it begins and ends as this one does. */
static int read_copy(struct lk_flog *l, unsigned bank, uint32_t at, struct lk_flog_header *h) {
    uint8_t bytes[LK_FLOG_PIECE];
    struct lk_reader r;
    uint16_t version;
    uint16_t len;
    uint32_t crc;

    if (lk_flog_read(l, bank, at, bytes, 8) != 0 || memcmp(bytes, MAGIC.ptr, MAGIC.len) != 0) {
        return LK_ERR_NOT_FOUND;
    }
    lk_reader_init(&r, bytes + 4, 4);
    version = lk_read_le16(&r);
    len = lk_read_le16(&r);
    if (len < 16 || len > sizeof(bytes) || (len & 3) != 0 || lk_flog_read(l, bank, at, bytes, len) != 0) {
        return LK_ERR_NOT_FOUND;
    }
    lk_reader_init(&r, bytes + len - 4, 4);
    crc = lk_read_le32(&r);
    if (!lk_flog_crc_good(lk_flog_crc(LK_FLOG_CRC, bytes, len - 4u), crc)) {
        return LK_ERR_NOT_FOUND;
    }
    if (version != LK_FLOG_VERSION || len != LK_FLOG_HEADER_LEN) {
        return LK_ERR_VERSION;
    }
    return decode(l, bytes, len - 4u, h);
}

int lk_flog_header_read(struct lk_flog *l, unsigned bank, struct lk_flog_header *h) {
    struct lk_flog_header second;
    int rc = read_copy(l, bank, 0, h);
    int rc2 = read_copy(l, bank, lk_flog_align(l, LK_FLOG_HEADER_LEN), &second);

    h->whole = rc == 0 && rc2 == 0;
    if (rc != LK_ERR_NOT_FOUND) {
        return rc;
    }
    if (rc2 == 0) {
        second.whole = false;
        *h = second;
    }
    return rc2;
}

static int write_copy(struct lk_flog *l, uint32_t at) {
    uint8_t bytes[LK_FLOG_HEADER_LEN];
    uint32_t end = l->end;
    struct lk_buf b;
    int rc;

    lk_buf_init(&b, bytes, sizeof(bytes));
    encode(l, &b);
    l->end = at;
    rc = lk_flog_put(l, bytes, sizeof(bytes));
    rc = rc != 0 ? rc : lk_flog_flush(l);
    l->end = end;
    return rc;
}

int lk_flog_header_write(struct lk_flog *l) {
    int rc = write_copy(l, 0);

    return rc != 0 ? rc : write_copy(l, lk_flog_align(l, LK_FLOG_HEADER_LEN));
}

int lk_flog_header_mend(struct lk_flog *l) {
    uint32_t len = lk_flog_align(l, LK_FLOG_HEADER_LEN);

    return lk_flog_is_blank(l, l->bank, len, len) ? write_copy(l, len) : 0;
}
