#include "settings.h"

#include "base/buf.h"
#include "base/err.h"
#include "config/keys.h"
#include "config/values.h"
#include "console.h"
#include "crypto/crypto.h"
#include "options.h"
#include "port.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "settings"

/* --- the board's own keys ------------------------------------------------------------------------------- */

static int set_address(struct lk_str value, uint8_t out[4]) {
    char text[16];
    struct in_addr address = {0};
    int err = lk_value_text(value, text, sizeof(text));
    if (err == 0 && text[0] != '\0' && inet_pton(AF_INET, text, &address) != 1) {
        err = LK_ERR_INVALID;
    }
    if (err == 0) {
        memcpy(out, &address.s_addr, 4);
    }
    return err;
}

static int set_host_name(struct settings *s, struct lk_str value) {
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c != '-' || i == 0 || i + 1 == value.len)) {
            return LK_ERR_INVALID;
        }
    }
    return value.len == 0 ? LK_ERR_INVALID : lk_value_text(value, s->host_name, sizeof(s->host_name));
}

static int set_dhcp(struct settings *s, struct lk_str value) {
    return lk_value_switch(value, &s->dhcp);
}

static int set_ip(struct settings *s, struct lk_str value) {
    return set_address(value, s->fixed.address);
}

static int set_netmask(struct settings *s, struct lk_str value) {
    return set_address(value, s->fixed.netmask);
}

static int set_gateway(struct settings *s, struct lk_str value) {
    return set_address(value, s->fixed.gateway);
}

static int set_dns(struct settings *s, struct lk_str value) {
    return set_address(value, s->fixed.dns);
}

static int set_ntp_server(struct settings *s, struct lk_str value) {
    return lk_value_text(value, s->ntp_server, sizeof(s->ntp_server));
}

static const struct own_key {
    const char *name, *fallback, *meaning, *allowed;
    int (*set)(struct settings *s, struct lk_str value);
} own_keys[] = {
    {"host_name", "latchkey", "the board's name in the network", "letters, digits and hyphens",
     set_host_name},
    {"dhcp", "on", "ask a DHCP server; address is taken where none answers", "on or off", set_dhcp},
    {"address", "", "a fixed IPv4 address", "an IPv4 address", set_ip},
    {"netmask", "255.255.255.0", "of the fixed address", "an IPv4 address", set_netmask},
    {"gateway", "", "the router, with a fixed address", "an IPv4 address", set_gateway},
    {"dns", "", "the name server, with a fixed address", "an IPv4 address", set_dns},
    {"ntp_server", "", "where the time comes from; empty: what DHCP names", "a name or an address",
     set_ntp_server},
};
#define OWN_KEYS (sizeof(own_keys) / sizeof(own_keys[0]))

