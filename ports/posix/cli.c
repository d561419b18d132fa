/* What the subcommands share: messages, configuration, the open store. */
#include "cli.h"

#include "base/text.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "port.h"
#include "store/store_port.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_FILE_MAX 65536

/* --- messages ------------------------------------------------------------------------------------------- */

int cli_fail(const char *what, const char *why) {
    fprintf(stderr, "%slatchkeyd:%s %s%s%s\n", cli_style(stderr, CLI_BAD), cli_style(stderr, CLI_PLAIN), what,
            why != NULL ? ": " : "", why != NULL ? why : "");
    return CLI_FAILED;
}

int cli_fail_err(const char *what, int err) {
    static const struct {
        int err;
        const char *fix;
    } fixes[] = {
        {LK_ERR_DENIED, "others than its owner may read it; run chmod go= on it"},
        {LK_ERR_FULL, "the store or the disk is full; raise map_size or make room"},
        {LK_ERR_READ_ONLY, "it cannot be written; check its owner and mode, and the file system"},
        {LK_ERR_VERSION, "the data was written by a newer Latchkey; use that one"},
    };

    for (size_t i = 0; i < sizeof(fixes) / sizeof(fixes[0]); i++) {
        if (fixes[i].err == err) {
            return cli_fail(what, fixes[i].fix);
        }
    }
    return cli_fail(what, lk_err_text(err));
}

void cli_violation_text(const struct lk_violation *v, char out[CLI_VIOLATION_MAX]) {
    struct lk_buf b;

    lk_buf_init(&b, out, CLI_VIOLATION_MAX);
    lk_buf_put_cstr(&b, lk_field_name(v->field));
    lk_buf_put_cstr(&b, ": ");
    lk_violation_text(&b, v, LK_MOUNT_AUTH);
    (void)lk_buf_end_cstr(&b);
}

int cli_fail_violations(const char *what, const struct lk_violations *v) {
    for (size_t i = 0; i < v->count; i++) {
        char text[CLI_VIOLATION_MAX];
        cli_violation_text(&v->list[i], text);
        cli_fail(what, text);
    }
    return CLI_FAILED;
}

/* --- configuration -------------------------------------------------------------------------------------- */

static int read_config_file(struct lk_config *config, const char *path) {
    char why[256];
    FILE *file = fopen(path, "re");
    int err = errno;
    char *text = malloc(CONFIG_FILE_MAX + 1);

    if (file == NULL || text == NULL) {
        if (file != NULL) {
            fclose(file);
        }
        free(text);
        return cli_fail(path, file == NULL ? strerror(err) : lk_err_text(LK_ERR_NO_MEMORY));
    }
    size_t len = fread(text, 1, CONFIG_FILE_MAX + 1, file);
    bool failed = ferror(file) != 0 || len > CONFIG_FILE_MAX;
    fclose(file);
    int rc = CLI_OK;
    if (failed) {
        rc = cli_fail(path, "the configuration file cannot be read, or is over 64 KB");
    } else if (lk_config_parse(config, path, (struct lk_str){text, len}, why, sizeof(why)) < 0) {
        rc = cli_fail(why, NULL);
    }
    lk_wipe(text, len); /* it may hold the mail server's password */
    free(text);
    return rc;
}

