/* The mailer's options, its start and its stop. */
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "crypto/crypto.h"
#include "mail/mail.h"
#include "mail/worker.h"
#include "options.h"
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/ssl.h>

#define RETRY_FIRST 60  /* seconds */
#define RETRY_LAST 3600 /* seconds */
#define PATIENCE 300    /* seconds */

void lk_mailer_destroy(struct lk_mailer *m) {
    pthread_cond_destroy(&m->stop.changed);
    pthread_mutex_destroy(&m->stop.lock);
    wolfSSL_Cleanup();
    lk_wipe(m, sizeof(*m));
    free(m);
}

static void wake(void *arg) {
    struct lk_mailer *m = arg;

    pthread_mutex_lock(&m->stop.lock);
    m->woken = true;
    pthread_cond_broadcast(&m->stop.changed);
    pthread_mutex_unlock(&m->stop.lock);
}

static int copy_text(char *out, size_t cap, const char *text) {
    struct lk_buf b;

    lk_buf_init(&b, out, cap);
    lk_buf_put_cstr(&b, text != NULL ? text : "");
    return lk_buf_end_cstr(&b);
}

/* EHLO names us by the host that the links name: a domain, or an address literal (RFC 5321 §4.1.3). */
static int set_hello(struct lk_smtp_server *server, struct lk_str host) {
    struct lk_buf b;
    bool ipv6 = lk_str_find(host, ':') < host.len;
    bool ipv4 = host.len > 0;

    for (size_t i = 0; i < host.len; i++) {
        ipv4 = ipv4 && ((host.ptr[i] >= '0' && host.ptr[i] <= '9') || host.ptr[i] == '.');
        if (host.ptr[i] <= ' ' || host.ptr[i] > '~') {
            host = LK_STR("localhost");
            break;
        }
    }
    lk_buf_init(&b, server->hello, sizeof(server->hello));
    lk_buf_put_cstr(&b, ipv6 ? "[IPv6:" : ipv4 ? "[" : "");
    lk_buf_put_str(&b, host.len > 0 ? host : LK_STR("localhost"));
    lk_buf_put_cstr(&b, ipv6 || ipv4 ? "]" : "");
    return lk_buf_end_cstr(&b);
}

static bool readable(const char *path) {
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return false;
    }
    fclose(file);
    return true;
}

static const char *take_server(struct lk_mailer *m, const struct lk_mailer_options *o) {
    struct lk_smtp_server *server = &m->server;
    struct lk_str pin = lk_str_from(o->fingerprint);
    const char *ca = o->ca_file != NULL && o->ca_file[0] != '\0' ? o->ca_file : LK_MAIL_CA_FILE;

    if (lk_smtp_parse_target(server, o->way == LK_MAIL_SMTPS, lk_str_from(o->target)) < 0) {
        return "mail names no server: smtp://[user[:password]@]host[:port], special characters "
               "percent-encoded";
    }
    server->trust.pinned = pin.len > 0;
    if (server->trust.pinned && lk_hex_decode(pin, server->trust.fingerprint, LK_SHA256_LEN) < 0) {
        return "mail_fingerprint is not 64 hexadecimal digits";
    }
    if (copy_text(server->trust.ca_file, sizeof(server->trust.ca_file), ca) < 0 ||
        set_hello(server, lk_url_host(lk_str_from(o->public_url))) < 0) {
        return "mail_ca_file or public_url is too long";
    }
    if (o->ca_file != NULL && o->ca_file[0] != '\0' && !server->trust.pinned && !readable(ca)) {
        return "mail_ca_file cannot be read";
    }
    server->patience_ms = 1000 * (int64_t)(o->patience != 0 ? o->patience : PATIENCE);
    return NULL;
}

/* A folder that takes no file is found out now, not with the first mail that somebody waits for. */
static const char *take_folder(struct lk_mailer *m, const struct lk_mailer_options *o) {
    static const char probe[] = "probe";

    if (copy_text(m->folder, sizeof(m->folder), o->target) < 0) {
        return "the folder's path is too long";
    }
    if (lk_port_file_write(m->folder, probe, "", 0) < 0 || lk_port_file_remove(m->folder, probe) < 0) {
        return "the folder is not there or cannot be written; make it, owned by the server's user";
    }
    return NULL;
}

