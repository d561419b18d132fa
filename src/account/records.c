#include "account/records.h"

#include "base/checksum.h"

#include <string.h>

enum { ACCOUNT_ACTIVE = 1, ACCOUNT_VERIFIED = 2 };
/* Sessions have had a device since, mails a language. */
enum { SESSION_DEVICE = 2, SESSION_VERSION = 3, MAIL_LANGUAGE = 2 };

enum { PROFILE_FILLED = 1, PROFILE_HAS_TEXT = 2 };

static void read_exact(struct lk_reader *r, void *out, size_t len) {
    struct lk_str s = lk_read_bytes(r, len);
    memset(out, 0, len);
    if (s.len == len) {
        memcpy(out, s.ptr, len);
    }
}

static void put_time(struct lk_buf *b, int64_t t) {
    lk_buf_put_le64(b, (uint64_t)t);
}

static int64_t read_time(struct lk_reader *r) {
    return (int64_t)lk_read_le64(r);
}

/* Takes the sum off the end. */
static void check_sum(struct lk_reader *r, struct lk_str value) {
    struct lk_reader end;
    if (r->left < LK_CHECKSUM_LEN) {
        r->err = LK_ERR_CORRUPT;
        return;
    }
    r->left -= LK_CHECKSUM_LEN;
    lk_reader_init(&end, value.ptr + value.len - LK_CHECKSUM_LEN, LK_CHECKSUM_LEN);
    if (lk_read_le32(&end) != lk_checksum(value.ptr, value.len - LK_CHECKSUM_LEN)) {
        r->err = LK_ERR_CORRUPT;
    }
}

/* Returns the record's version: 1 to `newest`, which alone ends in a sum of what is before. */
static unsigned begin_versioned(struct lk_reader *r, struct lk_str value, unsigned newest) {
    lk_reader_init(r, value.ptr, value.len);
    unsigned version = lk_read_u8(r);
    if (version < 1 || version > newest) {
        r->err = LK_ERR_CORRUPT;
    } else if (version == newest) {
        check_sum(r, value);
    }
    return version;
}

static void begin(struct lk_reader *r, struct lk_str value) {
    (void)begin_versioned(r, value, LK_RECORD_VERSION);
}

/* Ends a record, which begins where the buffer does. */
static void put_sum(struct lk_buf *b) {
    lk_buf_put_le32(b, lk_checksum(b->ptr, b->len));
}

/* A byte of flags in which only the bits of `known` may be set. */
static uint8_t read_flags(struct lk_reader *r, unsigned known) {
    uint8_t flags = lk_read_u8(r);
    if ((flags & ~known) != 0) {
        r->err = LK_ERR_CORRUPT;
    }
    return flags;
}

void lk_account_encode(struct lk_buf *b, const struct lk_account *a) {
    unsigned flags = (a->is_active ? ACCOUNT_ACTIVE : 0u) | (a->email_verified ? ACCOUNT_VERIFIED : 0u);
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    lk_buf_put_u8(b, (uint8_t)flags);
    lk_buf_put_u8(b, a->roles);
    put_time(b, a->created);
    put_time(b, a->last_login);
    put_time(b, a->revoked);
    lk_buf_put_lstr(b, a->username);
    lk_buf_put_lstr(b, a->email);
    lk_buf_put_lstr(b, a->password);
    lk_buf_put_lstr(b, a->full_name);
    lk_buf_put_lstr(b, a->picture);
    put_sum(b);
}

