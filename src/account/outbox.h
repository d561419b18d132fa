/*
 * Mails waiting to leave. They are queued in the transaction that makes their link, so that a crash loses
 * none, and taken out only after the mail server took them.
 */
#ifndef LK_ACCOUNT_OUTBOX_H
#define LK_ACCOUNT_OUTBOX_H

#include "account/account.h"

/* The numbers are part of the stored format. */
enum lk_mail_kind {
    /* stands in for a mail to an unknown address, so that both cost the same; dropped unsent */
    LK_MAIL_NOTHING = 0,
    LK_MAIL_VERIFY = 1,
    LK_MAIL_RESET = 2,
    LK_MAIL_INVITE = 3, /* a reset link for a password that was never set */
};

#define LK_OUTBOX_RECORD_MAX 1280

struct lk_outbox_mail {
    uint64_t sequence;
    enum lk_mail_kind kind;
    enum lk_language language;
    int64_t created;
    int64_t next_try; /* not before this second */
    uint32_t attempts;
    struct lk_str to; /* address */
    struct lk_str username;
    struct lk_str uidb64; /* the two parts of the link's path */
    struct lk_str token;  /* the link's secret: wiped from the store when the mail has left */
};

/* The first mail due at `now`, copied into `mem`. Returns 0 or LK_ERR_NOT_FOUND; then *next is when the
   next one is due (INT64_MAX: none waits). */
int lk_outbox_next(struct lk_service *svc, int64_t now, char mem[LK_OUTBOX_RECORD_MAX],
                   struct lk_outbox_mail *mail, int64_t *next);
/* It has left, or never will: removed. */
int lk_outbox_done(struct lk_service *svc, uint64_t sequence);
/* It failed for now: one attempt more, next at `next_try`. */
int lk_outbox_retry(struct lk_service *svc, uint64_t sequence, int64_t next_try);

/* A hook that is called after a mail was queued, by the thread that queued it: it must neither block nor call the
   service. NULL: none; after that call returns, nobody is inside the former hook. */
void lk_outbox_set_hook(struct lk_service *svc, void (*fn)(void *arg), void *arg);

#endif
