/*
 * A new account on its way into the store: its strings gathered in the caller's memory, its fields checked,
 * its names looked up. Signing up, claiming the set-up and importing share it. Private to src/account.
 */
#ifndef LK_ACCOUNT_DRAFT_H
#define LK_ACCOUNT_DRAFT_H

#include "account/db.h"

#define LK_PICTURE_RANDOM 32 /* characters of a picture's name before its extension */

struct lk_draft {
    struct lk_service *svc;
    struct lk_account *account; /* strings in `buf` */
    struct lk_buf buf;          /* over the caller's memory */
    bool own_username;          /* the person chose it; else it is the email */
};

void lk_draft_begin(struct lk_draft *d, struct lk_service *svc, struct lk_account *account, void *mem,
                    size_t cap);
/* Appends a copy of `s`. */
struct lk_str lk_draft_keep(struct lk_draft *d, struct lk_str s);
/* Checks both names and keeps them in the store's form. A NULL `username` becomes the email. */
void lk_draft_names(struct lk_draft *d, struct lk_str username, struct lk_str email, struct lk_violations *v);
/* Adds what of a draft's names is taken already. Returns 0 or a store's error. */
int lk_draft_names_free(struct lk_draft *d, struct lk_violations *v);
/* Adds the violation for a name that was taken meanwhile. */
void lk_draft_taken(const struct lk_draft *d, enum lk_table table, struct lk_violations *v);
/* A fresh name for a picture of that media type. Returns 0, LK_ERR_INVALID (type) or LK_ERR_ENTROPY. */
int lk_picture_name(struct lk_str type, char out[LK_PICTURE_NAME_MAX + 1]);
/* Adds what is wrong with a picture's size or type. */
void lk_check_picture(struct lk_violations *v, struct lk_str bytes, struct lk_str type, uint32_t most);

/* A link's secret and its record, made before the transaction that puts them. */
struct lk_link_draft {
    bool wanted;
    enum lk_mail_kind mail; /* what carries it; NOTHING: it is shown */
    enum lk_language language;
    struct lk_link_record record;
    char secret[LK_LINK_SECRET_TEXT_LEN + 1];
};
/* Made now, in the client's language. Returns 0 or LK_ERR_ENTROPY. */
int lk_link_draft(struct lk_link_draft *l, enum lk_link_kind kind, const struct lk_client *client);
/* Inside a write: puts the link and its mail for `account` (NULL: for nobody, so that an unknown address
   costs the same), in place of former ones of that kind. A full outbox drops both: the person can ask
   again. lk_link_order is for those who are told: LK_ERR_BUSY then, and nothing may be kept. */
int lk_link_put(struct lk_service *svc, struct lk_txn *txn, const struct lk_link_draft *l,
                const struct lk_account *account);
int lk_link_order(struct lk_service *svc, struct lk_txn *txn, const struct lk_link_draft *l,
                  const struct lk_account *account);
/* The first part of a link's path: base64url of the id's text, as Django makes it of a UUID key. */
int lk_link_uidb64(struct lk_buf *b, const uint8_t id[LK_UUID_LEN]);

#endif
