/*
 * Steps that the rules' transactions are made of. Those with a `svc` write and use its scratch: they are for
 * write functions alone. All return 0 or a negative lk_err. Private to src/account.
 */
#ifndef LK_ACCOUNT_DB_H
#define LK_ACCOUNT_DB_H

#include "account/names.h"
#include "account/state.h"

static inline struct lk_str lk_id_str(const uint8_t id[LK_UUID_LEN]) {
    return (struct lk_str){(const char *)id, LK_UUID_LEN};
}

extern const uint8_t lk_nobody[LK_UUID_LEN]; /* the id that no account has: all zero */

/* --- accounts ------------------------------------------------------------------------------------------- */

/* Borrowed from the store; in a write transaction only until the next change. */
int lk_db_account_view(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], struct lk_account *a);
/* Copied into `mem`. */
int lk_db_account_copy(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], struct lk_account *a,
                       struct lk_account_mem *mem);
/* Copied into the service's scratch, for a change. */
int lk_db_account_edit(struct lk_service *svc, struct lk_txn *txn, const uint8_t id[LK_UUID_LEN],
                       struct lk_account *a);
int lk_db_account_put(struct lk_service *svc, struct lk_txn *txn, const struct lk_account *a);
/* The id behind a key of LK_TABLE_BY_USERNAME or LK_TABLE_BY_EMAIL. */
int lk_db_id(struct lk_txn *txn, enum lk_table table, const struct lk_name_key *key, uint8_t id[LK_UUID_LEN]);

/* Puts a new account with its indexes and its profile, and counts it if it is an admin. LK_ERR_EXISTS:
   nothing is changed, and *taken says which table had its key. */
int lk_db_account_add(struct lk_service *svc, struct lk_txn *txn, const struct lk_account *a,
                      enum lk_table *taken);

/* Steps of an administrator's changes. The first two change `a`, which the caller puts; the last removes the
   account with all that belongs to it. */
int lk_db_active_set(struct lk_txn *txn, struct lk_account *a, bool active, int64_t now);
int lk_db_roles_set(struct lk_txn *txn, struct lk_account *a, uint8_t roles);
int lk_db_account_delete(struct lk_txn *txn, const struct lk_account *a);
/* That with its trace in the audit; `tight`: the store is full, and the trace takes the place of older ones. */
int lk_db_account_remove(struct lk_service *svc, struct lk_txn *txn, const uint8_t id[LK_UUID_LEN],
                         const struct lk_client *client, const struct lk_caller *by, bool tight);

/* --- the META table: counters --------------------------------------------------------------------------- */

#define LK_META_ADMINS "accounts.admins"
#define LK_META_TEXTS "profiles.texts"
#define LK_META_MAIL_SEQUENCE "outbox.sequence"
#define LK_META_SETUP_CODE "setup.code" /* SHA-256 of the code that is waiting */

/* 0 where there is none yet. */
int lk_db_counter(struct lk_txn *txn, const char *name, uint64_t *value);
int lk_db_counter_add(struct lk_txn *txn, const char *name, int64_t change);

/* --- numbered records: the audit ring and the outbox ---------------------------------------------------- */

#define LK_SEQUENCE_KEY_LEN 8

/* The key of record `sequence`, in `mem`: big-endian, so that keys sort as their numbers do. */
struct lk_str lk_sequence_key(uint64_t sequence, uint8_t mem[LK_SEQUENCE_KEY_LEN]);
/* The number back. Returns 0 or LK_ERR_CORRUPT. */
int lk_sequence_read(struct lk_str key, uint64_t *sequence);

/* --- sessions ------------------------------------------------------------------------------------------- */

int lk_db_session(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], struct lk_session_record *s);
int lk_db_session_put(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], const struct lk_session_record *s);
/* Puts a new one; where the account has LK_SESSIONS_PER_ACCOUNT of them, the oldest ends. */
int lk_db_session_add(struct lk_txn *txn, const uint8_t id[LK_UUID_LEN], const struct lk_session_record *s);
int lk_db_session_end(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], const uint8_t id[LK_UUID_LEN]);
/* Walks an account's sessions. `visit` may end the one it is shown; it returns 0 to go on. */
int lk_db_sessions_each(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN],
                        int (*visit)(struct lk_txn *txn, const uint8_t *account, const uint8_t *id,
                                     void *arg),
                        void *arg);
/* Ends all of an account but `keep` (NULL: all). */
int lk_db_sessions_end(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], const uint8_t *keep);

/* --- throttle ------------------------------------------------------------------------------------------- */

/* All zero where the account has none. */
int lk_db_throttle(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_throttle_record *t);
int lk_db_throttle_put(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN],
                       const struct lk_throttle_record *t);
int lk_db_throttle_clear(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN]);

/* --- profiles and pictures ------------------------------------------------------------------------------ */

int lk_db_profile(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_profile_record *p);
/* A `text` with NULL ptr: the default biography. */
int lk_db_profile_put(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], bool filled,
                      struct lk_str text);
int lk_db_profile_text(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], struct lk_str *text);
int lk_db_profile_delete(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN]);

int lk_db_picture_add(struct lk_txn *txn, struct lk_str name, const struct lk_picture_record *p,
                      struct lk_str bytes);
int lk_db_picture_delete(struct lk_txn *txn, struct lk_str name);
int lk_db_picture_bytes(struct lk_txn *txn, struct lk_str name, struct lk_str *bytes);

/* --- links and mails ------------------------------------------------------------------------------------ */

#define LK_LINK_SECRET_LEN 32      /* random bytes */
#define LK_LINK_SECRET_TEXT_LEN 43 /* base64url */
#define LK_LINK_KEY_LEN 32         /* account id, then the first 16 bytes of SHA-256 of the secret's text */

int lk_link_key(const uint8_t account[LK_UUID_LEN], struct lk_str secret, uint8_t key[LK_LINK_KEY_LEN]);
int lk_db_link_put(struct lk_txn *txn, const uint8_t key[LK_LINK_KEY_LEN], const struct lk_link_record *l);
/* Ends the links of an account of one kind (a shown one is a reset too), or of all (0), says in *ended (where
   not NULL) how many. */
int lk_db_links_end(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], int kind, int *ended);

/* A mail about a link of `account`, or in nobody's name. LK_ERR_BUSY when LK_OUTBOX_MAX wait already. */
int lk_db_mail_put(struct lk_service *svc, struct lk_txn *txn, struct lk_outbox_mail *m,
                   const uint8_t account[LK_UUID_LEN]);
/* Takes back what waits for an account: one kind (an invitation is a reset too), or all (0). */
int lk_db_mails_drop(struct lk_txn *txn, const uint8_t account[LK_UUID_LEN], int kind);

/* --- audit ---------------------------------------------------------------------------------------------- */

/* `actor`: see lk_audit_record. `subject` NULL: nobody. */
int lk_db_audit(struct lk_service *svc, struct lk_txn *txn, enum lk_audit_event event,
                const struct lk_account *subject, const struct lk_client *client, struct lk_str actor);
/* On a full store the record of a deletion takes the place of two older ones, which this removes. */
int lk_db_audit_trim(struct lk_txn *txn);
/* The actor that a caller stands for, in `mem`; `by` NULL: the console. */
struct lk_str lk_actor(const struct lk_caller *by, const uint8_t subject[LK_UUID_LEN], char mem[80]);

#endif
