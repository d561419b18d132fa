/*
 * What the store asks of a platform beyond the files that LMDB itself opens, reads, writes and syncs: its
 * folder, the lock of the one server, and whether there is room. ports/posix/store_files.c is the
 * implementation on POSIX; a board, where the store is the only user of its flash, has next to nothing to do
 * here.
 */
#ifndef LK_STORE_STORE_PORT_H
#define LK_STORE_STORE_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* Names a folder apart from all others, however its path is written. */
struct lk_port_dir_id {
    uint64_t device;
    uint64_t number;
};

/*
 * Looks at the folder `dir`, and with `make` makes it, mode 0700, if it is missing (its parent must be
 * there). Returns 0, LK_ERR_NOT_FOUND, LK_ERR_DENIED when others than the owner may enter it,
 * LK_ERR_READ_ONLY, LK_ERR_FULL or LK_ERR_IO.
 */
int lk_port_store_dir(const char *dir, bool make, struct lk_port_dir_id *id);

/*
 * Takes the lock that only one server holds; it ends with the process, however that ends. *lock is for
 * lk_port_store_unlock. Returns 0, LK_ERR_BUSY, LK_ERR_READ_ONLY, LK_ERR_FULL or LK_ERR_IO.
 */
int lk_port_store_lock(const char *dir, int *lock);
void lk_port_store_unlock(int lock);

/* Makes the names of the files in `dir` durable. Returns 0 or LK_ERR_IO. */
int lk_port_store_sync_dir(const char *dir);

/*
 * Whether the store in `dir` could take another write now. Returns 0, LK_ERR_FULL, LK_ERR_READ_ONLY,
 * LK_ERR_WORN or LK_ERR_IO.
 */
int lk_port_store_room(const char *dir);

#endif
