/*
 * The rules: what may be done to accounts, profiles, pictures, sessions and mailed links, and what follows
 * from it. No HTTP, no JSON, no heap: callers hand in storage. Every function is safe from any thread.
 *
 * Functions that write return only after the change is durable.
 */
#ifndef LK_ACCOUNT_ACCOUNT_H
#define LK_ACCOUNT_ACCOUNT_H

#include "account/rules.h"
#include "base/err.h"
#include "base/str.h"
#include "base/text.h"

struct lk_service; /* service.h: the store, the keys, the policy */

/* --- what an account is --------------------------------------------------------------------------------- */

/* Bits of `roles`; in answers they have the names "user" and "admin". */
enum lk_role {
    LK_ROLE_USER = 1,
    LK_ROLE_ADMIN = 2,
};

#define LK_PICTURE_NAME_MAX 48
#define LK_ACCOUNT_RECORD_MAX 2304 /* bytes of the longest account record */

/* An account; its strings point into the `mem` that the caller handed in with it. */
struct lk_account {
    uint8_t id[LK_UUID_LEN];
    struct lk_str username;
    struct lk_str email;
    struct lk_str password; /* the encoded hash */
    struct lk_str full_name;
    struct lk_str picture; /* name under /media/, or empty */
    uint8_t roles;
    bool is_active;
    bool email_verified;
    int64_t created;    /* seconds since the epoch */
    int64_t last_login; /* 0: never */
    int64_t revoked;    /* tokens issued before this second are void */
};

/* Room for one account's strings. */
struct lk_account_mem {
    char bytes[LK_ACCOUNT_RECORD_MAX];
};

/* --- who asks ------------------------------------------------------------------------------------------- */

enum lk_caller_kind { LK_CALLER_NOBODY, LK_CALLER_USER, LK_CALLER_INTERNAL };

enum lk_scope {
    LK_SCOPE_READ = 1,   /* credentials:read */
    LK_SCOPE_WRITE = 2,  /* credentials:write */
    LK_SCOPE_DELETE = 4, /* credentials:delete */
};

struct lk_caller {
    enum lk_caller_kind kind;
    struct lk_account account;    /* USER */
    uint8_t session[LK_UUID_LEN]; /* USER: the session of the token, all zero when the token names none */
    int64_t issued;               /* USER: when the token was, seconds since the epoch */
    uint8_t scopes;               /* INTERNAL: bits of enum lk_scope */
    char service[65];             /* INTERNAL: `iss`, NUL-terminated */
};

/* What a person reads; the numbers are part of the stored format. */
enum lk_language { LK_ENGLISH, LK_FRENCH, LK_LANGUAGES };

/* Where a request comes from, for the throttle, the audit, the list of sessions and the mails that follow from it. */
struct lk_client {
    uint8_t address[16]; /* IPv6, or IPv4-mapped */
    int64_t now;         /* seconds since the epoch */
    /* User-Agent where somebody logs in; device.h makes a few words of it */
    struct lk_str user_agent;
    enum lk_language language; /* of the mail that the request may bring about */
};

/* Why a token was refused: one value for each answer that SimpleJWT gives. */
enum lk_token_fault {
    LK_TOKEN_OK,
    LK_TOKEN_INVALID, /* malformed, bad signature, expired, not yet valid, ended session */
    LK_TOKEN_WRONG_TYPE,
    LK_TOKEN_NO_TYPE,
    LK_TOKEN_NO_ID,
    LK_TOKEN_NO_EXP,
    LK_TOKEN_NO_USER, /* no user_id claim */
    LK_TOKEN_USER_UNKNOWN,
    LK_TOKEN_USER_INACTIVE,
    LK_TOKEN_REVOKED, /* its session has ended: blacklisted */
};

/*
 * Who holds this token of the Authorization header: a user's access token or an internal one. On LK_TOKEN_OK
 * `caller` is filled, its account in `mem`. *err is 0, or why the store could not be asked (then the fault
 * means nothing). A token with more than 1024 bytes of claims is LK_TOKEN_INVALID.
 */
