/* latchkeyd user …: accounts by hand. */
#include "cli.h"
#include "crypto/crypto.h"
#include "crypto/password.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cJSON.h>

/* An account held past the read that gave it. */
struct held {
    struct lk_account account;
    struct lk_account_mem mem;
};

/* The console has no address. */
static struct lk_client console(void) {
    return (struct lk_client){.now = (int64_t)time(NULL)};
}

/* Finds by username, else by email. */
static int find(struct cli *c, const char *name, struct held *held) {
    struct lk_str text = lk_str_from(name);
    int err = lk_account_by_username(c->service, text, &held->account, &held->mem);

    if (err == LK_ERR_NOT_FOUND && lk_str_find(text, '@') < text.len) {
        err = lk_account_by_email(c->service, text, &held->account, &held->mem);
    }
    if (err == LK_ERR_NOT_FOUND) {
        return cli_fail(name, "there is no such account");
    }
    return err < 0 ? cli_fail_err(name, err) : CLI_OK;
}

static int open_and_find(struct cli *c, struct held *held) {
    int rc = cli_open(c, false);

    return rc == CLI_OK ? find(c, c->operands[0], held) : rc;
}

/* After a change: a message for a failure. */
static int done(const char *name, int err) {
    return err < 0 ? cli_fail_err(name, err) : CLI_OK;
}

/* --- changes -------------------------------------------------------------------------------------------- */

static int sign_up(struct cli *c, struct lk_str password) {
    struct lk_client client = console();
    struct lk_violations v = {0};
    struct held *held = calloc(1, sizeof(*held));
    struct lk_signup in = {
        .username = lk_str_from(c->operands[0]),
        .email = lk_str_from(c->operands[1]),
        .password = password,
        .full_name = lk_str_from(c->args.full_name),
        .roles = (uint8_t)(LK_ROLE_USER | ((c->args.given & CLI_ADMIN) != 0 ? LK_ROLE_ADMIN : 0)),
    };

    if (held == NULL) {
        return cli_fail_err(c->operands[0], LK_ERR_NO_MEMORY);
    }
    int err = lk_account_signup(c->service, &in, &client, &v, &held->account, &held->mem);
    free(held);
    if (err == LK_ERR_INVALID) {
        return cli_fail_violations(c->operands[0], &v);
    }
    return done(c->operands[0], err);
}

static int run_add(struct cli *c) {
    char password[LK_PASSWORD_MAX_BYTES + 2];
    int rc = cli_open(c, true);

    if (rc != CLI_OK) {
        return rc;
    }
    int len = cli_read_password((c->args.given & CLI_STDIN) != 0, password);
    if (len < 0) {
        return CLI_FAILED;
    }
    rc = sign_up(c, (struct lk_str){password, (size_t)len});
    lk_wipe(password, sizeof(password));
    return rc;
}

static int run_passwd(struct cli *c) {
    char password[LK_PASSWORD_MAX_BYTES + 2];
    struct lk_client client = console();
    struct lk_violations v = {0};
    struct held held;
    int rc = open_and_find(c, &held);

    if (rc != CLI_OK) {
        return rc;
    }
    int len = cli_read_password((c->args.given & CLI_STDIN) != 0, password);
    if (len < 0) {
        return CLI_FAILED;
    }
    int err = lk_account_set_password(c->service, held.account.id, (struct lk_str){password, (size_t)len},
                                      &client, &v);
    lk_wipe(password, sizeof(password));
    return err == LK_ERR_INVALID ? cli_fail_violations(c->operands[0], &v) : done(c->operands[0], err);
}

static int set_active(struct cli *c, bool active) {
    struct lk_client client = console();
    struct held held;
    int rc = open_and_find(c, &held);

    return rc != CLI_OK ? rc
                        : done(c->operands[0],
                               lk_account_set_active(c->service, held.account.id, active, &client, NULL));
}

static int run_disable(struct cli *c) {
    return set_active(c, false);
}

static int run_enable(struct cli *c) {
    return set_active(c, true);
}

static int run_delete(struct cli *c) {
    struct lk_client client = console();
    struct held held;
    int rc = open_and_find(c, &held);

    return rc != CLI_OK ? rc
                        : done(c->operands[0], lk_account_delete(c->service, held.account.id, &client, NULL));
}

static int run_roles(struct cli *c) {
    struct lk_client client = console();
    struct held held;
    uint8_t roles;

    if (cli_roles_parse(lk_str_from(c->operands[1]), &roles) < 0) {
        return cli_usage(c->operands[1],
                         "a list of roles is made of 'user' and 'admin', with commas between");
    }
    int rc = open_and_find(c, &held);
    return rc != CLI_OK ? rc
                        : done(c->operands[0],
                               lk_account_set_roles(c->service, held.account.id, roles, &client, NULL));
}

/* --- looking -------------------------------------------------------------------------------------------- */

