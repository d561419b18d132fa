/* latchkeyd export and import: accounts as JSON lines. */
#include "account/import.h"
#include "cli.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cJSON.h>

#define IMPORT_LINE_MAX 524288 /* bytes: a biography of 40 000 bytes, every one escaped, and the rest */
#define IMPORT_PENDING_MAX (1024u * 1024u) /* bytes of lines gathered before they go into the store */

/* --- export --------------------------------------------------------------------------------------------- */

struct exported {
    struct lk_account account;
    struct lk_account_mem mem;
    size_t used;
    bool any;
    char biography[LK_BIOGRAPHY_MAX];
};

static struct lk_str keep(struct exported *e, struct lk_str text) {
    struct lk_str copy = {e->mem.bytes + e->used, text.len};

    if (text.len > sizeof(e->mem.bytes) - e->used) {
        return (struct lk_str){NULL, 0};
    }
    if (text.len > 0) {
        memcpy(e->mem.bytes + e->used, text.ptr, text.len);
    }
    e->used += text.len;
    return copy;
}

static int hold_one(const struct lk_account *account, void *arg) {
    struct exported *e = arg;

    e->any = true;
    e->used = 0;
    e->account = *account;
    e->account.username = keep(e, account->username);
    e->account.email = keep(e, account->email);
    e->account.password = keep(e, account->password);
    e->account.full_name = keep(e, account->full_name);
    e->account.picture = keep(e, account->picture);
    return 0;
}

/* One account a snapshot, with its biography: a long export holds up no writer's pages. */
static int export_all(struct cli *c, struct exported *e, FILE *out, struct cli_progress *progress) {
    bool first = true;

    for (uint64_t count = 0;; count++) {
        uint8_t after[LK_UUID_LEN];
        struct lk_str biography = {NULL, 0};
        memcpy(after, e->account.id, sizeof(after));
        e->any = false;
        int err = lk_account_walk(c->service, first ? NULL : after, 1, hold_one, e);
        if (err < 0) {
            return cli_fail_err("export", err);
        }
        if (!e->any) {
            return CLI_OK;
        }
        first = false;
        cli_progress(progress, count);
        err = lk_profile_get(c->service, e->account.username, e->biography, sizeof(e->biography), &biography);
        if (err < 0 && err != LK_ERR_NOT_FOUND) {
            return cli_fail_err("export", err);
        }
        int rc = cli_print_json(out, cli_account_json(&e->account, biography, true));
        if (rc != CLI_OK) {
            return rc;
        }
    }
}

/* The hashes in an export are for its owner's eyes. */
static FILE *create_private(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd < 0 ? NULL : fdopen(fd, "w");
}

static int run_export(struct cli *c) {
    int rc = cli_open(c, false);

    if (rc != CLI_OK) {
        return rc;
    }
    FILE *out = c->operand_count == 0 ? stdout : create_private(c->operands[0]);
    struct exported *e = calloc(1, sizeof(*e));
    if (out == NULL) {
        rc = cli_fail(c->operands[0],
                      errno == EEXIST ? "it is there already; name a new file" : strerror(errno));
    } else if (e == NULL) {
        rc = cli_fail_err("export", LK_ERR_NO_MEMORY);
    } else {
        struct cli_progress progress;
        struct lk_service_counts counts = {0};
        (void)lk_service_count(c->service, &counts); /* without it, no share is shown */
        cli_progress_begin(&progress, "export", counts.accounts);
        progress.visible = progress.visible && isatty(fileno(out)) == 0; /* the rows go there */
        rc = export_all(c, e, out, &progress);
        cli_progress_end(&progress);
    }
    if (out != NULL && out != stdout) {
        bool durable = fflush(out) == 0 && fsync(fileno(out)) == 0;
        if (fclose(out) != 0 || !durable) {
            rc = cli_fail(c->operands[0], "it could not be written in full");
        }
    }
    if (e != NULL) {
        lk_wipe(e, sizeof(*e));
        free(e);
    }
    return rc;
}

/* --- import --------------------------------------------------------------------------------------------- */

/* Lines that go into the store together. */
struct pending {
    struct lk_import accounts[LK_IMPORT_MAX];
    struct {
        struct cli_row row;
        cJSON *json;
        unsigned long number;
    } lines[LK_IMPORT_MAX];
    size_t count;
    size_t bytes; /* of the lines: what is held in memory */
};

struct import {
    struct cli *cli;
    const char *name; /* of the file */
    struct pending *pending;
    struct cli_progress progress;
    uint64_t bytes; /* read so far */
    unsigned long imported, refused;
};

static void tell_line(struct import *im, unsigned long number, const char *what) {
    cli_progress_end(&im->progress);
    fprintf(stderr, "latchkeyd: %s: line %lu: %s\n", im->name, number, what);
}

static void refuse_line(struct import *im, unsigned long number, const char *why) {
    im->refused++;
    tell_line(im, number, why);
}

