/*
 * Random bytes from the kernel's generator, which blocks until it was seeded once.
 */
#include "base/err.h"
#include "port.h"

#include <errno.h>
#include <sys/random.h>

int lk_port_entropy(void *out, size_t len) {
    unsigned char *at = out;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return LK_ERR_ENTROPY;
        }
        at += got;
        len -= (size_t)got;
    }
    return 0;
}
