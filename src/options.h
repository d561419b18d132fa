/*
 * Build-time options: each with its default, its unit, and what it costs. A build sets another value with
 * -DLK_X=…, a board in its board.h. What an operator sets at run time is in config/config.h.
 */
#ifndef LK_OPTIONS_H
#define LK_OPTIONS_H

/* Unicode usernames (NFKC, letters of all scripts). 0: ASCII usernames alone; saves utf8proc's tables, about 330 KB. */
#ifndef LK_UNICODE
#define LK_UNICODE 1
#endif

/* The longest request header block, in bytes. */
#ifndef LK_HEADER_MAX
#define LK_HEADER_MAX 8192
#endif

/* The most header fields in a request. */
#ifndef LK_HEADER_FIELDS_MAX
#define LK_HEADER_FIELDS_MAX 64
#endif

/* Records kept in the audit ring. */
#ifndef LK_AUDIT_RECORDS
#define LK_AUDIT_RECORDS 10000
#endif

/* Live sessions of one account; the oldest ends when one more begins. */
#ifndef LK_SESSIONS_PER_ACCOUNT
#define LK_SESSIONS_PER_ACCOUNT 100
#endif

/* Addresses and unknown names whose failed logins are counted in memory; 32 bytes each. */
#ifndef LK_THROTTLE_SLOTS
#define LK_THROTTLE_SLOTS 4096
#endif

/* Mails waiting to leave; one more is refused (the request still answers). */
#ifndef LK_OUTBOX_MAX
#define LK_OUTBOX_MAX 1000
#endif

#endif