int cli_configure(struct lk_config *config, const struct cli_args *args) {
    char why[256];

    lk_config_defaults(config);
    if (args->config_file != NULL) {
        int rc = read_config_file(config, args->config_file);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    for (size_t i = 0; i < args->setting_count; i++) {
        struct lk_str word = lk_str_from(args->settings[i]);
        size_t sign = lk_str_find(word, '=');
        if (lk_config_set(config, lk_str_sub(word, 0, sign), lk_str_sub(word, sign + 1, word.len), why,
                          sizeof(why)) < 0) {
            return cli_fail(why, NULL);
        }
    }
    if (lk_config_finish(config, why, sizeof(why)) < 0) {
        return cli_fail(why, NULL);
    }
    return CLI_OK;
}

const char *cli_key_place(const struct lk_config *config, const char *path, const char *fallback, char *dir) {
    const char *slash = strrchr(path, '/');

    if (path[0] == '\0') {
        snprintf(dir, LK_PATH_TEXT_MAX, "%s", config->data_dir);
        return fallback;
    }
    if (slash == NULL) {
        snprintf(dir, LK_PATH_TEXT_MAX, ".");
        return path;
    }
    snprintf(dir, LK_PATH_TEXT_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return slash + 1;
}

/* --- the running server --------------------------------------------------------------------------------- */

int cli_server_pid(const struct lk_config *config) {
    char text[24];
    size_t len;
    int lock;
    uint64_t pid;

    int err = lk_port_store_lock(config->data_dir, &lock);
    if (err == 0) {
        lk_port_store_unlock(lock);
    }
    if (err != LK_ERR_BUSY) {
        return 0;
    }
    if (lk_port_file_read(config->data_dir, "server.pid", text, sizeof(text), &len) < 0 ||
        lk_str_to_u64(lk_str_trim((struct lk_str){text, len}), INT32_MAX, &pid) < 0) {
        return 0;
    }
    return (int)pid;
}

/* --- the store ------------------------------------------------------------------------------------------ */

/* A store of an older format, on its way to this one. */
struct migration {
    struct cli_progress progress;
    uint32_t had; /* the format before, 0: no migration */
};

static void show_migration(void *arg, uint32_t from, uint32_t to) {
    struct migration *m = arg;

    if (m->had == 0) {
        m->had = from;
        cli_progress_begin(&m->progress, "migration", to - from);
    }
    cli_progress(&m->progress, from - m->had);
}

static int open_store(struct cli *c, bool make) {
    const char *why = NULL;
    struct migration migration = {.had = 0};
    struct lk_port_dir_id id;
    struct lk_store_options options = {
        .dir = c->config.data_dir,
        .map_size = (size_t)c->config.map_size,
        .max_readers = 126,
        .migrating = show_migration,
        .migrating_arg = &migration,
    };

    /* A mistyped data_dir must not become a new, empty one. */
    if (!make && lk_port_store_dir(c->config.data_dir, false, &id) == LK_ERR_NOT_FOUND) {
        return cli_fail(c->config.data_dir,
                        "there is no data here: start the server once, or name its data_dir");
    }
    int err = lk_store_open(&c->store, &options, &why);

    cli_progress_end(&migration.progress);
    if (err < 0) {
        c->store = NULL;
        return cli_fail(c->config.data_dir, why != NULL ? why : lk_err_text(err));
    }
    if (migration.had != 0) {
        fprintf(stderr,
                "latchkeyd: the data was of format %u and is of format %u now; older programs refuse it\n",
                (unsigned)migration.had, (unsigned)LK_STORE_FORMAT);
    }
    return CLI_OK;
}

static int load_ring(const struct cli *c, struct lk_keyring *ring, const char *path, const char *fallback) {
    char dir[LK_PATH_TEXT_MAX];
    const char *name = cli_key_place(&c->config, path, fallback, dir);
    int err = lk_keyring_load(ring, dir, name, true);

    return err < 0 ? cli_fail_err(path[0] != '\0' ? path : fallback, err) : CLI_OK;
}

static int open_service(struct cli *c) {
    struct lk_service_options options = {
        .store = c->store,
        .user_keys = &c->user_keys,
        .internal_keys = &c->internal_keys,
        .policy = c->config.policy,
    };
    options.policy.signup = LK_SIGNUP_OPEN; /* who may open the data may add to it */

    int rc = load_ring(c, &c->user_keys, c->config.jwt_key_file, "jwt.key");
    if (rc == CLI_OK) {
        rc = load_ring(c, &c->internal_keys, c->config.internal_key_file, "internal.key");
    }
    if (rc != CLI_OK) {
        return rc;
    }
    struct lk_service *service = calloc(1, lk_service_size());
    int err = service != NULL ? lk_service_init(service, &options) : LK_ERR_NO_MEMORY;
    if (err < 0) {
        free(service);
        return cli_fail_err("service", err);
    }
    c->service = service;
    return CLI_OK;
}

int cli_open(struct cli *c, bool make) {
    int rc = open_store(c, make);

    return rc == CLI_OK ? open_service(c) : rc;
}

void cli_close(struct cli *c) {
    if (c->service != NULL) {
        lk_service_end(c->service);
        free(c->service);
        c->service = NULL;
    }
    if (c->store != NULL) {
        lk_store_close(c->store);
        c->store = NULL;
    }
    lk_keyring_wipe(&c->user_keys);
    lk_keyring_wipe(&c->internal_keys);
}

/* --- dispatch ------------------------------------------------------------------------------------------- */

static const struct cli_command *find(const struct cli_args *args, bool *group_known) {
    const struct cli_command *command;

    for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++) {
        if (strcmp(command->group, args->operands[0]) != 0) {
            continue;
        }
        *group_known = true;
        if (command->name == NULL ||
            (args->operand_count > 1 && strcmp(command->name, args->operands[1]) == 0)) {
            return command;
        }
    }
    return NULL;
}

/* "user add, list, show": what a group holds, for whoever named the group alone. */
static int say_group(const char *group) {
    char names[128];
    size_t len = 0;
    const struct cli_command *command;

    for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++) {
        if (strcmp(command->group, group) == 0 && len < sizeof(names)) {
            len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", len > 0 ? ", " : "",
                                    command->name);
        }
    }
    char why[160];
    snprintf(why, sizeof(why), "which of its commands? %s", names);
    return cli_usage(group, why);
}

