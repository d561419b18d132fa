/* The thread that empties the outbox, against an outbox of this test's and mail servers that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "account/outbox.h"
#include "crypto/crypto.h"
#include "mail/mail.h"

/* --- the outbox: at most one mail ----------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct lk_outbox_mail mail;
    bool waiting;
    int retries;
    int64_t next_try;
    void (*hook)(void *arg);
    void *hook_arg;
} box = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int lk_outbox_next(struct lk_service *svc, int64_t now, char mem[LK_OUTBOX_RECORD_MAX],
                   struct lk_outbox_mail *mail, int64_t *next) {
    (void)svc;
    (void)mem;
    pthread_mutex_lock(&box.lock);
    int err = box.waiting && box.mail.next_try <= now ? 0 : LK_ERR_NOT_FOUND;
    *mail = box.mail;
    *next = box.waiting ? box.mail.next_try : INT64_MAX;
    pthread_mutex_unlock(&box.lock);
    return err;
}

int lk_outbox_done(struct lk_service *svc, uint64_t sequence) {
    (void)svc;
    pthread_mutex_lock(&box.lock);
    box.waiting = box.waiting && sequence != box.mail.sequence;
    pthread_cond_broadcast(&box.changed);
    pthread_mutex_unlock(&box.lock);
    return 0;
}

int lk_outbox_retry(struct lk_service *svc, uint64_t sequence, int64_t next_try) {
    (void)svc;
    (void)sequence;
    pthread_mutex_lock(&box.lock);
    box.mail.attempts++;
    box.mail.next_try = next_try;
    box.next_try = next_try;
    box.retries++;
    pthread_cond_broadcast(&box.changed);
    pthread_mutex_unlock(&box.lock);
    return 0;
}

void lk_outbox_set_hook(struct lk_service *svc, void (*fn)(void *arg), void *arg) {
    (void)svc;
    pthread_mutex_lock(&box.lock);
    box.hook = fn;
    box.hook_arg = arg;
    pthread_mutex_unlock(&box.lock);
}

static int64_t now(void) {
    return (int64_t)time(NULL);
}

static void put_mail(enum lk_mail_kind kind, int64_t created) {
    pthread_mutex_lock(&box.lock);
    box.mail = (struct lk_outbox_mail){
        .sequence = box.mail.sequence + 1,
        .kind = kind,
        .created = created,
        .to = LK_STR("ann@example.com"),
        .username = LK_STR("ann"),
        .uidb64 = LK_STR("MQ"),
        .token = LK_STR("secret"),
    };
    box.waiting = true;
    box.retries = 0;
    void (*hook)(void *) = box.hook;
    void *arg = box.hook_arg;
    pthread_mutex_unlock(&box.lock);
    if (hook != NULL) {
        hook(arg);
    }
}

/* Waits until the mail is gone, or (for `retries` > 0) was put back that often. */
static bool wait_for(int retries) {
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 120;
    pthread_mutex_lock(&box.lock);
    int err = 0;
    while (err == 0 && box.waiting && (retries == 0 || box.retries < retries)) {
        err = pthread_cond_timedwait(&box.changed, &box.lock, &until);
    }
    pthread_mutex_unlock(&box.lock);
    return err == 0;
}

static struct lk_mailer_counts counts_of(struct lk_mailer *m) {
    struct lk_mailer_counts counts;

    lk_mailer_count(m, &counts);
    return counts;
}

static struct lk_mailer_options options(enum lk_mail_way way, const char *target) {
    return (struct lk_mailer_options){
        .service = (struct lk_service *)(void *)&box, /* never looked into */
        .way = way,
        .target = target,
        .from = "noreply@login.example",
        .public_url = "https://login.example",
        .ca_file = "",
        .fingerprint = "",
    };
}

/* --- a mail server that says what it is told to --------------------------------------------------------- */

struct server {
    int listener;
    const char *const *replies; /* one a line received, the first unasked; NULL: hangs; "": drops the line */
    pthread_t thread;
    sem_t heard; /* the client has said its first line */
    char target[64];
    char seen[4096];
    size_t seen_len;
};