int lk_account_decode(const uint8_t id[LK_UUID_LEN], struct lk_str value, struct lk_account *a) {
    struct lk_reader r;
    begin(&r, value);
    uint8_t flags = read_flags(&r, ACCOUNT_ACTIVE | ACCOUNT_VERIFIED);
    memcpy(a->id, id, LK_UUID_LEN);
    a->is_active = (flags & ACCOUNT_ACTIVE) != 0;
    a->email_verified = (flags & ACCOUNT_VERIFIED) != 0;
    a->roles = read_flags(&r, LK_ROLE_USER | LK_ROLE_ADMIN);
    a->created = read_time(&r);
    a->last_login = read_time(&r);
    a->revoked = read_time(&r);
    a->username = lk_read_lstr(&r);
    a->email = lk_read_lstr(&r);
    a->password = lk_read_lstr(&r);
    a->full_name = lk_read_lstr(&r);
    a->picture = lk_read_lstr(&r);
    if (a->username.len == 0 || a->email.len == 0) {
        r.err = LK_ERR_CORRUPT;
    }
    return lk_reader_end(&r);
}

void lk_session_encode(struct lk_buf *b, const struct lk_session_record *s) {
    lk_buf_put_u8(b, SESSION_VERSION);
    lk_buf_put(b, s->account, sizeof(s->account));
    put_time(b, s->created);
    put_time(b, s->expires);
    lk_buf_put(b, s->jti, sizeof(s->jti));
    lk_buf_put(b, s->former, sizeof(s->former));
    put_time(b, s->rotated);
    put_time(b, s->used);
    lk_buf_put(b, s->address, sizeof(s->address));
    lk_buf_put_lstr(b, lk_str_from(s->device));
    put_sum(b);
}

/* Version 1 has none. */
static void read_device(struct lk_reader *r, char device[LK_DEVICE_MAX + 1]) {
    struct lk_str s = lk_read_lstr(r);
    for (size_t i = 0; i < s.len; i++) {
        if (i == LK_DEVICE_MAX || s.ptr[i] < ' ' || s.ptr[i] > '~') {
            r->err = LK_ERR_CORRUPT;
            return;
        }
        device[i] = s.ptr[i];
    }
    device[s.len] = '\0';
}

int lk_session_decode(struct lk_str value, struct lk_session_record *s) {
    struct lk_reader r;
    unsigned version = begin_versioned(&r, value, SESSION_VERSION);
    read_exact(&r, s->account, sizeof(s->account));
    s->created = read_time(&r);
    s->expires = read_time(&r);
    read_exact(&r, s->jti, sizeof(s->jti));
    read_exact(&r, s->former, sizeof(s->former));
    s->rotated = read_time(&r);
    s->used = read_time(&r);
    read_exact(&r, s->address, sizeof(s->address));
    s->device[0] = '\0';
    if (version >= SESSION_DEVICE) {
        read_device(&r, s->device);
    }
    return lk_reader_end(&r);
}

void lk_link_encode(struct lk_buf *b, const struct lk_link_record *l) {
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    lk_buf_put_u8(b, (uint8_t)l->kind);
    put_time(b, l->created);
    put_time(b, l->expires);
    put_sum(b);
}

int lk_link_decode(struct lk_str value, struct lk_link_record *l) {
    struct lk_reader r;
    begin(&r, value);
    uint8_t kind = lk_read_u8(&r);
    if (kind < LK_LINK_VERIFY || kind > LK_LINK_SHOWN) {
        r.err = LK_ERR_CORRUPT;
    }
    l->kind = (enum lk_link_kind)kind;
    l->created = read_time(&r);
    l->expires = read_time(&r);
    return lk_reader_end(&r);
}

void lk_throttle_encode(struct lk_buf *b, const struct lk_throttle_record *t) {
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    lk_buf_put_le32(b, t->failures);
    put_time(b, t->last);
    put_sum(b);
}

int lk_throttle_decode(struct lk_str value, struct lk_throttle_record *t) {
    struct lk_reader r;
    begin(&r, value);
    t->failures = lk_read_le32(&r);
    t->last = read_time(&r);
    return lk_reader_end(&r);
}

void lk_profile_encode(struct lk_buf *b, const struct lk_profile_record *p) {
    unsigned flags = (p->filled ? PROFILE_FILLED : 0u) | (p->has_text ? PROFILE_HAS_TEXT : 0u);
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    lk_buf_put_u8(b, (uint8_t)flags);
    put_sum(b);
}

