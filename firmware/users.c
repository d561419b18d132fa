/* user …: accounts by hand, in the running server. */
#include "base/err.h"
#include "base/time.h"
#include "commands.h"
#include "crypto/crypto.h"
#include "firmware.h"
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

/* An account held past the read that gave it. */
struct held {
    struct lk_account account;
    struct lk_account_mem mem;
};

static struct lk_service *service(void) {
    return lk_server_service(firmware.server);
}

/* The console has no address. */
static struct lk_client here(void) {
    return (struct lk_client){.now = lk_time_now()};
}

static void say_violations(const struct lk_violations *v) {
    for (size_t i = 0; i < v->count; i++) {
        char text[160];
        struct lk_buf b;
        lk_buf_init(&b, text, sizeof(text));
        lk_violation_text(&b, &v->list[i], LK_MOUNT_AUTH);
        console_print("%s: ", lk_field_name(v->list[i].field));
        console_print_str(lk_buf_str(&b));
        console_print("\n");
    }
}

static void say(int err, const struct lk_violations *v) {
    if (err == LK_ERR_INVALID && v->count > 0) {
        say_violations(v);
    } else {
        commands_say(err);
    }
}

/* --- one account ---------------------------------------------------------------------------------------- */

static void add(const struct console_call *call, struct held *held) {
    static char password[CONSOLE_LINE_MAX];
    struct lk_client client = here();
    struct lk_violations v = {0};
    bool admin = call->count == 4 && strcmp(call->words[3], "admin") == 0;
    if (call->count < 3 || (call->count > 3 && !admin)) {
        console_print("user add NAME EMAIL [admin]\n");
        return;
    }
    console_print("password (not shown): ");
    console_read_line(password, true);
    const struct lk_signup in = {
        .username = lk_str_from(call->words[1]),
        .email = lk_str_from(call->words[2]),
        .password = lk_str_from(password),
        .roles = (uint8_t)(LK_ROLE_USER | (admin ? LK_ROLE_ADMIN : 0)),
    };
    int err = lk_account_signup(service(), &in, &client, &v, &held->account, &held->mem);
    lk_wipe(password, sizeof(password));
    say(err, &v);
}

/* An account that moves in with the password hash that it has, as Django writes it. */
static void import(const struct console_call *call) {
    struct lk_violations v = {0};
    if (call->count != 4) {
        console_print("user import NAME EMAIL HASH\n");
        return;
    }
    const struct lk_account account = {
        .username = lk_str_from(call->words[1]),
        .email = lk_str_from(call->words[2]),
        .password = lk_str_from(call->words[3]),
        .roles = LK_ROLE_USER,
        .is_active = true,
        .created = lk_time_now(),
    };
    int err = lk_account_import(service(), &account, (struct lk_str){NULL, 0}, &v);
    say(err, &v);
}

static void passwd(const struct lk_account *account) {
    static char password[CONSOLE_LINE_MAX];
    struct lk_client client = here();
    struct lk_violations v = {0};
    console_print("new password (not shown): ");
    console_read_line(password, true);
    int err = lk_account_set_password(service(), account->id, lk_str_from(password), &client, &v);
    lk_wipe(password, sizeof(password));
    say(err, &v);
}

/* `text` lists them: user, admin. */
static void set_roles(const struct lk_account *account, const char *text) {
    static const struct {
        const char *text;
        uint8_t roles;
    } lists[] = {{"user", LK_ROLE_USER},
                 {"admin", LK_ROLE_ADMIN},
                 {"user,admin", LK_ROLE_USER | LK_ROLE_ADMIN},
                 {"admin,user", LK_ROLE_USER | LK_ROLE_ADMIN}};
    struct lk_client client = here();
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(text, lists[i].text) == 0) {
            commands_say(lk_account_set_roles(service(), account->id, lists[i].roles, &client, NULL));
            return;
        }
    }
    console_print("a list of roles is user, admin, or both with a comma between\n");
}

static void disable(const struct lk_account *account) {
    struct lk_client client = here();
    commands_say(lk_account_set_active(service(), account->id, false, &client, NULL));
}

static void enable(const struct lk_account *account) {
    struct lk_client client = here();
    commands_say(lk_account_set_active(service(), account->id, true, &client, NULL));
}

static void delete (const struct lk_account *account) {
    struct lk_client client = here();
    commands_say(lk_account_delete(service(), account->id, &client, NULL));
}

static const struct {
    const char *name;
    void (*run)(const struct lk_account *account);
} actions[] = {{"passwd", passwd}, {"disable", disable}, {"enable", enable}, {"delete", delete}};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static bool find(const char *name, struct held *held) {
    int err = lk_account_by_username(service(), lk_str_from(name), &held->account, &held->mem);
    if (err < 0) {
        console_print("%s\n", err == LK_ERR_NOT_FOUND ? "there is no such account" : lk_err_text(err));
    }
    return err == 0;
}

static void act(const struct console_call *call, struct held *held) {
    if (call->count == 3 && strcmp(call->words[0], "roles") == 0) {
        if (find(call->words[1], held)) {
            set_roles(&held->account, call->words[2]);
        }
        return;
    }
    for (size_t i = 0; i < ACTIONS; i++) {
        if (call->count == 2 && strcmp(call->words[0], actions[i].name) == 0) {
            if (find(call->words[1], held)) {
                actions[i].run(&held->account);
            }
            return;
        }
    }
    console_print("no such command; `help` lists them\n");
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static int list_one(const struct lk_account *account, void *arg) {
    size_t *count = arg;
    (*count)++;
    console_print_str(account->username);
    console_print("  ");
    console_print_str(account->email);
    console_print("%s%s\n", (account->roles & LK_ROLE_ADMIN) != 0 ? "  admin" : "",
                  account->is_active ? "" : "  disabled");
    return 0;
}

static void list(void) {
    size_t count = 0;
    int err = lk_account_walk(service(), NULL, SIZE_MAX, list_one, &count);
    if (err < 0) {
        commands_say(err);
    } else {
        console_print("%lu accounts\n", (unsigned long)count);
    }
}

void commands_user(const struct console_call *call) {
    if (!commands_need_server()) {
        return;
    }
    if (call->count == 1 && strcmp(call->words[0], "list") == 0) {
        list();
        return;
    }
    struct held *held = calloc(1, sizeof(*held));
    if (held == NULL) {
        commands_say(LK_ERR_NO_MEMORY);
    } else if (call->count > 0 && strcmp(call->words[0], "add") == 0) {
        add(call, held);
    } else if (call->count > 0 && strcmp(call->words[0], "import") == 0) {
        import(call);
    } else {
        act(call, held);
    }
    free(held);
}
