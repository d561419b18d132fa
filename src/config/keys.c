#include "config/keys.h"

#include "base/err.h"
#include "base/text.h"
#include "config/values.h"

#include "options.h"
#include <string.h>

#define KB UINT64_C(1024)
#define MB (KB * 1024)
#define GB (MB * 1024)
#define DAY UINT64_C(86400)

static int set_size(struct lk_str s, uint64_t min, uint64_t max, uint64_t *out) {
    static const uint64_t factors[] = {KB, MB, GB};
    return lk_value_number(s, "KMG", factors, min, max, out);
}

static int set_seconds(struct lk_str s, uint64_t min, uint64_t max, int64_t *out) {
    static const uint64_t factors[] = {1, 60, 3600, DAY};
    uint64_t value;
    int err = lk_value_number(s, "smhd", factors, min, max, &value);
    if (err == 0) {
        *out = (int64_t)value;
    }
    return err;
}

static int set_u32(struct lk_str s, uint64_t min, uint64_t max, uint32_t *out) {
    uint64_t value;
    int err = lk_value_number(s, "", NULL, min, max, &value);
    if (err == 0) {
        *out = (uint32_t)value;
    }
    return err;
}

static int set_size32(struct lk_str s, uint64_t min, uint64_t max, uint32_t *out) {
    uint64_t value;
    int err = set_size(s, min, max, &value);
    if (err == 0) {
        *out = (uint32_t)value;
    }
    return err;
}

/* The index of `s` in a list that ends in NULL, or LK_ERR_INVALID. */
static int choice(struct lk_str s, const char *const *names) {
    for (int i = 0; names[i] != NULL; i++) {
        if (lk_str_eq(s, lk_str_from(names[i]))) {
            return i;
        }
    }
    return LK_ERR_INVALID;
}

#define TEXT_KEY(name)                                                                                       \
    static int set_##name(struct lk_config *c, struct lk_str s) {                                            \
        return lk_value_text(s, c->name, sizeof(c->name));                                                   \
    }
#define SWITCH_KEY(name, place)                                                                              \
    static int set_##name(struct lk_config *c, struct lk_str s) {                                            \
        return lk_value_switch(s, &c->place);                                                                \
    }
#define NUMBER_KEY(name, place, reader, min, max)                                                            \
    static int set_##name(struct lk_config *c, struct lk_str s) {                                            \
        return reader(s, min, max, &c->place);                                                               \
    }

TEXT_KEY(tls_certificate)
TEXT_KEY(tls_key)
TEXT_KEY(jwt_key_file)
TEXT_KEY(internal_key_file)
TEXT_KEY(mail_ca_file)
TEXT_KEY(brand_logo)
SWITCH_KEY(refresh_rotation, policy.refresh_rotation)
SWITCH_KEY(password_blocklist, policy.password.blocklist)
SWITCH_KEY(throttle, policy.throttle)
NUMBER_KEY(access_lifetime, policy.access_lifetime, set_seconds, 1, DAY)
NUMBER_KEY(refresh_lifetime, policy.refresh_lifetime, set_seconds, 60, 365 * DAY)
NUMBER_KEY(token_leeway, policy.leeway, set_seconds, 0, 60)
NUMBER_KEY(pbkdf2_iterations, policy.pbkdf2_iterations, set_u32, 1000, 10000000)
NUMBER_KEY(password_min_length, policy.password.min_chars, set_u32, 0, 128)
NUMBER_KEY(max_body, max_body, set_size32, KB, 16 * MB)
NUMBER_KEY(max_picture, policy.max_picture, set_size32, KB, 16 * MB)
NUMBER_KEY(map_size, map_size, set_size, 64 * KB, 1024 * GB)
NUMBER_KEY(threads, threads, set_u32, 1, 1024)
NUMBER_KEY(max_connections, max_connections, set_u32, 8, 1000000)
NUMBER_KEY(max_connections_per_address, max_connections_per_address, set_u32, 1, 1000000)

static int set_data_dir(struct lk_config *c, struct lk_str s) {
    return s.len == 0 ? LK_ERR_INVALID : lk_value_text(s, c->data_dir, sizeof(c->data_dir));
}

static int set_listen(struct lk_config *c, struct lk_str s) {
    return lk_value_listen(s, c->listen, LK_LISTENERS_MAX, &c->listen_count);
}

static int set_trusted_proxies(struct lk_config *c, struct lk_str s) {
    return lk_value_networks(s, c->proxies, LK_PROXIES_MAX, &c->proxy_count);
}

