/* What the submission client reads: its configuration, and the server's lines. */
#include "base/buf.h"
#include "base/text.h"
#include "mail/smtp.h"

#include <string.h>

/* Copies `text` with its percent escapes decoded, NUL-terminated. */
static int copy_decoded(struct lk_str text, char *out, size_t cap) {
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == '%') {
            if (text.len - i < 3 || lk_hex_decode(lk_str_sub(text, i + 1, 2), &c, 1) < 0) {
                return LK_ERR_INVALID;
            }
            i += 2;
        }
        /* A control character would end the line it is sent in. */
        if (c < ' ' || c == 0x7F || len + 1 >= cap) {
            return LK_ERR_INVALID;
        }
        out[len++] = (char)c;
    }
    out[len] = '\0';
    return 0;
}

static int parse_login(struct lk_smtp_server *server, struct lk_str login) {
    size_t colon = lk_str_find(login, ':');

    if (copy_decoded(lk_str_sub(login, 0, colon), server->user, sizeof(server->user)) < 0 ||
        server->user[0] == '\0') {
        return LK_ERR_INVALID;
    }
    if (colon == login.len) {
        return 0;
    }
    return copy_decoded(lk_str_sub(login, colon + 1, login.len), server->password, sizeof(server->password));
}

static int parse_host(struct lk_smtp_server *server, struct lk_str place) {
    struct lk_str host = place;
    struct lk_str port = {NULL, 0};
    uint64_t number = server->implicit_tls ? LK_SMTPS_PORT : LK_SMTP_PORT;

    if (place.len > 0 && place.ptr[0] == '[') {
        size_t end = lk_str_find(place, ']');
        host = lk_str_sub(place, 1, end - 1);
        port = lk_str_sub(place, end + 1, place.len);
        if (end == place.len || (port.len > 0 && port.ptr[0] != ':')) {
            return LK_ERR_INVALID;
        }
    } else {
        size_t colon = lk_str_find(place, ':');
        host = lk_str_sub(place, 0, colon);
        port = lk_str_sub(place, colon, place.len);
    }
    if (port.len > 0 && (lk_str_to_u64(lk_str_sub(port, 1, port.len), 65535, &number) < 0 || number == 0)) {
        return LK_ERR_INVALID;
    }
    server->port = (uint16_t)number;
    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] <= ' ' || host.ptr[i] > '~' || host.ptr[i] == '/' || host.ptr[i] == '%') {
            return LK_ERR_INVALID;
        }
    }
    return host.len == 0 ? LK_ERR_INVALID : copy_decoded(host, server->host, sizeof(server->host));
}

int lk_smtp_parse_target(struct lk_smtp_server *server, bool implicit_tls, struct lk_str target) {
    size_t at = target.len;

    server->implicit_tls = implicit_tls;
    server->user[0] = '\0';
    server->password[0] = '\0';
    if (target.len > 0 && target.ptr[target.len - 1] == '/') {
        target.len--;
    }
    /* The last @: one in the user's name may stand bare. */
    for (at = target.len; at > 0 && target.ptr[at - 1] != '@'; at--) {
    }
    if (at > 0) {
        int err = parse_login(server, lk_str_sub(target, 0, at - 1));
        if (err < 0) {
            return err;
        }
    }
    return parse_host(server, lk_str_sub(target, at, target.len));
}

/* Takes the next space-separated word off *line. */
static struct lk_str next_word(struct lk_str *line) {
    struct lk_str rest = lk_str_trim(*line);
    size_t end = lk_str_find(rest, ' ');

    *line = lk_str_sub(rest, end, rest.len);
    return lk_str_sub(rest, 0, end);
}

static void read_auth(struct lk_smtp_features *f, struct lk_str line) {
    for (struct lk_str word = next_word(&line); word.len > 0; word = next_word(&line)) {
        f->auth_plain = f->auth_plain || lk_str_eq_nocase(word, LK_STR("PLAIN"));
        f->auth_login = f->auth_login || lk_str_eq_nocase(word, LK_STR("LOGIN"));
    }
}

void lk_smtp_feature(struct lk_smtp_features *f, struct lk_str line) {
    struct lk_str word = next_word(&line);

    if (lk_str_eq_nocase(word, LK_STR("STARTTLS"))) {
        f->starttls = true;
    } else if (lk_str_eq_nocase(word, LK_STR("8BITMIME"))) {
        f->eight_bit = true;
    } else if (lk_str_eq_nocase(word, LK_STR("SMTPUTF8"))) {
        f->utf8 = true;
    } else if (lk_str_eq_nocase(word, LK_STR("AUTH"))) {
        read_auth(f, line);
    } else if (lk_str_eq_nocase(word, LK_STR("SIZE"))) {
        f->has_size = true;
        /* No number, or one past any mail of ours, is no limit. */
        if (lk_str_to_u64(next_word(&line), INT64_MAX, &f->size) < 0) {
            f->size = 0;
        }
    }
}

int lk_smtp_reply_line(struct lk_str line, int *code, bool *more, struct lk_str *text) {
    uint64_t number;

    if (line.len < 3 || lk_str_to_u64(lk_str_sub(line, 0, 3), 599, &number) < 0 || number < 200) {
        return LK_ERR_INVALID;
    }
    char separator = line.len > 3 ? line.ptr[3] : ' ';
    if (separator != ' ' && separator != '-') {
        return LK_ERR_INVALID;
    }
    *code = (int)number;
    *more = separator == '-';
    *text = lk_str_sub(line, 4, line.len);
    return 0;
}

int lk_smtp_put_data(struct lk_str message, int (*put)(void *arg, struct lk_str piece), void *arg) {
    while (message.len > 0) {
        size_t len = lk_str_find(message, '\n');
        len += len < message.len ? 1 : 0;
        int err = message.ptr[0] == '.' ? put(arg, LK_STR(".")) : 0;
        if (err == 0) {
            err = put(arg, lk_str_sub(message, 0, len));
        }
        if (err < 0) {
            return err;
        }
        message = lk_str_sub(message, len, message.len);
    }
    return put(arg, LK_STR(".\r\n"));
}
