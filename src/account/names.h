/*
 * Usernames and email addresses as the store knows them: the form that is kept, and the key that it is found
 * by.
 */
#ifndef LK_ACCOUNT_NAMES_H
#define LK_ACCOUNT_NAMES_H

#include "account/rules.h"
#include "base/buf.h"
#include "store/store.h"

#define LK_EMAIL_BYTES_MAX 320 /* 254 characters, the local part being ASCII and the domain's labels short */

/* The key of a name in its index table: the name itself, or 0xFF and its SHA-256 where it is longer than a
   key. */
struct lk_name_key {
    uint8_t bytes[LK_STORE_KEY_MAX];
    size_t len;
};
struct lk_str lk_name_key_str(const struct lk_name_key *k);

/* The key of a username in any normalisation form. Returns 0, or an error for what can never be a
   username. */
int lk_username_key(struct lk_str username, struct lk_name_key *key);
/*
 * The key of an email address, whose case does not matter: ASCII letters in lower case, a domain of other scripts case
 * folded and normalised (NFKC_Casefold, as IDNA's mapping mostly does, UTS #46) and in Punycode, so that both ways of
 * writing it are one. Returns 0, or an error for what can never be an address.
 */
int lk_email_key(struct lk_str email, struct lk_name_key *key);
/* True when both name one mailbox. */
bool lk_email_same(struct lk_str a, struct lk_str b);

/* The key in one of the two index tables: LK_TABLE_BY_EMAIL or LK_TABLE_BY_USERNAME. */
int lk_index_key(enum lk_table table, struct lk_str name, struct lk_name_key *key);

/* The form kept: NFKC. Returns 0 or lk_nfkc's error. */
int lk_username_put(struct lk_buf *b, struct lk_str username);
/* The form kept: the domain's ASCII letters in lower case, the local part as sent. */
void lk_email_put(struct lk_buf *b, struct lk_str email);

#define LK_PUNYCODE_PREFIX "xn--"
#define LK_PUNYCODE_PREFIX_LEN 4
/* A label of a domain, well-formed UTF-8, without the prefix. Returns 0 or LK_ERR_TOO_LARGE. */
int lk_punycode_put(struct lk_buf *b, struct lk_str label);
/* A domain, its foreign labels as the prefix and Punycode. Returns 0 or LK_ERR_TOO_LARGE. */
int lk_domain_put(struct lk_buf *b, struct lk_str domain);

/* True for what Django's EmailValidator takes (email.c says where this differs). */
bool lk_email_valid(struct lk_str email);

#endif
