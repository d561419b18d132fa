/* latchkeyd check: looks over all that the server stands on. */
#include "cli.h"
#include "crypto/crypto.h"
#include "mail/mail.h"
#include "port.h"
#include "serve/tls.h"
#include "server/certificate.h"

#include <stdlib.h>
#include <string.h>

/* --- check ---------------------------------------------------------------------------------------------- */

static void report_broken(const char *what, struct lk_str key, void *arg) {
    char hex[2 * LK_STORE_KEY_MAX + 1];
    struct lk_buf b;

    (void)arg;
    lk_buf_init(&b, hex, sizeof(hex));
    lk_buf_put_hex(&b, key.ptr, key.len);
    lk_buf_end_cstr(&b);
    fprintf(stderr, "latchkeyd: store: %s: %s\n", what, hex);
}

static int check_store(struct cli *c) {
    struct lk_service_counts n;
    struct lk_store_usage usage;
    int broken = lk_service_check(c->service, report_broken, NULL);

    if (broken < 0) {
        return cli_fail_err("store", broken);
    }
    int err = lk_service_count(c->service, &n);
    if (err == 0) {
        err = lk_store_usage(c->store, &usage);
    }
    if (err < 0) {
        return cli_fail_err("store", err);
    }
    printf(
        "store: %llu accounts, %llu profiles, %llu pictures, %llu sessions, %llu links, %llu mails waiting\n",
        (unsigned long long)n.accounts, (unsigned long long)n.profiles, (unsigned long long)n.pictures,
        (unsigned long long)n.sessions, (unsigned long long)n.links, (unsigned long long)n.mails);
    printf("store: %llu of %llu KB used\n", (unsigned long long)(usage.used / 1024),
           (unsigned long long)(usage.map_size / 1024));
    return broken == 0 ? CLI_OK : CLI_FAILED;
}

static int check_ring(const struct lk_config *config, const char *path, const char *fallback) {
    struct lk_keyring ring;
    char dir[LK_PATH_TEXT_MAX];
    const char *name = cli_key_place(config, path, fallback, dir);
    int err = lk_keyring_load(&ring, dir, name, false);

    if (err == LK_ERR_NOT_FOUND && path[0] == '\0') {
        printf("%s: none yet, made at the first start\n", name);
        return CLI_OK;
    }
    if (err < 0) {
        return err == LK_ERR_INVALID ? cli_fail(name, "a key has 32 to 128 bytes") : cli_fail_err(name, err);
    }
    printf("%s: %zu key%s\n", name, ring.count, ring.count == 1 ? "" : "s");
    lk_keyring_wipe(&ring);
    return CLI_OK;
}

/* A certificate with its key, as the server would load them. */
static int check_pair(const char *cert_name, struct lk_str cert, struct lk_str key) {
    struct lk_tls_io io = {0};
    struct lk_tls *tls;
    uint8_t print[LK_SHA256_LEN];
    char hex[2 * LK_SHA256_LEN + 1];
    struct lk_buf b;

    if (lk_tls_fingerprint(cert, print) < 0) {
        return cli_fail(cert_name, "it holds no certificate in PEM form");
    }
    if (lk_tls_new(&tls, cert, key, &io) < 0) {
        return cli_fail(cert_name, "certificate and key do not belong together, or cannot be read");
    }
    lk_tls_free(tls);
    lk_buf_init(&b, hex, sizeof(hex));
    lk_buf_put_hex(&b, print, sizeof(print));
    lk_buf_end_cstr(&b);
    printf("%s: SHA-256 %s\n", cert_name, hex);
    return CLI_OK;
}

static int read_pair(const struct lk_config *config, struct server_certificate *pair) {
    char why[256];

    if (config->tls_certificate[0] != '\0') {
        return server_certificate_read(pair, config->tls_certificate, config->tls_key, why, sizeof(why));
    }
    return lk_port_file_read(config->data_dir, SERVER_CERTIFICATE_FILE, pair->certificate,
                             sizeof(pair->certificate), &pair->certificate_len);
}

