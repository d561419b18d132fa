/* The mailer from the inside: what its thread and its start and stop share. */
#ifndef LK_MAIL_WORKER_H
#define LK_MAIL_WORKER_H

#include "account/outbox.h"
#include "mail/compose.h"
#include "mail/mail.h"
#include "mail/smtp.h"

struct lk_mailer {
    struct lk_mail_stop stop; /* its lock guards all that follows up to `thread` */
    bool woken;
    bool running;
    bool abandoned; /* the thread frees the mailer itself */
    struct lk_mailer_counts counts;
    pthread_t thread;

    struct lk_service *service;
    enum lk_mail_way way;
    uint32_t retry_first;
    uint32_t retry_last;
    int64_t server_pause; /* seconds, doubled with each failure of the server as a whole */
    char folder[LK_PATH_TEXT_MAX];
    char from[LK_PATH_TEXT_MAX];
    char public_url[LK_PATH_TEXT_MAX];
    char site[LK_BRAND_NAME_TEXT_MAX];
    struct lk_smtp_server server;
    char record[LK_OUTBOX_RECORD_MAX];
};

/* The thread; `arg` is the mailer. */
void *lk_mailer_run(void *arg);
/* Wipes and frees. No thread may use it any more. */
void lk_mailer_destroy(struct lk_mailer *m);

#endif
