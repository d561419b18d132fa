/*
 * latchkeyd on POSIX: serves in the foreground until a signal ends it, or runs one subcommand.
 */
#include "cli.h"

#include "base/log.h"
#include "crypto/crypto.h"
#include "lk_versions.h"
#include "port.h"
#include "server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PID_FILE "server.pid"
#define DESCRIPTORS_BESIDES 64 /* that others than the connections need: store, poller, mail */
#define ITERATIONS_WEAK 100000 /* below it, a stolen password hash is cheap to guess */

/* --- signals -------------------------------------------------------------------------------------------- */

/* Blocked in every thread, and taken one by one with sigwait. */
static void block_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Reads the configuration anew; a bad one changes nothing. */
static void reload(struct lk_server *server, const struct cli_args *args) {
    char why[256];
    struct lk_config *config = calloc(1, sizeof(*config));

    if (config != NULL && cli_configure(config, args) == CLI_OK) {
        if (lk_server_reload(server, config, why, sizeof(why)) < 0) {
            cli_fail(why, NULL);
        } else {
            lk_log(LK_LOG_INFO, "reloaded", NULL, 0);
        }
    }
    if (config != NULL) {
        lk_wipe(config, sizeof(*config));
    }
    free(config);
}

static void wait_for_end(struct lk_server *server, const struct cli_args *args, const sigset_t *set) {
    for (;;) {
        int number = 0;
        if (sigwait(set, &number) != 0) {
            continue;
        }
        if (number != SIGHUP) {
            return;
        }
        cli_notify("RELOADING=1");
        reload(server, args);
        cli_notify("READY=1");
    }
}

/* --- serving -------------------------------------------------------------------------------------------- */

/* For the subcommands that tell a running server of a change. */
static int write_pid(const struct lk_config *config) {
    char text[24];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    return lk_port_file_write(config->data_dir, PID_FILE, text, (size_t)len);
}

/* A closed standard descriptor would be given to the store or a socket, and the log would write to it. */
static void hold_standard_descriptors(void) {
    int fd = open("/dev/null", O_RDWR);

    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR);
    }
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

/* Tells of what works, but not as the owner may think. */
static void check_limits(const struct lk_config *config) {
    unsigned wanted = config->max_connections + DESCRIPTORS_BESIDES;
    unsigned allowed = cli_raise_descriptors(wanted);

    if (allowed < wanted) {
        LK_LOG(LK_LOG_WARN, "few_descriptors", LK_LOG_NUM("limit", allowed), LK_LOG_NUM("wanted", wanted));
    }
    if (config->policy.pbkdf2_iterations < ITERATIONS_WEAK) {
        LK_LOG(LK_LOG_WARN, "weak_hashes", LK_LOG_NUM("pbkdf2_iterations", config->policy.pbkdf2_iterations));
    }
}

static int serve_with(const struct lk_config *config, const struct cli_args *args, const sigset_t *set) {
    char why[256];
    struct cli_console shown = {0};
    const struct lk_server_console console = {.setup_code = cli_console_setup_code, .arg = &shown};
    struct lk_server *server;

    if (lk_server_start(&server, config, LK_VERSION, &console, why, sizeof(why)) < 0) {
        lk_wipe(&shown, sizeof(shown));
        return strncmp(why, "listen: ", 8) == 0 && cli_explain_listen(config) ? CLI_FAILED
                                                                              : cli_fail(why, NULL);
    }
    check_limits(config);
    int err = write_pid(config);
    if (err < 0) {
        cli_fail_err(PID_FILE, err);
    }
    err = cli_write_address(server, config);
    if (err < 0) {
        cli_fail_err(CLI_ADDRESS_FILE, err);
    }
    cli_console_show(&shown, server, config);
    cli_notify("READY=1\nSTATUS=Serving.");
    wait_for_end(server, args, set);
    cli_notify("STOPPING=1");
    (void)lk_port_file_remove(config->data_dir, CLI_ADDRESS_FILE);
    (void)lk_port_file_remove(config->data_dir, PID_FILE);
    lk_server_stop(server);
    return CLI_OK;
}

static int serve(const struct cli_args *args) {
    sigset_t set;
    struct lk_config *config = calloc(1, sizeof(*config));

    if (args->given != 0) {
        free(config);
        return cli_usage("an option that only a command takes", NULL);
    }
    if (config == NULL) {
        return cli_fail("start", lk_err_text(LK_ERR_NO_MEMORY));
    }
    block_signals(&set);
    int rc = cli_configure(config, args);
    if (rc == CLI_OK) {
        rc = serve_with(config, args, &set);
    }
    lk_wipe(config, sizeof(*config));
    free(config);
    return rc;
}

int main(int argc, char *argv[]) {
    struct cli_args args;

    hold_standard_descriptors();
    int rc = cli_args_parse(&args, argc, argv);
    if (rc != CLI_OK) {
        return rc;
    }
    if (args.help) {
        cli_print_help();
        return CLI_OK;
    }
    if (args.version) {
        cli_print_version();
        return CLI_OK;
    }
    return args.operand_count > 0 ? cli_run(&args) : serve(&args);
}
