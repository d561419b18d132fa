/*
 * A request as a route sees it, and the answer it builds. Everything a request needs lives in one arena
 * that is bounded and freed when the answer has left.
 */
#ifndef LK_HTTP_HTTP_H
#define LK_HTTP_HTTP_H

#include "account/account.h"
#include "account/page.h"
#include "base/buf.h"

/* --- memory of one request ------------------------------------------------------------------------------ */

struct lk_arena; /* chunks from the heap, bounded in sum; all freed at once, wiped first */
/* Zeroed memory aligned for any type, or NULL when the bound or the heap is reached. */
void *lk_arena_alloc(struct lk_arena *a, size_t size);

/* --- the request ---------------------------------------------------------------------------------------- */

/* Bits, so that a route can name several. */
enum lk_method {
    LK_GET = 1,
    LK_HEAD = 2,
    LK_POST = 4,
    LK_PUT = 8,
    LK_PATCH = 16,
    LK_DELETE = 32,
    LK_OPTIONS = 64,
    LK_METHOD_OTHER = 128,
};

enum lk_mount { LK_MOUNT_AUTH, LK_MOUNT_API_USERS, LK_MOUNT_API_USER, LK_MOUNT_ROOT };

#define LK_PATH_PARAMS_MAX 2

struct lk_request {
    enum lk_method method;
    struct lk_str method_text; /* as sent, for the 405 sentence */
    struct lk_str path;        /* raw, without the query */
    struct lk_str query;       /* raw, without '?' */
    enum lk_mount mount;
    /* the route's variables, percent-decoded, valid UTF-8 without NUL */
    struct lk_str params[LK_PATH_PARAMS_MAX];
    struct lk_str body;
    struct lk_client client;
    struct lk_caller caller; /* filled by the router as the route asks */
    struct lk_account_mem *caller_mem;
    struct lk_arena *arena;
    const struct lk_request_head *head; /* serve/framing.h: the header fields */
    struct lk_str public_url;           /* without a slash at the end */
    bool tls;                           /* it came over TLS */
    void *app;                          /* struct lk_app of the api layer */
};

/* The value of the first header field of that name (case-insensitive), or NULL ptr. */
struct lk_str lk_request_header(const struct lk_request *r, const char *name);
/* The value of a query parameter, percent-decoded into the arena; NULL ptr when absent; *err is
   LK_ERR_INVALID when it is not valid UTF-8 or a bad escape. */
struct lk_str lk_request_query(struct lk_request *r, const char *name, int *err);
/* The value of a cookie; NULL ptr when there is none of that name, or more than one. */
struct lk_str lk_request_cookie(const struct lk_request *r, const char *name);
/*
 * True when nothing says that another site's page sent the request: where there is an Origin it is the one that the
 * request is for (by its Host, or by `public_url`, behind a proxy that changes Host), and Sec-Fetch-Site, which only
 * a browser can set, does not name another site.
 */
bool lk_request_same_origin(const struct lk_request *r);
/* True when Accept prefers text/html to application/json (RFC 9110 §12.5.1). */
bool lk_request_prefers_html(const struct lk_request *r);

/* --- body fields ---------------------------------------------------------------------------------------- */

enum lk_value_kind {
    LK_VALUE_ABSENT,
    LK_VALUE_NULL,
    LK_VALUE_STRING, /* text: UTF-8; see has_nul and surrogate */
    LK_VALUE_NUMBER, /* text: as Python's str() writes it */
    LK_VALUE_BOOL,   /* text: "true" or "false" */
    LK_VALUE_LIST,   /* items: strings only through lk_body_list */
    LK_VALUE_OBJECT,
    LK_VALUE_FILE, /* multipart: text is the bytes; file_name, never empty, is without its path */
};

struct lk_value {
    enum lk_value_kind kind;
    struct lk_str text;
    struct lk_str file_name;
    struct lk_str media_type;
    bool has_nul;       /* it held a NUL; in `text` of a JSON string U+FFFD stands in its place */
    uint32_t surrogate; /* 0, or the first lone surrogate of the JSON text; U+FFFD stands in its place */
};

struct lk_body; /* the fields of a JSON object, a form or a multipart body: one shape for all three */
struct lk_response;

/*
 * Reads the request's body by its Content-Type. An empty body is an empty set of fields. Returns 0, or an
 * error after it has written the answer (400 JSON parse error, 400 non_field_errors, 400 multipart, 415)
 * into `res`.
 */
