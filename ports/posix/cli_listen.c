/* Why an address cannot be listened on, and what to do about it. */
#include "cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int try_bind(const struct sockaddr *address, socklen_t len, int family) {
    int on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int problem = 0;

    if (fd < 0) {
        return errno;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, address, len) != 0 || listen(fd, 1) != 0) {
        problem = errno;
    }
    close(fd);
    return problem;
}

/* 0, or the errno of listening there. */
static int try_listener(const struct lk_listener *l) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(l->port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(l->port)};
    char text[sizeof(l->address)];
    size_t len = strlen(l->address);

    if (l->address[0] == '[') {
        snprintf(text, sizeof(text), "%.*s", (int)len - 2, l->address + 1);
        return inet_pton(AF_INET6, text, &six.sin6_addr) == 1
                   ? try_bind((const struct sockaddr *)&six, sizeof(six), AF_INET6)
                   : 0;
    }
    if (len > 0 && inet_pton(AF_INET, l->address, &four.sin_addr) != 1) {
        return 0;
    }
    return try_bind((const struct sockaddr *)&four, sizeof(four), AF_INET);
}

bool cli_explain_listen(const struct lk_config *config) {
    static const struct {
        int problem;
        const char *fix;
    } fixes[] = {
        {EADDRINUSE, "another program listens there; stop it, or set listen to another port"},
        {EACCES, "ports below 1024 are root's; take a higher one, or give the program CAP_NET_BIND_SERVICE"},
        {EADDRNOTAVAIL, "this machine has no such address; 0.0.0.0 stands for all it has"},
    };

    for (size_t i = 0; i < config->listen_count; i++) {
        const struct lk_listener *l = &config->listen[i];
        int problem = try_listener(l);
        for (size_t k = 0; problem != 0 && k < sizeof(fixes) / sizeof(fixes[0]); k++) {
            if (fixes[k].problem == problem) {
                char what[96];
                snprintf(what, sizeof(what), "listen: %s://%s:%u", l->tls ? "https" : "http", l->address,
                         (unsigned)l->port);
                cli_fail(what, fixes[k].fix);
                return true;
            }
        }
    }
    return false;
}
