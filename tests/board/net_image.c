/*
 * A board with its network and nothing else: four services in the way the server works, few threads that
 * share one poller, and the idlest connection makes room for a new one.
 *
 *   port 7   echo
 *   port 9   counts what comes and, at its end, answers "<bytes> <sum>\n"
 *   port 19  answers a line "<bytes>\n" with as many
 *   port 80  answers every request alike
 *
 * The semihosting argument says how to start, in words: dhcp, fixed (10.0.2.77), ntp=SERVER, stored=SECONDS
 * (the clock's file). Commands on the console: see `commands`.
 */
#include "base/err.h"
#include "base/time.h"
#include "port.h"
#include "rtos/board.h"
#include "rtos/kernel/kernel.h"
#include "rtos/net/net.h"
#include "rtos/net/wall.h"
#include "semihosting/semihosting.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/sockets.h>

#define WORKERS 3
/* Fewer than lwIP has sockets for, as with a server whose memory is what bounds its clients. */
#define CONNECTIONS (LK_NET_CONNECTIONS - 6)
#define BUFFER 600

struct connection {
    int port, fd;
    bool used, running, doomed, ended;
    uint64_t active;     /* tick */
    uint32_t count, sum; /* received; or to be sent, and where the pattern is */
    size_t len, sent;    /* of `buffer` */
    char buffer[BUFFER];
};

static struct connection connections[CONNECTIONS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lk_poller *poller;
static unsigned accepted, evicted, failed_accepts;

/* --- what each service does with what came ------------------------------------------------------------------- */

static void fill_pattern(struct connection *c) {
    c->len = c->count < BUFFER ? c->count : BUFFER;
    for (size_t i = 0; i < c->len; i++) {
        c->sum = c->sum * 1664525u + 1013904223u;
        c->buffer[i] = (char)(c->sum >> 24);
    }
    c->count -= (uint32_t)c->len;
    c->sent = 0;
}

static void take(struct connection *c, size_t n) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

    c->sent = 0;
    switch (c->port) {
    case 7:
        c->len = n;
        break;
    case 9:
        for (size_t i = 0; i < n; i++) {
            c->sum = c->sum * 31 + (unsigned char)c->buffer[i];
        }
        c->count += (uint32_t)n;
        break;
    case 19:
        c->buffer[n < BUFFER ? n : BUFFER - 1] = '\0';
        c->count = (uint32_t)strtoul(c->buffer, NULL, 10);
        c->sum = 1;
        fill_pattern(c);
        break;
    default:
        if (n >= 4 && memcmp(c->buffer + n - 4, "\r\n\r\n", 4) == 0) {
            c->len = sizeof(answer) - 1;
            memcpy(c->buffer, answer, c->len);
        }
    }
}

static void end(struct connection *c) {
    c->ended = true;
    if (c->port == 9) {
        c->len =
            (size_t)snprintf(c->buffer, BUFFER, "%lu %lu\n", (unsigned long)c->count, (unsigned long)c->sum);
        c->sent = 0;
    }
}

/* --- connections ------------------------------------------------------------------------------------------------ */

static void drop(struct connection *c) {
    lk_poller_remove(poller, c->fd);
    pthread_mutex_lock(&lock);
    int fd = c->fd;
    c->used = false;
    pthread_mutex_unlock(&lock);
    lwip_close(fd);
}

static void wait_for(struct connection *c, bool for_write) {
    pthread_mutex_lock(&lock);
    c->running = false;
    c->active = lk_ticks();
    pthread_mutex_unlock(&lock);
    if (lk_poller_arm(poller, c->fd, c, for_write) != 0) {
        drop(c);
    }
}

/* Sends and receives until it would have to wait. */
static void advance(struct connection *c) {
    for (;;) {
        while (c->sent < c->len) {
            ssize_t n = send(c->fd, c->buffer + c->sent, c->len - c->sent, 0);
            if (n > 0) {
                c->sent += (size_t)n;
            } else if (n < 0 && errno == EWOULDBLOCK) {
                wait_for(c, true);
                return;
            } else {
                drop(c);
                return;
            }
        }
        c->len = c->sent = 0;
        if (c->port == 19 && c->count > 0) {
            fill_pattern(c);
            continue;
        }
        if (c->ended) {
            drop(c);
            return;
        }
        ssize_t n = recv(c->fd, c->buffer, BUFFER, 0);
        if (n > 0) {
            take(c, (size_t)n);
        } else if (n == 0) {
            end(c);
        } else if (errno == EWOULDBLOCK) {
            wait_for(c, false);
            return;
        } else {
            drop(c);
            return;
        }
    }
}