enum lk_token_fault lk_authenticate(struct lk_service *svc, struct lk_str token, int64_t now,
                                    struct lk_caller *caller, struct lk_account_mem *mem, int *err);

/* True when the caller may act on the account named `username`: it is the caller's own, or the caller is
   an admin, or holds an internal token with `scope`. Asks no store, so that it tells nothing about other
   accounts. */
bool lk_may_act_on(const struct lk_caller *caller, struct lk_str username, enum lk_scope scope);
bool lk_is_admin(const struct lk_caller *caller);
bool lk_has_scope(const struct lk_caller *caller, enum lk_scope scope);

/* --- sign-up, log-in, tokens ---------------------------------------------------------------------------- */

#define LK_TOKEN_MAX 640 /* bytes of a token made here, with NUL */

struct lk_tokens {
    char access[LK_TOKEN_MAX];  /* NUL-terminated */
    char refresh[LK_TOKEN_MAX]; /* NUL-terminated; empty where none is handed out */
    int64_t access_lifetime;    /* seconds */
};

struct lk_signup {
    struct lk_str username; /* empty ptr (NULL): the email becomes the username */
    struct lk_str email;
    struct lk_str password;
    struct lk_str full_name;    /* may be empty */
    struct lk_str picture;      /* image bytes, checked by lk_picture_type before; empty: none */
    struct lk_str picture_type; /* its media type, constant */
    uint8_t roles;              /* LK_ROLE_USER, and LK_ROLE_ADMIN only where the caller may give it */
    const struct lk_caller
        *by; /* who makes it for somebody else, looked at again when it is written; or NULL */
};

/*
 * Makes the account and its profile in one transaction, and queues the verification mail. Checks every field
 * and adds what is wrong to `v` (fields already reported there are not checked again); with any violation
 * nothing is made and LK_ERR_INVALID is returned. On success the account is in `account`, its strings in
 * `mem`. Other errors: LK_ERR_BUSY (hash gate), LK_ERR_FULL, LK_ERR_IO ….
 */
int lk_account_signup(struct lk_service *svc, const struct lk_signup *in, const struct lk_client *client,
                      struct lk_violations *v, struct lk_account *account, struct lk_account_mem *mem);

/*
 * The same for anyone who asks: twenty accounts from one address cost nothing, then waits double from a second to a
 * quarter of an hour, until the address was quiet for an hour. A name that is taken counts as an account: who asks
 * for many wants to know who is here. LK_ERR_THROTTLED with *retry_after seconds, and `v` as it was.
 */
int lk_account_signup_open(struct lk_service *svc, const struct lk_signup *in, const struct lk_client *client,
                           struct lk_violations *v, struct lk_account *account, struct lk_account_mem *mem,
                           uint32_t *retry_after);

enum lk_login_by {
    LK_BY_USERNAME,
    LK_BY_EMAIL,
    LK_BY_EITHER, /* the account with that address, else the one with that username */
};

/*
 * Checks name and password and opens a session. Returns 0, LK_ERR_MISMATCH (unknown, wrong or inactive: the
 * same in answer and time), LK_ERR_THROTTLED with *retry_after seconds, LK_ERR_BUSY.
 *
 * The first five failures in a row at an account or a name cost nothing; then waits double from a second to a
 * quarter of an hour, and after the hundredth (a day of guessing at the least) only a reset or an admin opens
 * the account again. Somebody who guesses on can so keep the owner waiting: the mailed reset is the way in.
 */
int lk_account_login(struct lk_service *svc, enum lk_login_by by, struct lk_str name, struct lk_str password,
                     const struct lk_client *client, struct lk_account *account, struct lk_account_mem *mem,
                     struct lk_tokens *tokens, uint32_t *retry_after);

/* Whether it is the account's password: asked again before something that a session alone should not do. Counted as
   a log-in is. Returns 0, LK_ERR_MISMATCH, LK_ERR_THROTTLED, LK_ERR_BUSY. */
