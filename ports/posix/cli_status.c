/* latchkeyd status and top: how the server is, at a glance and as it goes. */
#include "base/time.h"
#include "cli.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cJSON.h>

#define METRICS_MAX 32768 /* bytes of the server's numbers */
#define DAY 86400
#define EXPIRY_NEAR (14 * DAY)

/* What status shows. */
struct status {
    int pid;       /* 0: no server runs */
    bool answered; /* the running server gave its numbers */
    char metrics[METRICS_MAX];
    struct lk_service_counts counts;
    struct lk_store_usage usage;
    int64_t backup; /* 0: never */
    char backup_folder[LK_PATH_TEXT_MAX];
    int64_t expires; /* of the certificate; 0: none yet */
};

/* --- gathering -------------------------------------------------------------------------------------------- */

static int gather(struct cli *c, struct status *s) {
    struct cli_certificate certificate;
    int err = lk_service_count(c->service, &s->counts);

    if (err == 0) {
        err = lk_store_usage(c->store, &s->usage);
    }
    s->pid = cli_server_pid(&c->config);
    s->answered = s->pid != 0 && cli_ask_metrics(c, s->metrics, sizeof(s->metrics)) == 0;
    s->backup = cli_last_backup(&c->config, s->backup_folder);
    s->expires = cli_certificate(&c->config, &certificate) == 0 ? certificate.ends : 0;
    return err < 0 ? cli_fail_err(c->config.data_dir, err) : CLI_OK;
}

/* --- showing ---------------------------------------------------------------------------------------------- */

/* "1.5 MB": three digits are enough to see. */
static void size_text(uint64_t bytes, char out[16]) {
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    size_t unit = 0;
    double value = (double)bytes;

    while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    snprintf(out, 16, value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void put(const char *name, const char *text, enum cli_style style) {
    printf("%s%-15s%s  %s%s%s\n", cli_style(stdout, CLI_BOLD), name, cli_style(stdout, CLI_PLAIN),
           cli_style(stdout, style), text, cli_style(stdout, CLI_PLAIN));
}

static void put_number(const char *name, uint64_t value) {
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    put(name, text, CLI_PLAIN);
}

static void show_server(const struct status *s) {
    char text[64];

    snprintf(text, sizeof(text), "running, process %d", s->pid);
    put("server", s->pid != 0 ? text : "stopped", s->pid != 0 ? CLI_GOOD : CLI_FAINT);
    if (s->answered) {
        put_number("connections", cli_metric(s->metrics, "latchkey_connections", false));
        put_number("hashes waiting", cli_metric(s->metrics, "latchkey_hash_queue", false));
    } else if (s->pid != 0) {
        put("answers", "it gives no numbers; has it changed its certificate or addresses?", CLI_BAD);
    }
}

static void show_store(const struct status *s) {
    char used[16];
    char all[16];
    char text[64];
    bool tight = s->usage.used > s->usage.map_size / 10 * 9;

    size_text(s->usage.used, used);
    size_text(s->usage.map_size, all);
    snprintf(text, sizeof(text), "%s of %s%s", used, all, tight ? ": raise map_size" : "");
    put_number("accounts", s->counts.accounts);
    put_number("sessions", s->counts.sessions);
    put_number("mails waiting", s->counts.mails);
    put("store", text, tight ? CLI_BAD : CLI_PLAIN);
}

static void show_care(const struct status *s) {
    char when[CLI_TIME_TEXT_MAX];
    char text[LK_PATH_TEXT_MAX + CLI_TIME_TEXT_MAX + 8];
    int64_t left = s->expires - lk_time_now();

    cli_time_text(s->backup, when);
    snprintf(text, sizeof(text), "%s%s%s", when, s->backup != 0 ? "  " : "", s->backup_folder);
    put("last backup", text, CLI_PLAIN);
    cli_time_text(s->expires, when);
    if (s->expires == 0) {
        put("certificate", "none yet, made at the first start", CLI_PLAIN);
        return;
    }
    if (left > 0) {
        snprintf(text, sizeof(text), "expires %s, in %lld days", when, (long long)(left / DAY));
    } else {
        snprintf(text, sizeof(text), "expired %s", when);
    }
    put("certificate", text, left < EXPIRY_NEAR ? CLI_BAD : CLI_PLAIN);
}

static bool add_when(cJSON *json, const char *name, int64_t seconds) {
    char text[CLI_TIME_TEXT_MAX];

    cli_time_text(seconds, text);
    return (seconds == 0 ? cJSON_AddNullToObject(json, name) : cJSON_AddStringToObject(json, name, text)) !=
           NULL;
}

static int show_json(const struct status *s) {
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"accounts", s->counts.accounts},       {"sessions", s->counts.sessions},
        {"mails_waiting", s->counts.mails},     {"store_used_bytes", s->usage.used},
        {"store_map_bytes", s->usage.map_size},
    };
    cJSON *json = cJSON_CreateObject();
    bool ok = cJSON_AddBoolToObject(json, "running", s->pid != 0) != NULL;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ok = ok && cJSON_AddNumberToObject(json, numbers[i].name, (double)numbers[i].value) != NULL;
    }
    if (s->answered) {
        uint64_t connections = cli_metric(s->metrics, "latchkey_connections", false);
        uint64_t waiting = cli_metric(s->metrics, "latchkey_hash_queue", false);
        ok = ok && cJSON_AddNumberToObject(json, "connections", (double)connections) != NULL &&
             cJSON_AddNumberToObject(json, "hashes_waiting", (double)waiting) != NULL;
    }
    ok = ok && add_when(json, "last_backup", s->backup) && add_when(json, "certificate_expires", s->expires);
    if (!ok) {
        cJSON_Delete(json);
        json = NULL;
    }
    return cli_print_json(stdout, json);
}

