#include "api/handlers.h"
#include "options.h"

#define AUTH LK_MOUNT_AUTH
#define USERS LK_MOUNT_API_USERS
#define USER LK_MOUNT_API_USER
#define ROOT LK_MOUNT_ROOT

#define ANYONE LK_ACCESS_ANYONE
#define OPTIONAL LK_ACCESS_OPTIONAL
#define ACCESS_USER LK_ACCESS_USER
#define ADMIN LK_ACCESS_ADMIN
#define CALLER LK_ACCESS_CALLER
#define INTERNAL LK_ACCESS_INTERNAL

/* Of the internal routes, the only one lists the hashes: it asks for the scope to read them. */
#define ROUTE(mount_, path_, methods_, access_, handle_, name_)                                              \
    {                                                                                                        \
        .mount = mount_, .path = path_, .methods = methods_, .access = access_, .scope = LK_SCOPE_READ,      \
        .handle = handle_, .name = name_                                                                     \
    }
/* A route that takes a picture. */
#define PICTURE(path_, methods_, access_, handle_, name_)                                                    \
    {                                                                                                        \
        .mount = USER, .path = path_, .methods = methods_, .access = access_, .handle = handle_,             \
        .name = name_, .picture = true                                                                       \
    }
/* A route that our own pages call. */
#define OURS(path_, methods_, access_, handle_, name_)                                                       \
    {                                                                                                        \
        .mount = AUTH, .path = path_, .methods = methods_, .access = access_, .handle = handle_,             \
        .name = name_, .page = true                                                                          \
    }
/* A route that answers with something else than JSON; `secret` says that its path ends in a secret: a mailed
   link's, or the name that is all one needs to see a picture. */
#define PAGE(mount_, path_, methods_, access_, handle_, name_, secret_)                                      \
    {                                                                                                        \
        .mount = mount_, .path = path_, .methods = methods_, .access = access_, .handle = handle_,           \
        .name = name_, .any_type = true, .secret_tail = secret_                                              \
    }