static void *work(void *unused) {
    (void)unused;
    for (;;) {
        struct connection *c = lk_poller_wait(poller, -1);
        if (c == NULL) {
            continue;
        }
        pthread_mutex_lock(&lock);
        c->running = true;
        bool doomed = c->doomed;
        pthread_mutex_unlock(&lock);
        if (doomed) {
            drop(c);
        } else {
            advance(c);
        }
    }
    return NULL;
}

/* A free place, or that of the idlest, which a worker then closes. `lock` is held. */
static struct connection *find_place(void) {
    struct connection *idlest = NULL;
    bool leaving = false;

    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        if (!c->used) {
            return c;
        }
        leaving |= c->doomed;
        if (!c->running && (idlest == NULL || c->active < idlest->active)) {
            idlest = c;
        }
    }
    if (idlest != NULL && !leaving) {
        idlest->doomed = true;
        evicted++;
        shutdown(idlest->fd, SHUT_RDWR);
    }
    return NULL;
}

static void take_in(int fd, int port) {
    struct connection *c;

    pthread_mutex_lock(&lock);
    while ((c = find_place()) == NULL) {
        pthread_mutex_unlock(&lock);
        lk_sleep_until(lk_ticks() + 1);
        pthread_mutex_lock(&lock);
    }
    memset(c, 0, sizeof(*c));
    c->used = true;
    c->port = port;
    c->fd = fd;
    c->active = lk_ticks();
    accepted++;
    pthread_mutex_unlock(&lock);
    lwip_fcntl(fd, F_SETFL, O_NONBLOCK);
    if (lk_poller_add(poller, fd, c, false) != 0) {
        drop(c);
    }
}

static int listen_at(int port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = lwip_htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 255) != 0) {
        printf("no listener for port %d: %d\n", port, errno);
    }
    return fd;
}

static void *accept_all(void *unused) {
    static const int ports[] = {7, 9, 19, 80};
    struct pollfd set[4];

    (void)unused;
    (void)lk_net_wait(60000);
    for (size_t i = 0; i < 4; i++) {
        set[i] = (struct pollfd){.fd = listen_at(ports[i]), .events = POLLIN};
        lwip_fcntl(set[i].fd, F_SETFL, O_NONBLOCK);
    }
    printf("ready\n");
    for (;;) {
        poll(set, 4, -1);
        for (size_t i = 0; i < 4; i++) {
            int fd = accept(set[i].fd, NULL, NULL);
            if (fd >= 0) {
                take_in(fd, ports[i]);
            } else if (errno != EWOULDBLOCK) {
                failed_accepts++;
            }
        }
    }
    return NULL;
}

/* --- console ------------------------------------------------------------------------------------------------------ */

static void print_status(const struct lk_net_status *s) {
    static const char *const sources[] = {"none", "dhcp", "fixed"};
    const uint8_t *a = s->at.address;
    const uint8_t *g = s->at.gateway;

    printf("link %s, address %d.%d.%d.%d (%s), gateway %d.%d.%d.%d\n", s->link ? "up" : "down", a[0], a[1],
           a[2], a[3], sources[s->source], g[0], g[1], g[2], g[3]);
}

static void show_status(void) {
    struct lk_net_status status;
    lk_net_status(&status);
    print_status(&status);
}

static void show_counters(void) {
    struct lk_net_counters n;
    lk_net_counters(&n);
    printf("received %lu sent %lu no_buffer %lu unsent %lu overruns %lu aborted %lu accepted %u evicted %u "
           "failed_accepts %u\n",
           (unsigned long)n.received, (unsigned long)n.sent, (unsigned long)n.no_buffer,
           (unsigned long)n.unsent, (unsigned long)n.overruns, (unsigned long)n.aborted, accepted, evicted,
           failed_accepts);
}