static int run_status(struct cli *c) {
    struct status *s = calloc(1, sizeof(*s));
    int rc = s == NULL ? cli_fail_err("status", LK_ERR_NO_MEMORY) : cli_open(c, false);

    if (rc == CLI_OK) {
        rc = gather(c, s);
    }
    if (rc == CLI_OK && (c->args.given & CLI_JSON) != 0) {
        rc = show_json(s);
    } else if (rc == CLI_OK) {
        show_server(s);
        show_store(s);
        show_care(s);
    }
    free(s);
    return rc;
}

/* --- top -------------------------------------------------------------------------------------------------- */

/* The counters whose pace is shown. */
static const struct {
    const char *title;
    const char *metric;
    bool prefix;
} paces[] = {
    {"requests/s", "latchkey_requests_total", true},
    {"logins/s", "latchkey_requests_total{route=\"login\"", true},
    {"writes/s", "latchkey_store_writes_total", false},
    {"new connections/s", "latchkey_connections_accepted_total", false},
    {"refused/s", "latchkey_connections_refused_total", false},
};
#define PACES (sizeof(paces) / sizeof(paces[0]))

static void show_top(const char *metrics, uint64_t before[PACES], uint64_t ms) {
    if (isatty(STDOUT_FILENO) == 1) {
        fputs("\033[H\033[2J", stdout);
    }
    put_number("accounts", cli_metric(metrics, "latchkey_accounts", false));
    put_number("sessions", cli_metric(metrics, "latchkey_sessions", false));
    put_number("connections", cli_metric(metrics, "latchkey_connections", false));
    put_number("hashes waiting", cli_metric(metrics, "latchkey_hash_queue", false));
    for (size_t i = 0; i < PACES; i++) {
        uint64_t now = cli_metric(metrics, paces[i].metric, paces[i].prefix);
        char text[32];
        /* The first look knows no pace yet; a server that was started anew counts from 0. */
        uint64_t more = ms == 0 || now < before[i] ? 0 : now - before[i];
        snprintf(text, sizeof(text), "%.1f", ms == 0 ? 0.0 : (double)more * 1000 / (double)ms);
        put(paces[i].title, text, CLI_PLAIN);
        before[i] = now;
    }
    putchar('\n');
    fflush(stdout);
}

/* Until COUNT looks, the end of standard input, "q" or an interrupt. */
static int watch(struct cli *c, char *metrics, uint64_t looks) {
    uint64_t before[PACES] = {0};
    uint64_t then = 0;

    for (uint64_t i = 0; i < looks; i++) {
        int err = cli_ask_metrics(c, metrics, METRICS_MAX);
        if (err == LK_ERR_NOT_FOUND) {
            return cli_fail("top", "no server runs on this data; start it, or see 'latchkeyd status'");
        }
        if (err < 0) {
            return cli_fail_err("the running server", err);
        }
        uint64_t now = lk_time_mono_ms();
        show_top(metrics, before, i == 0 ? 0 : now - then);
        then = now;
        struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
        char key;
        if (i + 1 < looks && poll(&keys, isatty(STDIN_FILENO) == 1 ? 1 : 0, 1000) > 0 &&
            (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q')) {
            break;
        }
    }
    return CLI_OK;
}

static int run_top(struct cli *c) {
    uint64_t looks = UINT64_MAX;

    if (c->operand_count > 0 &&
        (lk_str_to_u64(lk_str_from(c->operands[0]), UINT32_MAX, &looks) < 0 || looks == 0)) {
        return cli_usage(c->operands[0], "COUNT is a number of looks, a second apart");
    }
    char *metrics = malloc(METRICS_MAX);
    int rc = metrics == NULL ? cli_fail_err("top", LK_ERR_NO_MEMORY) : cli_open(c, false);
    if (rc == CLI_OK) {
        rc = watch(c, metrics, looks);
    }
    free(metrics);
    return rc;
}

const struct cli_command cli_status_commands[] = {
    {"status", NULL, "[--json]", "how server, store, backup and certificate are, running or not", 0, 0,
     CLI_JSON, run_status},
    {"top", NULL, "[COUNT]", "the running server's numbers, once a second; q ends it", 0, 1, 0, run_top},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