/* Keys that name files, or what the image was built with. */
static bool is_absent(struct lk_str key) {
    static const char *const names[] = {"data_dir",     "map_size",          "tls_certificate", "tls_key",
                                        "jwt_key_file", "internal_key_file", "mail_ca_file",    "brand_logo"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (lk_str_eq(key, lk_str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static int say(char *why, size_t why_len, struct lk_str key, const char *text) {
    (void)snprintf(why, why_len, "%.*s %s", (int)key.len, key.ptr, text);
    return LK_ERR_INVALID;
}

static int set_key(struct settings *s, struct lk_str key, struct lk_str value, char *why, size_t why_len) {
    for (size_t i = 0; i < OWN_KEYS; i++) {
        if (lk_str_eq(key, lk_str_from(own_keys[i].name))) {
            if (own_keys[i].set(s, value) == 0) {
                return 0;
            }
            (void)say(why, why_len, key, "takes ");
            size_t len = strlen(why);
            (void)snprintf(why + len, why_len - len, "%s", own_keys[i].allowed);
            return LK_ERR_INVALID;
        }
    }
    if (is_absent(key)) {
        return say(why, why_len, key, "cannot be set on a board");
    }
    if (lk_str_eq(key, LK_STR("mail")) && lk_str_starts(value, LK_STR("file:"))) {
        return say(why, why_len, key,
                   "takes off, log, smtp://… or smtps://…: a board has no folder for them");
    }
    return lk_config_set(&s->server, key, value, why, why_len);
}

/* --- the file ------------------------------------------------------------------------------------------- */

static void set_defaults(struct settings *s) {
    memset(s, 0, sizeof(*s));
    lk_config_defaults(&s->server);
    for (size_t i = 0; i < OWN_KEYS; i++) {
        (void)own_keys[i].set(s, lk_str_from(own_keys[i].fallback));
    }
}

/* Cuts the next line off; false at the end. */
static bool next_line(struct lk_str *text, struct lk_str *key, struct lk_str *value) {
    if (text->len == 0) {
        return false;
    }
    size_t end = lk_str_find(*text, '\n');
    struct lk_str line = lk_str_sub(*text, 0, end);
    size_t equals = lk_str_find(line, '=');
    *key = lk_str_trim(lk_str_sub(line, 0, equals));
    *value = lk_str_trim(lk_str_sub(line, equals + 1, line.len));
    *text = lk_str_sub(*text, end + 1, text->len);
    return true;
}

static int parse(struct settings *s, struct lk_str text, char *why, size_t why_len) {
    struct lk_str key, value;
    int err = 0;
    set_defaults(s);
    while (err == 0 && next_line(&text, &key, &value)) {
        err = set_key(s, key, value, why, why_len);
    }
    return err == 0 ? lk_config_finish(&s->server, why, why_len) : err;
}

/* The file's text, which free_file gives back; empty where there is none. */
static int read_file(struct lk_str *text) {
    size_t len = 0;
    char *file = malloc(SETTINGS_MAX);
    int err = file == NULL ? LK_ERR_NO_MEMORY : lk_port_file_read("", FILE_NAME, file, SETTINGS_MAX, &len);
    *text = (struct lk_str){file, err == 0 ? len : 0};
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

static void free_file(struct lk_str text) {
    if (text.ptr != NULL) {
        lk_wipe((char *)(uintptr_t)text.ptr, SETTINGS_MAX);
        free((char *)(uintptr_t)text.ptr);
    }
}

int settings_load(struct settings *s, char *why, size_t why_len) {
    struct lk_str text;
    int err = read_file(&text);
    if (err != 0) {
        (void)snprintf(why, why_len, "the stored settings: %s", lk_err_text(err));
    } else {
        err = parse(s, text, why, why_len);
    }
    free_file(text);
    if (err != 0) {
        char unused[256];
        (void)parse(s, (struct lk_str){"", 0}, unused, sizeof(unused));
    }
    return err;
}

/* The file with this key's line replaced, or without it. */
static int rewrite(struct lk_str old, struct lk_str key, const struct lk_str *value, struct lk_buf *b) {
    struct lk_str k, v;
    while (next_line(&old, &k, &v)) {
        if (!lk_str_eq(k, key)) {
            lk_buf_put_str(b, k);
            lk_buf_put_char(b, '=');
            lk_buf_put_str(b, v);
            lk_buf_put_char(b, '\n');
        }
    }
    if (value != NULL) {
        lk_buf_put_str(b, key);
        lk_buf_put_char(b, '=');
        lk_buf_put_str(b, *value);
        lk_buf_put_char(b, '\n');
    }
    return b->err;
}

/* What is written last counts: a setting that is not stored does not stay with the server either. */
static int store(struct lk_str file, const struct settings *former, struct lk_server *server, char *why,
                 size_t why_len) {
    int err = lk_port_file_write("", FILE_NAME, file.ptr, file.len);
    if (err != 0) {
        if (server != NULL) {
            (void)lk_server_reload(server, &former->server, why, why_len);
        }
        (void)snprintf(why, why_len, "the setting cannot be stored: %s", lk_err_text(err));
    }
    return err;
}

/* What a change works with, for as long as it takes. */
struct change {
    struct settings settings;
    char file[SETTINGS_MAX];
};

static int change(struct change *c, struct settings *s, struct lk_str key, const struct lk_str *value,
                  struct lk_server *server, char *why, size_t why_len) {
    struct lk_str text;
    struct lk_buf b;

    lk_buf_init(&b, c->file, sizeof(c->file));
    int err = read_file(&text);
    if (err == 0) {
        err = rewrite(text, key, value, &b);
    }
    free_file(text);
    if (err != 0) {
        (void)snprintf(why, why_len, "the stored settings: %s", lk_err_text(err));
        return err;
    }
    err = parse(&c->settings, lk_buf_str(&b), why, why_len);
    if (err == 0 && server != NULL) {
        err = lk_server_reload(server, &c->settings.server, why, why_len);
    }
    if (err == 0) {
        err = store(lk_buf_str(&b), s, server, why, why_len);
    }
    if (err == 0) {
        *s = c->settings;
    }
    return err;
}

int settings_change(struct settings *s, struct lk_str key, const struct lk_str *value,
                    struct lk_server *server, char *why, size_t why_len) {
    struct change *c = malloc(sizeof(*c));

    if (c == NULL) {
        (void)snprintf(why, why_len, "the setting: %s", lk_err_text(LK_ERR_NO_MEMORY));
        return LK_ERR_NO_MEMORY;
    }
    int err = change(c, s, key, value, server, why, why_len);
    lk_wipe(c, sizeof(*c));
    free(c);
    return err;
}

/* --- show ----------------------------------------------------------------------------------------------- */

static void show_one(struct lk_str text, const char *name, const char *fallback, bool secret,
                     const char *meaning) {
    struct lk_str key, value, shown = lk_str_from(fallback);
    bool stored = false;
    while (next_line(&text, &key, &value)) {
        if (lk_str_eq(key, lk_str_from(name))) {
            shown = value;
            stored = true;
        }
    }
    console_print("%s%s = ", stored ? "* " : "  ", name);
    console_print_str(stored && secret ? LK_STR("(set)") : shown);
    console_print("    # %s\n", meaning);
}

void settings_show(void) {
    struct lk_str text;
    if (read_file(&text) != 0) {
        console_print("the stored settings cannot be read\n");
    }
    for (size_t i = 0; i < OWN_KEYS; i++) {
        show_one(text, own_keys[i].name, own_keys[i].fallback, false, own_keys[i].meaning);
    }
    for (size_t i = 0; i < lk_key_count; i++) {
        const struct lk_config_key *k = &lk_keys[i].shown;
        if (!is_absent(lk_str_from(k->name))) {
            show_one(text, k->name, k->fallback, lk_keys[i].secret, k->meaning);
        }
    }
    free_file(text);
}
