/* One conversation with a mail submission server. */
#include "mail/smtp.h"

#include "base/buf.h"
#include "base/text.h"
#include "crypto/crypto.h"

#include <stdlib.h>
#include <string.h>

/* Waits for one reply, in milliseconds. RFC 5321 §4.5.3.2 asks for five minutes and ten; nothing else waits
   for this conversation, but the mails behind it do. */
#define WAIT_CONNECT 15000
#define WAIT_REPLY 60000
#define WAIT_TLS 30000
#define WAIT_QUIT 1000

struct smtp {
    struct lk_transport t;
    const struct lk_smtp_server *server;
    struct lk_smtp_report *report;
    struct lk_smtp_features features;
    int64_t end; /* of the whole conversation, milliseconds */
    size_t start;
    size_t len; /* in[start..len): read and not yet used */
    char in[LK_SMTP_LINE_MAX + 2];
    struct lk_buf out; /* what leaves with the next flush */
    char out_mem[1024];
};

static void set_text(struct lk_smtp_report *report, struct lk_str text) {
    struct lk_buf b;

    lk_buf_init(&b, report->text, sizeof(report->text) - 1);
    lk_buf_put_str(&b, lk_str_sub(text, 0, sizeof(report->text) - 1));
    report->text[b.len] = '\0';
}

static int fail(struct smtp *s, int err, const char *why) {
    set_text(s->report, lk_str_from(why));
    return err;
}

/* A failure of the connection: the transport's own words when it has some. */
static int fail_transport(struct smtp *s, int err) {
    s->report->server_wide = true;
    return fail(s, err == LK_ERR_CLOSED && lk_mail_stopping(s->t.stop) ? LK_ERR_CLOSED : LK_ERR_AGAIN,
                s->t.why[0] != '\0' ? s->t.why : lk_err_text(err));
}

static void step(struct smtp *s, const char *stage, int64_t wait) {
    int64_t deadline = lk_mail_clock() + wait;

    s->report->stage = stage;
    s->report->code = 0;
    s->t.deadline = deadline < s->end ? deadline : s->end;
}

/* --- lines and replies ---------------------------------------------------------------------------------- */

/* One line without its end, borrowed until the next call. */
static int read_line(struct smtp *s, struct lk_str *line) {
    for (;;) {
        struct lk_str have = {s->in + s->start, s->len - s->start};
        size_t end = lk_str_find(have, '\n');
        if (end < have.len) {
            s->start += end + 1;
            *line = lk_str_sub(have, 0, end > 0 && have.ptr[end - 1] == '\r' ? end - 1 : end);
            return 0;
        }
        if (s->start > 0) {
            memmove(s->in, s->in + s->start, have.len);
            s->start = 0;
            s->len = have.len;
        }
        if (s->len == sizeof(s->in)) {
            return LK_ERR_TOO_LARGE;
        }
        int n = lk_transport_read(&s->t, s->in + s->len, sizeof(s->in) - s->len);
        if (n < 0) {
            return n;
        }
        s->len += (size_t)n;
    }
}

/* A whole reply. Its code and the text of its last line go to the report. Returns the code or an error. */
static int read_reply(struct smtp *s, struct lk_smtp_features *features) {
    int first = 0;

    for (int lines = 0; lines < LK_SMTP_LINES_MAX; lines++) {
        struct lk_str line;
        struct lk_str text;
        int code;
        bool more;
        int err = read_line(s, &line);
        if (err < 0 && err != LK_ERR_TOO_LARGE) {
            return fail_transport(s, err);
        }
        if (err < 0 || lk_smtp_reply_line(line, &code, &more, &text) < 0 || (first != 0 && code != first)) {
            s->report->server_wide = true;
            return fail(s, LK_ERR_AGAIN, "the server's reply is not SMTP");
        }
        if (features != NULL && lines > 0) {
            lk_smtp_feature(features, text);
        }
        first = code;
        if (!more) {
            s->report->code = code;
            set_text(s->report, text);
            return code;
        }
    }
    s->report->server_wide = true;
    return fail(s, LK_ERR_AGAIN, "the server's reply does not end");
}

static int flush(struct smtp *s) {
    int err = s->out.err != 0 ? s->out.err : lk_transport_write(&s->t, lk_buf_str(&s->out));

    lk_wipe(s->out_mem, s->out.len);
    lk_buf_init(&s->out, s->out_mem, sizeof(s->out_mem));
    return err < 0 ? fail_transport(s, err) : 0;
}

