/*
 * Error values. Every function that can fail returns 0 (or a count >= 0) on success and one of these on
 * failure.
 */
#ifndef LK_BASE_ERR_H
#define LK_BASE_ERR_H

enum lk_err {
    LK_OK = 0,
    LK_ERR_INVALID = -1,      /* an argument or input breaks its documented form */
    LK_ERR_NOT_FOUND = -2,    /* no such record, file or name */
    LK_ERR_EXISTS = -3,       /* a record, file or name is already there */
    LK_ERR_TOO_LARGE = -4,    /* the input or the answer passes its bound */
    LK_ERR_NO_MEMORY = -5,    /* an allocation failed */
    LK_ERR_FULL = -6,         /* the store's map, the disk or a bounded table is full */
    LK_ERR_IO = -7,           /* the operating system or the device reported a failure */
    LK_ERR_CORRUPT = -8,      /* stored bytes do not have the form that SPEC.md gives */
    LK_ERR_VERSION = -9,      /* stored data was written by a newer format */
    LK_ERR_BUSY = -10,        /* held by another process, or every place in a bounded queue is taken */
    LK_ERR_READ_ONLY = -11,   /* the folder or the device takes no writes */
    LK_ERR_DENIED = -12,      /* the caller may not do this */
    LK_ERR_EXPIRED = -13,     /* past its time */
    LK_ERR_THROTTLED = -14,   /* too many attempts; a wait is due */
    LK_ERR_MISMATCH = -15,    /* a signature, hash or secret does not match */
    LK_ERR_UNSUPPORTED = -16, /* well formed, but not something this build does */
    LK_ERR_TIMEOUT = -17,     /* a deadline passed */
    LK_ERR_CLOSED = -18,      /* the other side closed the connection, or the object is being stopped */
    LK_ERR_ENTROPY = -19,     /* no random bytes: the caller must not go on */
    LK_ERR_AGAIN = -20,       /* nothing to read or no room to write just now */
    LK_ERR_WORN = -21,        /* the flash no longer takes what is programmed or erased */
    LK_ERR_CONFLICT = -22,    /* the change does not go with what is there now */
};

/*
 * One short line in plain English for an error value, without a full stop. Never NULL; an unknown value gives
 * "unknown error". The string is constant.
 */
const char *lk_err_text(int err);

#endif
