/* The thread that empties the outbox. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wolfssl/ssl.h>

#include "account/outbox.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "mail/compose.h"
#include "mail/mail.h"
#include "mail/smtp.h"
#include "port.h"

#define RETRY_FIRST 60
#define RETRY_LAST 3600
#define PATIENCE 300
#define KEEP_FOR (3 * 86400) /* seconds until an undelivered mail is dropped */
#define RESET_GOOD_FOR 3600  /* seconds; a reset link is of no use after that */
#define SERVER_PAUSE_MAX 60  /* seconds between attempts while the server as a whole fails */
#define STORE_PAUSE 5        /* seconds after the store failed */
#define IDLE_LOOK 60         /* seconds between two looks at an outbox that was empty */

struct lk_mailer {
    struct lk_mail_stop stop; /* its lock guards all that follows up to `thread` */
    bool woken;
    bool running;
    bool abandoned; /* the thread frees the mailer itself */
    struct lk_mailer_counts counts;
    pthread_t thread;

    struct lk_service *service;
    enum lk_mail_way way;
    uint32_t retry_first;
    uint32_t retry_last;
    int64_t server_pause; /* seconds, doubled with each failure of the server as a whole */
    char folder[LK_PATH_TEXT_MAX];
    char from[LK_PATH_TEXT_MAX];
    char public_url[LK_PATH_TEXT_MAX];
    struct lk_smtp_server server;
    char record[LK_OUTBOX_RECORD_MAX];
    char message[LK_MAIL_MAX];
};

/* --- what becomes of one mail ---------------------------------------------------------------------------------------- */

static void count(struct lk_mailer *m, uint64_t *counter) {
    pthread_mutex_lock(&m->stop.lock);
    (*counter)++;
    pthread_mutex_unlock(&m->stop.lock);
}

static struct lk_letter letter_of(struct lk_mailer *m, const struct lk_outbox_mail *mail, int64_t now) {
    return (struct lk_letter){
        .kind = mail->kind,
        .from = lk_str_from(m->from),
        .to = mail->to,
        .username = mail->username,
        .uidb64 = mail->uidb64,
        .token = mail->token,
        .public_url = lk_str_from(m->public_url),
        .now = now,
    };
}

/* The mail as one log line with its link: this way is for a device without a mail server, whose owner reads the log.
   It is written even where the log is set to errors alone, because nothing else carries the link. */
static int log_letter(const struct lk_letter *letter) {
    char subject_mem[LK_MAIL_SUBJECT_MAX];
    char link_mem[LK_MAIL_LINK_MAX];
    struct lk_buf subject;
    struct lk_buf link;

    lk_buf_init(&subject, subject_mem, sizeof subject_mem);
    lk_letter_subject(&subject, letter);
    lk_buf_init(&link, link_mem, sizeof link_mem);
    lk_letter_link(&link, letter);
    if (link.err != 0 || subject.err != 0) {
        return LK_ERR_DENIED;
    }
    LK_LOG(lk_log_enabled(LK_LOG_INFO) ? LK_LOG_INFO : LK_LOG_ERROR, "mail", LK_LOG_STR("to", letter->to),
           LK_LOG_STR("subject", lk_buf_str(&subject)), LK_LOG_STR("link", lk_buf_str(&link)));
    lk_wipe(link_mem, sizeof link_mem);
    return 0;
}

/* Names a mail: the second, its place in the queue, and random characters, for Message-ID and file name. */
static int make_id(struct lk_buf *b, const struct lk_outbox_mail *mail, int64_t now) {
    uint8_t random[6];
    int err = lk_random(random, sizeof random);

    lk_buf_put_i64(b, now);
    lk_buf_put_char(b, '.');
    lk_buf_put_u64(b, mail->sequence);
    lk_buf_put_char(b, '.');
    lk_buf_put_hex(b, random, sizeof random);
    return err < 0 ? err : b->err;
}

static int write_file(struct lk_mailer *m, struct lk_str id, struct lk_str message,
                      struct lk_smtp_report *report) {
    char name[80];
    struct lk_buf b;

    lk_buf_init(&b, name, sizeof name);
    lk_buf_put_str(&b, id);
    lk_buf_put_cstr(&b, ".eml");
    int err = lk_buf_end_cstr(&b);
    if (err == 0) {
        err = lk_port_file_write(m->folder, name, message.ptr, message.len);
    }
    if (err < 0) {
        struct lk_buf text;
        report->stage = "file";
        report->server_wide = true;
        lk_buf_init(&text, report->text, sizeof report->text);
        lk_buf_put_cstr(&text, lk_err_text(err));
        lk_buf_put_char(&text, '\0');
        return LK_ERR_AGAIN;
    }
    return 0;
}