static int set_plain_http(struct lk_config *c, struct lk_str s) {
    static const char *const names[] = {"off", "loopback", NULL};
    int i = choice(s, names);
    if (i >= 0) {
        c->plain_http_loopback = i == 1;
    }
    return i < 0 ? i : 0;
}

static int set_public_url(struct lk_config *c, struct lk_str s) {
    return lk_value_url(s, c->public_url, sizeof(c->public_url));
}

static int set_signup(struct lk_config *c, struct lk_str s) {
    static const char *const names[] = {"open", "admin", "closed", NULL};
    static const enum lk_signup_policy policies[] = {LK_SIGNUP_OPEN, LK_SIGNUP_ADMIN, LK_SIGNUP_CLOSED};
    int i = choice(s, names);
    if (i >= 0) {
        c->policy.signup = policies[i];
    }
    return i < 0 ? i : 0;
}

static int set_mail(struct lk_config *c, struct lk_str s) {
    int err = lk_value_mail(s, &c->mail, c->mail_target, sizeof(c->mail_target));
    c->policy.mail = c->mail != LK_MAIL_OFF;
    return err;
}

static int set_mail_from(struct lk_config *c, struct lk_str s) {
    size_t at = lk_str_find(s, '@');
    if (at == 0 || at + 1 >= s.len || lk_str_find(s, ' ') < s.len || lk_str_find(s, '<') < s.len ||
        lk_str_find(s, '>') < s.len) {
        return LK_ERR_INVALID;
    }
    return lk_value_text(s, c->mail_from, sizeof(c->mail_from));
}

static int set_mail_fingerprint(struct lk_config *c, struct lk_str s) {
    return lk_value_fingerprint(s, c->mail_fingerprint);
}

#define DEFAULT_BRAND "Latchkey"

