/*
 * What the subcommands share: the command line, the configuration, and the store with its service, opened
 * beside a running server or without one.
 */
#ifndef LK_POSIX_CLI_H
#define LK_POSIX_CLI_H

#include "account/audit.h"
#include "account/keyring.h"
#include "account/service.h"
#include "config/config.h"

#include <stdio.h>

#define CLI_OPERANDS_MAX 4
#define CLI_SETTINGS_MAX 64

enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

enum cli_option { /* bits: which ones a subcommand takes */
                  CLI_JSON = 1,
                  CLI_STDIN = 2,
                  CLI_INTERNAL = 4,
                  CLI_ADMIN = 8,
                  CLI_SERVICE = 16,
                  CLI_SCOPE = 32,
                  CLI_TTL = 64,
                  CLI_FULL_NAME = 128,
};

/* The command line, taken apart. All of it borrowed from argv. */
struct cli_args {
    unsigned given; /* bits of enum cli_option */
    bool help;
    bool version;
    const char *config_file;                /* NULL: none */
    const char *settings[CLI_SETTINGS_MAX]; /* KEY=VALUE */
    size_t setting_count;
    const char *operands[CLI_OPERANDS_MAX + 2]; /* the subcommand's own words come first */
    size_t operand_count;
    const char *service;
    const char *scope;
    const char *ttl;
    const char *full_name;
};

struct cli {
    struct cli_args args;
    const char *const *operands; /* behind the subcommand's name */
    size_t operand_count;
    struct lk_config config;
    struct lk_store *store; /* NULL until cli_open */
    struct lk_service *service;
    struct lk_keyring user_keys;
    struct lk_keyring internal_keys;
};

/* One subcommand. */
struct cli_command {
    const char *group;
    const char *name;    /* NULL: the group is the whole command */
    const char *usage;   /* operands and options, for --help */
    const char *meaning; /* one line */
    size_t min;          /* operands */
    size_t max;
    unsigned options; /* bits of enum cli_option */
    int (*run)(struct cli *c);
};
extern const struct cli_command cli_user_commands[]; /* each ends with a row whose group is NULL */
extern const struct cli_command cli_keys_commands[];
extern const struct cli_command cli_data_commands[];
extern const struct cli_command cli_upkeep_commands[];
extern const struct cli_command cli_audit_commands[];

/* --- cli.c ---------------------------------------------------------------------------------------------- */

/* "latchkeyd: what: why" on stderr; `why` may be NULL. Returns CLI_FAILED. */
int cli_fail(const char *what, const char *why);
/* The same for an error value, with what to do about it where that is known. */
int cli_fail_err(const char *what, int err);
/* One line for each violated rule, as "latchkeyd: what: field: sentence". Returns CLI_FAILED. */
int cli_fail_violations(const char *what, const struct lk_violations *v);
#define CLI_VIOLATION_MAX 300 /* bytes of one such "field: sentence" */
/* The violated rule as "field: sentence", in the words of the HTTP answers. */
void cli_violation_text(const struct lk_violation *v, char out[CLI_VIOLATION_MAX]);

/* Reads the configuration file and the settings. Returns an exit code, after a message. */
int cli_configure(struct lk_config *config, const struct cli_args *args);
/* Opens store, keys and service by c->config; with `make`, a missing data folder is made. Returns an exit
   code, after a message. */
int cli_open(struct cli *c, bool make);

/* Runs the subcommand that the operands name. Returns an exit code. */
int cli_run(const struct cli_args *args);

/* The process id of the server that has this data open: 0 when none has. */
int cli_server_pid(const struct lk_config *config);

/* Splits the path of a key file: `fallback` in data_dir when `path` is empty. `dir` takes LK_PATH_TEXT_MAX
   bytes; the name is borrowed. */
const char *cli_key_place(const struct lk_config *config, const char *path, const char *fallback, char *dir);

/* --- cli_args.c ----------------------------------------------------------------------------------------- */

/* Takes argv apart. Returns CLI_OK or, after a message, CLI_USAGE. */
int cli_args_parse(struct cli_args *args, int argc, char *const argv[]);
/* --help and --version, on stdout. */
void cli_print_help(void);
void cli_print_version(void);
/* "latchkeyd: message" and a pointer to --help. Returns CLI_USAGE. */
int cli_usage(const char *what, const char *why);

/* --- cli_text.c ----------------------------------------------------------------------------------------- */

#define CLI_TIME_TEXT_MAX 32
/* "2026-11-21T05:32:28Z", or "never" for 0. */
void cli_time_text(int64_t seconds, char out[CLI_TIME_TEXT_MAX]);
/* Reads "2026-11-21T05:32:28.123Z", "2026-11-21 05:32:28+00:00" and the like (ISO 8601, UTC without an
   offset). Returns 0 or LK_ERR_INVALID. */
int cli_time_parse(struct lk_str text, int64_t *seconds);
/* "admin, user"; "none" without a role. */
void cli_roles_text(uint8_t roles, char out[16]);
/* Reads "admin,user". Returns 0 or LK_ERR_INVALID. */
int cli_roles_parse(struct lk_str text, uint8_t *roles);
/* Prints text with control characters replaced, then blanks up to `width` characters. */
void cli_print_padded(struct lk_str text, size_t width);
/* Asks for a new password twice on the terminal, or takes the first line of stdin. Returns its length or,
   after a message, -1. `out` holds LK_PASSWORD_MAX_BYTES + 2 bytes. */
int cli_read_password(bool from_stdin, char *out);

/* --- cli_json.c ----------------------------------------------------------------------------------------- */

struct cJSON;
/* An account as a JSON object: what `list --json` shows, or with `secrets` what an export holds. NULL without
 * memory. */
struct cJSON *cli_account_json(const struct lk_account *account, struct lk_str biography, bool secrets);
/* One audit record; `address` is text. The caller frees it; NULL without memory. */
struct cJSON *cli_audit_json(const struct lk_audit_record *record, const char *address);
/* Prints on one line and frees it. Returns an exit code. */
int cli_print_json(FILE *file, struct cJSON *json);

/* An import line, read: its strings live as long as `json`. */
struct cli_row {
    struct lk_account account;
    struct lk_str biography; /* NULL ptr: none given */
    char full_name[LK_FULL_NAME_BYTES_MAX + 2];
};
/* Reads an exported line, a Django dumpdata object or a plain row object. Returns 0, or LK_ERR_INVALID with
   `why` (a constant sentence). */
int cli_row_read(const struct cJSON *json, struct cli_row *row, const char **why);
/* Parses a line strictly: one object, valid UTF-8, no NUL, no name twice. NULL with `why`. */
struct cJSON *cli_json_parse(struct lk_str line, const char **why);

/* --- limits.c ------------------------------------------------------------------------------------------- */

/* Raises the process's soft limit of open descriptors towards `wanted`, up to the hard one. Returns how many of
   those wanted may be open then, 0 when that cannot be told. */
unsigned cli_raise_descriptors(unsigned wanted);

#endif
