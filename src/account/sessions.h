/*
 * An account's list of its own sessions, and ending them one by one.
 */
#ifndef LK_ACCOUNT_SESSIONS_H
#define LK_ACCOUNT_SESSIONS_H

#include "account/account.h"

struct lk_session_view {
    uint8_t id[LK_UUID_LEN];
    int64_t created;
    int64_t used; /* the log-in, the last rotation or renewal */
    int64_t expires;
    uint8_t address[16];
    const char *device; /* lk_device_label's words, perhaps none */
};

/* Shows every session of the account that lives at `now`, the oldest first. `fn` runs inside a snapshot and must
   not call the service; it returns 0 to go on or an error to stop with it. */
int lk_sessions_walk(struct lk_service *svc, const uint8_t account[LK_UUID_LEN], int64_t now,
                     int (*fn)(const struct lk_session_view *session, void *arg), void *arg);

/* Ends one session of the caller's own. LK_ERR_NOT_FOUND when he has none of that id. */
int lk_session_end(struct lk_service *svc, const struct lk_caller *caller, const uint8_t id[LK_UUID_LEN],
                   const struct lk_client *client);
/* Ends every session of the caller's own but the one he calls from; *ended says how many. LK_ERR_DENIED when that
   one has ended meanwhile. */
int lk_sessions_end_others(struct lk_service *svc, const struct lk_caller *caller,
                           const struct lk_client *client, unsigned *ended);

#endif
