/*
 * The log goes to stderr, a line a write, so that lines of different threads never mix.
 */
#include "port.h"

#include <errno.h>
#include <unistd.h>

void lk_port_log(const char *line, size_t len) {
    while (len > 0) {
        ssize_t sent = write(STDERR_FILENO, line, len);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return; /* nowhere to complain */
        }
        line += sent;
        len -= (size_t)sent;
    }
}
