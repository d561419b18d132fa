#include "base/time.h"
#include "crypto/crypto.h"
#include "port.h"
#include "serve/engine.h"

#include <stdlib.h>
#include <string.h>

static void use_default(unsigned *value, unsigned otherwise) {
    if (*value == 0) {
        *value = otherwise;
    }
}

static void use_default_size(size_t *value, size_t otherwise) {
    if (*value == 0) {
        *value = otherwise;
    }
}

static void fill_defaults(struct lk_serve_options *o) {
    use_default(&o->active, lk_port_cpu_count());
    use_default(&o->threads, o->active + 14);
    use_default(&o->max_connections, 4096);
    use_default(&o->max_per_address, o->max_connections > 1 ? o->max_connections / 2 : 1);
    use_default_size(&o->max_body, (size_t)1 << 20);
    use_default_size(&o->max_buffered, LK_BUFFERED_MAX);
    use_default(&o->handshake_ms, 10000);
    use_default(&o->header_ms, 10000);
    use_default(&o->body_ms, 30000);
    use_default(&o->min_rate, 64 << 10);
    use_default(&o->idle_ms, 60000);
    use_default(&o->write_ms, 30000);
    use_default(&o->linger_ms, 5000);
    use_default(&o->stop_ms, 10000);
}

static bool needs_tls(const struct lk_serve_options *o) {
    for (size_t i = 0; i < o->address_count; i++) {
        if (o->addresses[i].tls) {
            return true;
        }
    }
    return false;
}

static void free_workers(struct lk_serve *s) {
    for (unsigned i = 0; s->workers != NULL && i < s->options.threads; i++) {
        free(s->workers[i].ahead);
    }
    free(s->workers);
}

static void free_listeners(struct lk_serve *s) {
    for (size_t i = 0; s->listen != NULL && i < s->options.address_count; i++) {
        free((char *)s->listen[i].address);
    }
    free(s->listen);
}

/* Everything but the threads. Takes what is only half made, too. */
static void free_serve(struct lk_serve *s) {
    if (s->poller != NULL) {
        lk_poller_free(s->poller);
    }
    if (s->tls != NULL) {
        lk_tls_free(s->tls);
    }
    free_workers(s);
    free_listeners(s);
    pthread_key_delete(s->self);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool make_workers(struct lk_serve *s) {
    s->workers = calloc(s->options.threads, sizeof(*s->workers));
    for (unsigned i = 0; s->workers != NULL && i < s->options.threads; i++) {
        s->workers[i].serve = s;
        s->workers[i].ahead = malloc(LK_READ_AHEAD);
        if (s->workers[i].ahead == NULL) {
            return false;
        }
    }
    return s->workers != NULL;
}

static bool copy_listeners(struct lk_serve *s, const struct lk_serve_options *options) {
    s->listen = calloc(options->address_count, sizeof(*s->listen));
    for (size_t i = 0; s->listen != NULL && i < options->address_count; i++) {
        const char *address = options->addresses[i].address;
        s->listen[i] = options->addresses[i];
        s->listen[i].address = strdup(address != NULL ? address : "");
        if (s->listen[i].address == NULL) {
            return false;
        }
    }
    return s->listen != NULL;
}

static int make_parts(struct lk_serve *s, const struct lk_serve_options *options, const char **why) {
    static const struct lk_tls_io io = {conn_receive_raw, conn_send_raw};

    *why = "There is no memory to start the server.";
    s->poller = lk_poller_new();
    if (s->poller == NULL || !make_workers(s) || !copy_listeners(s, options)) {
        return LK_ERR_NO_MEMORY;
    }
    if (lk_random(&s->hash_seed, sizeof(s->hash_seed)) != 0) {
        *why = "There are no random bytes.";
        return LK_ERR_ENTROPY;
    }
    if (needs_tls(options)) {
        *why = "The TLS certificate and key cannot be used: both must be PEM and belong together.";
        return lk_tls_new(&s->tls, options->certificate, options->key, &io);
    }
    return 0;
}

int lk_serve_start(struct lk_serve **out, const struct lk_serve_options *options, const char **why) {
    *out = NULL;
    *why = "The server's options are not valid.";
    if (options->address_count == 0 || options->handler.handle == NULL || options->threads > 1024) {
        return LK_ERR_INVALID;
    }
    struct lk_serve *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    s->options = *options;
    fill_defaults(&s->options);
    atomic_init(&s->next_sweep, (uint32_t)lk_time_mono_ms());
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    pthread_key_create(&s->self, NULL);
    int err = make_parts(s, options, why);
    if (err == 0) {
        /* The first request may come before this returns, and its handler may want to know the server. */
        *out = s;
        *why = "An address cannot be listened on: it is in use, not this machine's, or the port needs "
               "privileges.";
        err = civetweb_start(s);
    }
    if (err != 0) {
        *out = NULL;
        free_serve(s);
    }
    return err;
}

void lk_serve_stop(struct lk_serve *s) {
    struct lk_conn *c;

    pthread_mutex_lock(&s->lock);
    s->stop_at = lk_time_mono_ms() + s->options.stop_ms;
    atomic_store(&s->stopping, true);
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    connections_stop_idle(s);
    lk_poller_wake(s->poller);
    civetweb_stop(s);
    while ((c = connections_any(s)) != NULL) {
        engine_close(c);
    }
    free_serve(s);
}

int lk_serve_set_certificate(struct lk_serve *s, struct lk_str certificate, struct lk_str key) {
    return s->tls == NULL ? 0 : lk_tls_set_certificate(s->tls, certificate, key);
}

uint16_t lk_serve_port(struct lk_serve *s, size_t index) {
    return civetweb_port(s, index);
}

void lk_serve_stats(struct lk_serve *s, struct lk_serve_stats *stats) {
    unsigned waiting = 0;

    memset(stats, 0, sizeof(*stats));
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < CONN_WAITS; i++) {
        waiting += s->waits[i].count;
    }
    stats->connections = s->connections;
    stats->idle = s->waits[CONN_IDLE].count;
    stats->busy = s->connections - waiting;
    pthread_mutex_unlock(&s->lock);
    stats->buffered = atomic_load(&s->buffered);
    stats->accepted = atomic_load(&s->accepted);
    stats->requests = atomic_load(&s->requests);
    stats->refused = atomic_load(&s->refused);
    stats->turned_away = atomic_load(&s->turned_away);
    stats->evicted = atomic_load(&s->evicted);
    stats->expired = atomic_load(&s->expired);
    stats->handshakes = atomic_load(&s->handshakes);
    stats->resumed = atomic_load(&s->resumed);
}
