/*
 * The audit ring: who did what, from where, when; never a secret. The newest LK_AUDIT_RECORDS are kept.
 * Records are written in the transaction of what they tell of.
 */
#ifndef LK_ACCOUNT_AUDIT_H
#define LK_ACCOUNT_AUDIT_H

#include "account/account.h"

/* The numbers are part of the stored format. */
enum lk_audit_event {
    LK_AUDIT_SIGNUP = 1,
    LK_AUDIT_LOGIN = 2,
    LK_AUDIT_LOGIN_FAILED = 3,
    LK_AUDIT_LOGOUT = 4,
    LK_AUDIT_PASSWORD_CHANGED = 5,
    LK_AUDIT_RESET_REQUESTED = 6,
    LK_AUDIT_RESET_DONE = 7,
    LK_AUDIT_EMAIL_VERIFIED = 8,
    LK_AUDIT_UPDATED = 9,
    LK_AUDIT_DISABLED = 10,
    LK_AUDIT_ENABLED = 11,
    LK_AUDIT_DELETED = 12,
    LK_AUDIT_ROLES = 13,
    LK_AUDIT_PROFILE_CREATED = 14,
    LK_AUDIT_PROFILE_DELETED = 15,
    LK_AUDIT_SETUP_CLAIMED = 16,
    LK_AUDIT_SESSION_REUSED = 17, /* an old refresh token came again: the session was ended */
    LK_AUDIT_IMPORTED = 18,
    LK_AUDIT_LOCKED = 19, /* the last allowed failure: the account waits for a reset or an admin */
};
/* Its name in exports and pages: "login_failed" …. Constant, never NULL. */
const char *lk_audit_event_name(enum lk_audit_event event);

struct lk_audit_record {
    uint64_t sequence;
    int64_t time;
    enum lk_audit_event event;
    uint8_t subject[LK_UUID_LEN]; /* the account concerned, zero when none */
    uint8_t address[16];
    struct lk_str actor;        /* a username, "service:NAME", "console", or empty: the subject itself */
    struct lk_str subject_name; /* the username as it was */
};

/* Walks from the newest record back, from the first with sequence < `before` (0: from the newest), up to
   `count`. `fn` runs inside a snapshot and must not call the service. */
int lk_audit_walk(struct lk_service *svc, uint64_t before, size_t count,
                  int (*fn)(const struct lk_audit_record *record, void *arg), void *arg);

#endif