int lk_password_confirm(struct lk_service *svc, const struct lk_account *account, struct lk_str password,
                        const struct lk_client *client, uint32_t *retry_after);

/* A new access token for a refresh token (with rotation on, also its successor in tokens->refresh).
   Returns 0 with *fault LK_TOKEN_OK, LK_ERR_DENIED with *fault, or a store's error. */
int lk_token_refresh(struct lk_service *svc, struct lk_str refresh, int64_t now, struct lk_tokens *tokens,
                     enum lk_token_fault *fault);

/* SimpleJWT's verify: any unexpired access or refresh token of ours whose session lives. */
int lk_token_verify(struct lk_service *svc, struct lk_str token, int64_t now, enum lk_token_fault *fault);
/* Only an access token is valid. */
int lk_token_validate_access(struct lk_service *svc, struct lk_str token, int64_t now,
                             enum lk_token_fault *fault);

/* Ends the session of a refresh token. Returns 0, LK_ERR_DENIED (invalid or ended already) or a store's
   error. */
int lk_logout_token(struct lk_service *svc, struct lk_str refresh, const struct lk_client *client);
/* Ends the session of the caller's own access token. LK_ERR_NOT_FOUND when the token names none. */
int lk_logout_caller(struct lk_service *svc, const struct lk_caller *caller, const struct lk_client *client);

/* --- accounts ------------------------------------------------------------------------------------------- */

int lk_account_by_id(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], struct lk_account *account,
                     struct lk_account_mem *mem);
/* `username` in any normalisation form: it is compared after NFKC. */
int lk_account_by_username(struct lk_service *svc, struct lk_str username, struct lk_account *account,
                           struct lk_account_mem *mem);
int lk_account_by_email(struct lk_service *svc, struct lk_str email, struct lk_account *account,
                        struct lk_account_mem *mem);

/* What an update changes; a NULL `ptr` keeps what is. */
struct lk_update {
    struct lk_str email;
    struct lk_str full_name;
    struct lk_str password;      /* a new one ends every session … */
    const uint8_t *keep_session; /* … but this one, if not NULL: the caller's own */
    const struct lk_caller *by;  /* looked at again when the change is written; NULL: the console */
    bool change_picture;         /* replace (or, when `picture` is empty, remove) the picture */
    struct lk_str picture;
    struct lk_str picture_type;
};
/* As lk_account_signup: violations or a changed account. A password that equals the stored one changes
   nothing. LK_ERR_DENIED where `by` lost its session or its account meanwhile. */
int lk_account_update(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_update *in,
                      const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                      struct lk_account_mem *mem);

/* Sets the password (rules checked) and ends every session; for the command line and the mailed link. */
int lk_account_set_password(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], struct lk_str password,
                            const struct lk_client *client, struct lk_violations *v);
/* Disabling ends every session. `by` stands in the audit. */
int lk_account_set_active(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], bool active,
                          const struct lk_client *client, const struct lk_caller *by);
int lk_account_set_roles(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], uint8_t roles,
                         const struct lk_client *client, const struct lk_caller *by);
/* Credentials, profile, picture, sessions, links, throttle: gone in one transaction. 0 or
   LK_ERR_NOT_FOUND. */
int lk_account_delete(struct lk_service *svc, const uint8_t id[LK_UUID_LEN], const struct lk_client *client,
                      const struct lk_caller *by);

/* Walks accounts in id order from the first id > `after` (NULL: from the start): up to `count` of them,
   each given to `fn` (its strings valid during the call only); `fn` returns 0 to go on or an error to stop
   with it. It runs inside a snapshot, one every 64 accounts: it must not call the service and should not
   wait. */
int lk_account_walk(struct lk_service *svc, const uint8_t *after, size_t count,
                    int (*fn)(const struct lk_account *account, void *arg), void *arg);

/* Puts an account in as it is (import): hash, flags and dates kept, id kept or made when all zero.
   LK_ERR_EXISTS where id, username or email is taken; LK_ERR_INVALID with violations. `biography` NULL:
   the default one. */