/* Ends the command in s->out, sends it, reads the reply. */
static int command(struct smtp *s, struct lk_smtp_features *features) {
    lk_buf_put_cstr(&s->out, "\r\n");
    int err = flush(s);
    return err < 0 ? err : read_reply(s, features);
}

static int simple_command(struct smtp *s, const char *stage, const char *text) {
    step(s, stage, WAIT_REPLY);
    lk_buf_put_cstr(&s->out, text);
    return command(s, NULL);
}

/* --- the beginning: greeting, EHLO, TLS, AUTH ----------------------------------------------------------- */

/* A refusal that every mail would meet, until the operator or the server's owner changes something. */
static int refuse_all(struct smtp *s, int code) {
    s->report->server_wide = true;
    return code < 0 ? code : LK_ERR_AGAIN;
}

static int hello(struct smtp *s) {
    step(s, "hello", WAIT_REPLY);
    memset(&s->features, 0, sizeof(s->features));
    lk_buf_put_cstr(&s->out, "EHLO ");
    lk_buf_put_cstr(&s->out, s->server->hello);
    int code = command(s, &s->features);
    return code == 250 ? 0 : refuse_all(s, code);
}

static int tls(struct smtp *s) {
    step(s, "tls", WAIT_TLS);
    int err = lk_transport_start_tls(&s->t, s->server->host);
    return err < 0 ? fail_transport(s, err) : 0;
}

static int start_tls(struct smtp *s) {
    int code = simple_command(s, "starttls", "STARTTLS");

    if (code != 220) {
        return refuse_all(s, code);
    }
    /* Bytes behind the reply came in clear; read later, they would pass for the protected server's. */
    if (s->start != s->len) {
        s->report->server_wide = true;
        return fail(s, LK_ERR_AGAIN, "the server sent more after its STARTTLS reply");
    }
    return tls(s);
}

static int greet(struct smtp *s) {
    int err = s->server->implicit_tls ? tls(s) : 0;

    if (err < 0) {
        return err;
    }
    step(s, "greeting", WAIT_REPLY);
    int code = read_reply(s, NULL);
    if (code != 220) {
        return refuse_all(s, code);
    }
    err = hello(s);
    if (err < 0 || s->server->implicit_tls) {
        return err;
    }
    if (s->features.starttls) {
        err = start_tls(s);
        return err < 0 ? err : hello(s);
    }
    if (s->server->user[0] != '\0' || !s->t.loopback) {
        s->report->server_wide = true;
        s->report->stage = "starttls";
        return fail(s, LK_ERR_AGAIN, "the server offers no STARTTLS: nothing is sent in clear");
    }
    return 0;
}

static int auth_plain(struct smtp *s, struct lk_str user, struct lk_str password) {
    char mem[sizeof(s->server->user) + sizeof(s->server->password)];
    struct lk_buf b;

    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_char(&b, '\0');
    lk_buf_put_str(&b, user);
    lk_buf_put_char(&b, '\0');
    lk_buf_put_str(&b, password);
    lk_buf_put_cstr(&s->out, "AUTH PLAIN ");
    lk_buf_put_base64(&s->out, b.ptr, b.len);
    lk_wipe(mem, sizeof(mem));
    return command(s, NULL);
}

static int auth_login(struct smtp *s, struct lk_str user, struct lk_str password) {
    lk_buf_put_cstr(&s->out, "AUTH LOGIN");
    int code = command(s, NULL);
    if (code == 334) {
        lk_buf_put_base64(&s->out, user.ptr, user.len);
        code = command(s, NULL);
    }
    if (code == 334) {
        lk_buf_put_base64(&s->out, password.ptr, password.len);
        code = command(s, NULL);
    }
    return code;
}

static int authenticate(struct smtp *s) {
    struct lk_str user = lk_str_from(s->server->user);
    struct lk_str password = lk_str_from(s->server->password);
    int code;

    step(s, "auth", WAIT_REPLY);
    if (s->features.auth_plain) {
        code = auth_plain(s, user, password);
    } else if (s->features.auth_login) {
        code = auth_login(s, user, password);
    } else {
        s->report->server_wide = true;
        return fail(s, LK_ERR_AGAIN, "the server offers neither AUTH PLAIN nor AUTH LOGIN");
    }
    return code == 235 ? 0 : refuse_all(s, code);
}

/* --- the mail ------------------------------------------------------------------------------------------- */

/* 2xx goes on; 5xx ends this mail for good; 421 is about the server, other 4xx about this mail for now. */
static int verdict(struct smtp *s, int code) {
    if (code < 0 || (code >= 200 && code < 300)) {
        return code < 0 ? code : 0;
    }
    s->report->server_wide = code == 421;
    return code >= 500 ? LK_ERR_DENIED : LK_ERR_AGAIN;
}

