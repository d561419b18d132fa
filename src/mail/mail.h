/*
 * Mails leave here: one thread takes them from the outbox (account/outbox.h), writes each one as an RFC 5322
 * message and sends it the configured way. A mail that could not leave is tried again, from a minute later up
 * to an hour later, until it is three days old or its link has expired. A dead or hanging mail server delays
 * mails and nothing else.
 */
#ifndef LK_MAIL_MAIL_H
#define LK_MAIL_MAIL_H

#include "account/service.h"
#include "config/config.h"

/* The platform's certificates of public authorities: one PEM file. A port without one leaves it empty; a mail
   server is then trusted by the configured file or fingerprint alone. */
#ifndef LK_MAIL_CA_FILE
#define LK_MAIL_CA_FILE "/etc/ssl/certs/ca-certificates.crt"
#endif

/* What the mailer works with. Strings are copied by lk_mailer_start. */
struct lk_mailer_options {
    struct lk_service *service; /* borrowed; must outlive the mailer */
    enum lk_mail_way way;
    const char *target; /* FILE: the folder; SMTP, SMTPS: [user[:password]@]host[:port], percent-encoded */
    const char *from;   /* "address" or "Name <address>" */
    const char *public_url; /* links begin with it; no slash at the end */
    const char *site;       /* what mails call the device; empty or NULL: the host of public_url */
    /* PEM certificates that the mail server's chain may end in; empty: LK_MAIL_CA_FILE */
    const char *ca_file;
    /* SHA-256 of the mail server's certificate in hex; empty: the chain is verified instead */
    const char *fingerprint;
    uint32_t retry_first; /* seconds to the second attempt, doubled each time; 0: 60 */
    uint32_t retry_last;  /* the longest pause between attempts in seconds; 0: 3600 */
    uint32_t patience;    /* seconds that one conversation with the server may take; 0: 300 */
};

struct lk_mailer;

/* Checks the options as lk_mailer_start does, and starts nothing; `service` is not looked at. Returns 0,
   LK_ERR_INVALID with *why, or LK_ERR_NO_MEMORY. */
int lk_mailer_check(const struct lk_mailer_options *options, const char **why);

/*
 * Checks the options and starts the thread. With LK_MAIL_OFF nothing is started and *out is NULL, which
 * lk_mailer_stop takes. Registers itself with lk_outbox_set_hook. Returns 0, LK_ERR_INVALID (target, from or
 * fingerprint; *why, when not NULL, is a constant sentence that says which), LK_ERR_NO_MEMORY or LK_ERR_IO
 * (no thread to be had).
 */
int lk_mailer_start(struct lk_mailer **out, const struct lk_mailer_options *options, const char **why);

/* Stops: a conversation under way is broken off, its mail stays queued. Returns within a fraction of a
   second, whatever the mail server does. The service may be ended afterwards. */
void lk_mailer_stop(struct lk_mailer *m);

/* Counters since the start, for the metrics. */
struct lk_mailer_counts {
    uint64_t sent;    /* left for good */
    uint64_t failed;  /* attempts that failed for now */
    uint64_t dropped; /* given up: refused for good, or too old */
};
void lk_mailer_count(struct lk_mailer *m, struct lk_mailer_counts *counts);

#endif
