/* The thread that empties the outbox. */
#include "mail/worker.h"

#include "account/outbox.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "options.h"
#include "port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEEP_FOR (3 * 86400) /* seconds until an undelivered mail is dropped */
#define RESET_GOOD_FOR 3600  /* seconds; a reset link is of no use after that */
#define SERVER_PAUSE_MAX 60  /* seconds between attempts while the server as a whole fails */
#define STORE_PAUSE 5        /* seconds after the store failed */
#define IDLE_LOOK 60         /* seconds between two looks at an outbox that was empty */

/* --- what becomes of one mail --------------------------------------------------------------------------- */

static void count(struct lk_mailer *m, uint64_t *counter) {
    pthread_mutex_lock(&m->stop.lock);
    (*counter)++;
    pthread_mutex_unlock(&m->stop.lock);
}

static struct lk_letter letter_of(struct lk_mailer *m, const struct lk_outbox_mail *mail, int64_t now) {
    return (struct lk_letter){
        .kind = mail->kind,
        .language = mail->language,
        .from = lk_str_from(m->from),
        .to = mail->to,
        .username = mail->username,
        .uidb64 = mail->uidb64,
        .token = mail->token,
        .public_url = lk_str_from(m->public_url),
        .site = lk_str_from(m->site),
        .now = now,
    };
}

/* The mail as one log line with its link: this way is for a device without a mail server, whose owner reads
   the log. It is written even where the log is set to errors alone, because nothing else carries the link. */
static int log_letter(const struct lk_letter *letter) {
    char subject_mem[LK_MAIL_SUBJECT_MAX];
    char link_mem[LK_MAIL_LINK_MAX];
    struct lk_buf subject;
    struct lk_buf link;

    lk_buf_init(&subject, subject_mem, sizeof(subject_mem));
    lk_letter_subject(&subject, letter);
    lk_buf_init(&link, link_mem, sizeof(link_mem));
    lk_letter_link(&link, letter);
    if (link.err != 0 || subject.err != 0) {
        return LK_ERR_DENIED;
    }
    LK_LOG(lk_log_enabled(LK_LOG_INFO) ? LK_LOG_INFO : LK_LOG_ERROR, "mail", LK_LOG_STR("to", letter->to),
           LK_LOG_STR("subject", lk_buf_str(&subject)), LK_LOG_STR("link", lk_buf_str(&link)));
    lk_wipe(link_mem, sizeof(link_mem));
    return 0;
}

/* Names a mail: the second, its place in the queue, and random characters, for Message-ID and file name. */
static int make_id(struct lk_buf *b, const struct lk_outbox_mail *mail, int64_t now) {
    uint8_t random[6];
    int err = lk_random(random, sizeof(random));

    lk_buf_put_i64(b, now);
    lk_buf_put_char(b, '.');
    lk_buf_put_u64(b, mail->sequence);
    lk_buf_put_char(b, '.');
    lk_buf_put_hex(b, random, sizeof(random));
    return err < 0 ? err : b->err;
}

static int write_file(struct lk_mailer *m, struct lk_str id, struct lk_str message,
                      struct lk_smtp_report *report) {
    char name[80];
    struct lk_buf b;

    lk_buf_init(&b, name, sizeof(name));
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
        lk_buf_init(&text, report->text, sizeof(report->text));
        lk_buf_put_cstr(&text, lk_err_text(err));
        lk_buf_put_char(&text, '\0');
        return LK_ERR_AGAIN;
    }
    return 0;
}

/* Writes the letter and sends it the configured way. `message` has LK_MAIL_MAX bytes. */
static int deliver(struct lk_mailer *m, const struct lk_letter *letter, struct lk_str to, char *message,
                   struct lk_smtp_report *report) {
    struct lk_str name;
    struct lk_str from;
    struct lk_buf b;

    lk_buf_init(&b, message, LK_MAIL_MAX);
    if (lk_letter_write(&b, letter) < 0 || lk_mailbox_parse(letter->from, &name, &from) < 0) {
        return LK_ERR_DENIED;
    }
    if (m->way == LK_MAIL_FILE) {
        return write_file(m, letter->id, lk_buf_str(&b), report);
    }
    return LK_SMTP ? lk_smtp_send(&m->server, &m->stop, from, to, lk_buf_str(&b), report) : LK_ERR_DENIED;
}

static int send_mail(struct lk_mailer *m, const struct lk_outbox_mail *mail, int64_t now,
                     struct lk_smtp_report *report) {
    struct lk_letter letter = letter_of(m, mail, now);
    struct lk_buf b;
    char id[64];

    memset(report, 0, sizeof(*report));
    report->stage = "compose";
    if (m->way == LK_MAIL_LOG) {
        return log_letter(&letter);
    }
    lk_buf_init(&b, id, sizeof(id));
    int err = make_id(&b, mail, now);
    if (err < 0) {
        return LK_ERR_AGAIN;
    }
    letter.id = lk_buf_str(&b);
    char *message = malloc(LK_MAIL_MAX);
    if (message == NULL) {
        return LK_ERR_AGAIN;
    }
    err = deliver(m, &letter, mail->to, message, report);
    lk_wipe(message, LK_MAIL_MAX);
    free(message);
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
 * Sends or gives up one mail. Returns the seconds to wait before the next one: none, unless the server as a
 * whole fails; or an error of the store.
 */
__attribute__((noinline)) static int64_t handle(struct lk_mailer *m, const struct lk_outbox_mail *mail,
                                                int64_t now) {
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

/* --- the thread ----------------------------------------------------------------------------------------- */

/* Waits until woken by a new mail, stopped, or for `seconds`. A wake does not shorten a pause that the server
   asked for. Returns true when stopped. */
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
            lk_wipe(m->record, sizeof(m->record));
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

void *lk_mailer_run(void *arg) {
    struct lk_mailer *m = arg;

    (void)pthread_setname_np(pthread_self(), "mailer");
    work(m);
    pthread_mutex_lock(&m->stop.lock);
    m->running = false;
    bool abandoned = m->abandoned;
    pthread_cond_broadcast(&m->stop.changed);
    pthread_mutex_unlock(&m->stop.lock);
    if (abandoned) {
        lk_mailer_destroy(m);
    }
    return NULL;
}
