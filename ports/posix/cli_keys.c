/* latchkeyd token … and keys …: what other services need, and new keys. */
#include "account/internal.h"
#include "cli.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define TTL_MAX 300

static int parse_scopes(struct lk_str text, uint8_t *scopes) {
    static const struct {
        const char *name;
        enum lk_scope scope;
    } known[] = {
        {"credentials:read", LK_SCOPE_READ},
        {"credentials:write", LK_SCOPE_WRITE},
        {"credentials:delete", LK_SCOPE_DELETE},
    };

    *scopes = 0;
    for (;;) {
        size_t len = lk_str_find(text, ',');
        struct lk_str word = lk_str_trim(lk_str_sub(text, 0, len));
        uint8_t before = *scopes;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
            if (lk_str_eq(word, lk_str_from(known[i].name))) {
                *scopes |= (uint8_t)known[i].scope;
            }
        }
        if (*scopes == before) {
            return LK_ERR_INVALID;
        }
        if (len == text.len) {
            return 0;
        }
        text = lk_str_sub(text, len + 1, text.len);
    }
}

static int run_token(struct cli *c) {
    char token[LK_TOKEN_MAX];
    char dir[LK_PATH_TEXT_MAX];
    uint64_t ttl = TTL_MAX;
    uint8_t scopes;

    if (c->args.service == NULL || c->args.scope == NULL) {
        return cli_usage("token internal", "--service and --scope are needed");
    }
    if (parse_scopes(lk_str_from(c->args.scope), &scopes) < 0) {
        return cli_usage("--scope", "a list of credentials:read, credentials:write and credentials:delete, "
                                    "each once, with commas between");
    }
    if (c->args.ttl != NULL && (lk_str_to_u64(lk_str_from(c->args.ttl), TTL_MAX, &ttl) < 0 || ttl == 0)) {
        return cli_usage("--ttl", "1 to 300 seconds");
    }
    const char *name = cli_key_place(&c->config, c->config.internal_key_file, "internal.key", dir);
    int err = lk_keyring_load(&c->internal_keys, dir, name, false);
    if (err == LK_ERR_NOT_FOUND) {
        return cli_fail(name, "there is no such key yet: start the server once, or name its data_dir");
    }
    if (err < 0) {
        return cli_fail_err(name, err);
    }
    int len = lk_internal_token(&c->internal_keys, c->args.service, scopes, (int64_t)time(NULL), (int64_t)ttl,
                                token, sizeof(token));
    if (len == LK_ERR_INVALID) {
        return cli_usage("--service", "1 to 64 letters, digits, dots, hyphens and underscores");
    }
    if (len < 0) {
        return cli_fail_err("token internal", len);
    }
    printf("%.*s\n", len, token);
    lk_wipe(token, sizeof(token));
    return CLI_OK;
}

/* A running server takes the new keys at once. */
static int tell_server(const struct lk_config *config) {
    int pid = cli_server_pid(config);

    if (pid == 0) {
        return CLI_OK;
    }
    if (kill(pid, SIGHUP) != 0) {
        return cli_fail("the running server could not be told; send it SIGHUP", strerror(errno));
    }
    return CLI_OK;
}

static int run_rotate(struct cli *c) {
    bool internal = (c->args.given & CLI_INTERNAL) != 0;
    const char *path = internal ? c->config.internal_key_file : c->config.jwt_key_file;
    char dir[LK_PATH_TEXT_MAX];
    const char *name = cli_key_place(&c->config, path, internal ? "internal.key" : "jwt.key", dir);
    int err = lk_keyring_rotate(dir, name);

    if (err == LK_ERR_NOT_FOUND) {
        return cli_fail(name, "there is no such key yet: start the server once, or name its data_dir");
    }
    return err < 0 ? cli_fail_err(name, err) : tell_server(&c->config);
}

const struct cli_command cli_keys_commands[] = {
    {"token", "internal", "--service NAME --scope SCOPE[,SCOPE] [--ttl SECONDS]",
     "a token for another service", 0, 0, CLI_SERVICE | CLI_SCOPE | CLI_TTL, run_token},
    {"keys", "rotate", "[--internal]", "sign with a new key; the old ones are still taken", 0, 0,
     CLI_INTERNAL, run_rotate},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
