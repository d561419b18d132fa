/*
 * The handlers that routes.c puts in its table, and the pieces of an answer that several of them share.
 */
#ifndef LK_API_HANDLERS_H
#define LK_API_HANDLERS_H

#include "api/api.h"

/* credentials.c: accounts as 000, 001 and 004 see them */
void lk_api_signup(struct lk_request *r, struct lk_response *res);
void lk_api_register(struct lk_request *r, struct lk_response *res);
void lk_api_account_get(struct lk_request *r, struct lk_response *res);
void lk_api_account_delete(struct lk_request *r, struct lk_response *res);
void lk_api_account_delete_by_id(struct lk_request *r, struct lk_response *res);

/* list.c: every credential, streamed */
void lk_api_account_list(struct lk_request *r, struct lk_response *res);

/* tokens.c */
void lk_api_login(struct lk_request *r, struct lk_response *res);
void lk_api_refresh(struct lk_request *r, struct lk_response *res);
void lk_api_verify(struct lk_request *r, struct lk_response *res);
void lk_api_validate(struct lk_request *r, struct lk_response *res);
void lk_api_me(struct lk_request *r, struct lk_response *res);

/* logout.c */
void lk_api_logout(struct lk_request *r, struct lk_response *res);

/* users.c: 000's profiles */
void lk_api_profile_create(struct lk_request *r, struct lk_response *res);
void lk_api_profile_get(struct lk_request *r, struct lk_response *res);
void lk_api_profile_delete(struct lk_request *r, struct lk_response *res);

/* user.c: 003 */
void lk_api_user_register(struct lk_request *r, struct lk_response *res);
void lk_api_user_login(struct lk_request *r, struct lk_response *res);
void lk_api_user_me(struct lk_request *r, struct lk_response *res);
void lk_api_user_update(struct lk_request *r, struct lk_response *res);

/* media.c */
void lk_api_media(struct lk_request *r, struct lk_response *res);

/* links.c: what a mail points to */
void lk_api_verify_email(struct lk_request *r, struct lk_response *res);
void lk_api_reset_request(struct lk_request *r, struct lk_response *res);
void lk_api_reset_page(struct lk_request *r, struct lk_response *res);
void lk_api_reset_confirm(struct lk_request *r, struct lk_response *res);

/* forward.c */
void lk_api_forward(struct lk_request *r, struct lk_response *res);

/* setup.c */
void lk_api_setup(struct lk_request *r, struct lk_response *res);

/* session.c: the pages' own session and account */
void lk_api_session_get(struct lk_request *r, struct lk_response *res);
void lk_api_session_post(struct lk_request *r, struct lk_response *res);
void lk_api_session_delete(struct lk_request *r, struct lk_response *res);
void lk_api_session_account(struct lk_request *r, struct lk_response *res);

/* sessions.c */
void lk_api_sessions_list(struct lk_request *r, struct lk_response *res);
void lk_api_sessions_end(struct lk_request *r, struct lk_response *res);
void lk_api_sessions_end_one(struct lk_request *r, struct lk_response *res);

/* accounts.c, audit.c: for administrators */
void lk_api_accounts_list(struct lk_request *r, struct lk_response *res);
void lk_api_accounts_invite(struct lk_request *r, struct lk_response *res);
void lk_api_accounts_change(struct lk_request *r, struct lk_response *res);
void lk_api_accounts_delete(struct lk_request *r, struct lk_response *res);
void lk_api_accounts_link(struct lk_request *r, struct lk_response *res);
void lk_api_audit(struct lk_request *r, struct lk_response *res);

/* app.c: the pages, where the build has them */
void lk_api_app_page(struct lk_request *r, struct lk_response *res);
void lk_api_no_page(struct lk_request *r, struct lk_response *res);

/* ops.c, metrics.c, doc.c */
void lk_api_healthz(struct lk_request *r, struct lk_response *res);
void lk_api_readyz(struct lk_request *r, struct lk_response *res);
void lk_api_metrics(struct lk_request *r, struct lk_response *res);
void lk_api_openapi(struct lk_request *r, struct lk_response *res);
void lk_api_doc(struct lk_request *r, struct lk_response *res);
void lk_api_asset(struct lk_request *r, struct lk_response *res);

/* --- answers.c: what handlers share --------------------------------------------------------------------- */

/* What a handler needs besides its stack, which is small: one account and one pair of tokens. */
struct lk_api_work {
    struct lk_account account;
    struct lk_account_mem mem;
    struct lk_tokens tokens;
    uint32_t retry_after; /* seconds */
};

struct lk_app *lk_api_app(const struct lk_request *r);

/* Memory for the handler, freed with the request; NULL after it wrote the answer that there is none. */
struct lk_api_work *lk_api_work(struct lk_request *r, struct lk_response *res);

/* True when `err` or a violation ends the request: the answer is written then. `v` may be NULL. */
bool lk_api_failed(struct lk_request *r, struct lk_response *res, int err, const struct lk_violations *v,
                   uint32_t retry_after);

/* 404 {"detail": "Not found."} and 403 with its one sentence. */
void lk_api_not_found(struct lk_response *res);
void lk_api_forbidden(struct lk_response *res);

/* {"message": …}, {"error": …}. */
void lk_api_message(struct lk_response *res, int status, const char *text);
void lk_api_error(struct lk_response *res, int status, const char *text);

void lk_api_json_id(struct lk_json *j, const char *key, const uint8_t id[LK_UUID_LEN]);
void lk_api_json_roles(struct lk_json *j, const char *key, uint8_t roles);
/* The members id, full_name, email, profile_pic: an account as 003 shows it. */
void lk_api_json_person(struct lk_json *j, const struct lk_app *app, const struct lk_account *account);

/* 201 with id, username, email and roles: an account that was just made. */
void lk_api_account_made(struct lk_response *res, const struct lk_account *account);

/* Makes the account that a sign-up asks for; NULL after the answer why not was written. */
struct lk_api_work *lk_api_make_account(struct lk_request *r, struct lk_response *res,
                                        const struct lk_signup *in, struct lk_violations *v);

/* True when the sign-up policy lets this caller make an account; otherwise the 403 is written. */
bool lk_api_signup_allowed(struct lk_request *r, struct lk_response *res);

/* --- fields.c: fields that more than one route reads ---------------------------------------------------- */

void lk_api_field_username(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                           struct lk_str *out);
void lk_api_field_email(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                        struct lk_str *out);
void lk_api_field_password(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                           struct lk_str *out);
void lk_api_field_full_name(const struct lk_body *body, unsigned flags, struct lk_violations *v,
                            struct lk_str *out);

/* True when the body holds the field and it is well formed. The roles always hold LK_ROLE_USER: everyone is a user;
   what is more stands in the list. */
bool lk_api_field_roles(const struct lk_body *body, struct lk_violations *v, uint8_t *roles);
/* JSON's true and false, or a form's "true" and "false". */
bool lk_api_field_bool(const struct lk_body *body, const char *name, enum lk_field field,
                       struct lk_violations *v, bool *out);

/* The token in `first`, or, where that is absent, in `second` (NULL: none); violations go to `field`. */
bool lk_api_field_token(const struct lk_body *body, const char *first, enum lk_field field,
                        const char *second, struct lk_violations *v, struct lk_str *out);

/*
 * picture.c: profile_pic. True when the body says something about the picture: then `bytes` and `type` hold
 * the new one, or both are empty and the picture goes away. False when it is absent or wrong (a violation
 * then).
 */
bool lk_api_field_picture(struct lk_request *r, const struct lk_body *body, struct lk_violations *v,
                          struct lk_str *bytes, struct lk_str *type);

#endif
