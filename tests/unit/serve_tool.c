/*
 * A server made of the engine alone, for tests/api/test_serving.py and for tools/bench: it answers any
 * request with a small JSON document. It prints its ports on one line, "ready TLS PLAIN", makes itself
 * another certificate and prints "renewed" for each line on stdin, and stops at its end.
 *
 * usage: serve_tool [KEY=VALUE …]     (the numbers of struct lk_serve_options; certificate=FILE key=FILE;
 * port=N)
 *   GET /             {"ok":true}
 *   POST /echo        the body, as it came
 *   GET /bytes/N      N bytes
 *   GET /stream/N     N bytes in pieces of 1000, written one by one
 *   GET /hold         prints "held" and answers after a GET /release or when the server stops; it blocks as
 *                     a password hash does
 *   GET /release      lets go all that are held
 *   GET /head         what the engine read of the request line and fields
 *   GET /stats        lk_serve_stats
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/blocking.h"
#include "base/buf.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "serve/serve.h"
#include "serve/tls.h"

#define PEM_MAX 16384

static struct lk_serve *server;

static void answer(struct lk_conn *conn, int status, struct lk_str body) {
    char *text = malloc(body.len + 512);
    struct lk_buf b;

    if (text == NULL) {
        return;
    }
    lk_buf_init(&b, text, body.len + 512);
    lk_buf_put_cstr(&b, "HTTP/1.1 ");
    lk_buf_put_u64(&b, (uint64_t)status);
    lk_buf_put_cstr(&b, " OK\r\nContent-Type: application/json\r\nConnection: ");
    lk_buf_put_cstr(&b, lk_conn_keep_alive(conn) ? "keep-alive" : "close");
    lk_buf_put_cstr(&b, "\r\nContent-Length: ");
    lk_buf_put_u64(&b, body.len);
    lk_buf_put_cstr(&b, "\r\n\r\n");
    lk_buf_put_str(&b, body);
    lk_conn_answer(conn, text, b.len);
    free(text);
}

static uint64_t number_after(struct lk_str path, struct lk_str prefix) {
    uint64_t n = 0;

    if (lk_str_to_u64(lk_str_sub(path, prefix.len, path.len), (uint64_t)64 << 20, &n) != 0) {
        return 0;
    }
    return n;
}

static void answer_bytes(struct lk_conn *conn, size_t count) {
    char *text = malloc(count + 1);

    if (text != NULL) {
        memset(text, 'x', count);
        answer(conn, 200, (struct lk_str){text, count});
        free(text);
    }
}

static void answer_stream(struct lk_conn *conn, size_t count) {
    char piece[1000];
    struct lk_buf b;

    lk_buf_init(&b, piece, sizeof(piece));
    lk_buf_put_cstr(&b, "HTTP/1.1 200 OK\r\nContent-Length: ");
    lk_buf_put_u64(&b, count);
    lk_buf_put_cstr(&b, "\r\n\r\n");
    int err = lk_conn_write(conn, piece, b.len);
    memset(piece, 's', sizeof(piece));
    while (err == 0 && count > 0) {
        size_t n = count < sizeof(piece) ? count : sizeof(piece);
        err = lk_conn_write(conn, piece, n);
        count -= n;
    }
}

static atomic_uint releases;

static void answer_hold(struct lk_conn *conn) {
    static const struct timespec look = {0, 5000000};
    unsigned before = atomic_load(&releases);

    printf("held\n");
    fflush(stdout);
    lk_blocking_begin();
    while (atomic_load(&releases) == before && lk_conn_keep_alive(conn)) {
        nanosleep(&look, NULL);
    }
    lk_blocking_end();
    answer(conn, 200, LK_STR("{\"held\":true}"));
}

static void answer_release(struct lk_conn *conn) {
    atomic_fetch_add(&releases, 1);
    answer(conn, 200, LK_STR("{\"ok\":true}"));
}

static void answer_head(struct lk_conn *conn) {
    const struct lk_request_head *head = lk_conn_head(conn);
    char text[4096];
    struct lk_buf b;

    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_str(&b, head->method);
    lk_buf_put_char(&b, '\n');
    lk_buf_put_str(&b, head->target);
    lk_buf_put_char(&b, '\n');
    lk_buf_put_str(&b, head->path);
    lk_buf_put_char(&b, '\n');
    lk_buf_put_str(&b, head->query);
    lk_buf_put_char(&b, '\n');
    lk_buf_put_address(&b, lk_conn_peer_address(conn));
    lk_buf_put_char(&b, '\n');
    answer(conn, 200, lk_buf_str(&b));
}

static void answer_stats(struct lk_conn *conn) {
    struct lk_serve_stats s;
    char text[512];

    lk_serve_stats(server, &s);
    int len = snprintf(
        text, sizeof(text),
        "{\"connections\":%u,\"idle\":%u,\"busy\":%u,\"buffered\":%zu,\"accepted\":%llu,"
        "\"requests\":%llu,\"refused\":%llu,\"turned_away\":%llu,\"evicted\":%llu,\"expired\":%llu,"
        "\"handshakes\":%llu,\"resumed\":%llu}",
        s.connections, s.idle, s.busy, s.buffered, (unsigned long long)s.accepted,
        (unsigned long long)s.requests, (unsigned long long)s.refused, (unsigned long long)s.turned_away,
        (unsigned long long)s.evicted, (unsigned long long)s.expired, (unsigned long long)s.handshakes,
        (unsigned long long)s.resumed);
    answer(conn, 200, (struct lk_str){text, (size_t)len});
}

static void handle(void *arg, struct lk_conn *conn) {
    struct lk_str path = lk_conn_head(conn)->path;

    (void)arg;
    if (lk_str_eq(path, LK_STR("/echo"))) {
        answer(conn, 200, lk_conn_body(conn));
    } else if (lk_str_starts(path, LK_STR("/bytes/"))) {
        answer_bytes(conn, number_after(path, LK_STR("/bytes/")));
    } else if (lk_str_starts(path, LK_STR("/stream/"))) {
        answer_stream(conn, number_after(path, LK_STR("/stream/")));
    } else if (lk_str_eq(path, LK_STR("/hold"))) {
        answer_hold(conn);
    } else if (lk_str_eq(path, LK_STR("/release"))) {
        answer_release(conn);
    } else if (lk_str_starts(path, LK_STR("/head"))) {
        answer_head(conn);
    } else if (lk_str_eq(path, LK_STR("/stats"))) {
        answer_stats(conn);
    } else if (!lk_str_eq(path, LK_STR("/silent"))) {
        answer(conn, 200, LK_STR("{\"ok\":true}"));
    }
}

static struct lk_str read_file(const char *name) {
    char *text = malloc(PEM_MAX);
    FILE *file = fopen(name, "rb");
    struct lk_str s = {text, 0};

    if (text == NULL || file == NULL) {
        fprintf(stderr, "cannot read %s\n", name);
        exit(1);
    }
    s.len = fread(text, 1, PEM_MAX, file);
    fclose(file);
    return s;
}

static void self_signed(struct lk_str *certificate_out, struct lk_str *key_out) {
    static char certificate[2048], key[512];
    const struct lk_str names[] = {LK_STR("localhost"), LK_STR("127.0.0.1"), LK_STR("::1")};
    struct lk_self_signed how = {names, 3, 30};
    size_t certificate_len = sizeof(certificate), key_len = sizeof(key);

    if (lk_tls_make_self_signed(&how, certificate, &certificate_len, key, &key_len) != 0) {
        fprintf(stderr, "cannot make a certificate\n");
        exit(1);
    }
    *certificate_out = (struct lk_str){certificate, certificate_len};
    *key_out = (struct lk_str){key, key_len};
}

static void set_number(struct lk_serve_options *o, const char *key, unsigned long n) {
    const struct {
        const char *name;
        uint32_t *at;
    } numbers[] = {
        {"threads", &o->threads},
        {"active", &o->active},
        {"connections", &o->max_connections},
        {"per_address", &o->max_per_address},
        {"handshake_ms", &o->handshake_ms},
        {"header_ms", &o->header_ms},
        {"body_ms", &o->body_ms},
        {"min_rate", &o->min_rate},
        {"idle_ms", &o->idle_ms},
        {"write_ms", &o->write_ms},
        {"linger_ms", &o->linger_ms},
        {"stop_ms", &o->stop_ms},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(numbers[i].name, key) == 0) {
            *numbers[i].at = (uint32_t)n;
            return;
        }
    }
    if (strcmp(key, "max_body") == 0) {
        o->max_body = n;
    } else if (strcmp(key, "max_buffered") == 0) {
        o->max_buffered = n;
    } else {
        fprintf(stderr, "unknown option %s\n", key);
        exit(1);
    }
}

int main(int argc, char **argv) {
    struct lk_serve_address addresses[] = {{"127.0.0.1", 0, true}, {"127.0.0.1", 0, false}};
    struct lk_serve_options o = {.addresses = addresses, .address_count = 2, .handler = {.handle = handle}};
    const char *why;

    if (lk_crypto_init() != 0) {
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL) {
            return 1;
        }
        *value++ = '\0';
        if (strcmp(argv[i], "certificate") == 0) {
            o.certificate = read_file(value);
        } else if (strcmp(argv[i], "key") == 0) {
            o.key = read_file(value);
        } else if (strcmp(argv[i], "port") == 0) {
            addresses[0].port = (uint16_t)strtoul(value, NULL, 10);
        } else {
            set_number(&o, argv[i], strtoul(value, NULL, 10));
        }
    }
    if (o.certificate.len == 0) {
        self_signed(&o.certificate, &o.key);
    }
    int err = lk_serve_start(&server, &o, &why);
    if (err != 0) {
        fprintf(stderr, "%s: %s\n", lk_err_text(err), why);
        return 1;
    }
    printf("ready %u %u\n", lk_serve_port(server, 0), lk_serve_port(server, 1));
    fflush(stdout);
    for (int c = getchar(); c != EOF; c = getchar()) {
        struct lk_str certificate, key;
        self_signed(&certificate, &key);
        if (lk_serve_set_certificate(server, certificate, key) == 0) {
            printf("renewed\n");
            fflush(stdout);
        }
    }
    lk_serve_stop(server);
    lk_crypto_free();
    return 0;
}