static void report_one(struct import *im, unsigned long number, const struct lk_import *one) {
    char why[CLI_VIOLATION_MAX];

    if (one->result == 0) {
        im->imported++;
        if (one->renamed) {
            tell_line(im, number, "its username names a route here: it moved in with its email as username");
        }
    } else if (one->violations.count > 0) {
        cli_violation_text(&one->violations.list[0], why);
        refuse_line(im, number, why);
    } else if (one->result == LK_ERR_EXISTS) {
        refuse_line(im, number, "its id, username or email is taken");
    } else if (one->result == LK_ERR_FULL) {
        refuse_line(im, number, "the store or the disk is full");
    } else {
        refuse_line(im, number, lk_err_text(one->result));
    }
}

/* Puts what is pending into the store. */
static void flush_pending(struct import *im) {
    struct pending *p = im->pending;

    if (p->count == 0) {
        return;
    }
    lk_account_import_many(im->cli->service, p->accounts, p->count);
    for (size_t i = 0; i < p->count; i++) {
        report_one(im, p->lines[i].number, &p->accounts[i]);
        cJSON_Delete(p->lines[i].json);
    }
    p->count = 0;
    p->bytes = 0;
}

/* A line that cannot be read is reported behind those before it. */
static void refuse_unread(struct import *im, unsigned long number, const char *why) {
    flush_pending(im);
    refuse_line(im, number, why);
}

static void import_line(struct import *im, struct lk_str line, unsigned long number) {
    struct pending *p = im->pending;
    struct cli_row *row = &p->lines[p->count].row;
    const char *reason = NULL;
    cJSON *json = cli_json_parse(line, &reason);

    if (json == NULL || cli_row_read(json, row, &reason) != 0) {
        cJSON_Delete(json);
        refuse_unread(im, number, reason);
        return;
    }
    p->lines[p->count].json = json;
    p->lines[p->count].number = number;
    p->accounts[p->count].account = row->account;
    p->accounts[p->count].biography = row->biography;
    p->count++;
    p->bytes += line.len;
    if (p->count == LK_IMPORT_MAX || p->bytes > IMPORT_PENDING_MAX) {
        flush_pending(im);
    }
}

/* Reads on past the end of a line that did not fit. */
static bool skip_rest(FILE *in) {
    int ch = fgetc(in);

    while (ch != '\n' && ch != EOF) {
        ch = fgetc(in);
    }
    return ch == '\n';
}

/* The size of a file whose end is known; 0 for a pipe. */
static uint64_t size_of(FILE *in) {
    struct stat st;

    return fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int import_all(struct import *im, FILE *in, char *line) {
    cli_progress_begin(&im->progress, "import", size_of(in));
    for (unsigned long number = 1; fgets(line, IMPORT_LINE_MAX, in) != NULL; number++) {
        size_t len = strlen(line);
        bool whole = (len > 0 && line[len - 1] == '\n') || feof(in);
        struct lk_str text = lk_str_trim((struct lk_str){line, len});
        im->bytes += len;
        cli_progress(&im->progress, im->progress.total > 0 ? im->bytes : number);
        if (!whole) {
            skip_rest(in);
            refuse_unread(im, number, "the line is too long");
        } else if (text.len > 0) {
            import_line(im, text, number);
        }
    }
    flush_pending(im);
    cli_progress_end(&im->progress);
    printf("%lu imported, %lu refused\n", im->imported, im->refused);
    if (ferror(in)) {
        return cli_fail(im->name, strerror(errno));
    }
    return im->refused == 0 ? CLI_OK : CLI_FAILED;
}

static int run_import(struct cli *c) {
    bool from_stdin = c->operand_count == 0 || strcmp(c->operands[0], "-") == 0;
    struct import im = {.cli = c, .name = from_stdin ? "standard input" : c->operands[0]};
    FILE *in = from_stdin ? stdin : fopen(im.name, "re");

    if (in == NULL) {
        return cli_fail(im.name, strerror(errno));
    }
    char *line = malloc(IMPORT_LINE_MAX);
    im.pending = calloc(1, sizeof(*im.pending));
    bool memory = line != NULL && im.pending != NULL;
    int rc = memory ? cli_open(c, true) : cli_fail_err("import", LK_ERR_NO_MEMORY);
    if (rc == CLI_OK) {
        rc = import_all(&im, in, line);
    }
    if (memory) { /* the hashes of others */
        lk_wipe(line, IMPORT_LINE_MAX);
        lk_wipe(im.pending, sizeof(*im.pending));
    }
    free(im.pending);
    free(line);
    if (!from_stdin) {
        fclose(in);
    }
    return rc;
}

const struct cli_command cli_data_commands[] = {
    {"export", NULL, "[FILE]", "all accounts with their hashes, as JSON lines; no pictures, no sessions", 0,
     1, 0, run_export},
    {"import", NULL, "[FILE]", "add exported accounts, or rows of Django's auth_user", 0, 1, 0, run_import},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
