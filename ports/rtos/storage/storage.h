/*
 * The storage of a board: one log in NOR flash, in which stand what LMDB writes to its file and the small
 * files (keys, certificate, configuration). LMDB reads a mirror in RAM. SPEC.md has the log byte by byte,
 * DESIGN.md the reasons.
 *
 * There is one storage. Every function but lk_storage_mount and lk_storage_unmount is safe from any thread.
 * What goes wrong is told on the console once, by LK_LOG, beside the error that is returned.
 */
#ifndef LK_RTOS_STORAGE_STORAGE_H
#define LK_RTOS_STORAGE_STORAGE_H

#include "rtos/storage/flash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LK_STORAGE_FILES 16        /* small files at once */
#define LK_STORAGE_FILE_MAX 8192   /* bytes of one */
#define LK_STORAGE_FILES_MAX 24576 /* bytes of all of them */
#define LK_STORAGE_NAME_MAX 31     /* bytes of a name */

/* --- the whole ------------------------------------------------------------------------------------------ */

struct lk_storage_options {
    const struct lk_flash *flash;
    void *map; /* the mirror of LMDB's file, aligned to 16; overwritten */
    size_t map_size;
    void *lock; /* what LMDB maps as lock.mdb, aligned to 64; 64 bytes a reader and 192 */
    size_t lock_size;
};

/*
 * Replays the log into the mirror. A blank flash is made ready for use; a log that a power cut left torn is
 * moved to the other bank before this returns. Everything that was acknowledged is there, or it is an error.
 * Returns 0 or
 *   LK_ERR_VERSION    the log was written by a newer format
 *   LK_ERR_CORRUPT    the flash is damaged, or holds something that is not ours: lk_storage_erase
 *   LK_ERR_TOO_LARGE  the map of the firmware that wrote it was larger
 *   LK_ERR_INVALID    a geometry that cannot work
 *   LK_ERR_READ_ONLY  blank or torn, and the flash is locked
 *   LK_ERR_WORN       blank or torn, and the flash takes no more programs or erases
 *   LK_ERR_IO         the flash cannot be read
 */
int lk_storage_mount(const struct lk_storage_options *options);
/* Forgets the storage; nobody uses it any more. Writes nothing: what was not synced may be gone. */
void lk_storage_unmount(void);

/* Factory reset: map and files are empty from one moment to the next, also under a power cut; the former
   contents are erased before this returns. The store is closed meanwhile. Returns 0 or as lk_storage_file_write. */
int lk_storage_reset(void);
/* Erases both banks, whatever they hold, for a flash that lk_storage_mount refuses. A power cut leaves it
   refused still: do it again. Not while mounted. Returns 0, LK_ERR_READ_ONLY, LK_ERR_WORN or LK_ERR_IO. */
int lk_storage_erase(const struct lk_flash *flash);

/*
 * Work that is better done now than in a request: erases a sector of the idle bank, or moves a log that is
 * nearly full. Called every second or so by one thread; it may take as long as an erase. Returns 1 when there
 * is more to do, 0, or an error.
 */
int lk_storage_tend(void);

/* Whether a write would go through: 0, LK_ERR_FULL, LK_ERR_READ_ONLY (locked), LK_ERR_WORN. */
int lk_storage_ready(void);

struct lk_storage_status {
    int error;           /* why nothing can be written any more (as lk_storage_ready), or 0 */
    unsigned bank;       /* in use */
    uint32_t sequence;   /* of the bank in use: counts how often the log moved */
    uint32_t used;       /* bytes of the bank in use */
    uint32_t size;       /* bytes of a bank */
    uint32_t erases[2];  /* of every sector of each bank */
    uint32_t endurance;  /* of the flash, 0: not known */
    unsigned files;      /* small files there are */
    uint64_t programmed; /* bytes since the mount */
    uint32_t commits;    /* since the mount */
    uint32_t retries;    /* reads since the mount that were good only when repeated */
};
void lk_storage_status(struct lk_storage_status *status);

/* --- small files ---------------------------------------------------------------------------------------- */

/* Reads at most `cap` bytes. Returns 0, LK_ERR_NOT_FOUND, LK_ERR_TOO_LARGE or LK_ERR_CORRUPT. */
int lk_storage_file_read(const char *name, void *out, size_t cap, size_t *len);
/* Replaces the file as a whole, durably. Returns 0, LK_ERR_FULL, LK_ERR_TOO_LARGE, LK_ERR_INVALID (name),
   LK_ERR_READ_ONLY, LK_ERR_WORN or LK_ERR_IO. */
int lk_storage_file_write(const char *name, const void *data, size_t len);
/* Returns 0, LK_ERR_NOT_FOUND or as lk_storage_file_write. */
int lk_storage_file_remove(const char *name);
/* The name of the `index`-th file, in no order. Returns 0 or LK_ERR_NOT_FOUND. */
int lk_storage_file_name(unsigned index, char name[LK_STORAGE_NAME_MAX + 1]);

/* --- LMDB's files, for the C library's calls of the same names ------------------------------------------ */

/*
 * These stand behind open, pread and so on for paths that end in data.mdb and lock.mdb: they return what
 * POSIX says, -1 with errno set on an error (ENOSPC full, EROFS locked, EIO worn or broken). lock.mdb is
 * plain memory. Descriptors are LK_STORAGE_FD.. LK_STORAGE_FD + LK_STORAGE_FDS - 1.
 */
#define LK_STORAGE_FD 8
#define LK_STORAGE_FDS 6

/* True for a path that lk_storage_open takes. */
bool lk_storage_owns(const char *path);
static inline bool lk_storage_owns_fd(int fd) {
    return fd >= LK_STORAGE_FD && fd < LK_STORAGE_FD + LK_STORAGE_FDS;
}
/* O_CREAT, O_EXCL and O_DSYNC mean what they say; data.mdb is there once something was written to it. */
int lk_storage_open(const char *path, int flags);
int lk_storage_close(int fd);
ssize_t lk_storage_pread(int fd, void *out, size_t len, off_t offset);
ssize_t lk_storage_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t lk_storage_write(int fd, const void *data, size_t len); /* where lk_storage_lseek left off */
off_t lk_storage_lseek(int fd, off_t offset, int whence);
/* Bytes of the file, for fstat. */
off_t lk_storage_size(int fd);
int lk_storage_ftruncate(int fd, off_t len); /* lock.mdb alone */
/* Everything written so far is in the flash when it returns 0. */
int lk_storage_fdatasync(int fd);
/* The file's memory, the same for all: the mirror, or the lock. NULL when `len` does not fit. */
void *lk_storage_mmap(int fd, size_t len);

#endif
