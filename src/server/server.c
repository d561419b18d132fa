#include "server/server.h"

#include "base/time.h"
#include "crypto/crypto.h"
#include "options.h"
#include "port.h"
#include "server/certificate.h"
#include "server/engine.h"
#include "server/state.h"
#include "server/text.h"

#include <stdlib.h>
#include <string.h>

#define READERS_DEFAULT 128
#define RENEW_RETRY 3600 /* seconds after a certificate could not be made */

/* --- parts ---------------------------------------------------------------------------------------------- */

/* The format that the store had. `arg` is the number, 0 before the first call. */
static void note_format(void *arg, uint32_t from, uint32_t to) {
    uint32_t *had = arg;
    (void)to;
    *had = *had == 0 ? from : *had;
}

static int open_store(struct lk_server *s, char *why, size_t why_len) {
    const char *reason = NULL;
    uint32_t had = 0;
    const struct lk_store_options options = {
        .dir = s->config.data_dir,
        .map_size = (size_t)s->config.map_size,
        .max_readers =
            (s->config.threads != 0 ? s->config.threads : READERS_DEFAULT) + LK_STORE_READERS_BESIDES,
        .exclusive = true,
        .migrating = note_format,
        .migrating_arg = &had,
    };
    int err = lk_store_open(&s->store, &options, &reason);
    if (err == 0 && had != 0) {
        LK_LOG(LK_LOG_INFO, "store_migrated", LK_LOG_NUM("from", had), LK_LOG_NUM("to", LK_STORE_FORMAT));
    }
    if (err == 0) {
        return 0;
    }
    s->store = NULL;
    return server_say(why, why_len, s->config.data_dir, reason != NULL ? reason : lk_err_text(err), err);
}

/* A flood of logins may hold half of the threads: the others go on answering. */
static struct lk_hash_gate *make_gate(const struct lk_config *config) {
    unsigned workers = lk_port_cpu_count();
    unsigned half = config->threads / 2;
    return lk_hash_gate_new(workers, half > workers ? half - workers : 1);
}

static int make_service(struct lk_server *s, char *why, size_t why_len) {
    s->gate = make_gate(&s->config);
    struct lk_service *service = calloc(1, lk_service_size());
    if (s->gate == NULL || service == NULL) {
        free(service);
        return server_say_err(why, why_len, "start", LK_ERR_NO_MEMORY);
    }
    const struct lk_service_options options = {
        .store = s->store,
        .gate = s->gate,
        .user_keys = &s->keys->user,
        .internal_keys = &s->keys->internal,
        .policy = s->config.policy,
    };
    int err = lk_service_init(service, &options);
    if (err != 0) {
        free(service);
        return server_say_err(why, why_len, "start", err);
    }
    s->service = service;
    return 0;
}

static int load_certificate(const struct lk_config *config, struct server_certificate *c, char *why,
                            size_t why_len) {
    if (config->tls_certificate[0] != '\0') {
        return server_certificate_read(c, config->tls_certificate, config->tls_key, why, why_len);
    }
    return server_certificate_own(c, config->data_dir, lk_url_host(lk_str_from(config->public_url)),
                                  lk_time_now(), why, why_len);
}

static void free_certificate(struct server_certificate *c) {
    if (c != NULL) {
        lk_wipe(c, sizeof(*c));
        free(c);
    }
}

static int listen_with(struct lk_server *s, const struct server_certificate *c, char *why, size_t why_len) {
    struct lk_serve_address addresses[LK_LISTENERS_MAX];
    const char *reason = NULL;
    for (size_t i = 0; i < s->config.listen_count; i++) {
        const struct lk_listener *l = &s->config.listen[i];
        addresses[i] = (struct lk_serve_address){.address = l->address, .port = l->port, .tls = l->tls};
    }
    const struct server_engine_options options = {
        .http = s->http,
        .addresses = addresses,
        .address_count = s->config.listen_count,
        .certificate = {c->certificate, c->certificate_len},
        .key = {c->key, c->key_len},
        .threads = s->config.threads,
        .max_connections = s->config.max_connections,
        .max_per_address = s->config.max_connections_per_address,
        .max_body = s->config.max_body,
        .max_picture = s->config.policy.max_picture,
    };
    struct server_engine *engine = NULL;
    int err = server_engine_start(&engine, &options, &reason);
    s->engine = engine;
    if (err == 0) {
        return 0;
    }
    const char *subject =
        err == LK_ERR_INVALID && s->config.tls_certificate[0] != '\0' ? s->config.tls_certificate : "listen";
    return server_say(why, why_len, subject, reason != NULL ? reason : lk_err_text(err), err);
}

