/* Text that people read and write: dates, roles, columns, passwords. */
#include "base/text.h"
#include "base/time.h"
#include "cli.h"
#include "crypto/crypto.h"
#include "crypto/password.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* --- dates ---------------------------------------------------------------------------------------------- */

void cli_time_text(int64_t seconds, char out[CLI_TIME_TEXT_MAX]) {
    struct lk_buf b;

    lk_buf_init(&b, out, CLI_TIME_TEXT_MAX);
    if (seconds == 0) {
        lk_buf_put_cstr(&b, "never");
    } else {
        lk_buf_put_iso_date(&b, seconds);
    }
    (void)lk_buf_end_cstr(&b); /* both fit */
}

/* Takes `digits` digits and, unless it is '\0', the character after them. */
static bool take_number(struct lk_str *text, size_t digits, char then, unsigned *out) {
    uint64_t number;

    if (text->len < digits || lk_str_to_u64(lk_str_sub(*text, 0, digits), 9999, &number) < 0) {
        return false;
    }
    *text = lk_str_sub(*text, digits, text->len);
    *out = (unsigned)number;
    if (then == '\0') {
        return true;
    }
    if (text->len == 0 || text->ptr[0] != then) {
        return false;
    }
    *text = lk_str_sub(*text, 1, text->len);
    return true;
}

/* "Z", "+02:00", "-0530" or nothing. */
static bool take_offset(struct lk_str text, int64_t *offset) {
    unsigned hours;
    unsigned minutes;

    *offset = 0;
    if (text.len == 0 || lk_str_eq(text, LK_STR("Z"))) {
        return true;
    }
    int sign = text.ptr[0] == '+' ? 1 : text.ptr[0] == '-' ? -1 : 0;
    text = lk_str_sub(text, 1, text.len);
    bool colon = text.len == 5;
    if (sign == 0 || !take_number(&text, 2, colon ? ':' : '\0', &hours) ||
        !take_number(&text, 2, '\0', &minutes) || text.len != 0 || hours > 23 || minutes > 59) {
        return false;
    }
    *offset = sign * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

int cli_time_parse(struct lk_str text, int64_t *seconds) {
    struct lk_date d = {0};
    unsigned year;
    int64_t offset;
    char between = text.len > 10 && text.ptr[10] == ' ' ? ' ' : 'T';

    if (!take_number(&text, 4, '-', &year) || !take_number(&text, 2, '-', &d.month) ||
        !take_number(&text, 2, between, &d.day) || !take_number(&text, 2, ':', &d.hour) ||
        !take_number(&text, 2, ':', &d.minute) || !take_number(&text, 2, '\0', &d.second)) {
        return LK_ERR_INVALID;
    }
    if (text.len > 0 && text.ptr[0] == '.') {
        size_t len = 1;
        while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9') {
            len++;
        }
        text = lk_str_sub(text, len, text.len);
    }
    if (!take_offset(text, &offset) || year < 1970 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > 31 || d.hour > 23 || d.minute > 59 || d.second > 59) {
        return LK_ERR_INVALID;
    }
    d.year = year;
    int64_t local = lk_date_seconds(&d);
    if (lk_date_from(local).day != d.day) {
        return LK_ERR_INVALID; /* 30 February */
    }
    *seconds = local - offset;
    return 0;
}

/* --- roles ---------------------------------------------------------------------------------------------- */

void cli_roles_text(uint8_t roles, char out[16]) {
    bool admin = (roles & LK_ROLE_ADMIN) != 0;
    bool user = (roles & LK_ROLE_USER) != 0;

    snprintf(out, 16, "%s%s%s%s", admin ? "admin" : "", admin && user ? ", " : "", user ? "user" : "",
             admin || user ? "" : "none");
}

int cli_roles_parse(struct lk_str text, uint8_t *roles) {
    *roles = 0;
    for (;;) {
        size_t len = lk_str_find(text, ',');
        struct lk_str word = lk_str_trim(lk_str_sub(text, 0, len));
        if (lk_str_eq(word, LK_STR("admin"))) {
            *roles |= LK_ROLE_ADMIN;
        } else if (lk_str_eq(word, LK_STR("user"))) {
            *roles |= LK_ROLE_USER;
        } else {
            return LK_ERR_INVALID;
        }
        if (len == text.len) {
            return 0;
        }
        text = lk_str_sub(text, len + 1, text.len);
    }
}

/* --- columns -------------------------------------------------------------------------------------------- */

void cli_print_padded(struct lk_str text, size_t width) {
    size_t shown = lk_utf8_valid(text) ? lk_utf8_length(text) : text.len;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        /* A control character could move the terminal's cursor. */
        putchar(c < ' ' || c == 0x7F ? '?' : c);
    }
    for (; shown < width; shown++) {
        putchar(' ');
    }
}

/* --- passwords ------------------------------------------------------------------------------------------ */

/* One line without its end. Returns its length, or -1 at the end of the file or when it does not fit. */
static int read_line(FILE *file, char *out, size_t cap) {
    if (fgets(out, (int)cap, file) == NULL) {
        return -1;
    }
    size_t len = strcspn(out, "\n");
    if (out[len] == '\0' && !feof(file)) {
        return -1;
    }
    if (len > 0 && out[len - 1] == '\r') {
        len--;
    }
    out[len] = '\0';
    return (int)len;
}

static int ask(FILE *terminal, const char *prompt, char *out) {
    struct termios shown;
    struct termios hidden;

    if (tcgetattr(fileno(terminal), &shown) != 0) {
        return -1;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    /* Before the prompt: what was typed ahead of it is thrown away. */
    tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
    fputs(prompt, terminal);
    fflush(terminal);
    int len = read_line(terminal, out, LK_PASSWORD_MAX_BYTES + 2);
    tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
    fputs("\n", terminal);
    return len;
}

static int ask_twice(FILE *terminal, char *out) {
    char again[LK_PASSWORD_MAX_BYTES + 2];
    int len = ask(terminal, "New password: ", out);
    int again_len = len < 0 ? -1 : ask(terminal, "Again: ", again);

    if (len < 0 || again_len < 0) {
        cli_fail("password", "it could not be read, or is too long");
        len = -1;
    } else if (len != again_len || memcmp(out, again, (size_t)len) != 0) {
        cli_fail("password", "the two differ; nothing was changed");
        len = -1;
    }
    lk_wipe(again, sizeof(again));
    return len;
}

int cli_read_password(bool from_stdin, char *out) {
    if (from_stdin) {
        int len = read_line(stdin, out, LK_PASSWORD_MAX_BYTES + 2);
        if (len < 0) {
            cli_fail("password", "standard input holds none, or one that is too long");
        }
        return len;
    }
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (terminal == NULL) {
        cli_fail("password",
                 "there is no terminal to ask on; give it as the first line of standard input, with --stdin");
        return -1;
    }
    setvbuf(terminal, NULL, _IONBF, 0);
    int len = ask_twice(terminal, out);
    fclose(terminal);
    return len;
}