static void print_row(const struct lk_account *a) {
    char created[CLI_TIME_TEXT_MAX];
    char last_login[CLI_TIME_TEXT_MAX];
    char roles[16];

    cli_roles_text(a->roles, roles);
    cli_time_text(a->created, created);
    cli_time_text(a->last_login, last_login);
    cli_print_padded(a->username, 24);
    printf("  ");
    cli_print_padded(a->email, 32);
    printf("  %-11s  %-8s  %-20s  %s\n", roles, a->is_active ? "active" : "disabled", created, last_login);
}

struct listing {
    bool json;
    bool failed;
    size_t count;
    uint8_t last[LK_UUID_LEN];
};

static int list_one(const struct lk_account *account, void *arg) {
    struct listing *l = arg;

    memcpy(l->last, account->id, sizeof(l->last));
    l->count++;
    if (!l->json) {
        print_row(account);
    } else if (cli_print_json(stdout, cli_account_json(account, (struct lk_str){NULL, 0}, false)) != CLI_OK) {
        l->failed = true;
        return LK_ERR_NO_MEMORY;
    }
    return 0;
}

static int run_list(struct cli *c) {
    struct listing l = {.json = (c->args.given & CLI_JSON) != 0};
    int rc = cli_open(c, false);

    if (rc != CLI_OK) {
        return rc;
    }
    if (!l.json) {
        printf("%-24s  %-32s  %-11s  %-8s  %-20s  %s\n", "USERNAME", "EMAIL", "ROLES", "STATE", "CREATED",
               "LAST LOGIN");
    }
    /* A few at a time: a long listing into a slow pipe must not hold one snapshot of the store. */
    for (size_t before = 0; rc == CLI_OK; before = l.count) {
        int err = lk_account_walk(c->service, before == 0 ? NULL : l.last, 100, list_one, &l);
        if (err < 0) {
            rc = l.failed ? CLI_FAILED : cli_fail_err("user list", err);
        } else if (l.count == before) {
            break;
        }
    }
    return rc;
}

static void print_field(const char *name, struct lk_str value) {
    printf("%-14s  ", name);
    cli_print_padded(value, 0);
    putchar('\n');
}

static void print_account(const struct lk_account *a, struct lk_str biography) {
    char text[CLI_TIME_TEXT_MAX];
    char roles[16];
    char id[LK_UUID_TEXT_LEN + 1];
    struct lk_buf b;

    lk_buf_init(&b, id, sizeof(id));
    lk_buf_put_uuid(&b, a->id);
    print_field("id", lk_buf_str(&b));
    print_field("username", a->username);
    print_field("email", a->email);
    print_field("full name", a->full_name);
    cli_roles_text(a->roles, roles);
    print_field("roles", lk_str_from(roles));
    print_field("state", a->is_active ? LK_STR("active") : LK_STR("disabled"));
    print_field("email verified", a->email_verified ? LK_STR("yes") : LK_STR("no"));
    cli_time_text(a->created, text);
    print_field("created", lk_str_from(text));
    cli_time_text(a->last_login, text);
    print_field("last login", lk_str_from(text));
    print_field("picture", a->picture);
    print_field("biography", biography);
}

static int run_show(struct cli *c) {
    struct held held;
    struct lk_str biography = {NULL, 0};
    int rc = open_and_find(c, &held);
    char *mem = rc == CLI_OK ? malloc(LK_BIOGRAPHY_MAX) : NULL;

    if (rc != CLI_OK || mem == NULL) {
        return rc != CLI_OK ? rc : cli_fail_err(c->operands[0], LK_ERR_NO_MEMORY);
    }
    int err = lk_profile_get(c->service, held.account.username, mem, LK_BIOGRAPHY_MAX, &biography);
    if (err < 0 && err != LK_ERR_NOT_FOUND) {
        rc = cli_fail_err(c->operands[0], err);
    } else if ((c->args.given & CLI_JSON) != 0) {
        rc = cli_print_json(stdout, cli_account_json(&held.account, biography, false));
    } else {
        print_account(&held.account, biography);
    }
    free(mem);
    return rc;
}

const struct cli_command cli_user_commands[] = {
    {"user", "add", "NAME EMAIL [--admin] [--full-name TEXT] [--stdin]", "make an account", 2, 2,
     CLI_ADMIN | CLI_FULL_NAME | CLI_STDIN, run_add},
    {"user", "list", "[--json]", "all accounts", 0, 0, CLI_JSON, run_list},
    {"user", "show", "NAME [--json]", "one account", 1, 1, CLI_JSON, run_show},
    {"user", "passwd", "NAME [--stdin]", "set a new password and end every session", 1, 1, CLI_STDIN,
     run_passwd},
    {"user", "roles", "NAME ROLE[,ROLE]", "set the roles: user, admin", 2, 2, 0, run_roles},
    {"user", "disable", "NAME", "refuse logins and end every session", 1, 1, 0, run_disable},
    {"user", "enable", "NAME", "allow logins again, also after too many failures", 1, 1, 0, run_enable},
    {"user", "delete", "NAME", "remove the account with all it has", 1, 1, 0, run_delete},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