int lk_account_import(struct lk_service *svc, const struct lk_account *account, struct lk_str biography,
                      struct lk_violations *v);

/* --- profiles and pictures ------------------------------------------------------------------------------ */

#define LK_BIOGRAPHY_MAX 40000 /* bytes */

/* The first call fills the profile that signup made (biography NULL ptr: the default one) or makes it anew
   after a delete; a later one is LK_ERR_EXISTS. LK_ERR_NOT_FOUND where there is no account of that name. */
int lk_profile_create(struct lk_service *svc, struct lk_str username, struct lk_str biography,
                      const struct lk_client *client, const struct lk_caller *by);
/* Copies the biography into `mem` (`cap` >= LK_BIOGRAPHY_MAX). Returns 0 or LK_ERR_NOT_FOUND. */
int lk_profile_get(struct lk_service *svc, struct lk_str username, char *mem, size_t cap,
                   struct lk_str *biography);
int lk_profile_delete(struct lk_service *svc, struct lk_str username, const struct lk_client *client,
                      const struct lk_caller *by);

/* Hands the picture of that name to `fn` while it is borrowed from the store; `fn` must not call the service.
   Returns fn's result or LK_ERR_NOT_FOUND. */
int lk_picture_get(struct lk_service *svc, struct lk_str name,
                   int (*fn)(struct lk_str type, struct lk_str bytes, void *arg), void *arg);

/* The media type of an image recognised by walking its whole structure: PNG, JPEG, GIF, WebP; or NULL. */
const char *lk_picture_type(struct lk_str bytes);

/* --- mailed links --------------------------------------------------------------------------------------- */

/* Always returns 0 after the same work, whether or not an account has the address (LK_ERR_FULL, LK_ERR_IO
   aside); queues a mail with a link good once, for an hour. */
int lk_reset_request(struct lk_service *svc, struct lk_str email, const struct lk_client *client);
/* True when the link would be taken now. */
bool lk_reset_link_good(struct lk_service *svc, struct lk_str uidb64, struct lk_str token, int64_t now);
/* The account that it is for. Returns 0, or LK_ERR_NOT_FOUND where the link would not be taken. */
int lk_reset_link_account(struct lk_service *svc, struct lk_str uidb64, struct lk_str token, int64_t now,
                          struct lk_account *account, struct lk_account_mem *mem);
bool lk_verify_link_good(struct lk_service *svc, struct lk_str uidb64, struct lk_str token, int64_t now);
/* Sets the password, ends every session, clears the throttle, marks the email verified and uses the link
   up. Returns 0, LK_ERR_NOT_FOUND (bad, used or expired link) or LK_ERR_INVALID with violations (on
   new_password1/2). */
int lk_reset_confirm(struct lk_service *svc, struct lk_str uidb64, struct lk_str token,
                     struct lk_str password1, struct lk_str password2, const struct lk_client *client,
                     struct lk_violations *v);
/* Marks the email verified, once. Returns 0 or LK_ERR_NOT_FOUND. */
int lk_verify_email(struct lk_service *svc, struct lk_str uidb64, struct lk_str token,
                    const struct lk_client *client);

/* --- first admin ---------------------------------------------------------------------------------------- */

/* True while no admin was made and a setup code is waiting. */
bool lk_setup_open(struct lk_service *svc);
/* Makes a setup code if the store has no account with the admin role and none is waiting; writes it
   NUL-terminated into `code` (only its hash is kept). A new call makes a new code. Returns 0, or
   LK_ERR_EXISTS when setup is over. */
int lk_setup_code(struct lk_service *svc, char code[25]);
/* Makes the first admin, once. LK_ERR_DENIED on a wrong code (throttled per address), LK_ERR_EXISTS when
   setup is over, LK_ERR_THROTTLED; else as lk_account_signup. */
int lk_setup_claim(struct lk_service *svc, struct lk_str code, const struct lk_signup *in,
                   const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                   struct lk_account_mem *mem, uint32_t *retry_after);

#endif