static int start_engine(struct lk_server *s, char *why, size_t why_len) {
    struct server_certificate *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return server_say_err(why, why_len, "start", LK_ERR_NO_MEMORY);
    }
    int err = load_certificate(&s->config, c, why, why_len);
    if (err == 0) {
        s->renew_at = c->renew_at;
        err = listen_with(s, c, why, why_len);
    }
    free_certificate(c);
    return err;
}

static void count_connections(void *arg, struct lk_api_connections *counts) {
    const struct lk_server *s = arg;
    const struct server_engine *engine = s->engine;
    struct server_engine_counts c = {0};
    if (engine != NULL) {
        server_engine_count(engine, &c);
    }
    *counts = (struct lk_api_connections){.open = c.open, .accepted = c.accepted, .refused = c.refused};
}

static int make_http(struct lk_server *s, char *why, size_t why_len) {
    s->app.service = s->service;
    s->app.gate = s->gate;
    s->app.brand = &s->brand;
    memcpy(s->public_url, s->config.public_url, sizeof(s->public_url));
    s->app.public_url = s->public_url;
    s->app.connections = count_connections;
    s->app.mails = server_mailer_count;
    s->app.arg = s;
    const struct lk_http_options options = {
        .router = &lk_api_router,
        .service = s->service,
        .app = &s->app,
        .public_url = lk_str_from(s->config.public_url),
        .plain_loopback = s->config.plain_http_loopback,
        .proxies = s->config.proxies,
        .proxy_count = s->config.proxy_count,
        .hsts = s->config.tls_certificate[0] != '\0',
        .max_body = s->config.max_body,
        .max_picture = s->config.policy.max_picture,
    };
    int err = lk_http_new(&s->http, &options);
    s->app.http = s->http;
    return err != 0 ? server_say_err(why, why_len, "start", err) : 0;
}

static void log_listeners(const struct lk_server *s) {
    for (size_t i = 0; i < s->config.listen_count; i++) {
        const struct lk_listener *l = &s->config.listen[i];
        LK_LOG(LK_LOG_INFO, "listening", LK_LOG_STR("scheme", l->tls ? LK_STR("https") : LK_STR("http")),
               LK_LOG_STR("address", lk_str_from(l->address)), LK_LOG_NUM("port", lk_server_port(s, i)),
               LK_LOG_STR("public_url", lk_str_from(s->public_url)));
    }
}

static void show_setup_code(struct lk_server *s, const struct lk_server_console *console) {
    char code[25];
    int err = lk_setup_code(s->service, code);
    if (err == 0) {
        console->setup_code(console->arg, code, s->public_url);
    } else if (err != LK_ERR_EXISTS) {
        LK_LOG(LK_LOG_ERROR, "setup_code_failed", LK_LOG_STR("error", lk_str_from(lk_err_text(err))));
    }
    lk_wipe(code, sizeof(code));
}

/* --- start, reload, stop -------------------------------------------------------------------------------- */

static int prepare(struct lk_server *s, char *why, size_t why_len) {
    pthread_condattr_t attr;
    int err = lk_crypto_init();
    if (err != 0) {
        return server_say_err(why, why_len, "random numbers", err);
    }
    s->crypto = true;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->certificate_lock, NULL);
    pthread_cond_init(&s->wake, &attr);
    pthread_condattr_destroy(&attr);
    return 0;
}

static int start(struct lk_server *s, char *why, size_t why_len) {
    int err = prepare(s, why, why_len);
    /* The store's lock first: of two servers on the same data, one goes no further. */
    if (err == 0) {
        err = open_store(s, why, why_len);
    }
    if (err == 0) {
        err = server_keys_load(&s->keys, &s->config, why, why_len);
    }
    if (err == 0) {
        err = make_service(s, why, why_len);
    }
    if (err != 0) {
        return err;
    }
    err = server_brand_load(s, why, why_len);
    if (err == 0) {
        err = make_http(s, why, why_len);
    }
    if (err == 0) {
        err = start_engine(s, why, why_len);
    }
    if (err == 0) {
        err = server_mailer_start(s, &s->config, why, why_len);
    }
    if (err == 0 && server_sweeper_start(s) != 0) {
        err = server_say_err(why, why_len, "start", LK_ERR_NO_MEMORY);
    }
    return err;
}