static const struct lk_route table[] = {
    ROUTE(AUTH, "", LK_GET, INTERNAL, lk_api_account_list, "credentials_list"),
    ROUTE(AUTH, "signup", LK_POST, OPTIONAL, lk_api_signup, "signup"),
    ROUTE(AUTH, "register", LK_POST, OPTIONAL, lk_api_register, "register"),
    ROUTE(AUTH, "login", LK_POST, ANYONE, lk_api_login, "login"),
    ROUTE(AUTH, "token", LK_POST, ANYONE, lk_api_login, "token"),
    ROUTE(AUTH, "token/refresh", LK_POST, ANYONE, lk_api_refresh, "token_refresh"),
    ROUTE(AUTH, "refresh", LK_POST, ANYONE, lk_api_refresh, "refresh"),
    ROUTE(AUTH, "token/verify", LK_POST, ANYONE, lk_api_verify, "token_verify"),
    ROUTE(AUTH, "validate_token", LK_POST, ANYONE, lk_api_validate, "validate_token"),
    ROUTE(AUTH, "logout", LK_POST, ANYONE, lk_api_logout, "logout"),
    ROUTE(AUTH, "me", LK_GET, ACCESS_USER, lk_api_me, "me"),
    ROUTE(AUTH, "delete/{}", LK_DELETE, CALLER, lk_api_account_delete, "account_delete"),
    PAGE(AUTH, "verify-email/{}/{}", LK_GET, ANYONE, lk_api_verify_email, "verify_email", true),
    ROUTE(AUTH, "reset_password", LK_POST, ANYONE, lk_api_reset_request, "reset_password"),
    PAGE(AUTH, "password_reset_confirm/{}/{}", LK_GET, ANYONE, lk_api_reset_page, "reset_page", true),
    PAGE(AUTH, "password_reset_confirm/{}/{}", LK_POST, ANYONE, lk_api_reset_confirm, "reset_confirm", true),
    ROUTE(AUTH, "setup", LK_POST, ANYONE, lk_api_setup, "setup"),
    PAGE(AUTH, "forward", LK_GET, ANYONE, lk_api_forward, "forward", false),
#if LK_DOC
    PAGE(AUTH, "doc", LK_GET, ANYONE, lk_api_doc, "doc", false),
    ROUTE(ROOT, "openapi.json", LK_GET, ANYONE, lk_api_openapi, "openapi"),
#endif
#if LK_PAGES
    OURS("session", LK_GET, ANYONE, lk_api_session_get, "session_get"),
    OURS("session", LK_POST, ANYONE, lk_api_session_post, "session_post"),
    OURS("session", LK_DELETE, ACCESS_USER, lk_api_session_delete, "session_delete"),
    {.mount = AUTH,
     .path = "session/account",
     .methods = LK_PATCH,
     .access = ACCESS_USER,
     .handle = lk_api_session_account,
     .name = "session_account",
     .page = true,
     .picture = true},
    OURS("sessions", LK_GET, ACCESS_USER, lk_api_sessions_list, "sessions_list"),
    OURS("sessions", LK_DELETE, ACCESS_USER, lk_api_sessions_end, "sessions_end"),
    OURS("sessions/{}", LK_DELETE, ACCESS_USER, lk_api_sessions_end_one, "sessions_end_one"),
    OURS("accounts", LK_GET, ADMIN, lk_api_accounts_list, "accounts_list"),
    OURS("accounts", LK_POST, ADMIN, lk_api_accounts_invite, "accounts_invite"),
    OURS("accounts/{}", LK_PATCH, ADMIN, lk_api_accounts_change, "accounts_change"),
    OURS("accounts/{}", LK_DELETE, ADMIN, lk_api_accounts_delete, "accounts_delete"),
    OURS("accounts/{}/link", LK_POST, ADMIN, lk_api_accounts_link, "accounts_link"),
    OURS("audit", LK_GET, ADMIN, lk_api_audit, "audit"),
#endif
    ROUTE(AUTH, "{}", LK_GET, CALLER, lk_api_account_get, "account_get"),
    ROUTE(AUTH, "{}", LK_DELETE, CALLER, lk_api_account_delete_by_id, "account_delete_by_id"),

    ROUTE(USERS, "create", LK_POST, CALLER, lk_api_profile_create, "profile_create"),
    ROUTE(USERS, "delete/{}", LK_DELETE, CALLER, lk_api_profile_delete, "profile_delete"),
    ROUTE(USERS, "{}", LK_GET, ACCESS_USER, lk_api_profile_get, "profile_get"),

    PICTURE("register", LK_POST, OPTIONAL, lk_api_user_register, "user_register"),
    ROUTE(USER, "login", LK_POST, ANYONE, lk_api_user_login, "user_login"),
    ROUTE(USER, "refresh", LK_POST, ANYONE, lk_api_refresh, "user_refresh"),
    ROUTE(USER, "me", LK_GET, ACCESS_USER, lk_api_user_me, "user_me"),
    PICTURE("update", LK_PUT | LK_PATCH, ACCESS_USER, lk_api_user_update, "user_update"),
    PAGE(USER, "media/{}", LK_GET, ANYONE, lk_api_media, "media", true),

    ROUTE(ROOT, "healthz", LK_GET, ANYONE, lk_api_healthz, "healthz"),
    ROUTE(ROOT, "readyz", LK_GET, ANYONE, lk_api_readyz, "readyz"),
    PAGE(ROOT, "metrics", LK_GET, OPTIONAL, lk_api_metrics, "metrics", false),
    PAGE(ROOT, "assets/{}", LK_GET, ANYONE, lk_api_asset, "assets", false),
#if LK_PAGES
    PAGE(ROOT, "", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "claim", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "sign-in", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "sign-up", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "forgot", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "profile", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "password", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "sessions", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "accounts", LK_GET, ANYONE, lk_api_app_page, "page", false),
    PAGE(ROOT, "audit", LK_GET, ANYONE, lk_api_app_page, "page", false),
#endif
};

#if LK_PAGES
#define NO_PAGE lk_api_no_page
#else
#define NO_PAGE NULL
#endif

const struct lk_router lk_api_router = {table, sizeof(table) / sizeof(table[0]), NO_PAGE};