static bool say(int fd, const char *text) {
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* Reads until the client is silent for lack of an answer: to the end of a line, or of DATA. */
static bool hear(struct server *s, int fd, bool data) {
    size_t start = s->seen_len;

    for (;;) {
        ssize_t n = recv(fd, s->seen + s->seen_len, sizeof(s->seen) - 1 - s->seen_len, 0);
        if (n <= 0) {
            return false;
        }
        s->seen_len += (size_t)n;
        s->seen[s->seen_len] = '\0';
        if (strstr(s->seen + start, data ? "\r\n.\r\n" : "\r\n") != NULL) {
            return true;
        }
    }
}

static void wait_heard(struct server *s) {
    while (sem_wait(&s->heard) != 0) {
    }
}

static void *serve_one(void *arg) {
    struct server *s = arg;
    int fd = accept(s->listener, NULL, NULL);

    for (const char *const *reply = s->replies; fd >= 0; reply++) {
        if (*reply == NULL) {
            char byte;
            while (recv(fd, &byte, 1, 0) > 0) {
            }
            break;
        }
        if (**reply == '\0' || !say(fd, *reply) || !hear(s, fd, strncmp(*reply, "354", 3) == 0)) {
            break;
        }
        sem_post(&s->heard);
    }
    if (fd >= 0) {
        close(fd);
    }
    return NULL;
}

static void start_server(struct server *s, const char *const *replies) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof(in);

    memset(s, 0, sizeof(*s));
    s->replies = replies;
    assert_int_equal(sem_init(&s->heard, 0, 0), 0);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(s->listener, (void *)&in, sizeof(in)), 0);
    assert_int_equal(listen(s->listener, 4), 0);
    assert_int_equal(getsockname(s->listener, (void *)&in, &len), 0);
    snprintf(s->target, sizeof(s->target), "127.0.0.1:%u", (unsigned)ntohs(in.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, serve_one, s), 0);
}

static void end_server(struct server *s) {
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
    sem_destroy(&s->heard);
}

/* --- tests ---------------------------------------------------------------------------------------------- */

static void a_mail_leaves(void **state) {
    static const char *const replies[] = {"220 hi\r\n",  "250-hi\r\n250 SIZE 9000\r\n",
                                          "250 ok\r\n",  "250 ok\r\n",
                                          "354 go\r\n",  "250 taken\r\n",
                                          "221 bye\r\n", ""};
    struct server s;
    struct lk_mailer *m;

    (void)state;
    start_server(&s, replies);
    struct lk_mailer_options o = options(LK_MAIL_SMTP, s.target);
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    put_mail(LK_MAIL_RESET, now());
    assert_true(wait_for(0));
    assert_int_equal(counts_of(m).sent, 1);
    lk_mailer_stop(m);
    end_server(&s);
    assert_non_null(strstr(s.seen, "EHLO login.example\r\n"));
    assert_non_null(strstr(s.seen, "MAIL FROM:<noreply@login.example> SIZE="));
    assert_non_null(strstr(s.seen, "RCPT TO:<ann@example.com>\r\n"));
    assert_non_null(strstr(s.seen, "https://login.example/auth/password_reset_confirm/MQ/secret/\r\n"));
}

/* Runs one mail against these replies; returns the counts after it was sent, dropped or put back once. */
static struct lk_mailer_counts attempt(const char *const *replies, uint32_t patience) {
    struct server s;
    struct lk_mailer *m;

    start_server(&s, replies);
    struct lk_mailer_options o = options(LK_MAIL_SMTP, s.target);
    o.patience = patience;
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    put_mail(LK_MAIL_VERIFY, now());
    assert_true(wait_for(1));
    struct lk_mailer_counts counts = counts_of(m);
    lk_mailer_stop(m);
    end_server(&s);
    return counts;
}