static void show_pools(void) {
    struct lk_net_pool pools[20];
    size_t n = lk_net_pools(pools, 20);
    for (size_t i = 0; i < n; i++) {
        const struct lk_net_pool *p = &pools[i];
        printf("pool %s size %lu count %lu used %lu peak %lu failed %lu\n", p->name, (unsigned long)p->size,
               (unsigned long)p->count, (unsigned long)p->used, (unsigned long)p->peak,
               (unsigned long)p->failed);
    }
    printf("end of pools\n");
}

static void show_time(void) {
    printf("time %ld %s refused %lu up %lu\n", (long)lk_time_now(), lk_wall_synced() ? "synced" : "unsynced",
           (unsigned long)lk_wall_refused(), (unsigned long)lk_time_mono_ms());
}

static void show_store(void) {
    printf("stored %d\n", lk_wall_store(""));
}

static void show_threads(void) {
    struct lk_thread_info threads[12];
    size_t n = lk_thread_list(threads, 12);
    for (size_t i = 0; i < n && i < 12; i++) {
        printf("thread %s stack %u of %u\n", threads[i].name, (unsigned)threads[i].stack_peak,
               (unsigned)threads[i].stack_size);
    }
    printf("end of threads\n");
}

static const struct {
    const char *name;
    void (*run)(void);
} commands[] = {{"status", show_status}, {"counters", show_counters}, {"pools", show_pools},
                {"time", show_time},     {"store", show_store},       {"threads", show_threads}};

static void run_command(const char *line) {
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(line, commands[i].name) == 0) {
            commands[i].run();
        }
    }
}

static void serve_console(void) {
    static char line[64];
    size_t len = 0;

    for (;;) {
        int c = lk_board.console_read();
        if (c < 0) {
            lk_sleep_until(lk_ticks() + 10);
        } else if (c == '\n') {
            line[len] = '\0';
            len = 0;
            run_command(line);
        } else if (len + 1 < sizeof(line)) {
            line[len++] = (char)c;
        }
    }
}

/* --- start --------------------------------------------------------------------------------------------------------- */

static uint32_t random_word(void) {
    uint32_t out;
    (void)lk_board.entropy(&out, sizeof(out));
    return out;
}

static void start_thread(void *(*entry)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, entry, NULL) != 0) {
        printf("no thread\n");
    }
}

/* What follows `name` in the argument, up to a space; NULL when it is not there. */
static char *option(const char *name) {
    static char argument[160];
    static char value[64];

    lk_semihosting_argument(argument, sizeof(argument));
    char *at = strstr(argument, name);
    if (at == NULL) {
        return NULL;
    }
    at += strlen(name);
    size_t len = strcspn(at, " ");
    if (len >= sizeof(value)) {
        len = sizeof(value) - 1;
    }
    memcpy(value, at, len);
    value[len] = '\0';
    return value;
}

int main(void) {
    static struct lk_net_options options = {.host_name = "latchkey-test",
                                            .dhcp_wait_ms = 3000,
                                            .https_port = 443,
                                            .random = random_word,
                                            .changed = print_status};
    uint8_t mac[6];

    setvbuf(stdout, NULL, _IOLBF, 256);
    lk_wall_start("");
    options.dhcp = option(" dhcp") != NULL;
    if (option(" fixed") != NULL) {
        options.fixed =
            (struct lk_net_address){{10, 0, 2, 77}, {255, 255, 255, 0}, {10, 0, 2, 2}, {10, 0, 2, 3}};
    }
    options.ntp_server = option(" ntp=");
    poller = lk_poller_new();
    lk_board.mac_address(mac);
    printf("net %d\n", lk_net_start(lk_board.nic, mac, &options));
    for (int i = 0; i < WORKERS; i++) {
        start_thread(work);
    }
    start_thread(accept_all);
    serve_console();
}

/* --- what the server's port would bring ----------------------------------------------------------------------------- */

int lk_port_file_read(const char *dir, const char *name, void *out, size_t cap, size_t *len) {
    const char *stored = option(" stored=");

    (void)dir;
    (void)name;
    if (stored == NULL) {
        return LK_ERR_NOT_FOUND;
    }
    *len = strlen(stored) < cap ? strlen(stored) : cap;
    memcpy(out, stored, *len);
    return 0;
}

int lk_port_file_write(const char *dir, const char *name, const void *data, size_t len) {
    (void)dir;
    printf("file %s = %.*s\n", name, (int)len, (const char *)data);
    return 0;
}
