/*
 * Writes mails: RFC 5322 headers, RFC 2047 words where a header is not ASCII, a plain text body in UTF-8 (RFC
 * 2045) and in the language of whoever asked for it (RFC 3282). No value can start a header line of its own: what holds a line break or a control character is
 * refused.
 */
#ifndef LK_MAIL_COMPOSE_H
#define LK_MAIL_COMPOSE_H

#include "account/outbox.h"
#include "base/buf.h"

#define LK_MAIL_MAX 8192        /* bytes of the longest mail written here */
#define LK_MAIL_LINK_MAX 512    /* bytes of the longest link, with NUL */
#define LK_MAIL_SUBJECT_MAX 320 /* bytes of the longest subject, with NUL */

/* What a mail is made of. All borrowed. */
struct lk_letter {
    enum lk_mail_kind kind; /* VERIFY, RESET or INVITE */
    enum lk_language language;
    struct lk_str from; /* "address" or "Name <address>" */
    struct lk_str to;   /* address */
    struct lk_str username;
    struct lk_str uidb64; /* the two parts of the link */
    struct lk_str token;
    struct lk_str public_url; /* without a slash at the end */
    struct lk_str site;       /* what the device is called; empty: the host of public_url */
    int64_t now;              /* seconds since the epoch, for Date */
    struct lk_str id;         /* unique, characters [A-Za-z0-9.-]: the left half of the Message-ID */
};

/* Writes the link that the mail carries:
   <public_url>/auth/verify-email/<uidb64>/<token>/ or
   <public_url>/auth/password_reset_confirm/<uidb64>/<token>/. */
void lk_letter_link(struct lk_buf *b, const struct lk_letter *letter);
/* Writes the subject as a person reads it. */
void lk_letter_subject(struct lk_buf *b, const struct lk_letter *letter);
/* Writes the whole message, CRLF at every line's end. Returns 0, LK_ERR_INVALID (an address or a name that no
   header can hold; a kind without a text) or LK_ERR_TOO_LARGE. */
int lk_letter_write(struct lk_buf *b, const struct lk_letter *letter);

/* Splits "Name <address>" or "address". Returns 0 or LK_ERR_INVALID. */
int lk_mailbox_parse(struct lk_str text, struct lk_str *name, struct lk_str *address);

/* A header's text: as it is when printable ASCII, else as RFC 2047 words of at most 75 characters, folded. */
void lk_buf_put_words(struct lk_buf *b, struct lk_str text);
/* Quoted-printable (RFC 2045 §6.7); `text` has LF or CRLF line ends, the output CRLF. */
void lk_buf_put_quoted_printable(struct lk_buf *b, struct lk_str text);

#endif