int lk_body_read(struct lk_request *r, struct lk_response *res, struct lk_body **body);
/* The field of that name; the last one wins when it stands twice. */
struct lk_value lk_body_get(const struct lk_body *b, const char *name);
/* The strings of a JSON list, or the repeated form fields of that name: at most `cap`. Returns how many, or
   LK_ERR_INVALID when one is not a string, LK_ERR_TOO_LARGE. */
int lk_body_list(const struct lk_body *b, const char *name, struct lk_str *items, size_t cap);

enum lk_field_flags {
    LK_FIELD_OPTIONAL = 1,   /* may be absent: no violation then */
    LK_FIELD_TRIM = 2,       /* white space around it is dropped first (all but passwords and tokens) */
    LK_FIELD_NULLABLE = 4,   /* null counts as absent */
    LK_FIELD_EMAIL_KIND = 8, /* not a string: "Enter a valid email address."; a NUL breaks that rule too */
    LK_FIELD_USERNAME_KIND = 16, /* a NUL or a lone surrogate also breaks the form of a username */
};
/*
 * The text of a string field by the rules of Django REST Framework: absent, null, blank and not-a-string
 * each add their violation; NUL and lone surrogates too. True when `out` holds a value; false when it is
 * absent or wrong.
 */
bool lk_body_text(const struct lk_body *b, const char *name, enum lk_field field, unsigned flags,
                  struct lk_violations *v, struct lk_str *out);

/* --- the answer ----------------------------------------------------------------------------------------- */

struct lk_response {
    int status;
    const char *content_type;     /* NULL: no body */
    struct lk_buf body;           /* in memory of the response, grown as needed by lk_res_* up to a bound */
    bool sensitive;               /* holds a token, a hash or an account: Cache-Control: no-store */
    uint32_t retry_after;         /* seconds; 0: none */
    const char *www_authenticate; /* the scheme for a 401; NULL: the mount's */
    const char *cache_control;    /* NULL: none of its own */
    const char *content_encoding; /* of the body; NULL: none */
    struct lk_str etag;           /* empty: none */
    struct lk_str location;       /* empty: none */
    struct lk_str set_cookie;     /* empty: none */
    struct lk_str fields;         /* further header fields, each with its CR LF; empty: none */
    const char *vary;             /* what the answer depends on besides Accept; NULL: nothing */
    const char *csp;              /* Content-Security-Policy of a page; NULL: none */
    unsigned allow;               /* methods of the route */
    bool close;
    struct lk_arena *arena;
    /* A long answer in pieces (chunked): called again and again until it returns 0; > 0: one more piece
       is in `out`. */
    int (*stream)(void *arg, struct lk_buf *out);
    void *stream_arg;
};

/* An empty 200 whose body will grow in `arena`. */
void lk_response_init(struct lk_response *res, struct lk_arena *arena);
/* Appends to the body, which grows; what does not fit sets res->body.err, and the client is told 500 or
   503. */
void lk_res_put(struct lk_response *res, struct lk_str bytes);

/* Bodies. Each sets status, Content-Type and body. */
void lk_res_empty(struct lk_response *res, int status);
/* `bytes` are borrowed until the answer has left. */
void lk_res_bytes(struct lk_response *res, int status, const char *content_type, struct lk_str bytes);
void lk_res_detail(struct lk_response *res, int status, const char *detail); /* {"detail": …} */
/* By the table of errors: LK_ERR_BUSY is 503 with Retry-After, … */
void lk_res_error(struct lk_response *res, int err);
void lk_res_violations(struct lk_response *res, const struct lk_violations *v, enum lk_mount mount); /* 400 */
/* What that is made of: the field's name, and the sentence appended to `out`. */
#define LK_VIOLATION_TEXT_MAX 256 /* bytes that the longest sentence fits into */
const char *lk_field_name(enum lk_field field);
void lk_violation_text(struct lk_buf *out, const struct lk_violation *v, enum lk_mount mount);
void lk_res_throttled(struct lk_response *res, uint32_t seconds); /* 429, DRF's sentence, Retry-After */
/* 401 of the Authorization header, with SimpleJWT's body and WWW-Authenticate of the mount. */
void lk_res_bad_token(struct lk_response *res, enum lk_token_fault fault, enum lk_mount mount);
/* 401 of a token in the body: {"detail": …, "code": "token_not_valid"}. */
void lk_res_token_fault(struct lk_response *res, enum lk_token_fault fault, enum lk_mount mount);
/* 401 {"detail": "No active account found with the given credentials"} with WWW-Authenticate. */
void lk_res_no_account(struct lk_response *res, enum lk_mount mount);

