/*
 * The serial console: what the owner of a board types and reads. Whoever has it has the board: as on Linux's
 * own console, it shows the setup code, and a factory reset asks for nothing but to be meant.
 */
#ifndef LK_FIRMWARE_CONSOLE_H
#define LK_FIRMWARE_CONSOLE_H

#include "base/str.h"

#include <stdbool.h>

#define CONSOLE_LINE_MAX 320 /* bytes of a typed line, with NUL: a key and the longest value */
#define CONSOLE_WORDS_MAX 6

/* A command and what was typed behind it. */
struct console_call {
    const char *words[CONSOLE_WORDS_MAX]; /* behind the command's own name */
    size_t count;
    const char *rest; /* the same, not taken apart */
};

struct console_command {
    const char *name;
    const char *usage;
    const char *meaning;
    void (*run)(const struct console_call *call);
};
extern const struct console_command console_commands[]; /* ends with a NULL name */

/* Prints formatted text; up to 255 bytes at a time. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Text that came from somewhere else: what could upset a terminal becomes '?'. */
void console_print_str(struct lk_str text);

/* Reads a line, echoed as it is typed or, for a secret, not. Waits as long as it takes. */
void console_read_line(char line[CONSOLE_LINE_MAX], bool secret);

/* Reads and runs commands for ever. */
_Noreturn void console_run(void);

#endif
