/*
 * Inside the storage: the log in the two banks. No header outside this folder includes this one; storage.h is
 * the interface, SPEC.md has the bytes.
 *
 *   flog_crc.c     the checksum
 *   flog_medium.c  read, program and erase, with retries
 *   flog_check.c   what the flash holds, compared
 *   flog_header.c  the header of a bank
 *   flog_record.c  records as they are read
 *   flog_write.c   records as they are written, and the commit
 *   flog_move.c    the log moved to the other bank
 *   flog_mount.c   replay
 *   flog_change.c  a change, with a move when there is no room
 *   flog_tend.c    the bank that is not in use, ahead of need
 *
 * Nothing here locks: storage.c does. Offsets are in bytes from the beginning of a bank.
 */
#ifndef LK_RTOS_STORAGE_FLOG_H
#define LK_RTOS_STORAGE_FLOG_H

#include "rtos/storage/storage.h"

#define LK_FLOG_VERSION 1
#define LK_FLOG_HEADER_LEN 40
#define LK_FLOG_RECORD_MIN 12 /* bytes of a record without data: also of each copy of a commit */
#define LK_FLOG_PIECE 64      /* bytes looked at at once, on the stack */

enum lk_flog_kind {
    LK_FLOG_COMMIT = 'C',
    LK_FLOG_FILE = 'F',
    LK_FLOG_REMOVED = 'R',
    LK_FLOG_MAP = 'W',
};

struct lk_flog_record {
    uint8_t kind;
    uint8_t name_len;  /* of a file; in a commit which copy it is, 1 or 2 */
    uint16_t len;      /* of the data */
    uint32_t position; /* in the map; in a commit the length of LMDB's file */
};

struct lk_flog_file {
    uint32_t at; /* of its record; 0: this place is free */
    uint16_t len;
    uint8_t name_len;
};

/* What is known of the bank that is not in use. */
enum lk_flog_idle {
    LK_FLOG_UNKNOWN, /* its first idle_sector sectors read blank */
    LK_FLOG_BLANK,   /* reads blank; a power cut may have cut the erase short all the same */
    LK_FLOG_ERASING, /* its first idle_sector sectors were erased since the start */
    LK_FLOG_ERASED,  /* all of it was */
};

struct lk_flog {
    const struct lk_flash *flash;
    uint8_t *map;
    uint32_t map_size;
    uint32_t map_len; /* of LMDB's file */

    unsigned bank;
    uint32_t sequence;
    uint32_t start;   /* where the records behind the snapshot begin */
    uint32_t end;     /* where the next program goes */
    uint32_t filled;  /* bytes that wait in `chunk` */
    uint32_t crc;     /* of the record being written */
    bool uncommitted; /* records behind the last commit */
    bool torn;        /* nothing may be written behind what the bank holds: it must move first */

    enum lk_flog_idle idle;
    uint32_t idle_sector;
    uint32_t erases[2];
    int error;

    uint64_t programmed;
    uint32_t commits;
    uint32_t retries;
    struct lk_flog_file files[LK_STORAGE_FILES];
    uint8_t chunk[LK_FLASH_PROGRAM_MAX];
};

static inline uint32_t lk_flog_align(const struct lk_flog *l, uint32_t n) {
    return (n + l->flash->program_unit - 1) & ~(l->flash->program_unit - 1);
}
/* Bytes that one copy of a commit takes. */
static inline uint32_t lk_flog_commit_len(const struct lk_flog *l) {
    return lk_flog_align(l, LK_FLOG_RECORD_MIN);
}
/* Where the first record of a bank stands. */
static inline uint32_t lk_flog_first(const struct lk_flog *l) {
    return 2 * lk_flog_align(l, LK_FLOG_HEADER_LEN);
}

/* --- flog_crc.c: CRC-32 of IEEE 802.3, reflected, begun with LK_FLOG_CRC and inverted at the end --------- */

#define LK_FLOG_CRC 0xFFFFFFFFu
uint32_t lk_flog_crc(uint32_t crc, const void *data, size_t len);
/* What the checksum of a record begins with: it is good in one bank, one sequence, one place. */
uint32_t lk_flog_crc_begin(uint32_t sequence, uint32_t at);
/* Whether `stored` is what stands behind bytes whose checksum, not inverted yet, is `crc`. */
bool lk_flog_crc_good(uint32_t crc, uint32_t stored);

/* --- flog_medium.c -------------------------------------------------------------------------------------- */

/* Reads, again when the flash reports an error. Returns 0 or LK_ERR_IO. */
int lk_flog_read(struct lk_flog *l, unsigned bank, uint32_t at, void *out, uint32_t len);
/* Programs whole units inside one block of program_max, and reads them back. Returns 0, LK_ERR_READ_ONLY or
   LK_ERR_WORN. */
int lk_flog_program(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len);
/* Erases a sector and sees that it is blank. Returns as lk_flog_program. */
int lk_flog_erase(struct lk_flog *l, unsigned bank, uint32_t sector);

/* --- flog_check.c --------------------------------------------------------------------------------------- */

bool lk_flog_holds(struct lk_flog *l, unsigned bank, uint32_t at, const void *data, uint32_t len);
bool lk_flog_is_blank(struct lk_flog *l, unsigned bank, uint32_t at, uint32_t len);
/* Whether the bank may be written on where its log ended, at `end`. `clean` says that all was sound up to there and
   read blank behind it: but a byte that a cut tore may have read so. */