static void refusals(void **state) {
    static const char *const later[][8] = {
        {"421 busy\r\n", ""},
        {"554 no service\r\n", ""},
        {"220 hi\r\n", "500 what?\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "451 later\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "450 busy\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "250 not this\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "452 full\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", ""},
        {"220-hi\r\n221 other\r\n", ""},
        {"HTTP/1.1 400 Bad Request\r\n", ""},
        {"220 hi\r\n", "250-AUTH PLAIN\r\n251 x\r\n", ""},
        {"", ""},
    };
    static const char *const never[][8] = {
        {"220 hi\r\n", "250 hi\r\n", "550 no\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "550 unknown\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "554 no\r\n", ""},
        {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "554 spam\r\n", ""},
        {"220 hi\r\n", "250-hi\r\n250 SIZE 100\r\n", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        int64_t begun = now();
        struct lk_mailer_counts counts = attempt(later[i], 0);
        assert_int_equal(counts.failed, 1);
        assert_int_equal(counts.sent + counts.dropped, 0);
        assert_in_range(box.next_try, begun + 60, now() + 60);
    }
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        struct lk_mailer_counts counts = attempt(never[i], 0);
        assert_int_equal(counts.dropped, 1);
        assert_int_equal(counts.sent + counts.failed, 0);
    }
}

static void endless_replies(void **state) {
    static char line[3000];
    static char lines[3000];
    const char *const long_line[] = {line, ""};
    const char *const many_lines[] = {lines, ""};

    (void)state;
    memset(line, '2', sizeof(line) - 1);
    for (size_t i = 0; i + 8 < sizeof(lines); i += 7) {
        memcpy(lines + i, "220-x\r\n", 8);
    }
    assert_int_equal(attempt(long_line, 0).failed, 1);
    assert_int_equal(attempt(many_lines, 0).failed, 1);
}

static void no_password_in_clear(void **state) {
    static const char *const replies[] = {"220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", ""};
    struct server s;
    struct lk_mailer *m;
    char target[96];

    (void)state;
    start_server(&s, replies);
    snprintf(target, sizeof(target), "ann:wonderland@%s", s.target);
    struct lk_mailer_options o = options(LK_MAIL_SMTP, target);
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    put_mail(LK_MAIL_VERIFY, now());
    assert_true(wait_for(1));
    assert_int_equal(counts_of(m).failed, 1);
    lk_mailer_stop(m);
    end_server(&s);
    assert_null(strstr(s.seen, "AUTH"));
}

/* Bytes in clear behind the STARTTLS reply must not pass for the protected server's. */
static void starttls_injection(void **state) {
    static const char *const replies[] = {"220 hi\r\n", "250-hi\r\n250 STARTTLS\r\n",
                                          "220 go\r\n250 injected\r\n", ""};

    (void)state;
    assert_int_equal(attempt(replies, 0).failed, 1);
}

static void a_hanging_server(void **state) {
    static const char *const replies[] = {"220 hi\r\n", NULL};

    (void)state;
    assert_int_equal(attempt(replies, 1).failed, 1); /* it never says another word: this ends by itself */
}

static void stop_breaks_off(void **state) {
    static const char *const replies[] = {"220 hi\r\n", NULL};
    struct server s;
    struct lk_mailer *m;

    (void)state;
    start_server(&s, replies);
    struct lk_mailer_options o = options(LK_MAIL_SMTP, s.target);
    o.patience = 100000;
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    put_mail(LK_MAIL_VERIFY, now());
    wait_heard(&s);
    lk_mailer_stop(m); /* in the midst of a conversation that has a day to go */
    assert_true(box.waiting);
    assert_int_equal(box.retries, 0);
    assert_null(box.hook);
    end_server(&s);
}

static void pauses_grow(void **state) {
    struct lk_mailer_options o = options(LK_MAIL_SMTP, "127.0.0.1:1");
    struct lk_mailer *m;

    (void)state;
    o.retry_first = 100;
    o.retry_last = 250;
    for (uint32_t attempts = 0; attempts < 4; attempts++) {
        static const int64_t pauses[] = {100, 200, 250, 250};
        int64_t begun = now();
        put_mail(LK_MAIL_VERIFY, now());
        box.mail.attempts = attempts;
        assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
        assert_true(wait_for(1));
        assert_in_range(box.next_try, begun + pauses[attempts], now() + pauses[attempts]);
        lk_mailer_stop(m);
    }
}

