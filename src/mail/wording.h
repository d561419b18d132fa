/*
 * What mails say, by kind and language.
 */
#ifndef LK_MAIL_WORDING_H
#define LK_MAIL_WORDING_H

#include "account/outbox.h"

/* One mail; NUL-terminated UTF-8, lines ended by LF. */
struct lk_wording {
    const char *subject; /* the name of the device follows */
    const char *reason;  /* the name of the device and a full stop follow */
    const char *request; /* the link follows */
    const char *closing; /* the username follows */
};

/* How every mail in a language ends, and the language's tag (RFC 5646). */
struct lk_wording_end {
    const char *tag;
    const char *before_site; /* the name of the device follows */
    const char *behind_site;
};

/* `kind` is VERIFY, RESET or INVITE. */
const struct lk_wording *lk_wording(enum lk_mail_kind kind, enum lk_language language);
const struct lk_wording_end *lk_wording_end(enum lk_language language);

#endif