/* UTF-8 without control characters: it stands in titles. */
static int set_brand_name(struct lk_config *c, struct lk_str s) {
    bool control = false;
    for (size_t i = 0; i < s.len; i++) {
        control = control || (unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F;
    }
    if (s.len == 0 || s.len >= sizeof(c->brand_name) || control || !lk_utf8_valid(s)) {
        return LK_ERR_INVALID;
    }
    memset(c->brand_name, 0, sizeof(c->brand_name));
    memcpy(c->brand_name, s.ptr, s.len);
    c->brand_named = !lk_str_eq(s, LK_STR(DEFAULT_BRAND));
    return 0;
}

static int set_brand_color(struct lk_config *c, struct lk_str s) {
    uint8_t rgb[3];
    if (s.len > 0 && (s.ptr[0] != '#' || lk_hex_decode(lk_str_sub(s, 1, s.len), rgb, sizeof(rgb)) != 0)) {
        return LK_ERR_INVALID;
    }
    c->brand_coloured = s.len > 0;
    c->brand_color = s.len > 0 ? (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2] : 0;
    return 0;
}

static int set_log_level(struct lk_config *c, struct lk_str s) {
    static const char *const names[] = {"error", "warn", "info", "debug", NULL};
    static const enum lk_log_level levels[] = {LK_LOG_ERROR, LK_LOG_WARN, LK_LOG_INFO, LK_LOG_DEBUG};
    int i = choice(s, names);
    if (i >= 0) {
        c->log_level = levels[i];
    }
    return i < 0 ? i : 0;
}

static int set_log_format(struct lk_config *c, struct lk_str s) {
    static const char *const names[] = {"text", "json", NULL};
    static const enum lk_log_format formats[] = {LK_LOG_TEXT, LK_LOG_JSON};
    int i = choice(s, names);
    if (i >= 0) {
        c->log_format = formats[i];
    }
    return i < 0 ? i : 0;
}

#define SWITCH "on or off"
#define PATH "a path of at most 255 bytes"

const struct lk_key lk_keys[] = {
    {{"data_dir", "latchkey-data", "folder of the store, the keys and the certificate"},
     PATH,
     set_data_dir,
     false},
    {{"listen", LK_DEFAULT_LISTEN, "addresses to serve, a list; IPv6 in brackets; port 0 takes a free one"},
     "a list of https://ADDRESS:PORT and http://ADDRESS:PORT, at most 8, addresses numeric",
     set_listen,
     false},
    {{"plain_http", "off", "loopback: serve plain HTTP there; off: plain listeners redirect to HTTPS"},
     "off or loopback",
     set_plain_http,
     false},
    {{"public_url", "",
      "where clients reach the server, for links; empty: https://localhost and the first port, if not 0"},
     "http://HOST[:PORT][/PATH] or https://…",
     set_public_url,
     false},
    {{"trusted_proxies", "", "reverse proxies whose X-Forwarded-For names the client; empty: none"},
     "a list of ADDRESS and ADDRESS/BITS, at most 8, addresses numeric",
     set_trusted_proxies,
     false},
    {{"tls_certificate", "", "PEM file with the certificate chain; empty: a self-signed one is made"},
     PATH,
     set_tls_certificate,
     false},
    {{"tls_key", "", "PEM file with the certificate's key"}, PATH, set_tls_key, false},
    {{"jwt_key_file", "", "raw key of users' tokens; empty: jwt.key in data_dir"},
     PATH,
     set_jwt_key_file,
     false},
    {{"internal_key_file", "", "raw key of internal tokens; empty: internal.key in data_dir"},
     PATH,
     set_internal_key_file,
     false},
    {{"access_lifetime", "5m", "how long an access token is good"},
     "a time from 1s to 1d (s, m, h, d)",
     set_access_lifetime,
     false},
    {{"refresh_lifetime", "1d", "how long a refresh token is good"},
     "a time from 60s to 365d (s, m, h, d)",
     set_refresh_lifetime,
     false},
    {{"refresh_rotation", "off", "each refresh hands out a new refresh token"},
     SWITCH,
     set_refresh_rotation,
     false},
    {{"token_leeway", "0", "how far the clocks of services that share a key may differ"},
     "a time from 0 to 60s",
     set_token_leeway,
     false},
    {{"signup", "open", "who may make accounts"}, "open, admin or closed", set_signup, false},
    {{"pbkdf2_iterations", LK_DEFAULT_PBKDF2_ITERATIONS,
      "cost of a password hash; under 100000 for tests and boards alone"},
     "a number from 1000 to 10000000",
     set_pbkdf2_iterations,
     false},
    {{"password_min_length", "8", "characters of the shortest password taken"},
     "a number from 0 to 128",
     set_password_min_length,
     false},
    {{"password_blocklist", "on", "refuse the commonest passwords"}, SWITCH, set_password_blocklist, false},
    {{"throttle", "on", "make failed logins wait"}, SWITCH, set_throttle, false},
    {{"mail", "log", "how mails leave; log: for a trial alone, since their links stand in the log"},
     "off, log, file:DIR, smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…",
     set_mail,
     true},
    {{"mail_from", "latchkey@localhost", "the sender of mails"},
     "an address: NAME@HOST",
     set_mail_from,
     false},
    {{"mail_ca_file", "", "PEM file of authorities for the mail server's certificate; empty: the system's"},
     PATH,
     set_mail_ca_file,
     false},
    {{"mail_fingerprint", "", "SHA-256 of the mail server's certificate, to trust that one alone"},
     "64 hexadecimal digits",
     set_mail_fingerprint,
     false},
    {{"brand_name", DEFAULT_BRAND, "what the pages and the mails call this device"},
     "UTF-8 text of 1 to 64 bytes",
     set_brand_name,
     false},
    {{"brand_color", "", "accent of the pages, adapted where it could not be read; empty: our own"},
     "a colour: # and six hexadecimal digits",
     set_brand_color,
     false},
    {{"brand_logo", "", "SVG or PNG file for the pages, 64 KB at most; empty: our own"},
     PATH,
     set_brand_logo,
     false},
    {{"max_body", LK_DEFAULT_MAX_BODY, "the longest request body"},
     "a size from 1K to 16M (K, M, G)",
     set_max_body,
     false},
    {{"max_picture", LK_DEFAULT_MAX_PICTURE, "the longest picture"},
     "a size from 1K to 16M (K, M, G)",
     set_max_picture,
     false},
    {{"map_size", LK_DEFAULT_MAP_SIZE, "the most the store may grow to"},
     "a size from 64K to 1024G (K, M, G)",
     set_map_size,
     false},
    {{"threads", LK_DEFAULT_THREADS, "worker threads; half of them may wait for password hashes"},
     "a number from 1 to 1024",
     set_threads,
     false},
    {{"max_connections", LK_DEFAULT_MAX_CONNECTIONS, "connections held at once"},
     "a number from 8 to 1000000",
     set_max_connections,
     false},
    {{"max_connections_per_address", LK_DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
      "of those, from one address (max_connections at most)"},
     "a number from 1 to 1000000",
     set_max_connections_per_address,
     false},
    {{"log_level", "info", "what is logged"}, "error, warn, info or debug", set_log_level, false},
    {{"log_format", "text", "how it is logged"}, "text or json", set_log_format, false},
};
const size_t lk_key_count = sizeof(lk_keys) / sizeof(lk_keys[0]);
_Static_assert(sizeof(lk_keys) / sizeof(lk_keys[0]) <= 64, "lk_config_parse keeps one bit a key");