static int say_unknown(const char *word) {
    const char *meant = cli_near_command(word);
    char why[96] = "there is no such command";

    if (meant != NULL) {
        snprintf(why, sizeof(why), "there is no such command; did you mean %s?", meant);
    }
    return cli_usage(word, why);
}

/* An installed Latchkey is asked about without naming its configuration. */
static void take_system_config(struct cli_args *args) {
    struct stat st;
    bool named = args->config_file != NULL;

    for (size_t i = 0; i < args->setting_count; i++) {
        named = named || strncmp(args->settings[i], "data_dir=", 9) == 0;
    }
    if (!named && stat("latchkey-data", &st) != 0 && stat(CLI_SYSTEM_CONFIG, &st) == 0) {
        args->config_file = CLI_SYSTEM_CONFIG;
    }
}

/* What root would write into the data folder its owner could not read any more. */
static int become_owner(const struct lk_config *config) {
    struct stat st;

    if (geteuid() != 0 || stat(config->data_dir, &st) != 0 || st.st_uid == 0) {
        return CLI_OK;
    }
    if (setgroups(0, NULL) != 0 || setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0) {
        return cli_fail(config->data_dir, "its owner cannot be taken on");
    }
    return CLI_OK;
}

static int run_with(struct cli *c, const struct cli_command *command) {
    int rc = become_owner(&c->config);

    if (rc != CLI_OK) {
        return rc;
    }
    if (lk_crypto_init() < 0) {
        return cli_fail("start", "no random bytes can be had from the system");
    }
    lk_log_configure(LK_LOG_ERROR, c->config.log_format);
    rc = command->run(c);
    cli_close(c);
    lk_crypto_free();
    return rc;
}

int cli_run(const struct cli_args *args) {
    bool group_known = false;
    const struct cli_command *command = find(args, &group_known);
    size_t words = command != NULL && command->name != NULL ? 2 : 1;

    if (command == NULL) {
        return group_known ? say_group(args->operands[0]) : say_unknown(args->operands[0]);
    }
    size_t operands = args->operand_count - words;
    if (operands < command->min || operands > command->max || (args->given & ~command->options) != 0) {
        fprintf(stderr, "latchkeyd: usage: latchkeyd %s%s%s %s\n", command->group,
                command->name != NULL ? " " : "", command->name != NULL ? command->name : "", command->usage);
        return CLI_USAGE;
    }
    struct cli *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return cli_fail("start", lk_err_text(LK_ERR_NO_MEMORY));
    }
    c->args = *args;
    c->operands = c->args.operands + words;
    c->operand_count = operands;
    take_system_config(&c->args);
    int rc = cli_configure(&c->config, &c->args);
    if (rc == CLI_OK) {
        rc = run_with(c, command);
    }
    lk_wipe(c, sizeof(*c));
    free(c);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        rc = cli_fail("standard output", "it cannot be written");
    }
    return rc;
}
