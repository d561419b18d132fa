/* The command line, --help and --version. */
#include "cli.h"
#include "lk_versions.h"

#include <string.h>

int cli_usage(const char *what, const char *why) {
    fprintf(stderr, "latchkeyd: %s%s%s\nTry 'latchkeyd --help'.\n", what, why != NULL ? ": " : "",
            why != NULL ? why : "");
    return CLI_USAGE;
}

/* KEY=VALUE, where KEY is what a key of the configuration looks like. */
static bool is_setting(const char *word) {
    size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return len > 0 && word[len] == '=';
}

/* The value of "--name VALUE" or "--name=VALUE"; *at is moved over it. NULL when `word` is another option. */
static const char *option_value(const char *name, int argc, char *const argv[], int *at, bool *missing) {
    size_t len = strlen(name);
    const char *word = argv[*at];

    if (strncmp(word, name, len) != 0 || (word[len] != '\0' && word[len] != '=')) {
        return NULL;
    }
    if (word[len] == '=') {
        return word + len + 1;
    }
    if (*at + 1 >= argc) {
        *missing = true;
        return NULL;
    }
    (*at)++;
    return argv[*at];
}

static int take_option(struct cli_args *args, int argc, char *const argv[], int *at) {
    const char *word = argv[*at];

    for (size_t i = 0; cli_option_at(i) != NULL; i++) {
        const struct cli_option_info *option = cli_option_at(i);
        if (option->value == NULL && strcmp(word, option->name) == 0) {
            args->given |= option->option;
            return CLI_OK;
        }
        bool missing = false;
        const char *value =
            option->value != NULL ? option_value(option->name, argc, argv, at, &missing) : NULL;
        if (missing) {
            return cli_usage(word, "needs a value");
        }
        if (value != NULL) {
            memcpy((char *)args + option->place, &value, sizeof(value));
            args->given |= option->option;
            return CLI_OK;
        }
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        args->help = true;
        return CLI_OK;
    }
    if (strcmp(word, "--version") == 0) {
        args->version = true;
        return CLI_OK;
    }
    return cli_usage(word, "there is no such option");
}

int cli_args_parse(struct cli_args *args, int argc, char *const argv[]) {
    bool words_only = false;

    memset(args, 0, sizeof(*args));
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!words_only && strcmp(word, "--") == 0) {
            words_only = true;
        } else if (!words_only && word[0] == '-' && word[1] != '\0') {
            int rc = take_option(args, argc, argv, &i);
            if (rc != CLI_OK) {
                return rc;
            }
        } else if (!words_only && is_setting(word)) {
            if (args->setting_count == CLI_SETTINGS_MAX) {
                return cli_usage(word, "too many settings: put them into a file, and name it with --config");
            }
            args->settings[args->setting_count++] = word;
        } else if (args->operand_count == sizeof(args->operands) / sizeof(args->operands[0])) {
            return cli_usage(word, "too many words");
        } else {
            args->operands[args->operand_count++] = word;
        }
    }
    return CLI_OK;
}

/* --- --help and --version ------------------------------------------------------------------------------- */

static void print_command(const struct cli_command *c) {
    char line[128];
    int len = snprintf(line, sizeof(line), "%s%s%s%s%s", c->group, c->name != NULL ? " " : "",
                       c->name != NULL ? c->name : "", c->usage[0] != '\0' ? " " : "", c->usage);
    if (len > 38) {
        printf("  %s\n  %38s  %s\n", line, "", c->meaning);
    } else {
        printf("  %-38s  %s\n", line, c->meaning);
    }
}

static void print_options(void) {
    for (size_t i = 0; cli_option_at(i) != NULL; i++) {
        const struct cli_option_info *o = cli_option_at(i);
        printf("  %s %-*s  %s\n", o->name, 18 - (int)strlen(o->name), o->value != NULL ? o->value : "",
               o->meaning);
    }
}

/* "Commands:" and the like. */
static void print_title(const char *title) {
    printf("\n%s%s%s\n", cli_style(stdout, CLI_BOLD), title, cli_style(stdout, CLI_PLAIN));
}

void cli_print_help(void) {
    puts("Usage: latchkeyd [--config FILE] [KEY=VALUE ...]\n"
         "  or:  latchkeyd COMMAND [OPTION ...] [--config FILE] [KEY=VALUE ...]\n"
         "\n"
         "Without a command, serves until SIGTERM or SIGINT; SIGHUP reads the configuration again\n"
         "(all but addresses, public_url, folders, sizes, threads and connections: these take a restart).\n"
         "A command works on the data of data_dir, beside a running server or without one. Without\n"
         "--config and data_dir it takes ./latchkey-data, else what " CLI_SYSTEM_CONFIG " says.\n"
         "Run by root, it becomes the owner of data_dir first.");
    print_title("Commands:");
    for (size_t i = 0; cli_command_at(i) != NULL; i++) {
        print_command(cli_command_at(i));
    }
    puts("\n"
         "NAME is a username or an email address. Passwords are asked for on the terminal, or read\n"
         "from the first line of standard input with --stdin. Words after -- are never options or settings.");
    print_title("Options:");
    print_options();
    puts("  --help               show this help and exit; so does -h\n"
         "  --version            show what was built in and exit\n"
         "\n"
         "Exit status: 0 done, 1 failed, 2 wrong usage.");
    print_title("Settings (and their defaults):");
    for (size_t i = 0;; i++) {
        const struct lk_config_key *key = lk_config_key_at(i);
        if (key == NULL) {
            break;
        }
        printf("  %s = %s\n        %s\n", key->name, key->fallback != NULL ? key->fallback : "",
               key->meaning);
    }
}

void cli_print_version(void) {
    puts("latchkeyd (Latchkey) " LK_VERSION "\n"
         "CivetWeb " LK_CIVETWEB_VERSION "\n"
         "wolfSSL " LK_WOLFSSL_VERSION "\n"
         "LMDB " LK_LMDB_VERSION "\n"
         "cJSON " LK_CJSON_VERSION "\n"
         "utf8proc " LK_UTF8PROC_VERSION "\n"
         "libqrencode " LK_QRENCODE_VERSION "\n"
         "\n"
         "Our own code is MIT; a binary with this wolfSSL is GPL-2.0-or-later as a whole.\n"
         "This is free software: you are free to change and redistribute it.\n"
         "There is NO WARRANTY, to the extent permitted by law.");
}
