/* Questions to the running server, over its own interface. */
#include "account/internal.h"
#include "base/time.h"
#include "cli.h"
#include "crypto/crypto.h"
#include "mail/transport.h"
#include "port.h"
#include "server/server.h"

#include <string.h>

#define ADDRESS_TEXT_MAX 1024 /* bytes of the file of addresses */
#define PATIENCE_MS 5000
#define TOKEN_SECONDS 60

/* --- where it listens ------------------------------------------------------------------------------------- */

int cli_write_address(const struct lk_server *server, const struct lk_config *config) {
    char text[ADDRESS_TEXT_MAX];
    struct lk_buf b;

    lk_buf_init(&b, text, sizeof(text));
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct lk_listener *l = &config->listen[i];
        lk_buf_put_cstr(&b, l->tls ? "https " : "http ");
        lk_buf_put_cstr(&b, l->address[0] != '\0' ? l->address : "0.0.0.0");
        lk_buf_put_char(&b, ' ');
        lk_buf_put_u64(&b, lk_server_port(server, i));
        lk_buf_put_char(&b, '\n');
    }
    return b.err != 0 ? b.err : lk_port_file_write(config->data_dir, CLI_ADDRESS_FILE, text, b.len);
}

struct place {
    char host[64];
    uint16_t port;
};

/* The first address that speaks TLS: the others only redirect. One that stands for all is reached by loopback. */
static int find_place(const struct lk_config *config, struct place *place) {
    char text[ADDRESS_TEXT_MAX];
    size_t len;
    int err = lk_port_file_read(config->data_dir, CLI_ADDRESS_FILE, text, sizeof(text), &len);
    struct lk_str rest = {text, err == 0 ? len : 0};

    while (rest.len > 0) {
        size_t end = lk_str_find(rest, '\n');
        struct lk_str line = lk_str_sub(rest, 0, end);
        rest = lk_str_sub(rest, end + 1, rest.len);
        size_t space = lk_str_find(line, ' ');
        struct lk_str tail = lk_str_sub(line, space + 1, line.len);
        size_t second = lk_str_find(tail, ' ');
        uint64_t port;
        if (!lk_str_eq(lk_str_sub(line, 0, space), LK_STR("https")) || second >= sizeof(place->host) ||
            lk_str_to_u64(lk_str_sub(tail, second + 1, tail.len), UINT16_MAX, &port) < 0) {
            continue;
        }
        struct lk_str host = lk_str_sub(tail, 0, second);
        host = lk_str_eq(host, LK_STR("0.0.0.0")) ? LK_STR("127.0.0.1")
               : lk_str_eq(host, LK_STR("[::]"))  ? LK_STR("::1")
               : host.ptr[0] == '['               ? lk_str_sub(host, 1, host.len - 1)
                                                  : host;
        snprintf(place->host, sizeof(place->host), "%.*s", (int)host.len, host.ptr);
        place->port = (uint16_t)port;
        return 0;
    }
    return LK_ERR_NOT_FOUND;
}

/* --- one request ------------------------------------------------------------------------------------------ */

/* The server proves itself with the certificate that this machine has on file. */
static int pin_certificate(const struct lk_config *config, struct lk_mail_trust *trust) {
    struct cli_certificate certificate;
    int err = cli_certificate(config, &certificate);

    memcpy(trust->fingerprint, certificate.fingerprint, sizeof(trust->fingerprint));
    trust->pinned = true;
    return err;
}

static int send_request(struct cli *c, struct lk_transport *t) {
    char token[LK_TOKEN_MAX];
    char request[LK_TOKEN_MAX + 256];
    struct lk_buf b;
    int len = lk_internal_token(&c->internal_keys, "latchkeyd", LK_SCOPE_READ, lk_time_now(), TOKEN_SECONDS,
                                token, sizeof(token));

    if (len < 0) {
        return len;
    }
    lk_buf_init(&b, request, sizeof(request));
    lk_buf_put_cstr(
        &b, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ");
    lk_buf_put(&b, token, (size_t)len);
    lk_buf_put_cstr(&b, "\r\n\r\n");
    int err = b.err != 0 ? b.err : lk_transport_write(t, lk_buf_str(&b));
    lk_wipe(token, sizeof(token));
    lk_wipe(request, sizeof(request));
    return err;
}

/* The whole answer, whose end closes the connection. Leaves the body alone in `out`. */
static int read_answer(struct lk_transport *t, char *out, size_t cap) {
    size_t len = 0;
    int got = 0;

    while (len + 1 < cap && (got = lk_transport_read(t, out + len, cap - 1 - len)) > 0) {
        len += (size_t)got;
    }
    out[len] = '\0';
    const char *body = strstr(out, "\r\n\r\n");
    if (got != LK_ERR_CLOSED || body == NULL || strncmp(out, "HTTP/1.1 200 ", 13) != 0) {
        return LK_ERR_IO;
    }
    memmove(out, body + 4, strlen(body + 4) + 1);
    return 0;
}

int cli_ask_metrics(struct cli *c, char *out, size_t cap) {
    struct place place;
    struct lk_mail_trust trust = {0};
    struct lk_transport t = {.fd = -1, .trust = &trust};
    int err = cli_server_pid(&c->config) == 0 ? LK_ERR_NOT_FOUND : find_place(&c->config, &place);

    if (err == 0) {
        err = pin_certificate(&c->config, &trust);
    }
    if (err != 0) {
        return err;
    }
    t.deadline = lk_mail_clock() + PATIENCE_MS;
    err = lk_transport_connect(&t, place.host, place.port, PATIENCE_MS);
    if (err == 0) {
        err = lk_transport_start_tls(&t, "localhost");
    }
    if (err == 0) {
        err = send_request(c, &t);
    }
    if (err == 0) {
        err = read_answer(&t, out, cap);
    }
    lk_transport_close(&t);
    return err;
}

/* --- its numbers ------------------------------------------------------------------------------------------ */

uint64_t cli_metric(const char *metrics, const char *name, bool prefix) {
    struct lk_str wanted = lk_str_from(name);
    struct lk_str rest = lk_str_from(metrics);
    uint64_t sum = 0;

    while (rest.len > 0) {
        size_t end = lk_str_find(rest, '\n');
        struct lk_str line = lk_str_sub(rest, 0, end);
        rest = lk_str_sub(rest, end + 1, rest.len);
        size_t space = line.len;
        while (space > 0 && line.ptr[space - 1] != ' ') {
            space--;
        }
        struct lk_str key = lk_str_sub(line, 0, space > 0 ? space - 1 : 0);
        uint64_t value;
        if ((prefix ? lk_str_starts(key, wanted) : lk_str_eq(key, wanted)) &&
            lk_str_to_u64(lk_str_sub(line, space, line.len), UINT64_MAX, &value) == 0) {
            sum += value;
        }
    }
    return sum;
}
