/*
 * The smallest server that is still one, for a board with 256 KB of memory: people sign up, in and out, services ask
 * who they are, TLS 1.3, links in the log instead of mails. `tools/size BOARD --small` builds and measures it; a build
 * takes it with -DLATCHKEY_OPTIONS=<this file>. Included before the board's own board.h.
 */
#ifndef LK_BOARDS_SMALL_H
#define LK_BOARDS_SMALL_H

/* What is left out: DESIGN.md, "Size", says what each costs. */
#define LK_PAGES 0
#define LK_DOC 0
#define LK_SMTP 0
#define LK_TLS12 0

/* Room for some thirty accounts, and for three who are served at once. */
#define LK_DEFAULT_MAP_SIZE "64K"
#define LK_LMDB_LOGN 6
#define LK_STORE_BATCH_PAGES 32
#define LK_HTTP_MEMORY 65536
#define LK_BUFFERED_MAX 32768
#define LK_AUDIT_RECORDS 50
#define LK_SESSIONS_PER_ACCOUNT 5
#define LK_OUTBOX_MAX 10
#define LK_DEFAULT_MAX_CONNECTIONS "8"
#define LK_READ_AHEAD 1024
#define LK_ARENA_CHUNK 2048
#define LK_HEADER_FIELDS_MAX 24
#define LK_THROTTLE_SLOTS 128
#define LK_ADDRESS_BUCKETS 16
#define LK_PATH_TEXT_MAX 128
#define LK_SWEEP_BATCH 16
#define LK_WORKER_STACK 8704
#define LK_BOARD_CONNECTION_MEMORY 14336

/* The network's (ports/rtos/net/lwipopts.h). */
#define LK_NET_CONNECTIONS 8
#define LK_NET_SEND_BYTES 4096
#define LK_NET_RECEIVE_PIECES 12

#endif