static int send_mail(struct lk_mailer *m, const struct lk_outbox_mail *mail, int64_t now,
                     struct lk_smtp_report *report) {
    struct lk_letter letter = letter_of(m, mail, now);
    struct lk_str name;
    struct lk_str from;
    struct lk_buf b;
    char id[64];

    memset(report, 0, sizeof *report);
    report->stage = "compose";
    if (m->way == LK_MAIL_LOG) {
        return log_letter(&letter);
    }
    lk_buf_init(&b, id, sizeof id);
    int err = make_id(&b, mail, now);
    if (err < 0) {
        return LK_ERR_AGAIN;
    }
    letter.id = lk_buf_str(&b);
    lk_buf_init(&b, m->message, sizeof m->message);
    if (lk_letter_write(&b, &letter) < 0 || lk_mailbox_parse(letter.from, &name, &from) < 0) {
        err = LK_ERR_DENIED;
    } else if (m->way == LK_MAIL_FILE) {
        err = write_file(m, letter.id, lk_buf_str(&b), report);
    } else {
        err = lk_smtp_send(&m->server, &m->stop, from, mail->to, lk_buf_str(&b), report);
    }
    lk_wipe(m->message, sizeof m->message);
    return err;
}

/* When a mail is of no use any more. */
static int64_t useless_at(const struct lk_outbox_mail *mail) {
    return mail->created + (mail->kind == LK_MAIL_RESET ? RESET_GOOD_FOR : KEEP_FOR);
}

static int64_t pause_before(const struct lk_mailer *m, uint32_t attempts) {
    int64_t pause = m->retry_first;

    for (uint32_t i = 0; i < attempts && pause < m->retry_last; i++) {
        pause *= 2;
    }
    return pause < m->retry_last ? pause : m->retry_last;
}

static void drop(struct lk_mailer *m, const struct lk_outbox_mail *mail,
                 const struct lk_smtp_report *report) {
    count(m, &m->counts.dropped);
    LK_LOG(LK_LOG_ERROR, "mail_dropped", LK_LOG_STR("to", mail->to),
           LK_LOG_STR("stage", lk_str_from(report->stage)), LK_LOG_NUM("code", report->code),
           LK_LOG_STR("why", lk_str_from(report->text)), LK_LOG_NUM("attempts", mail->attempts));
}

static void postpone(struct lk_mailer *m, const struct lk_outbox_mail *mail,
                     const struct lk_smtp_report *report, int64_t next) {
    count(m, &m->counts.failed);
    LK_LOG(LK_LOG_WARN, "mail_failed", LK_LOG_STR("to", mail->to),
           LK_LOG_STR("stage", lk_str_from(report->stage)), LK_LOG_NUM("code", report->code),
           LK_LOG_STR("why", lk_str_from(report->text)), LK_LOG_NUM("attempt", mail->attempts + 1),
           LK_LOG_NUM("next_try", next));
}

/*
 * Sends or gives up one mail. Returns the seconds to wait before the next one: none, unless the server as a whole
 * fails; or an error of the store.
 */
static int64_t handle(struct lk_mailer *m, const struct lk_outbox_mail *mail, int64_t now) {
    struct lk_smtp_report report = {.stage = "queue", .text = "its link has expired"};

    if (mail->kind == LK_MAIL_NOTHING) {
        return lk_outbox_done(m->service, mail->sequence);
    }
    if (now >= useless_at(mail)) {
        drop(m, mail, &report);
        return lk_outbox_done(m->service, mail->sequence);
    }
    int err = send_mail(m, mail, now, &report);
    if (err == 0) {
        m->server_pause = 0;
        count(m, &m->counts.sent);
        LK_LOG(LK_LOG_DEBUG, "mail_sent", LK_LOG_STR("to", mail->to),
               LK_LOG_NUM("attempts", mail->attempts + 1));
        return lk_outbox_done(m->service, mail->sequence);
    }
    if (err == LK_ERR_DENIED) {
        drop(m, mail, &report);
        return lk_outbox_done(m->service, mail->sequence);
    }
    if (err == LK_ERR_CLOSED) {
        return 0;
    }
    int64_t next = now + pause_before(m, mail->attempts);
    postpone(m, mail, &report, next);
    m->server_pause = !report.server_wide ? 0 : m->server_pause == 0 ? 1 : m->server_pause * 2;
    m->server_pause = m->server_pause < SERVER_PAUSE_MAX ? m->server_pause : SERVER_PAUSE_MAX;
    err = lk_outbox_retry(m->service, mail->sequence, next);
    return err < 0 ? err : m->server_pause;
}

/* --- the thread ---------------------------------------------------------------------------------------------------------- */

/* Waits until woken by a new mail, stopped, or for `seconds`. A wake does not shorten a pause that the server asked
   for. Returns true when stopped. */
static bool rest(struct lk_mailer *m, int64_t seconds, bool wakeable) {
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)seconds;
    pthread_mutex_lock(&m->stop.lock);
    int err = 0;
    while (!m->stop.stopping && !(wakeable && m->woken) && err != ETIMEDOUT) {
        err = pthread_cond_timedwait(&m->stop.changed, &m->stop.lock, &until);
    }
    m->woken = false;
    bool stopping = m->stop.stopping;
    pthread_mutex_unlock(&m->stop.lock);
    return stopping;
}