static int envelope(struct smtp *s, struct lk_str from, struct lk_str to, struct lk_str message) {
    bool utf8 = !lk_is_ascii(from) || !lk_is_ascii(to);

    step(s, "mail", WAIT_REPLY);
    if (utf8 && !s->features.utf8) {
        return fail(s, LK_ERR_DENIED, "the address is not ASCII and the server takes no other");
    }
    if (s->features.size != 0 && message.len > s->features.size) {
        return fail(s, LK_ERR_DENIED, "the mail is larger than the server takes");
    }
    lk_buf_put_cstr(&s->out, "MAIL FROM:<");
    lk_buf_put_str(&s->out, from);
    lk_buf_put_char(&s->out, '>');
    if (s->features.has_size) {
        lk_buf_put_cstr(&s->out, " SIZE=");
        lk_buf_put_u64(&s->out, message.len);
    }
    if (s->features.eight_bit && !lk_is_ascii(message)) {
        lk_buf_put_cstr(&s->out, " BODY=8BITMIME");
    }
    if (utf8) {
        lk_buf_put_cstr(&s->out, " SMTPUTF8");
    }
    int err = verdict(s, command(s, NULL));
    if (err < 0) {
        return err;
    }
    step(s, "rcpt", WAIT_REPLY);
    lk_buf_put_cstr(&s->out, "RCPT TO:<");
    lk_buf_put_str(&s->out, to);
    lk_buf_put_char(&s->out, '>');
    return verdict(s, command(s, NULL));
}

static int put_piece(void *arg, struct lk_str piece) {
    struct smtp *s = arg;

    while (piece.len > 0) {
        size_t room = s->out.cap - s->out.len;
        size_t len = piece.len < room ? piece.len : room;
        lk_buf_put(&s->out, piece.ptr, len);
        piece = lk_str_sub(piece, len, piece.len);
        int err = s->out.len == s->out.cap ? flush(s) : 0;
        if (err < 0) {
            return err;
        }
    }
    return 0;
}

static int data(struct smtp *s, struct lk_str message) {
    int code = simple_command(s, "data", "DATA");

    if (code != 354) {
        /* A 2xx here is no leave to send. */
        return code >= 200 && code < 400 ? refuse_all(s, code) : verdict(s, code);
    }
    step(s, "data", WAIT_REPLY);
    int err = lk_smtp_put_data(message, put_piece, s);
    err = err < 0 ? err : flush(s);
    return err < 0 ? err : verdict(s, read_reply(s, NULL));
}

static int converse(struct smtp *s, struct lk_str from, struct lk_str to, struct lk_str message) {
    step(s, "connect", s->server->patience_ms);
    int err = lk_transport_connect(&s->t, s->server->host, s->server->port, WAIT_CONNECT);
    if (err < 0) {
        return fail_transport(s, err);
    }
    err = greet(s);
    if (err == 0 && s->server->user[0] != '\0') {
        err = authenticate(s);
    }
    if (err == 0) {
        err = envelope(s, from, to, message);
    }
    return err == 0 ? data(s, message) : err;
}

/* A polite end; whether it arrives changes nothing. */
static void quit(struct smtp *s) {
    s->t.deadline = lk_mail_clock() + WAIT_QUIT;
    lk_buf_put_cstr(&s->out, "QUIT\r\n");
    (void)lk_transport_write(&s->t, lk_buf_str(&s->out));
}

int lk_smtp_send(const struct lk_smtp_server *server, struct lk_mail_stop *stop, struct lk_str from,
                 struct lk_str to, struct lk_str message, struct lk_smtp_report *report) {
    struct smtp *s = calloc(1, sizeof(*s));

    memset(report, 0, sizeof(*report));
    report->stage = "connect";
    if (s == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    s->t.fd = -1;
    s->t.stop = stop;
    s->t.trust = &server->trust;
    s->server = server;
    s->report = report;
    s->end = lk_mail_clock() + server->patience_ms;
    lk_buf_init(&s->out, s->out_mem, sizeof(s->out_mem));
    int err = converse(s, from, to, message);
    if (s->t.fd >= 0 && (err == 0 || report->code != 0)) {
        lk_buf_init(&s->out, s->out_mem, sizeof(s->out_mem));
        quit(s);
    }
    lk_transport_close(&s->t);
    lk_wipe(s, sizeof(*s));
    free(s);
    return err;
}
