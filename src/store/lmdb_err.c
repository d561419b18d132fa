/*
 * LMDB's errors as ours, and ours as sentences.
 */
#include "store/lmdb_store.h"

#include <errno.h>

int lk_lmdb_err(int rc) {
    switch (rc) {
    case MDB_SUCCESS:
        return 0;
    case MDB_NOTFOUND:
        return LK_ERR_NOT_FOUND;
    case MDB_KEYEXIST:
        return LK_ERR_EXISTS;
    case MDB_BAD_VALSIZE:
        return LK_ERR_TOO_LARGE;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_READERS_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return LK_ERR_FULL;
    case ENOMEM:
        return LK_ERR_NO_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS:
        return LK_ERR_READ_ONLY;
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_VERSION_MISMATCH:
        return LK_ERR_CORRUPT;
    default:
        return LK_ERR_IO;
    }
}

int lk_lmdb_fail(const char **why, int err, const char *sentence) {
    *why = sentence;
    return err;
}

int lk_lmdb_explain(const char **why, int err) {
    switch (err) {
    case 0:
        return 0;
    case LK_ERR_NOT_FOUND:
        return lk_lmdb_fail(why, err,
                            "There is no store here, or the folder above the data folder does not exist.");
    case LK_ERR_DENIED:
        return lk_lmdb_fail(why, err,
                            "Others may enter the data folder; give it to its owner alone (chmod 700).");
    case LK_ERR_READ_ONLY:
        return lk_lmdb_fail(
            why, err, "The data folder cannot be written by this user, or lies on a read-only file system.");
    case LK_ERR_FULL:
        return lk_lmdb_fail(why, err, "The disk that holds the data folder is full.");
    case LK_ERR_NO_MEMORY:
        return lk_lmdb_fail(why, err, "Not enough memory to open the store; a smaller map_size may help.");
    case LK_ERR_CORRUPT:
        return lk_lmdb_fail(
            why, err, "The store's file is damaged or was cut short; restore a backup, or import an export.");
    case LK_ERR_BUSY:
        return lk_lmdb_fail(why, err,
                            "Another server has this data folder open; stop it, or name another data_dir.");
    default:
        return lk_lmdb_fail(why, err, "The data folder or the store's file could not be read or written.");
    }
}
