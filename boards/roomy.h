/*
 * Options (src/options.h) of a board with megabytes of memory: room for thousands of accounts, and for the largest
 * requests. Its board.h includes this before defaults.h.
 */
#ifndef LK_BOARDS_ROOMY_H
#define LK_BOARDS_ROOMY_H

#ifndef LK_DEFAULT_MAP_SIZE
#define LK_DEFAULT_MAP_SIZE "1M"
#endif
#ifndef LK_LMDB_LOGN
#define LK_LMDB_LOGN 10
#endif
#ifndef LK_STORE_BATCH_PAGES
#define LK_STORE_BATCH_PAGES 512
#endif
#ifndef LK_HTTP_MEMORY
#define LK_HTTP_MEMORY 524288
#endif
#ifndef LK_BUFFERED_MAX
#define LK_BUFFERED_MAX 524288
#endif
#ifndef LK_AUDIT_RECORDS
#define LK_AUDIT_RECORDS 500
#endif
#ifndef LK_SESSIONS_PER_ACCOUNT
#define LK_SESSIONS_PER_ACCOUNT 100
#endif
#ifndef LK_OUTBOX_MAX
#define LK_OUTBOX_MAX 100
#endif

#endif
