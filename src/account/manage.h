/*
 * What an administrator does to accounts from the pages. Every change is one transaction, in which the rights of
 * who asks are checked once more: an admin who was disabled, demoted or logged out a moment ago changes nothing
 * (LK_ERR_DENIED). No change leaves the server without an active admin (LK_ERR_CONFLICT): since it is an active
 * admin who asks, only a change to his own account could.
 */
#ifndef LK_ACCOUNT_MANAGE_H
#define LK_ACCOUNT_MANAGE_H

#include "account/account.h"

/* What changes; the rest stays. */
struct lk_change {
    bool change_active;
    bool active; /* false ends every session; true also clears the count of failed log-ins */
    bool change_roles;
    uint8_t roles;           /* bits of enum lk_role */
    struct lk_str full_name; /* NULL ptr: stays */
};

/* Returns 0 with the account as it is now, LK_ERR_INVALID with violations, LK_ERR_NOT_FOUND, LK_ERR_DENIED or
   LK_ERR_CONFLICT. */
int lk_manage_change(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_change *change,
                     const struct lk_client *client, const struct lk_caller *by, struct lk_violations *v,
                     struct lk_account *account, struct lk_account_mem *mem);

/* As lk_account_delete. */
int lk_manage_delete(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_client *client,
                     const struct lk_caller *by);

#define LK_LINK_PATH_MAX 96

/* A link that sets a password: mailed, or to be shown to the admin, who hands it on. */
struct lk_handed_link {
    bool mail;                       /* in: mail it */
    int64_t expires;                 /* out */
    char path[LK_LINK_PATH_MAX + 1]; /* out: UIDB64/TOKEN, NUL-terminated; empty when it was mailed */
};

/*
 * Makes an account without a password, and a link that sets one, good for a week. `in->password` is not looked at.
 * As lk_account_signup; with link->mail also LK_ERR_UNSUPPORTED (mail is off) and LK_ERR_BUSY (too many mails
 * wait): nothing is made then.
 */
int lk_manage_invite(struct lk_service *svc, const struct lk_signup *in, const struct lk_client *client,
                     const struct lk_caller *by, struct lk_violations *v, struct lk_account *account,
                     struct lk_account_mem *mem, struct lk_handed_link *link);

/* A link for an account that is there, in place of former ones. A mailed one is good for an hour, or for a week
   where no password was ever set; a shown one for a week. LK_ERR_CONFLICT: the account is disabled. */
int lk_manage_link(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_client *client,
                   const struct lk_caller *by, struct lk_handed_link *link);

/* True when the account has no password that could fit: invited, or moved in without one. */
bool lk_password_unset(const struct lk_account *account);

/* --- finding -------------------------------------------------------------------------------------------- */

struct lk_search {
    struct lk_str text; /* in: part of a username, an address or a name, ASCII letters of either case */
    bool resume;        /* in, out: go on after `after`; false at the end: that was all */
    uint8_t after[LK_UUID_LEN]; /* in, out: the last account looked at */
    size_t look_at;             /* in: the most accounts to look at */
    size_t count;               /* in: the most accounts to show */
};

/* Shows accounts in the order in which they were made. `fn` as in lk_account_walk. */
int lk_account_search(struct lk_service *svc, struct lk_search *search,
                      int (*fn)(const struct lk_account *account, void *arg), void *arg);

#endif
