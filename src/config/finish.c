#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

static bool is_loopback(const struct lk_listener *l) {
    struct lk_str address = lk_str_from(l->address);
    return lk_str_starts(address, LK_STR("127.")) || lk_str_eq(address, LK_STR("[::1]"));
}

static int say(char *why, size_t why_len, const char *text) {
    struct lk_buf b;
    lk_buf_init(&b, why, why_len);
    lk_buf_put_cstr(&b, text);
    if (why_len > 0) {
        why[b.len < why_len ? b.len : why_len - 1] = '\0';
    }
    return LK_ERR_INVALID;
}

/* The first listener that takes TLS, else the first one. */
static const struct lk_listener *first_listener(const struct lk_config *c) {
    for (size_t i = 0; i < c->listen_count; i++) {
        if (c->listen[i].tls) {
            return &c->listen[i];
        }
    }
    return &c->listen[0];
}

static void default_public_url(struct lk_config *c) {
    const struct lk_listener *l = first_listener(c);
    struct lk_buf b;
    lk_buf_init(&b, c->public_url, sizeof(c->public_url));
    lk_buf_put_cstr(&b, l->tls ? "https://localhost" : "http://localhost");
    if (l->port != 0 && l->port != (l->tls ? 443 : 80)) {
        lk_buf_put_char(&b, ':');
        lk_buf_put_u64(&b, l->port);
    }
    (void)lk_buf_end_cstr(&b); /* always fits */
}

static int check_listeners(const struct lk_config *c, char *why, size_t why_len) {
    if (c->listen_count == 0) {
        return say(why, why_len, "listen: at least one address is needed");
    }
    bool tls = first_listener(c)->tls;
    for (size_t i = 0; i < c->listen_count; i++) {
        const struct lk_listener *l = &c->listen[i];
        bool served = c->plain_http_loopback && is_loopback(l);
        if (!l->tls && !served && !tls && c->public_url[0] == '\0') {
            return say(why, why_len,
                       "listen: a plain http:// address only redirects, and there is no https:// address or "
                       "public_url to redirect to (plain_http = loopback serves it on loopback)");
        }
        if (!l->tls && !served && lk_str_starts(lk_str_from(c->public_url), LK_STR("http://"))) {
            return say(why, why_len,
                       "public_url: a plain listener redirects to it, so that it has to be https://");
        }
    }
    return 0;
}

int lk_config_finish(struct lk_config *c, char *why, size_t why_len) {
    int err = check_listeners(c, why, why_len);
    if (err != 0) {
        return err;
    }
    if (c->map_size > SIZE_MAX / 2) {
        return say(why, why_len, "map_size: this machine cannot address as much; 1G is a good choice here");
    }
    if ((c->tls_certificate[0] == '\0') != (c->tls_key[0] == '\0')) {
        return say(why, why_len, "tls_certificate and tls_key are needed together");
    }
    if (c->policy.refresh_lifetime < c->policy.access_lifetime) {
        return say(why, why_len, "refresh_lifetime is shorter than access_lifetime");
    }
    if (c->max_connections_per_address > c->max_connections) {
        c->max_connections_per_address = c->max_connections;
    }
    if (c->public_url[0] == '\0') {
        default_public_url(c);
    }
    return 0;
}