int cli_certificate(const struct lk_config *config, struct cli_certificate *out) {
    struct server_certificate *pair = calloc(1, sizeof(*pair));

    *out = (struct cli_certificate){.ends = 0};
    if (pair == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    int err = read_pair(config, pair);
    struct lk_str chain = {pair->certificate, pair->certificate_len};
    if (err == 0) {
        err = lk_tls_fingerprint(chain, out->fingerprint);
    }
    if (err == 0) {
        err = lk_tls_validity(chain, &out->begins, &out->ends);
    }
    lk_wipe(pair, sizeof(*pair));
    free(pair);
    return err;
}

static int check_own_certificate(const struct lk_config *config, struct server_certificate *pair) {
    int err = lk_port_file_read(config->data_dir, SERVER_CERTIFICATE_FILE, pair->certificate,
                                sizeof(pair->certificate), &pair->certificate_len);

    if (err == LK_ERR_NOT_FOUND) {
        printf("%s: none yet, made at the first start\n", SERVER_CERTIFICATE_FILE);
        return CLI_OK;
    }
    if (err < 0) {
        return cli_fail_err(SERVER_CERTIFICATE_FILE, err);
    }
    err = lk_port_file_read(config->data_dir, SERVER_KEY_FILE, pair->key, sizeof(pair->key), &pair->key_len);
    if (err < 0) {
        return cli_fail_err(SERVER_KEY_FILE, err);
    }
    return check_pair(SERVER_CERTIFICATE_FILE, (struct lk_str){pair->certificate, pair->certificate_len},
                      (struct lk_str){pair->key, pair->key_len});
}

static int check_certificate(const struct lk_config *config) {
    char why[256];
    struct server_certificate *pair = calloc(1, sizeof(*pair));
    int rc;

    if (pair == NULL) {
        return cli_fail_err("certificate", LK_ERR_NO_MEMORY);
    }
    if (config->tls_certificate[0] == '\0') {
        rc = check_own_certificate(config, pair);
    } else if (server_certificate_read(pair, config->tls_certificate, config->tls_key, why, sizeof(why)) <
               0) {
        rc = cli_fail(why, NULL);
    } else {
        rc = check_pair(config->tls_certificate, (struct lk_str){pair->certificate, pair->certificate_len},
                        (struct lk_str){pair->key, pair->key_len});
    }
    lk_wipe(pair, sizeof(*pair));
    free(pair);
    return rc;
}

static int check_mail(const struct lk_config *config) {
    const char *why = NULL;
    const struct lk_mailer_options options = {
        .way = config->mail,
        .target = config->mail_target,
        .from = config->mail_from,
        .public_url = config->public_url,
        .ca_file = config->mail_ca_file,
        .fingerprint = config->mail_fingerprint,
    };
    int err = lk_mailer_check(&options, &why);

    return err < 0 ? cli_fail("mail", why != NULL ? why : lk_err_text(err)) : CLI_OK;
}

/* Goes on after a fault, so that one run tells of all of them. */
static int run_check(struct cli *c) {
    int faults = check_mail(&c->config) != CLI_OK ? 1 : 0;
    int rc = cli_open(c, false);

    printf("configuration: %s\n", faults == 0 ? "sound" : "see the error");
    faults += rc != CLI_OK || check_store(c) != CLI_OK ? 1 : 0;
    faults += check_ring(&c->config, c->config.jwt_key_file, "jwt.key") != CLI_OK ? 1 : 0;
    faults += check_ring(&c->config, c->config.internal_key_file, "internal.key") != CLI_OK ? 1 : 0;
    faults += check_certificate(&c->config) != CLI_OK ? 1 : 0;
    puts(faults == 0 ? "all is well" : "something is wrong: see above");
    return faults == 0 ? CLI_OK : CLI_FAILED;
}

const struct cli_command cli_upkeep_commands[] = {
    {"check", NULL, "", "look over configuration, store, keys and certificate", 0, 0, 0, run_check},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
