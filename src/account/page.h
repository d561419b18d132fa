/*
 * Sessions of the pages: a cookie stands for the session, and a second value, which only our own pages get to
 * see, says that a request comes from one of them.
 */
#ifndef LK_ACCOUNT_PAGE_H
#define LK_ACCOUNT_PAGE_H

#include "account/account.h"

#define LK_CSRF_LEN 43          /* characters: base64url of 32 bytes */
#define LK_PAGE_RENEW_AFTER 300 /* seconds: what is used more often is written down this often */

struct lk_page {
    char cookie[LK_TOKEN_MAX];  /* the cookie's value, NUL-terminated */
    char csrf[LK_CSRF_LEN + 1]; /* what the pages send in X-CSRF-Token, NUL-terminated */
    int64_t lifetime;           /* seconds */
};

/* As lk_account_login, by address or username; the session is one of the pages: no access or refresh token is
   ever made for it. */
int lk_page_login(struct lk_service *svc, struct lk_str name, struct lk_str password,
                  const struct lk_client *client, struct lk_account *account, struct lk_account_mem *mem,
                  struct lk_page *page, uint32_t *retry_after);

/* Who a cookie stands for, as lk_authenticate for a token. `csrf` is what X-CSRF-Token has to be. */
enum lk_token_fault lk_page_authenticate(struct lk_service *svc, struct lk_str cookie, int64_t now,
                                         struct lk_caller *caller, struct lk_account_mem *mem,
                                         char csrf[LK_CSRF_LEN + 1], int *err);

/*
 * Moves the end of the caller's session to a whole lifetime from now, where it was last used
 * LK_PAGE_RENEW_AFTER seconds ago or more. Returns 1 with the cookie in `page`, 0 when it is not due, or an
 * error (LK_ERR_NOT_FOUND: it has ended).
 */
int lk_page_renew(struct lk_service *svc, const struct lk_caller *caller, int64_t now, struct lk_page *page);

/* Cookie and second value of a session; private to src/account. */
int lk_page_make(struct lk_service *svc, const uint8_t user[LK_UUID_LEN], const uint8_t session[LK_UUID_LEN],
                 const uint8_t jti[16], int64_t now, int64_t expires, struct lk_page *page);

#endif
