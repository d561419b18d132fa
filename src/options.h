/*
 * Build-time options: each with its default, its unit, and what it costs. A build sets another value with
 * -DLK_X=…, a board in its board.h. What an operator sets at run time is in config/config.h.
 *
 * Bytes of flash are what `tools/size mps2-an386 --options` measured on a Cortex-M4; an option without any costs
 * none. Memory is of a 32-bit machine.
 */
#ifndef LK_OPTIONS_H
#define LK_OPTIONS_H

/* --- what is built -------------------------------------------------------------------------------------- */

/* Unicode usernames (NFKC, letters of all scripts). 0: ASCII usernames alone; saves utf8proc's tables, 334 800 bytes
   of flash. */
#ifndef LK_UNICODE
#define LK_UNICODE 1
#endif

/* Pages for people: sign-in, profile, sessions, accounts and the rest, with the routes that only they call; the mailed
   links have pages in any case. 35 100 bytes of flash, 640 of memory. */
#ifndef LK_PAGES
#define LK_PAGES 1
#endif

/* TLS 1.2, for clients that do not speak 1.3. 19 100 bytes of flash. */
#ifndef LK_TLS12
#define LK_TLS12 1
#endif

/* Mails sent to a server (mail = smtp:…), with the TLS client for it. 0: they can only be logged or written to files.
   22 100 bytes of flash. */
#ifndef LK_SMTP
#define LK_SMTP 1
#endif

/* /openapi.json and /auth/doc/. 9 900 bytes of flash on a board, which holds the first compressed. */
#ifndef LK_DOC
#define LK_DOC 1
#endif

/* --- memory of a worker thread -------------------------------------------------------------------------- */

/* Bytes that one receive may bring: one buffer a worker, lent to a TLS session while it is worked on. A byte of
   memory each, a worker; none of flash. */
#ifndef LK_READ_AHEAD
#define LK_READ_AHEAD 16384
#endif

/* The most header fields in a request; two pointers and two lengths each (16 bytes on a board), a worker. */
#ifndef LK_HEADER_FIELDS_MAX
#define LK_HEADER_FIELDS_MAX 64
#endif

/* Bytes of a request's first memory, which a worker keeps for the next one: enough for one without a body. A byte of
   memory each, a worker. */
#ifndef LK_ARENA_CHUNK
#define LK_ARENA_CHUNK 8192
#endif

/* --- stacks of the server's other threads --------------------------------------------------------------- */

/* Bytes of memory, and as many more as the kernel needs for a thread (256 on a board); 0: as the platform makes them.
   The one that hashes, the one that sweeps and renews the certificate, the one that sends mail. */
#ifndef LK_STACK_HASH
#define LK_STACK_HASH 0
#endif
#ifndef LK_STACK_SWEEPER
#define LK_STACK_SWEEPER 0
#endif
#ifndef LK_STACK_MAILER
#define LK_STACK_MAILER 0
#endif

/* --- memory of a request, given back with it ------------------------------------------------------------ */

/* The longest request header block, in bytes; as many of memory, while one that long is there. */
#ifndef LK_HEADER_MAX
#define LK_HEADER_MAX 8192
#endif

/* The most bytes that a request may use beyond what its body and a picture take. The longest answer is a
   biography of nothing but control characters, each escaped to six bytes, grown and then copied behind its
   header. With less, such an answer is a 500. */
#ifndef LK_HTTP_MEMORY
#define LK_HTTP_MEMORY 1048576
#endif

/* --- memory of the whole server ------------------------------------------------------------------------- */

/* Bytes of requests and answers on their way, all connections together; over it a request is 503.
   Raised at the start to four requests of the largest size that the configuration allows. */
#ifndef LK_BUFFERED_MAX
#define LK_BUFFERED_MAX 16777216
#endif

/* Records that expired and are removed at once; 32 bytes each. */
#ifndef LK_SWEEP_BATCH
#define LK_SWEEP_BATCH 64
#endif

/* Places of the table that finds a client's address; a pointer each. */
#ifndef LK_ADDRESS_BUCKETS
#define LK_ADDRESS_BUCKETS 256
#endif

/* Bytes of a path, an address of the web or a mail server in the configuration, with NUL; 24 of them are kept: 3 072
   bytes of memory for 128 more. */
#ifndef LK_PATH_TEXT_MAX
#define LK_PATH_TEXT_MAX 256
#endif

/* Addresses and unknown names whose failed logins are counted in memory; 24 bytes of it each. A multiple of 8. */
#ifndef LK_THROTTLE_SLOTS
#define LK_THROTTLE_SLOTS 4096
#endif

/* The most write functions that share one commit; a pointer each on the stack of the thread that commits. */
#ifndef LK_STORE_BATCH
#define LK_STORE_BATCH 64
#endif

/* Dirty pages after which a batch is committed, one page of memory each. A board, whose LMDB holds 511 in a
   transaction, sets 256 or less. */
#ifndef LK_STORE_BATCH_PAGES
#define LK_STORE_BATCH_PAGES 8192
#endif

/* Snapshots of the store that others than the workers may hold at once: sweeper, mailer, a backup; 66 bytes
   each. */
#ifndef LK_STORE_READERS_BESIDES
#define LK_STORE_READERS_BESIDES 64
#endif

/* --- what the configuration starts from ----------------------------------------------------------------- */

/* Defaults of the keys that depend on the size of a machine, as an operator would write them (config/keys.c). */
#ifndef LK_DEFAULT_LISTEN
#define LK_DEFAULT_LISTEN "https://0.0.0.0:8443"
#endif
#ifndef LK_DEFAULT_PBKDF2_ITERATIONS
#define LK_DEFAULT_PBKDF2_ITERATIONS "600000"
#endif
#ifndef LK_DEFAULT_MAX_BODY
#define LK_DEFAULT_MAX_BODY "64K"
#endif
#ifndef LK_DEFAULT_MAX_PICTURE
#define LK_DEFAULT_MAX_PICTURE "1M"
#endif
#ifndef LK_DEFAULT_MAP_SIZE
#define LK_DEFAULT_MAP_SIZE "1G"
#endif
#ifndef LK_DEFAULT_THREADS
#define LK_DEFAULT_THREADS "64"
#endif
#ifndef LK_DEFAULT_MAX_CONNECTIONS
#define LK_DEFAULT_MAX_CONNECTIONS "4096"
#endif
#ifndef LK_DEFAULT_MAX_CONNECTIONS_PER_ADDRESS
#define LK_DEFAULT_MAX_CONNECTIONS_PER_ADDRESS "256"
#endif

/* --- room in the store ---------------------------------------------------------------------------------- */

/* Records kept in the audit ring; about 100 bytes each. */
#ifndef LK_AUDIT_RECORDS
#define LK_AUDIT_RECORDS 10000
#endif

/* Live sessions of one account; the oldest ends when one more begins. About 150 bytes each. */
#ifndef LK_SESSIONS_PER_ACCOUNT
#define LK_SESSIONS_PER_ACCOUNT 100
#endif

/* Mails waiting to leave, about 250 bytes each; one more is refused (the request still answers). */
#ifndef LK_OUTBOX_MAX
#define LK_OUTBOX_MAX 1000
#endif

#endif
