#include "base/err.h"

#include <stddef.h>

static const char *const texts[] = {
    [-LK_OK] = "no error",
    [-LK_ERR_INVALID] = "invalid input",
    [-LK_ERR_NOT_FOUND] = "not found",
    [-LK_ERR_EXISTS] = "already there",
    [-LK_ERR_TOO_LARGE] = "too large",
    [-LK_ERR_NO_MEMORY] = "out of memory",
    [-LK_ERR_FULL] = "no room left",
    [-LK_ERR_IO] = "input or output failed",
    [-LK_ERR_CORRUPT] = "stored data is corrupt",
    [-LK_ERR_VERSION] = "stored data was written by a newer version",
    [-LK_ERR_BUSY] = "busy",
    [-LK_ERR_READ_ONLY] = "read only",
    [-LK_ERR_DENIED] = "not permitted",
    [-LK_ERR_EXPIRED] = "expired",
    [-LK_ERR_THROTTLED] = "too many attempts",
    [-LK_ERR_MISMATCH] = "does not match",
    [-LK_ERR_UNSUPPORTED] = "not supported by this build",
    [-LK_ERR_TIMEOUT] = "timed out",
    [-LK_ERR_CLOSED] = "closed",
    [-LK_ERR_ENTROPY] = "no random bytes",
    [-LK_ERR_AGAIN] = "not ready",
    [-LK_ERR_WORN] = "the flash is worn out",
    [-LK_ERR_CONFLICT] = "does not go with what is there",
};

const char *lk_err_text(int err) {
    if (err > 0 || err < LK_ERR_CONFLICT) {
        return "unknown error";
    }
    return texts[(size_t)-err];
}
