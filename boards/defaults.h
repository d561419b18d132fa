/*
 * What every board sets of the options (src/options.h) unless its own board.h, which includes this at its end,
 * has done so: a small server for a few users at a time.
 */
#ifndef LK_BOARDS_DEFAULTS_H
#define LK_BOARDS_DEFAULTS_H

/* --- what is built -------------------------------------------------------------------------------------- */

#ifndef LK_UNICODE
#define LK_UNICODE 0
#endif

/* --- the configuration's defaults ----------------------------------------------------------------------- */

#ifndef LK_DEFAULT_LISTEN
#define LK_DEFAULT_LISTEN "https://0.0.0.0:443"
#endif
/* The floor. A board's own count is what takes about a second: its clock by the instructions of an iteration, which
   take one cycle each or a little more where code comes from memory without wait states. */
#ifndef LK_DEFAULT_PBKDF2_ITERATIONS
#define LK_DEFAULT_PBKDF2_ITERATIONS "10000"
#endif
#ifndef LK_DEFAULT_MAX_BODY
#define LK_DEFAULT_MAX_BODY "4K"
#endif
#ifndef LK_DEFAULT_MAX_PICTURE
#define LK_DEFAULT_MAX_PICTURE "8K"
#endif
#ifndef LK_DEFAULT_MAP_SIZE
#define LK_DEFAULT_MAP_SIZE "64K"
#endif
#ifndef LK_DEFAULT_THREADS
#define LK_DEFAULT_THREADS "3"
#endif
#ifndef LK_DEFAULT_MAX_CONNECTIONS
#define LK_DEFAULT_MAX_CONNECTIONS "20"
#endif
#ifndef LK_DEFAULT_MAX_CONNECTIONS_PER_ADDRESS
#define LK_DEFAULT_MAX_CONNECTIONS_PER_ADDRESS "20"
#endif

/* --- memory --------------------------------------------------------------------------------------------- */

#ifndef LK_READ_AHEAD
#define LK_READ_AHEAD 2048
#endif
#ifndef LK_HEADER_FIELDS_MAX
#define LK_HEADER_FIELDS_MAX 32
#endif
#ifndef LK_ARENA_CHUNK
#define LK_ARENA_CHUNK 4096
#endif
#ifndef LK_HEADER_MAX
#define LK_HEADER_MAX 4096
#endif
#ifndef LK_HTTP_MEMORY
#define LK_HTTP_MEMORY 65536
#endif
#ifndef LK_BUFFERED_MAX
#define LK_BUFFERED_MAX 65536
#endif
#ifndef LK_THROTTLE_SLOTS
#define LK_THROTTLE_SLOTS 256
#endif
#ifndef LK_STORE_BATCH
#define LK_STORE_BATCH 8
#endif
#ifndef LK_STORE_BATCH_PAGES
#define LK_STORE_BATCH_PAGES 128
#endif
#ifndef LK_STORE_READERS_BESIDES
#define LK_STORE_READERS_BESIDES 4
#endif

/* LMDB's lists of pages hold twice 2^LOGN: 6 KB of memory at 8, doubling with each (12 296 bytes more at 10 than at 9),
   and as much again for a moment in each change. */
#ifndef LK_LMDB_LOGN
#define LK_LMDB_LOGN 8
#endif

/* Workers that an operator may ask for. */
#ifndef LK_BOARD_THREADS_MAX
#define LK_BOARD_THREADS_MAX 8
#endif
/* Bytes of a worker's stack. */
#ifndef LK_WORKER_STACK
#define LK_WORKER_STACK 12288
#endif
/* Bytes of the other threads' stacks: those of src/options.h, the one that accepts, the one that tends the flash, and
   main()'s, which is the console. Whoever writes to the store may have to commit for others, too, and needs 3.3 KB for
   that: workers, console, sweeper, mailer. Most that was seen of each (the console's `stat`): worker 6.5 KB, main 5.2,
   mailer 4.1 (over TLS), sweeper 2.9 (a certificate), hash 1.3, master 0.7, upkeep 0.6. */
/* What it needs and 1 KB above its guard: QEMU asks the MPU at every access to a page of 1 KB that a guard shares, and
   600 000 rounds there took two minutes instead of two seconds. */
#ifndef LK_STACK_HASH
#define LK_STACK_HASH 2560
#endif
#ifndef LK_STACK_SWEEPER
#define LK_STACK_SWEEPER 5120
#endif
#ifndef LK_STACK_MAILER
#define LK_STACK_MAILER 6144
#endif
#ifndef LK_STACK_MASTER
#define LK_STACK_MASTER 1280
#endif
#ifndef LK_STACK_UPKEEP
#define LK_STACK_UPKEEP 1280
#endif
#ifndef LK_MAIN_STACK
#define LK_MAIN_STACK 6656
#endif
/* Heap that a connection needs at most, in the middle of its handshake; and the server before any. */
#ifndef LK_BOARD_CONNECTION_MEMORY
#define LK_BOARD_CONNECTION_MEMORY 24576
#endif
#ifndef LK_BOARD_SERVER_MEMORY
#define LK_BOARD_SERVER_MEMORY 65536
#endif

/* --- room in the store ---------------------------------------------------------------------------------- */

#ifndef LK_AUDIT_RECORDS
#define LK_AUDIT_RECORDS 50
#endif
#ifndef LK_SESSIONS_PER_ACCOUNT
#define LK_SESSIONS_PER_ACCOUNT 5
#endif
#ifndef LK_OUTBOX_MAX
#define LK_OUTBOX_MAX 10
#endif

#endif
