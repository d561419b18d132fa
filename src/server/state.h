/*
 * What the files of the server share: everything that lives from start to stop.
 */
#ifndef LK_SERVER_STATE_H
#define LK_SERVER_STATE_H

#include "account/keyring.h"
#include "api/api.h"
#include "http/handler.h"
#include "mail/mail.h"
#include "server/server.h"
#include "web/brand.h"

#include <pthread.h>

struct server_engine; /* engine.h */

/* Both keyrings as they were read at one time; requests under way may still use former ones. */
struct server_keys {
    struct lk_keyring user;
    struct lk_keyring internal;
    struct server_keys *former;
};

struct lk_server {
    struct lk_config config;
    struct lk_app app;
    struct lk_store *store;
    struct lk_hash_gate *gate;
    struct lk_service *service;
    struct server_keys *keys;
    struct lk_http *http;
    struct server_engine *_Atomic engine; /* NULL until it has started */
    struct lk_mailer *mailer;             /* written under `lock` */
    struct lk_mailer_counts mail_past;    /* under `lock`: of the mailers before this one */
    struct lk_brand brand;
    char *logo; /* the brand's file, or NULL */
    char public_url[LK_PATH_TEXT_MAX];
    pthread_mutex_t certificate_lock; /* whoever replaces the certificate */
    int64_t renew_at;                 /* under that lock; as in struct server_certificate */
    bool crypto;                      /* lk_crypto_init was called */

    pthread_t sweeper;
    bool sweeping; /* the thread runs */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* under the lock */
};

/* --- keys.c --------------------------------------------------------------------------------------------- */

/* Reads (and where they are ours, makes) the token keys. Returns 0 or an error with `why`. */
int server_keys_load(struct server_keys **out, const struct lk_config *config, char *why, size_t why_len);
/* Wipes and frees all of the chain. */
void server_keys_free(struct server_keys *keys);

/* --- server.c ------------------------------------------------------------------------------------------- */

/* Makes the self-signed certificate anew when it is time, and serves it from the next connection on. */
void server_renew_certificate(struct lk_server *server, int64_t now);

/* --- mailer.c ------------------------------------------------------------------------------------------- */

/* Starts it as `config` says. Returns 0 or an error with `why`. */
int server_mailer_start(struct lk_server *server, const struct lk_config *config, char *why, size_t why_len);
/* Its counts go on with the next one. */
void server_mailer_stop(struct lk_server *server);
/* Whether another configuration's mailer would start. Returns 0 or an error with `why`. */
int server_mailer_check(struct lk_server *server, const struct lk_config *config, char *why, size_t why_len);
/* Replaces it where its settings have changed. */
int server_mailer_reload(struct lk_server *server, const struct lk_config *config, char *why, size_t why_len);
/* For struct lk_app; `arg` is the server. */
void server_mailer_count(void *arg, struct lk_api_mails *counts);

/* --- brand.c -------------------------------------------------------------------------------------------- */

/* Fills server->brand from its configuration. Returns 0 or an error with `why`. */
int server_brand_load(struct lk_server *server, char *why, size_t why_len);

/* --- sweeper.c ------------------------------------------------------------------------------------------ */

/* Starts the thread that removes what expired and renews the certificate, once a second. Returns 0 or LK_ERR_NO_MEMORY. */
int server_sweeper_start(struct lk_server *server);
void server_sweeper_stop(struct lk_server *server);

#endif
