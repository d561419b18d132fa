/*
 * A small mail submission client: RFC 5321 with SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531),
 * STARTTLS (RFC 3207) or implicit TLS (RFC 8314), and AUTH PLAIN or LOGIN (RFC 4954).
 *
 * STARTTLS is used when it is offered. Without TLS nothing is sent to another machine, and a password is sent
 * to nobody.
 */
#ifndef LK_MAIL_SMTP_H
#define LK_MAIL_SMTP_H

#include "mail/transport.h"

#define LK_SMTP_PORT 587
#define LK_SMTPS_PORT 465
#define LK_SMTP_LINE_MAX 1000 /* bytes of a reply line taken; RFC 5321 §4.5.3.1.5 asks for 512 */
#define LK_SMTP_LINES_MAX 64  /* lines of one reply */

struct lk_smtp_server {
    bool implicit_tls; /* smtps */
    char host[256];
    uint16_t port;
    char user[128]; /* empty: no AUTH */
    char password[128];
    char hello[256]; /* what EHLO names us: a domain or an address literal */
    struct lk_mail_trust trust;
    int64_t patience_ms; /* for one whole conversation */
};

/* Reads [user[:password]@]host[:port], percent-encoded, with an optional slash at the end; fills host, port,
   user and password. The port defaults to 465 with implicit_tls, else 587. Returns 0 or LK_ERR_INVALID. */
int lk_smtp_parse_target(struct lk_smtp_server *server, bool implicit_tls, struct lk_str target);

/* What EHLO announced. */
struct lk_smtp_features {
    bool starttls;
    bool auth_plain;
    bool auth_login;
    bool eight_bit;
    bool utf8;
    bool has_size;
    uint64_t size; /* 0: no fixed limit */
};
/* One line of the EHLO reply, after its code: "AUTH PLAIN LOGIN". Unknown ones are ignored. */
void lk_smtp_feature(struct lk_smtp_features *f, struct lk_str line);

/* One reply line without CRLF: "250-SIZE 1000". Returns 0 with code (200..599), whether more lines follow,
   and the text after it; or LK_ERR_INVALID. */
int lk_smtp_reply_line(struct lk_str line, int *code, bool *more, struct lk_str *text);

/* Writes `message` as DATA carries it: a dot before each line that begins with one, CRLF "." CRLF at the end.
   The message ends in CRLF. `put` is called with pieces; the first error it returns is returned. */
int lk_smtp_put_data(struct lk_str message, int (*put)(void *arg, struct lk_str piece), void *arg);

/* What became of a mail that did not leave, for the log. */
struct lk_smtp_report {
    const char *stage; /* "connect", "tls", "auth", "mail", "rcpt", "data" …; constant */
    bool server_wide;  /* the next mail would fail as well: wait before it */
    int code;          /* the server's reply code, 0: none */
    char text[160];    /* the server's or our own words, NUL-terminated */
};

/*
 * Sends one message. Returns 0 once the server took it; LK_ERR_AGAIN when it may succeed later (4xx, no
 * connection, a certificate or a password that the operator must set right); LK_ERR_DENIED when this mail
 * never will (5xx to its sender, recipient or content); LK_ERR_CLOSED when stopped; LK_ERR_NO_MEMORY.
 */
int lk_smtp_send(const struct lk_smtp_server *server, struct lk_mail_stop *stop, struct lk_str from,
                 struct lk_str to, struct lk_str message, struct lk_smtp_report *report);

#endif
