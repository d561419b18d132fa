#include "server/certificate.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "port.h"
#include "serve/tls.h"
#include "server/text.h"

#include <stdio.h>
#include <string.h>

#define DAYS 820 /* Apple's clients take no more than 825 */
#define RENEW_BEFORE (30 * 86400)
#define PATH_MAX_LEN 256

/* A certificate is public: unlike a key, its file may be readable by all. */
static int read_public(const char *path, char *out, size_t cap, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return LK_ERR_NOT_FOUND;
    }
    *len = fread(out, 1, cap, file);
    int err = ferror(file) != 0 ? LK_ERR_IO : 0;
    if (err == 0 && *len == cap) {
        err = LK_ERR_TOO_LARGE;
    }
    fclose(file);
    return err;
}

static int read_private(const char *path, char *out, size_t cap, size_t *len) {
    char dir[PATH_MAX_LEN];
    const char *slash = strrchr(path, '/');
    size_t dir_len = slash == NULL ? 0 : (size_t)(slash - path);
    if (dir_len >= sizeof(dir)) {
        return LK_ERR_TOO_LARGE;
    }
    if (slash == NULL) {
        return lk_port_file_read(".", path, out, cap, len);
    }
    memcpy(dir, path, dir_len);
    memcpy(dir + dir_len, dir_len == 0 ? "/" : "", dir_len == 0 ? 2 : 1);
    return lk_port_file_read(dir, slash + 1, out, cap, len);
}

int server_certificate_read(struct server_certificate *c, const char *certificate_path, const char *key_path,
                            char *why, size_t why_len) {
    int err = read_public(certificate_path, c->certificate, sizeof(c->certificate), &c->certificate_len);
    if (err != 0) {
        return server_say_err(why, why_len, certificate_path, err);
    }
    err = read_private(key_path, c->key, sizeof(c->key), &c->key_len);
    c->renew_at = SERVER_CERTIFICATE_NEVER;
    return err != 0 ? server_say_err(why, why_len, key_path, err) : 0;
}

/* One that cannot be read is left alone: it fails where it is used, and says why. */
static void set_renewal(struct server_certificate *c) {
    int64_t begins = 0;
    int64_t ends = 0;
    struct lk_str certificate = {c->certificate, c->certificate_len};
    int err = lk_tls_validity(certificate, &begins, &ends);
    c->renew_at = err == 0 ? ends - RENEW_BEFORE : SERVER_CERTIFICATE_NEVER;
}

static void log_made(const struct server_certificate *c) {
    uint8_t print[LK_SHA256_LEN];
    char hex[2 * LK_SHA256_LEN];
    struct lk_buf b;
    lk_buf_init(&b, hex, sizeof(hex));
    if (lk_tls_fingerprint((struct lk_str){c->certificate, c->certificate_len}, print) == 0) {
        lk_buf_put_hex(&b, print, sizeof(print));
        LK_LOG(LK_LOG_WARN, "certificate_made", LK_LOG_STR("sha256", lk_buf_str(&b)));
    }
}

/* The key goes first: without a certificate beside it, it is made anew at the next start. */
static int make(struct server_certificate *c, const char *dir, struct lk_str host) {
    struct lk_str names[5] = {LK_STR("localhost"), LK_STR("127.0.0.1"), LK_STR("::1")};
    struct lk_self_signed how = {.names = names, .name_count = 3, .days = DAYS};
    if (host.len > 0 && !lk_str_eq(host, names[0]) && !lk_str_eq(host, names[1]) &&
        !lk_str_eq(host, names[2])) {
        names[how.name_count++] = host;
    }
    c->certificate_len = sizeof(c->certificate);
    c->key_len = sizeof(c->key);
    int err = lk_tls_make_self_signed(&how, c->certificate, &c->certificate_len, c->key, &c->key_len);
    if (err == 0) {
        err = lk_port_file_remove(dir, SERVER_CERTIFICATE_FILE);
        err = err == LK_ERR_NOT_FOUND ? 0 : err;
    }
    if (err == 0) {
        err = lk_port_file_write(dir, SERVER_KEY_FILE, c->key, c->key_len);
    }
    if (err == 0) {
        err = lk_port_file_write(dir, SERVER_CERTIFICATE_FILE, c->certificate, c->certificate_len);
    }
    if (err == 0) {
        set_renewal(c);
        log_made(c);
    }
    return err;
}

int server_certificate_own(struct server_certificate *c, const char *dir, struct lk_str host, int64_t now,
                           char *why, size_t why_len) {
    int err = lk_port_file_read(dir, SERVER_CERTIFICATE_FILE, c->certificate, sizeof(c->certificate),
                                &c->certificate_len);
    if (err == 0) {
        err = lk_port_file_read(dir, SERVER_KEY_FILE, c->key, sizeof(c->key), &c->key_len);
    }
    if (err == 0) {
        set_renewal(c);
    }
    if (err == LK_ERR_NOT_FOUND || (err == 0 && now >= c->renew_at)) {
        err = make(c, dir, host);
    }
    return err != 0 ? server_say_err(why, why_len, "the TLS key and certificate in the data folder", err) : 0;
}