int lk_server_start(struct lk_server **out, const struct lk_config *config, const char *version,
                    const struct lk_server_console *console, char *why, size_t why_len) {
    struct lk_server *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return server_say_err(why, why_len, "start", LK_ERR_NO_MEMORY);
    }
    s->config = *config;
    s->app.version = version;
    lk_log_configure(config->log_level, config->log_format);
    int err = start(s, why, why_len);
    if (err != 0) {
        lk_server_stop(s);
        return err;
    }
    log_listeners(s);
    show_setup_code(s, console);
    *out = s;
    return 0;
}

/* Under the certificate's lock. */
static int replace_certificate(struct lk_server *s, const struct lk_config *config, char *why,
                               size_t why_len) {
    struct server_certificate *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return server_say_err(why, why_len, "the TLS certificate", LK_ERR_NO_MEMORY);
    }
    int err = load_certificate(config, c, why, why_len);
    if (err == 0) {
        struct lk_str chain = {c->certificate, c->certificate_len};
        struct lk_str key = {c->key, c->key_len};
        err = server_engine_set_certificate(s->engine, chain, key);
        if (err != 0) {
            server_say(why, why_len, "the TLS certificate", "it cannot be used with its key", err);
        } else {
            s->renew_at = c->renew_at;
            lk_http_set_hsts(s->http, config->tls_certificate[0] != '\0');
        }
    }
    free_certificate(c);
    return err;
}

static int reload_certificate(struct lk_server *s, const struct lk_config *config, char *why,
                              size_t why_len) {
    pthread_mutex_lock(&s->certificate_lock);
    int err = replace_certificate(s, config, why, why_len);
    if (err == 0) {
        memcpy(s->config.tls_certificate, config->tls_certificate, sizeof(s->config.tls_certificate));
        memcpy(s->config.tls_key, config->tls_key, sizeof(s->config.tls_key));
    }
    pthread_mutex_unlock(&s->certificate_lock);
    return err;
}

void server_renew_certificate(struct lk_server *s, int64_t now) {
    char why[160];
    pthread_mutex_lock(&s->certificate_lock);
    if (now >= s->renew_at && replace_certificate(s, &s->config, why, sizeof(why)) != 0) {
        LK_LOG(LK_LOG_ERROR, "certificate_failed", LK_LOG_STR("why", lk_str_from(why)));
        s->renew_at = now + RENEW_RETRY;
    }
    pthread_mutex_unlock(&s->certificate_lock);
}

/* Sizes are those of the start. */
static void reload_policy(struct lk_server *s, const struct lk_config *config) {
    struct lk_policy policy = config->policy;
    policy.max_picture = s->config.policy.max_picture;
    lk_service_set_policy(s->service, &policy);
}

int lk_server_reload(struct lk_server *s, const struct lk_config *config, char *why, size_t why_len) {
    struct server_keys *keys = NULL;
    int err = server_keys_load(&keys, config, why, why_len);
    if (err == 0) {
        err = server_mailer_check(s, config, why, why_len);
    }
    if (err == 0) {
        err = reload_certificate(s, config, why, why_len);
    }
    if (err != 0) {
        server_keys_free(keys);
        return err;
    }
    keys->former = s->keys;
    s->keys = keys;
    lk_service_set_keys(s->service, &keys->user, &keys->internal);
    reload_policy(s, config);
    lk_log_configure(config->log_level, config->log_format);
    return server_mailer_reload(s, config, why, why_len);
}

/* The threads of our own first: when they block they say so to the engine. A mail that a last request queues
   leaves after the next start. The store last. */
void lk_server_stop(struct lk_server *s) {
    server_sweeper_stop(s);
    if (s->mailer != NULL) {
        server_mailer_stop(s);
    }
    if (s->engine != NULL) {
        server_engine_stop(s->engine);
    }
    lk_http_free(s->http);
    free(s->logo);
    if (s->service != NULL) {
        lk_service_end(s->service);
        free(s->service);
    }
    if (s->gate != NULL) {
        lk_hash_gate_free(s->gate);
    }
    server_keys_free(s->keys);
    if (s->store != NULL) {
        lk_store_close(s->store);
    }
    if (s->crypto) {
        pthread_cond_destroy(&s->wake);
        pthread_mutex_destroy(&s->lock);
        pthread_mutex_destroy(&s->certificate_lock);
        lk_crypto_free();
    }
    free(s);
}

uint16_t lk_server_port(const struct lk_server *s, size_t index) {
    return server_engine_port(s->engine, index);
}

struct lk_service *lk_server_service(const struct lk_server *s) {
    return s->service;
}