static const char *take_options(struct lk_mailer *m, const struct lk_mailer_options *o) {
    struct lk_str name;
    struct lk_str address;

    m->service = o->service;
    m->way = o->way;
    m->retry_first = o->retry_first != 0 ? o->retry_first : RETRY_FIRST;
    m->retry_last = o->retry_last != 0 ? o->retry_last : RETRY_LAST;
    if (copy_text(m->from, sizeof(m->from), o->from) < 0 ||
        lk_mailbox_parse(lk_str_from(m->from), &name, &address) < 0) {
        return "mail_from is neither ADDRESS nor NAME <ADDRESS>";
    }
    if (copy_text(m->public_url, sizeof(m->public_url), o->public_url) < 0) {
        return "public_url is too long";
    }
    if (o->site != NULL && copy_text(m->site, sizeof(m->site), o->site) < 0) {
        return "the name of the device is too long";
    }
    if (m->way == LK_MAIL_FILE) {
        return take_folder(m, o);
    }
    if (m->way == LK_MAIL_LOG) {
        return NULL;
    }
    return LK_SMTP ? take_server(m, o) : "this program was built without the client for mail servers";
}

static struct lk_mailer *new_mailer(void) {
    struct lk_mailer *m = calloc(1, sizeof(*m));
    pthread_condattr_t attributes;

    if (m == NULL) {
        return NULL;
    }
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&m->stop.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&m->stop.lock, NULL);
    (void)wolfSSL_Init();
    return m;
}

/* A mailer without a thread. */
static int make_mailer(struct lk_mailer **out, const struct lk_mailer_options *options, const char **why) {
    struct lk_mailer *m = new_mailer();

    if (m == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    const char *wrong = take_options(m, options);
    if (wrong != NULL) {
        if (why != NULL) {
            *why = wrong;
        }
        lk_mailer_destroy(m);
        return LK_ERR_INVALID;
    }
    *out = m;
    return 0;
}

int lk_mailer_check(const struct lk_mailer_options *options, const char **why) {
    struct lk_mailer *m = NULL;
    int err = options->way == LK_MAIL_OFF ? 0 : make_mailer(&m, options, why);

    if (m != NULL) {
        lk_mailer_destroy(m);
    }
    return err;
}

/* Sent to others, a link to this machine's own name leads nowhere. */
static void warn_of_links(const struct lk_mailer *m) {
    struct lk_str url = lk_str_from(m->public_url);

    if ((m->way == LK_MAIL_SMTP || m->way == LK_MAIL_SMTPS) &&
        lk_str_eq(lk_url_host(url), LK_STR("localhost"))) {
        LK_LOG(LK_LOG_WARN, "mail_links", LK_LOG_STR("lead_to", url),
               LK_LOG_STR("hint", LK_STR("set public_url to what clients reach")));
    }
}

int lk_mailer_start(struct lk_mailer **out, const struct lk_mailer_options *options, const char **why) {
    struct lk_mailer *m;

    *out = NULL;
    if (options->way == LK_MAIL_OFF) {
        return 0;
    }
    int err = make_mailer(&m, options, why);
    if (err < 0) {
        return err;
    }
    warn_of_links(m);
    m->running = true;
    lk_outbox_set_hook(m->service, wake, m);
    if (lk_start_thread(&m->thread, LK_STACK_MAILER, lk_mailer_run, m) != 0) {
        lk_outbox_set_hook(m->service, NULL, NULL);
        lk_mailer_destroy(m);
        return LK_ERR_IO;
    }
    *out = m;
    return 0;
}

void lk_mailer_stop(struct lk_mailer *m) {
    if (m == NULL) {
        return;
    }
    lk_outbox_set_hook(m->service, NULL, NULL);
    pthread_t thread = m->thread;
    pthread_mutex_lock(&m->stop.lock);
    m->stop.stopping = true;
    pthread_cond_broadcast(&m->stop.changed);
    while (m->running && !m->stop.resolving) {
        pthread_cond_wait(&m->stop.changed, &m->stop.lock);
    }
    /* In a lookup it touches nothing but the mailer; afterwards it sees that it was stopped, and ends. */
    m->abandoned = m->running;
    bool abandoned = m->abandoned;
    pthread_mutex_unlock(&m->stop.lock);
    if (abandoned) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    lk_mailer_destroy(m);
}

void lk_mailer_count(struct lk_mailer *m, struct lk_mailer_counts *counts) {
    memset(counts, 0, sizeof(*counts));
    if (m != NULL) {
        pthread_mutex_lock(&m->stop.lock);
        *counts = m->counts;
        pthread_mutex_unlock(&m->stop.lock);
    }
}
