/* The mailer of a server: started, counted, and replaced by one with other settings. */
#include "server/state.h"
#include "server/text.h"

#include <string.h>

static struct lk_mailer_options mailer_options(const struct lk_server *s, const struct lk_config *config) {
    return (struct lk_mailer_options){
        .service = s->service,
        .way = config->mail,
        .target = config->mail_target,
        .from = config->mail_from,
        .public_url = s->public_url,
        .site = s->config.brand_named ? s->config.brand_name : NULL,
        .ca_file = config->mail_ca_file,
        .fingerprint = config->mail_fingerprint,
    };
}

static int say_mail(char *why, size_t why_len, const char *reason, int err) {
    return server_say(why, why_len, "mail", reason != NULL ? reason : lk_err_text(err), err);
}

int server_mailer_start(struct lk_server *s, const struct lk_config *config, char *why, size_t why_len) {
    const char *reason = NULL;
    const struct lk_mailer_options options = mailer_options(s, config);
    struct lk_mailer *mailer = NULL;
    int err = lk_mailer_start(&mailer, &options, &reason);
    pthread_mutex_lock(&s->lock);
    s->mailer = mailer;
    pthread_mutex_unlock(&s->lock);
    return err != 0 ? say_mail(why, why_len, reason, err) : 0;
}

/* The counts go on with the next mailer. */
void server_mailer_stop(struct lk_server *s) {
    struct lk_mailer_counts counts;
    pthread_mutex_lock(&s->lock);
    struct lk_mailer *mailer = s->mailer;
    s->mailer = NULL;
    lk_mailer_count(mailer, &counts);
    s->mail_past.sent += counts.sent;
    s->mail_past.failed += counts.failed;
    s->mail_past.dropped += counts.dropped;
    pthread_mutex_unlock(&s->lock);
    lk_mailer_stop(mailer);
}

void server_mailer_count(void *arg, struct lk_api_mails *counts) {
    struct lk_server *s = arg;
    struct lk_mailer_counts now;
    pthread_mutex_lock(&s->lock);
    lk_mailer_count(s->mailer, &now);
    *counts = (struct lk_api_mails){.sent = s->mail_past.sent + now.sent,
                                    .failed = s->mail_past.failed + now.failed,
                                    .dropped = s->mail_past.dropped + now.dropped};
    pthread_mutex_unlock(&s->lock);
}

static bool mail_changes(const struct lk_config *a, const struct lk_config *b) {
    return a->mail != b->mail || strcmp(a->mail_target, b->mail_target) != 0 ||
           strcmp(a->mail_from, b->mail_from) != 0 || strcmp(a->mail_ca_file, b->mail_ca_file) != 0 ||
           strcmp(a->mail_fingerprint, b->mail_fingerprint) != 0;
}

int server_mailer_check(struct lk_server *s, const struct lk_config *config, char *why, size_t why_len) {
    const char *reason = NULL;
    const struct lk_mailer_options options = mailer_options(s, config);
    int err = mail_changes(&s->config, config) ? lk_mailer_check(&options, &reason) : 0;
    return err != 0 ? say_mail(why, why_len, reason, err) : 0;
}

/* One stops before the other starts: two would send a mail twice. With its settings checked, the other lacks
   memory or a thread at worst; mails then wait for the next reload. */
int server_mailer_reload(struct lk_server *s, const struct lk_config *config, char *why, size_t why_len) {
    if (!mail_changes(&s->config, config)) {
        return 0;
    }
    server_mailer_stop(s);
    int err = server_mailer_start(s, config, why, why_len);
    if (err == 0) {
        s->config.mail = config->mail;
        memcpy(s->config.mail_target, config->mail_target, sizeof(s->config.mail_target));
        memcpy(s->config.mail_from, config->mail_from, sizeof(s->config.mail_from));
        memcpy(s->config.mail_ca_file, config->mail_ca_file, sizeof(s->config.mail_ca_file));
        memcpy(s->config.mail_fingerprint, config->mail_fingerprint, sizeof(s->config.mail_fingerprint));
    }
    return err;
}
