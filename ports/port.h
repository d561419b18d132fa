/*
 * The port contract: what Latchkey asks of a platform beyond ISO C11 and this subset of POSIX.1-2017, which
 * the core calls by its own names: pthread (create, join, detach, mutex, cond with CLOCK_MONOTONIC, keys, and
 * setname_np), clock_gettime (CLOCK_REALTIME, CLOCK_MONOTONIC), nanosleep, BSD sockets (accept, connect,
 * getaddrinfo, recv, send, poll, setsockopt, fcntl O_NONBLOCK). Linux and glibc have it; a board's port
 * supplies it.
 */
#ifndef LK_PORT_H
#define LK_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- entropy -------------------------------------------------------------------------------------------- */

/*
 * Fills `out` with `len` (1..256) bytes fit for keys. Returns 0 or LK_ERR_ENTROPY; never fewer bytes. Fails
 * closed.
 */
int lk_port_entropy(void *out, size_t len);

/* --- log ------------------------------------------------------------------------------------------------ */

/* Writes one line of `len` bytes, which ends in '\n', to the console at once. Safe from any thread. */
void lk_port_log(const char *line, size_t len);

/* --- small files: keys, certificate, setup code --------------------------------------------------------- */

/*
 * A named blob in the device's data area; on POSIX a file in the data folder. `name` is a file name of the
 * characters [a-z0-9._-], without a slash.
 */

/* Reads at most `cap` bytes into `out`; *len says how many. Returns 0, LK_ERR_NOT_FOUND, LK_ERR_TOO_LARGE,
   LK_ERR_IO, or LK_ERR_DENIED when others than the owner may read it. */
int lk_port_file_read(const char *dir, const char *name, void *out, size_t cap, size_t *len);

/* Replaces the blob as a whole, mode 0600: written to a temporary name, synced, renamed, folder synced.
   After a power cut either the old or the new one is there. Returns 0, LK_ERR_FULL, LK_ERR_READ_ONLY,
   LK_ERR_WORN or LK_ERR_IO. */
int lk_port_file_write(const char *dir, const char *name, const void *data, size_t len);

/* Removes it. Returns 0, LK_ERR_NOT_FOUND, or as lk_port_file_write. */
int lk_port_file_remove(const char *dir, const char *name);

/* --- threads -------------------------------------------------------------------------------------------- */

/* Makes the calling thread yield to others of the process whenever they are ready (hashing). Never fails. */
void lk_port_thread_background(void);

/* Processors this process may use, at least 1. */
unsigned lk_port_cpu_count(void);

/* --- speed ---------------------------------------------------------------------------------------------- */

/*
 * PBKDF2's inner loop, done by the platform's own SHA-256 if it has a fast one (x86 SHA extensions, a
 * Cortex-M assembly). From the SHA-256 states after the inner and outer HMAC key blocks and U_1, runs
 * `iterations` - 1 more rounds and leaves their exclusive-or with U_1 in `t`. Words are host integers.
 * Returns false, with nothing done, where the platform has none: the caller then uses wolfCrypt.
 */
bool lk_port_pbkdf2_sha256_rounds(const uint32_t inner[8], const uint32_t outer[8], const uint32_t u1[8],
                                  uint32_t iterations, uint32_t t[8]);

/* --- readiness of sockets ------------------------------------------------------------------------------- */

/*
 * A set of sockets that are waited on together; each reports once after it is armed (epoll's one-shot on
 * Linux, poll on lwIP). Any number of threads may wait at once.
 */
struct lk_poller;

/* Returns NULL when there is no memory or no descriptor left. */
struct lk_poller *lk_poller_new(void);
void lk_poller_free(struct lk_poller *p);
/* Adds `fd`, armed for reading (or for writing). `tag` comes back from lk_poller_wait. Returns 0,
   LK_ERR_FULL, LK_ERR_IO. */
int lk_poller_add(struct lk_poller *p, int fd, void *tag, bool for_write);
/* Arms it again after it reported. */
int lk_poller_arm(struct lk_poller *p, int fd, void *tag, bool for_write);
void lk_poller_remove(struct lk_poller *p, int fd);
/*
 * Waits until one socket is ready, lk_poller_wake is called, or `timeout_ms` passed (-1: no limit).
 * Returns its tag, or NULL.
 */
void *lk_poller_wait(struct lk_poller *p, int timeout_ms);
/* Lets one waiting thread return NULL. Async-signal-safe on POSIX. */
void lk_poller_wake(struct lk_poller *p);

#endif
