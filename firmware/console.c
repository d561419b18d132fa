#include "console.h"

#include "base/time.h"
#include "crypto/crypto.h"
#include "rtos/board.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_MS 20 /* between two looks at a silent console */
#define BURST_MS 3 /* after a byte the next one is waited for without a pause: a paste has no gaps */

void console_print(const char *format, ...) {
    char text[256];
    va_list rest;
    va_start(rest, format);
    int len = vsnprintf(text, sizeof(text), format, rest);
    va_end(rest);
    if (len > 0) {
        lk_board.console_write(text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
    }
}

void console_print_str(struct lk_str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        lk_board.console_write(c < ' ' || c > '~' ? "?" : &c, 1);
    }
}

/* --- lines ---------------------------------------------------------------------------------------------- */

static int wait_for_byte(void) {
    static const struct timespec pause = {0, POLL_MS * 1000000};
    static uint64_t last; /* when the last byte came */
    int c;
    while ((c = lk_board.console_read()) < 0) {
        if (lk_time_mono_ms() - last < BURST_MS) {
            sched_yield();
        } else {
            nanosleep(&pause, NULL);
        }
    }
    last = lk_time_mono_ms();
    return c;
}

static void rub_out(size_t *len, bool secret) {
    if (*len > 0) {
        (*len)--;
        console_print("%s", secret ? "" : "\b \b");
    }
}

void console_read_line(char line[CONSOLE_LINE_MAX], bool secret) {
    size_t len = 0;
    for (;;) {
        int c = wait_for_byte();
        if (c == '\r' || c == '\n') {
            break;
        }
        if (c == '\b' || c == 0x7f) {
            rub_out(&len, secret);
        } else if (c == 0x15) { /* Ctrl-U */
            while (len > 0) {
                rub_out(&len, secret);
            }
        } else if (c >= ' ' && len < CONSOLE_LINE_MAX - 1) {
            line[len++] = (char)c;
            if (!secret) {
                lk_board.console_write(&line[len - 1], 1);
            }
        }
    }
    line[len] = '\0';
    console_print("\n");
}

/* --- commands ------------------------------------------------------------------------------------------- */

/* Cuts the line into words, in place. */
static size_t split(char *line, const char *words[], size_t max) {
    size_t count = 0;
    while (count < max) {
        line += strspn(line, " ");
        if (*line == '\0') {
            break;
        }
        words[count++] = line;
        line += strcspn(line, " ");
        if (*line != '\0') {
            *line++ = '\0';
        }
    }
    return count;
}

static const struct console_command *find(struct lk_str name) {
    for (const struct console_command *c = console_commands; c->name != NULL; c++) {
        if (lk_str_eq(name, lk_str_from(c->name))) {
            return c;
        }
    }
    return NULL;
}

static void run_line(const char *line) {
    static char words[CONSOLE_LINE_MAX];
    struct console_call call = {.count = 0};
    size_t len = strcspn(line, " ");
    const struct console_command *command = find((struct lk_str){line, len});
    if (command == NULL) {
        console_print("no such command; `help` lists them\n");
        return;
    }
    call.rest = line + len + strspn(line + len, " ");
    memcpy(words, call.rest, strlen(call.rest) + 1);
    call.count = split(words, call.words, CONSOLE_WORDS_MAX);
    command->run(&call);
    lk_wipe(words, sizeof(words));
}

void console_run(void) {
    static char line[CONSOLE_LINE_MAX];
    for (;;) {
        console_print("> ");
        console_read_line(line, false);
        const char *at = line + strspn(line, " ");
        if (*at != '\0') {
            run_line(at);
        }
        lk_wipe(line, sizeof(line));
    }
}