static void work(struct lk_mailer *m) {
    for (;;) {
        struct lk_outbox_mail mail;
        int64_t next = INT64_MAX;
        int64_t pause = 0;
        int64_t now = lk_time_now();
        int err = lk_outbox_next(m->service, now, m->record, &mail, &next);

        if (err == 0) {
            pause = handle(m, &mail, now);
            lk_wipe(m->record, sizeof m->record);
        } else if (err == LK_ERR_NOT_FOUND) {
            /* A subcommand in another process may queue a mail, and the wall clock may be set meanwhile. */
            int64_t wait = next > now && next - now < IDLE_LOOK ? next - now : IDLE_LOOK;
            if (rest(m, wait, true)) {
                return;
            }
            continue;
        } else {
            pause = err;
        }
        if (pause < 0) {
            LK_LOG(LK_LOG_ERROR, "outbox_failed", LK_LOG_STR("why", lk_str_from(lk_err_text((int)pause))));
            pause = STORE_PAUSE;
        }
        if (lk_mail_stopping(&m->stop) || (pause > 0 && rest(m, pause, false))) {
            return;
        }
    }
}

static void destroy(struct lk_mailer *m) {
    pthread_cond_destroy(&m->stop.changed);
    pthread_mutex_destroy(&m->stop.lock);
    wolfSSL_Cleanup();
    lk_wipe(m, sizeof *m);
    free(m);
}

static void *run(void *arg) {
    struct lk_mailer *m = arg;

    work(m);
    pthread_mutex_lock(&m->stop.lock);
    m->running = false;
    bool abandoned = m->abandoned;
    pthread_cond_broadcast(&m->stop.changed);
    pthread_mutex_unlock(&m->stop.lock);
    if (abandoned) {
        destroy(m);
    }
    return NULL;
}

static void wake(void *arg) {
    struct lk_mailer *m = arg;

    pthread_mutex_lock(&m->stop.lock);
    m->woken = true;
    pthread_cond_broadcast(&m->stop.changed);
    pthread_mutex_unlock(&m->stop.lock);
}

/* --- start and stop -------------------------------------------------------------------------------------------------------- */

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
    lk_buf_init(&b, server->hello, sizeof server->hello);
    lk_buf_put_cstr(&b, ipv6 ? "[IPv6:" : ipv4 ? "[" : "");
    lk_buf_put_str(&b, host.len > 0 ? host : LK_STR("localhost"));
    lk_buf_put_cstr(&b, ipv6 || ipv4 ? "]" : "");
    return lk_buf_end_cstr(&b);
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
    if (copy_text(server->trust.ca_file, sizeof server->trust.ca_file, ca) < 0 ||
        set_hello(server, lk_url_host(lk_str_from(o->public_url))) < 0) {
        return "mail_ca_file or public_url is too long";
    }
    server->patience_ms = 1000 * (int64_t)(o->patience != 0 ? o->patience : PATIENCE);
    return NULL;
}

static const char *take_options(struct lk_mailer *m, const struct lk_mailer_options *o) {
    struct lk_str name;
    struct lk_str address;

    m->service = o->service;
    m->way = o->way;
    m->retry_first = o->retry_first != 0 ? o->retry_first : RETRY_FIRST;
    m->retry_last = o->retry_last != 0 ? o->retry_last : RETRY_LAST;
    if (copy_text(m->from, sizeof m->from, o->from) < 0 ||
        lk_mailbox_parse(lk_str_from(m->from), &name, &address) < 0) {
        return "mail_from is neither ADDRESS nor NAME <ADDRESS>";
    }
    if (copy_text(m->public_url, sizeof m->public_url, o->public_url) < 0) {
        return "public_url is too long";
    }
    if (m->way == LK_MAIL_FILE) {
        return copy_text(m->folder, sizeof m->folder, o->target) < 0 ? "mail's folder is too long" : NULL;
    }
    return m->way == LK_MAIL_LOG ? NULL : take_server(m, o);
}

static struct lk_mailer *new_mailer(void) {
    struct lk_mailer *m = calloc(1, sizeof *m);
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
        destroy(m);
        return LK_ERR_INVALID;
    }
    *out = m;
    return 0;
}

int lk_mailer_check(const struct lk_mailer_options *options, const char **why) {
    struct lk_mailer *m = NULL;
    int err = options->way == LK_MAIL_OFF ? 0 : make_mailer(&m, options, why);

    if (m != NULL) {
        destroy(m);
    }
    return err;
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
    m->running = true;
    lk_outbox_set_hook(m->service, wake, m);
    if (pthread_create(&m->thread, NULL, run, m) != 0) {
        lk_outbox_set_hook(m->service, NULL, NULL);
        destroy(m);
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
    /* In a lookup it touches nothing but the mailer, sees afterwards that it was stopped, and ends by itself. */
    m->abandoned = m->running;
    bool abandoned = m->abandoned;
    pthread_mutex_unlock(&m->stop.lock);
    if (abandoned) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    destroy(m);
}

void lk_mailer_count(struct lk_mailer *m, struct lk_mailer_counts *counts) {
    memset(counts, 0, sizeof *counts);
    if (m != NULL) {
        pthread_mutex_lock(&m->stop.lock);
        *counts = m->counts;
        pthread_mutex_unlock(&m->stop.lock);
    }
}
