/* What a terminal gets and a file does not: colours, and how far a long command has come. */
#include "base/time.h"
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOW_EVERY_MS 100

static bool on_terminal(FILE *file) {
    const char *kind = getenv("TERM");

    return isatty(fileno(file)) == 1 && (kind == NULL || strcmp(kind, "dumb") != 0);
}

bool cli_colours(FILE *file) {
    const char *no = getenv("NO_COLOR"); /* no-color.org: set and not empty */

    return (no == NULL || no[0] == '\0') && on_terminal(file);
}

const char *cli_style(FILE *file, enum cli_style style) {
    static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[1;31m", "\033[32m"};

    return cli_colours(file) ? codes[style] : "";
}

void cli_progress_begin(struct cli_progress *p, const char *what, uint64_t total) {
    *p = (struct cli_progress){.what = what, .total = total, .visible = on_terminal(stderr)};
    p->next_ms = lk_time_mono_ms() + SHOW_EVERY_MS; /* what is over at once shows nothing */
}

void cli_progress(struct cli_progress *p, uint64_t done) {
    if (!p->visible || lk_time_mono_ms() < p->next_ms) {
        return;
    }
    p->next_ms = lk_time_mono_ms() + SHOW_EVERY_MS;
    p->shown = true;
    if (p->total > 0) {
        uint64_t percent = done < p->total ? done * 100 / p->total : 100;
        fprintf(stderr, "\r\033[K%s  %3llu %%", p->what, (unsigned long long)percent);
    } else {
        fprintf(stderr, "\r\033[K%s  %llu", p->what, (unsigned long long)done);
    }
    fflush(stderr);
}

void cli_progress_end(struct cli_progress *p) {
    if (p->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->shown = false;
    }
}
