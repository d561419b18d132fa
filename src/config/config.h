/*
 * The configuration: `key = value` lines of a file, then KEY=VALUE arguments, checked as a whole. An
 * unknown key or a bad value is an error that names line and key; nothing starts with a half-read
 * configuration.
 */
#ifndef LK_CONFIG_CONFIG_H
#define LK_CONFIG_CONFIG_H

#include "account/service.h"
#include "base/log.h"
#include "base/text.h"
#include "options.h"

#define LK_LISTENERS_MAX 8
#define LK_BRAND_NAME_TEXT_MAX 65 /* bytes, with NUL */
#define LK_PROXIES_MAX 8

struct lk_listener {
    bool tls;
    char address[64]; /* numeric IPv4, or IPv6 in brackets, or empty: every IPv4 address */
    uint16_t port;    /* 0: any free one (tests) */
};

enum lk_mail_way { LK_MAIL_OFF, LK_MAIL_LOG, LK_MAIL_FILE, LK_MAIL_SMTP, LK_MAIL_SMTPS };

struct lk_config {
    char data_dir[LK_PATH_TEXT_MAX];
    struct lk_listener listen[LK_LISTENERS_MAX];
    size_t listen_count;
    bool plain_http_loopback; /* plain_http = loopback */
    /* without a slash at the end; empty: https://localhost and the port of the first listener */
    char public_url[LK_PATH_TEXT_MAX];
    char tls_certificate[LK_PATH_TEXT_MAX]; /* empty: self-signed in data_dir */
    char tls_key[LK_PATH_TEXT_MAX];
    char jwt_key_file[LK_PATH_TEXT_MAX];      /* empty: jwt.key in data_dir */
    char internal_key_file[LK_PATH_TEXT_MAX]; /* empty: internal.key in data_dir */
    struct lk_policy policy;
    enum lk_mail_way mail;
    /* file: the folder; smtp: user:password@host:port as given, parsed by mail/ */
    char mail_target[LK_PATH_TEXT_MAX];
    char mail_from[LK_PATH_TEXT_MAX];
    char mail_ca_file[LK_PATH_TEXT_MAX]; /* PEM; empty: the system's store */
    char mail_fingerprint[65];           /* SHA-256 of the server's certificate in hex; empty: none pinned */
    char brand_name[LK_BRAND_NAME_TEXT_MAX];
    bool brand_named; /* brand_name is one of its maker's own */
    bool brand_coloured;
    uint32_t brand_color;              /* 0xRRGGBB, where brand_coloured */
    char brand_logo[LK_PATH_TEXT_MAX]; /* a file; empty: our own */
    uint32_t max_body;                 /* bytes */
    uint64_t map_size;                 /* bytes */
    uint32_t threads;                  /* worker threads */
    uint32_t max_connections;
    uint32_t max_connections_per_address;
    struct lk_network proxies[LK_PROXIES_MAX]; /* trusted_proxies */
    size_t proxy_count;
    enum lk_log_level log_level;
    enum lk_log_format log_format;
};

/* Every key with its default. */
void lk_config_defaults(struct lk_config *c);

/* One key from text, as in a file line or an argument. Returns 0 or LK_ERR_INVALID, then `why` (a buffer
   of the caller's, at least 160 bytes) says which key and what is wrong, in one sentence. */
int lk_config_set(struct lk_config *c, struct lk_str key, struct lk_str value, char *why, size_t why_len);

/* The text of a whole file: one `key = value` a line, `#` comments, blank lines. `name` stands in messages.
   Returns 0 or LK_ERR_INVALID with `why` naming file, line and key. */
int lk_config_parse(struct lk_config *c, const char *name, struct lk_str text, char *why, size_t why_len);

/* What spans several keys: listeners present, plain ones on loopback or redirecting, certificate and key
   together, lifetimes in order. Fills public_url's default. */
int lk_config_finish(struct lk_config *c, char *why, size_t why_len);

/* Every key's name, default and one-line meaning, for --help and the sample file. Returns NULL past the
   last. */
struct lk_config_key {
    const char *name;
    const char *fallback;
    const char *meaning;
};
const struct lk_config_key *lk_config_key_at(size_t index);

#endif
