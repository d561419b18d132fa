/*
 * The byte forms of what the rules keep in the store; SPEC.md draws each of them. Every record starts with a
 * version byte and ends in a checksum; integers are little-endian. Decoding is strict: an unknown version, a value
 * out of its range, a wrong sum or a byte too many is LK_ERR_CORRUPT. Encoding fills a buffer from its beginning.
 * Decoded strings point into the bytes decoded.
 */
#ifndef LK_ACCOUNT_RECORDS_H
#define LK_ACCOUNT_RECORDS_H

#include "account/account.h"
#include "account/audit.h"
#include "account/device.h"
#include "account/outbox.h"

#define LK_RECORD_VERSION 2 /* of all but sessions */

#define LK_SMALL_RECORD_MAX 192 /* bytes of the longest session, link, throttle, profile or picture record */
#define LK_AUDIT_RECORD_MAX 1344

struct lk_session_record {
    uint8_t account[LK_UUID_LEN];
    int64_t created;
    int64_t expires;
    uint8_t jti[16];    /* of the refresh token that is good now */
    uint8_t former[16]; /* of the one before it, zero when there was none */
    int64_t rotated;    /* when `former` gave way, 0: never */
    int64_t used;       /* the last log-in, rotation or, for pages, renewal */
    uint8_t address[16];
    char device[LK_DEVICE_MAX + 1]; /* what logged in, NUL-terminated; empty: not known */
};

enum lk_link_kind {
    LK_LINK_VERIFY = 1,
    LK_LINK_RESET = 2, /* mailed: whoever has it reads the account's mail */
    LK_LINK_SHOWN = 3, /* sets the password as well, but was shown to an admin: it proves no address */
};

struct lk_link_record {
    enum lk_link_kind kind;
    int64_t created;
    int64_t expires;
};

struct lk_throttle_record {
    uint32_t failures; /* consecutive */
    int64_t last;      /* when the last one was */
};

struct lk_profile_record {
    bool filled;   /* its owner has written it: POST /api/users/create/ is refused from then on */
    bool has_text; /* the biography stands in a record of its own; else it is the default one */
};

struct lk_picture_record {
    uint8_t owner[LK_UUID_LEN];
    struct lk_str type; /* media type */
};

void lk_account_encode(struct lk_buf *b, const struct lk_account *a);
int lk_account_decode(const uint8_t id[LK_UUID_LEN], struct lk_str value, struct lk_account *a);
void lk_session_encode(struct lk_buf *b, const struct lk_session_record *s);
int lk_session_decode(struct lk_str value, struct lk_session_record *s);
void lk_link_encode(struct lk_buf *b, const struct lk_link_record *l);
int lk_link_decode(struct lk_str value, struct lk_link_record *l);
void lk_throttle_encode(struct lk_buf *b, const struct lk_throttle_record *t);
int lk_throttle_decode(struct lk_str value, struct lk_throttle_record *t);
void lk_profile_encode(struct lk_buf *b, const struct lk_profile_record *p);
int lk_profile_decode(struct lk_str value, struct lk_profile_record *p);
void lk_picture_encode(struct lk_buf *b, const struct lk_picture_record *p);
int lk_picture_decode(struct lk_str value, struct lk_picture_record *p);
void lk_audit_encode(struct lk_buf *b, const struct lk_audit_record *r);
int lk_audit_decode(uint64_t sequence, struct lk_str value, struct lk_audit_record *r);
/* `account` is whom the mail is for, all zero for nobody. */
void lk_mail_encode(struct lk_buf *b, const struct lk_outbox_mail *m, const uint8_t account[LK_UUID_LEN]);
int lk_mail_decode(uint64_t sequence, struct lk_str value, struct lk_outbox_mail *m,
                   uint8_t account[LK_UUID_LEN]);

#endif
