/*
 * The whole server: store, keys, rules, routes, connections and mail, put together by one configuration. A
 * port's main reads the configuration, starts it, and waits for signals.
 */
#ifndef LK_SERVER_SERVER_H
#define LK_SERVER_SERVER_H

#include "config/config.h"

struct lk_server;

/* How the server reaches whoever stands before it. */
struct lk_server_console {
    /* Shows the one-time setup code, once, while nobody is admin. Never written to the log. */
    void (*setup_code)(void *arg, const char *code, const char *public_url);
    void *arg;
};

/*
 * Starts to serve. The first start makes the data folder, the token keys, the TLS key with its certificate,
 * and a setup code. `config` is complete (lk_config_finish) and copied; `version` is constant. Returns 0, or
 * an error, and then `why` (a buffer of the caller's, at least 256 bytes) says in one sentence what is wrong;
 * nothing is left running.
 */
int lk_server_start(struct lk_server **out, const struct lk_config *config, const char *version,
                    const struct lk_server_console *console, char *why, size_t why_len);

/*
 * Takes over what may change while requests are under way: the policy, the log level, the token keys, the TLS
 * certificate and the way of mails, all read anew. Addresses, folders and sizes stay. Returns 0, or an error with
 * `why`, and then nothing has changed; but where there was no memory for a mailer with other settings, all has
 * changed and mails wait.
 */
int lk_server_reload(struct lk_server *server, const struct lk_config *config, char *why, size_t why_len);

/* Closes the listeners, lets requests under way finish, closes the store and frees. */
void lk_server_stop(struct lk_server *server);

/* The port that the listener of this index is bound to. */
uint16_t lk_server_port(const struct lk_server *server, size_t index);

/* The rules, for a console that stands beside the server; it lives as long as the server. */
struct lk_service *lk_server_service(const struct lk_server *server);

#endif