bool lk_flog_is_clean(struct lk_flog *l, uint32_t end, bool clean);

/* --- flog_header.c -------------------------------------------------------------------------------------- */

struct lk_flog_header {
    uint32_t sequence;
    uint32_t start; /* where its snapshot ends */
    uint32_t erases[2];
    bool whole; /* both copies are good */
};
/* Returns 0, LK_ERR_NOT_FOUND (none that is good), LK_ERR_VERSION or LK_ERR_INVALID (of another geometry). */
int lk_flog_header_read(struct lk_flog *l, unsigned bank, struct lk_flog_header *h);
/* Writes both copies into the bank that `l` writes now; nothing waits in the chunk. */
int lk_flog_header_write(struct lk_flog *l);
/* Writes the second copy where a power cut came before it: the first may not read the same again. */
int lk_flog_header_mend(struct lk_flog *l);

/* --- flog_record.c -------------------------------------------------------------------------------------- */

/* Where the data of a record goes while it is read; all NULL: nowhere. */
struct lk_flog_sink {
    uint8_t *map; /* that of the map, at its position in here … */
    uint32_t map_size;
    uint8_t *file; /* … and that of a file here */
    uint32_t file_size;
    char *name;                                                      /* LK_STORAGE_NAME_MAX + 1 bytes */
    int (*piece)(struct lk_flog *l, const void *data, uint32_t len); /* and each piece of data here */
};
/*
 * Reads the record at `at` of a bank and checks it. Returns 0, LK_ERR_NOT_FOUND (blank), LK_ERR_CORRUPT,
 * LK_ERR_TOO_LARGE (the sink) or an error of `piece`.
 */
int lk_flog_record_read(struct lk_flog *l, unsigned bank, uint32_t sequence, uint32_t at,
                        struct lk_flog_record *r, const struct lk_flog_sink *sink);
/*
 * The record at *at of the bank in use, which then is where the next one stands; a commit counts as one
 * record, *weak when a copy of it is damaged. Returns as lk_flog_record_read; *at is then where it ended.
 */
int lk_flog_next(struct lk_flog *l, uint32_t *at, struct lk_flog_record *r, const struct lk_flog_sink *sink,
                 bool *weak);
/* Whether a commit of this bank stands anywhere from `at` on: then what is before it was written whole. */
bool lk_flog_commit_beyond(struct lk_flog *l, uint32_t at);

/* --- flog_write.c --------------------------------------------------------------------------------------- */

/* A record is written in three steps. Each returns 0, LK_ERR_FULL (the first alone), LK_ERR_READ_ONLY or
   LK_ERR_WORN. */
int lk_flog_record_begin(struct lk_flog *l, const struct lk_flog_record *r);
int lk_flog_record_data(struct lk_flog *l, const void *data, uint32_t len);
int lk_flog_record_end(struct lk_flog *l);
/* Records of what differs between `data` and `base`, or zeros where that is NULL. */
int lk_flog_map_write(struct lk_flog *l, uint32_t position, const uint8_t *base, const uint8_t *data,
                      uint32_t len);
/* Bytes as they are: into the chunk, and from there to the flash a block at a time. */
int lk_flog_put(struct lk_flog *l, const void *data, uint32_t len);
/* Programs what waits, filled up to a unit. */
int lk_flog_flush(struct lk_flog *l);
int lk_flog_commit(struct lk_flog *l);

/* --- flog_move.c ---------------------------------------------------------------------------------------- */

/* Writes everything into the other bank and goes on there; nothing at all if `empty`. Returns 0,
   LK_ERR_READ_ONLY, LK_ERR_WORN, LK_ERR_FULL or LK_ERR_CORRUPT (a file cannot be read any more). */
int lk_flog_move(struct lk_flog *l, bool empty);
/* Notes that the flash failed for good (but for a lock, which may be taken off), and tells it once. Returns
   `err`. */
int lk_flog_fail(struct lk_flog *l, int err);

/* --- flog_mount.c --------------------------------------------------------------------------------------- */

/* `flash`, `map` and `map_size` are set, all else is zero. Returns as lk_storage_mount. */
int lk_flog_mount(struct lk_flog *l);

/* --- flog_change.c -------------------------------------------------------------------------------------- */

/* Logs a write of LMDB's and does it in the map; with `sync` it is durable before the map changes. */
int lk_flog_change_map(struct lk_flog *l, uint32_t position, const void *data, uint32_t len, bool sync);
int lk_flog_sync(struct lk_flog *l);
/* Replaces a file, durably; removes it where `data` is NULL. */
int lk_flog_change_file(struct lk_flog *l, const char *name, const void *data, uint32_t len);
/* The place of a file in `files`, or -1. */
int lk_flog_find_file(struct lk_flog *l, const char *name);

/* --- flog_tend.c ---------------------------------------------------------------------------------------- */

/* Erases what is not yet erased of the idle bank; at most `sectors` of it. */
int lk_flog_prepare(struct lk_flog *l, uint32_t sectors);
/* Work ahead of need, a sector or a move. Returns 1 when there is more to do, 0, or an error. */
int lk_flog_tend(struct lk_flog *l);

#endif
