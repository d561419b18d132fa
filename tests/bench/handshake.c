/*
 * Counts TLS 1.3 handshakes a second against 127.0.0.1, with OpenSSL as the client, so that two servers are
 * measured by the same stranger.
 *
 *   handshake PORT SECONDS THREADS full|resumed
 *
 * Prints the number of handshakes a second. With "resumed" every connection offers the ticket of a first one,
 * and one that the server did not resume is an error.
 */
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static SSL_CTX *ctx;
static SSL_SESSION *ticket;
static struct sockaddr_in server;
static double end_time;
static atomic_long done, failed;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static SSL *shake(int *fd) {
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    if (*fd < 0 || connect(*fd, (struct sockaddr *)&server, sizeof(server)) != 0) {
        return NULL;
    }
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, *fd);
    if (ticket != NULL) {
        SSL_set_session(ssl, ticket);
    }
    if (SSL_connect(ssl) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    return ssl;
}

/* Says goodbye and waits for the server's, so that it has done all of its part. */
static void part(SSL *ssl, int fd) {
    char rest[512];
    SSL_shutdown(ssl);
    shutdown(fd, SHUT_WR);
    while (read(fd, rest, sizeof(rest)) > 0) {
    }
    SSL_free(ssl);
    close(fd);
}

static void *loop(void *arg) {
    (void)arg;
    while (now() < end_time) {
        int fd = -1;
        SSL *ssl = shake(&fd);
        if (ssl == NULL || (ticket != NULL && !SSL_session_reused(ssl))) {
            failed++;
            if (fd >= 0) {
                close(fd);
            }
            continue;
        }
        part(ssl, fd);
        done++;
    }
    return NULL;
}

/* A ticket comes with the first answer's bytes: ask for anything and read. */
static SSL_SESSION *first_ticket(void) {
    static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char answer[4096];
    int fd;
    SSL *ssl = shake(&fd);
    if (ssl == NULL || SSL_write(ssl, ask, sizeof(ask) - 1) <= 0) {
        return NULL;
    }
    while (SSL_read(ssl, answer, sizeof(answer)) > 0) {
    }
    SSL_SESSION *session = SSL_get1_session(ssl);
    part(ssl, fd);
    return session;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: handshake PORT SECONDS THREADS full|resumed\n");
        return 2;
    }
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(ctx, "P-256");
    if (strcmp(argv[4], "resumed") == 0 && (ticket = first_ticket()) == NULL) {
        fprintf(stderr, "handshake: no ticket\n");
        return 1;
    }
    double seconds = strtod(argv[2], NULL);
    unsigned threads = (unsigned)strtoul(argv[3], NULL, 10);
    pthread_t ids[64];
    double start = now();
    end_time = start + seconds;
    for (unsigned i = 0; i < threads && i < 64; i++) {
        pthread_create(&ids[i], NULL, loop, NULL);
    }
    for (unsigned i = 0; i < threads && i < 64; i++) {
        pthread_join(ids[i], NULL);
    }
    if (failed > 0) {
        fprintf(stderr, "handshake: %ld failed\n", (long)failed);
        return 1;
    }
    printf("%.1f\n", (double)done / (now() - start));
    return 0;
}
