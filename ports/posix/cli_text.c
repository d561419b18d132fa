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

/* What moves a terminal's cursor, of one byte or (C1) of two, and what turns the order of letters around. */
static bool is_harmless(int32_t c) {
    return c >= ' ' && !(c >= 0x7F && c < 0xA0) && c != 0x200E && c != 0x200F &&
           !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
}

void cli_print_padded(struct lk_str text, size_t width) {
    size_t shown = 0;

    for (; text.len > 0; shown++) {
        struct lk_str at = text;
        bool good = is_harmless(lk_utf8_next(&text));
        if (text.len == at.len) { /* no UTF-8 */
            text = lk_str_sub(at, 1, at.len);
        }
        fwrite(good ? at.ptr : "?", 1, good ? at.len - text.len : 1, stdout);
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
