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
#define CLI_SYSTEM_CONFIG "/etc/latchkey/latchkey.conf" /* of an installed package */

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
extern const struct cli_command cli_backup_commands[];
extern const struct cli_command cli_upkeep_commands[];
extern const struct cli_command cli_audit_commands[];
extern const struct cli_command cli_status_commands[];
extern const struct cli_command cli_describe_commands[];

/* An option of the command line. */
struct cli_option_info {
    const char *name;    /* "--json" */
    const char *value;   /* what follows it, for --help; NULL: nothing */
    unsigned option;     /* bit of enum cli_option; 0: every command takes it, and so does the server */
    const char *meaning; /* one line */
    size_t place;        /* of the value in struct cli_args */
};

/* --- cli_table.c ---------------------------------------------------------------------------------------- */

/* Every command and every option; NULL past the last. */
const struct cli_command *cli_command_at(size_t index);
const struct cli_option_info *cli_option_at(size_t index);
/* The command that a mistyped word may stand for, or NULL. */
const char *cli_near_command(const char *word);

/* --- cli_style.c ---------------------------------------------------------------------------------------- */

enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_FAINT, CLI_BAD, CLI_GOOD };
/* True where colours are wanted: a terminal, unless NO_COLOR is set. */
bool cli_colours(FILE *file);
/* What changes the style of the text to come; empty where colours are not wanted. */
const char *cli_style(FILE *file, enum cli_style style);

/* How far a long command has come, on standard error, where that is a terminal. */
struct cli_progress {
    const char *what;
    uint64_t total; /* 0: not known */
    uint64_t next_ms;
    bool visible;
    bool shown;
};
void cli_progress_begin(struct cli_progress *p, const char *what, uint64_t total);
void cli_progress(struct cli_progress *p, uint64_t done);
/* Takes the line away, before anything else is printed. */
void cli_progress_end(struct cli_progress *p);

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
/* Closes what cli_open opened; done after each command. */
void cli_close(struct cli *c);

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

/* --- cli_console.c -------------------------------------------------------------------------------------- */

/* What whoever starts the server is shown. */
struct cli_console {
    char code[32]; /* the setup code; empty: none waits */
    char public_url[LK_PATH_TEXT_MAX];
};
/* For struct lk_server_console: keeps the code until it is shown. `arg` is a struct cli_console. */
void cli_console_setup_code(void *arg, const char *code, const char *public_url);
struct lk_server;
/* Shows addresses, the fingerprint of a certificate of our own and, while nobody is admin, the setup code with the
   address that takes it; on a terminal also as a QR code. Wipes the code. */
void cli_console_show(struct cli_console *console, const struct lk_server *server,
                      const struct lk_config *config);

/* --- cli_listen.c --------------------------------------------------------------------------------------- */

/* After the server could not start: tries the addresses of the configuration, and says what stands in the way of the
   first that cannot be had, and what to do. False when nothing does. */
bool cli_explain_listen(const struct lk_config *config);

/* --- cli_notify.c --------------------------------------------------------------------------------------- */

/* Tells the service manager, where one started this process: lines of sd_notify(3), as "READY=1". */
void cli_notify(const char *state);

/* --- cli_upkeep.c --------------------------------------------------------------------------------------- */

/* The certificate that the server shows. */
struct cli_certificate {
    uint8_t fingerprint[32]; /* SHA-256 of its DER form */
    int64_t begins;          /* seconds since 1970 */
    int64_t ends;
};
/* Reads it from where the configuration says, else from data_dir. Returns 0 or an error value. */
int cli_certificate(const struct lk_config *config, struct cli_certificate *out);

/* --- cli_backup.c --------------------------------------------------------------------------------------- */

/* When the last backup was made (seconds since 1970) and into which folder; 0 and "" when there was none. */
int64_t cli_last_backup(const struct lk_config *config, char folder[LK_PATH_TEXT_MAX]);

/* --- cli_ask.c ------------------------------------------------------------------------------------------ */

#define CLI_ADDRESS_FILE                                                                                     \
    "server.address" /* in data_dir, while the server runs: "https 0.0.0.0 8443" a line */
/* Writes that file. Returns 0 or an error value. */
int cli_write_address(const struct lk_server *server, const struct lk_config *config);
/* Asks the running server of c->config for its numbers (/metrics), `cap` bytes at most, ended by NUL. cli_open was
   called. Returns 0 or an error value: LK_ERR_NOT_FOUND when no server runs. */
int cli_ask_metrics(struct cli *c, char *out, size_t cap);
/* The number behind the name in that text, or 0; with `prefix` the sum of all that begin so. */
uint64_t cli_metric(const char *metrics, const char *name, bool prefix);

/* --- cli_text.c ----------------------------------------------------------------------------------------- */

#define CLI_TIME_TEXT_MAX 32
/* "2026-11-21T05:32:28Z", or "never" for 0. */
void cli_time_text(int64_t seconds, char out[CLI_TIME_TEXT_MAX]);
/* "admin, user"; "none" without a role. */
void cli_roles_text(uint8_t roles, char out[16]);
/* Reads "admin,user". Returns 0 or LK_ERR_INVALID. */
int cli_roles_parse(struct lk_str text, uint8_t *roles);
/* Prints text with what could mislead a terminal replaced, then blanks up to `width` characters. */
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