static void old_mails_are_dropped(void **state) {
    static const struct {
        enum lk_mail_kind kind;
        int64_t age;
        bool dropped;
    } cases[] = {
        {LK_MAIL_RESET, 3601, true},
        {LK_MAIL_RESET, 3500, false},
        {LK_MAIL_VERIFY, 3 * 86400 + 1, true},
        {LK_MAIL_VERIFY, 3 * 86400 - 60, false},
    };
    struct lk_mailer_options o = options(LK_MAIL_SMTP, "127.0.0.1:1");

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lk_mailer *m;
        put_mail(cases[i].kind, now() - cases[i].age);
        assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
        assert_true(wait_for(1));
        assert_int_equal(counts_of(m).dropped, cases[i].dropped ? 1 : 0);
        lk_mailer_stop(m);
    }
}

static void a_stand_in_is_dropped_unsent(void **state) {
    struct lk_mailer_options o = options(LK_MAIL_SMTP, "127.0.0.1:1");
    struct lk_mailer *m;

    (void)state;
    put_mail(LK_MAIL_NOTHING, now());
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    assert_true(wait_for(0));
    assert_int_equal(counts_of(m).sent + counts_of(m).failed + counts_of(m).dropped, 0);
    lk_mailer_stop(m);
}

static void mails_as_files(void **state) {
    char dir[] = "/tmp/latchkey-mail-XXXXXX";
    char path[300] = "";
    char text[8192] = "";
    struct stat st;
    struct lk_mailer *m;

    (void)state;
    assert_non_null(mkdtemp(dir));
    struct lk_mailer_options o = options(LK_MAIL_FILE, dir);
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    put_mail(LK_MAIL_VERIFY, now());
    assert_true(wait_for(0));
    lk_mailer_stop(m);
    DIR *d = opendir(dir);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            assert_string_equal(path, "");
            snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        }
    }
    closedir(d);
    assert_non_null(strstr(path, ".eml"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
    fclose(f);
    assert_non_null(strstr(text, "https://login.example/auth/verify-email/MQ/secret/\r\n"));
    unlink(path);

    /* The folder is gone: the mail waits. */
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    assert_int_equal(rmdir(dir), 0);
    put_mail(LK_MAIL_VERIFY, now());
    assert_true(wait_for(1));
    assert_int_equal(counts_of(m).failed, 1);
    lk_mailer_stop(m);
}

static void bad_options(void **state) {
    struct lk_mailer *m = NULL;
    const char *why = NULL;
    struct lk_mailer_options o = options(LK_MAIL_OFF, NULL);

    (void)state;
    assert_int_equal(lk_mailer_start(&m, &o, NULL), 0);
    assert_null(m);
    lk_mailer_stop(m);
    o = options(LK_MAIL_FILE, "/nowhere/at/all");
    assert_int_equal(lk_mailer_start(&m, &o, &why), LK_ERR_INVALID);
    assert_non_null(why);
    why = NULL;
    o = options(LK_MAIL_SMTP, "user@");
    assert_int_equal(lk_mailer_start(&m, &o, &why), LK_ERR_INVALID);
    assert_non_null(why);
    o = options(LK_MAIL_SMTP, "mail.example");
    o.from = "nobody";
    assert_int_equal(lk_mailer_start(&m, &o, &why), LK_ERR_INVALID);
    o = options(LK_MAIL_SMTPS, "mail.example");
    o.fingerprint = "00ff";
    assert_int_equal(lk_mailer_start(&m, &o, &why), LK_ERR_INVALID);
    assert_null(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_leaves),         cmocka_unit_test(refusals),
        cmocka_unit_test(endless_replies),       cmocka_unit_test(no_password_in_clear),
        cmocka_unit_test(starttls_injection),    cmocka_unit_test(a_hanging_server),
        cmocka_unit_test(stop_breaks_off),       cmocka_unit_test(pauses_grow),
        cmocka_unit_test(old_mails_are_dropped), cmocka_unit_test(a_stand_in_is_dropped_unsent),
        cmocka_unit_test(mails_as_files),        cmocka_unit_test(bad_options),
    };

    lk_log_configure(LK_LOG_ERROR, LK_LOG_TEXT);
    return lk_crypto_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