int lk_profile_decode(struct lk_str value, struct lk_profile_record *p) {
    struct lk_reader r;
    begin(&r, value);
    uint8_t flags = read_flags(&r, PROFILE_FILLED | PROFILE_HAS_TEXT);
    p->filled = (flags & PROFILE_FILLED) != 0;
    p->has_text = (flags & PROFILE_HAS_TEXT) != 0;
    return lk_reader_end(&r);
}

void lk_picture_encode(struct lk_buf *b, const struct lk_picture_record *p) {
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    lk_buf_put(b, p->owner, sizeof(p->owner));
    lk_buf_put_lstr(b, p->type);
    put_sum(b);
}

int lk_picture_decode(struct lk_str value, struct lk_picture_record *p) {
    struct lk_reader r;
    begin(&r, value);
    read_exact(&r, p->owner, sizeof(p->owner));
    p->type = lk_read_lstr(&r);
    return lk_reader_end(&r);
}

void lk_audit_encode(struct lk_buf *b, const struct lk_audit_record *a) {
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    put_time(b, a->time);
    lk_buf_put_u8(b, (uint8_t)a->event);
    lk_buf_put(b, a->subject, sizeof(a->subject));
    lk_buf_put(b, a->address, sizeof(a->address));
    lk_buf_put_lstr(b, a->actor);
    lk_buf_put_lstr(b, a->subject_name);
    put_sum(b);
}

int lk_audit_decode(uint64_t sequence, struct lk_str value, struct lk_audit_record *a) {
    struct lk_reader r;
    begin(&r, value);
    a->sequence = sequence;
    a->time = read_time(&r);
    uint8_t event = lk_read_u8(&r);
    if (event < LK_AUDIT_SIGNUP || event > LK_AUDIT_LOCKED) {
        r.err = LK_ERR_CORRUPT;
    }
    a->event = (enum lk_audit_event)event;
    read_exact(&r, a->subject, sizeof(a->subject));
    read_exact(&r, a->address, sizeof(a->address));
    a->actor = lk_read_lstr(&r);
    a->subject_name = lk_read_lstr(&r);
    return lk_reader_end(&r);
}

void lk_mail_encode(struct lk_buf *b, const struct lk_outbox_mail *m, const uint8_t account[LK_UUID_LEN]) {
    lk_buf_put_u8(b, LK_RECORD_VERSION);
    lk_buf_put_u8(b, (uint8_t)m->kind);
    lk_buf_put_u8(b, (uint8_t)m->language);
    lk_buf_put(b, account, LK_UUID_LEN);
    put_time(b, m->created);
    put_time(b, m->next_try);
    lk_buf_put_le32(b, m->attempts);
    lk_buf_put_lstr(b, m->to);
    lk_buf_put_lstr(b, m->username);
    lk_buf_put_lstr(b, m->uidb64);
    lk_buf_put_lstr(b, m->token);
    put_sum(b);
}

int lk_mail_decode(uint64_t sequence, struct lk_str value, struct lk_outbox_mail *m,
                   uint8_t account[LK_UUID_LEN]) {
    struct lk_reader r;
    unsigned version = begin_versioned(&r, value, LK_RECORD_VERSION);
    m->sequence = sequence;
    uint8_t kind = lk_read_u8(&r);
    uint8_t language = version >= MAIL_LANGUAGE ? lk_read_u8(&r) : LK_ENGLISH;
    if (kind > LK_MAIL_INVITE || language >= LK_LANGUAGES) {
        r.err = LK_ERR_CORRUPT;
    }
    m->kind = (enum lk_mail_kind)kind;
    m->language = (enum lk_language)language;
    read_exact(&r, account, LK_UUID_LEN);
    m->created = read_time(&r);
    m->next_try = read_time(&r);
    m->attempts = lk_read_le32(&r);
    m->to = lk_read_lstr(&r);
    m->username = lk_read_lstr(&r);
    m->uidb64 = lk_read_lstr(&r);
    m->token = lk_read_lstr(&r);
    return lk_reader_end(&r);
}