/* JSON, written compact, UTF-8 unescaped but for U+2028/9 and what RFC 8259 asks (as Django REST
   Framework does). */
struct lk_json {
    struct lk_response *res;
    bool comma;
};
/* Sets status and Content-Type: application/json. */
void lk_json_begin(struct lk_json *j, struct lk_response *res, int status);
void lk_json_object(struct lk_json *j, const char *key); /* key NULL inside an array or at the top */
void lk_json_array(struct lk_json *j, const char *key);
void lk_json_end_object(struct lk_json *j);
void lk_json_end_array(struct lk_json *j);
void lk_json_str(struct lk_json *j, const char *key, struct lk_str value);
void lk_json_cstr(struct lk_json *j, const char *key, const char *value);
void lk_json_int(struct lk_json *j, const char *key, int64_t value);
void lk_json_bool(struct lk_json *j, const char *key, bool value);
void lk_json_null(struct lk_json *j, const char *key);

/* --- routes --------------------------------------------------------------------------------------------- */

/* Who may call a route: the router answers 401 and 403 itself. */
enum lk_access {
    LK_ACCESS_ANYONE,   /* the Authorization header is not looked at */
    LK_ACCESS_OPTIONAL, /* a caller is made known when a header is there; a bad one is 401 */
    LK_ACCESS_USER,     /* a user's access token; an internal one is 401 */
    LK_ACCESS_ADMIN,    /* a user's access token with the admin role; without it 403 */
    LK_ACCESS_CALLER,   /* a user's or an internal token; the route checks further */
    LK_ACCESS_INTERNAL, /* an internal token with the route's scope; a user's is 403 */
};

struct lk_route {
    enum lk_mount mount;
    const char *path; /* under the mount, without slashes at the ends: "token/refresh", "delete/{}", "{}" */
    unsigned methods; /* GET brings HEAD; OPTIONS is always there */
    enum lk_access access;
    enum lk_scope scope; /* INTERNAL: the scope asked for */
    void (*handle)(struct lk_request *r, struct lk_response *res);
    const char *name; /* for metrics and the log: constant */
    bool any_type;    /* answers with a page or an image too: Accept is not held against it */
    bool secret_tail; /* the path ends in a secret (a mailed link's): the log shows "-" for it */
    bool page;        /* the pages call it: their cookie is taken too, with X-CSRF-Token */
    bool picture;     /* a multipart body may hold a picture */
};

/* The cookie of the pages. */
#define LK_PAGE_COOKIE "__Host-latchkey"
/*
 * Who the cookie of a request stands for, whatever route it is: fills r->caller and, as X-CSRF-Token has to be,
 * `csrf`. LK_TOKEN_NO_USER: there is no cookie. *err as in lk_authenticate. It says nothing about which page
 * sent the request: a route that changes anything asks for more.
 */
enum lk_token_fault lk_request_page_caller(struct lk_service *svc, struct lk_request *r,
                                           char csrf[LK_CSRF_LEN + 1], int *err);

/*
 * For a route that changes nothing: fills r->caller with the user that a token of the Authorization header, or else
 * the pages' cookie alone, stands for. False when the answer, mostly a 401, is in `res`.
 */
bool lk_request_reader(struct lk_service *svc, struct lk_request *r, struct lk_response *res);

/*
 * Routes of one path with different methods may stand in several rows; the first row whose path matches
 * most literally wins a path, and rows of the same path share one Allow. Authentication is checked before
 * the method (a protected path answers 401 to a wrong method without a token).
 */
struct lk_router {
    const struct lk_route *routes;
    size_t count;
    void (*not_found)(struct lk_request *r, struct lk_response *res); /* NULL: the table of errors' 404 */
};
/* The methods that a path takes, as in a response's `allow`; 0: no route has it. */
unsigned lk_router_methods(const struct lk_router *router, struct lk_str path);
/* The row that a request is for, or NULL. */
const struct lk_route *lk_router_find(const struct lk_router *router, struct lk_str path,
                                      enum lk_method method);
/* Finds the route, checks access and method, runs it. Always leaves a complete answer in `res`. */
void lk_router_handle(const struct lk_router *router, struct lk_service *svc, struct lk_request *r,
                      struct lk_response *res, const struct lk_route **matched);

#endif
