/* What the server shows on the console when it starts. */
#include "cli.h"
#include "crypto/crypto.h"
#include "server/server.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <qrencode.h>

#define QUIET                                                                                                \
    2 /* light modules around the code: half of what ISO/IEC 18004 asks, and read as well on a screen */

/* --- addresses and the certificate ------------------------------------------------------------------------ */

static void show_addresses(const struct lk_server *server, const struct lk_config *config) {
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct lk_listener *l = &config->listen[i];
        bool ipv6 = strchr(l->address, ':') != NULL && l->address[0] != '[';
        printf("%slistening:%s %s://%s%s%s:%u\n", cli_style(stdout, CLI_BOLD), cli_style(stdout, CLI_PLAIN),
               l->tls ? "https" : "http", ipv6 ? "[" : "", l->address[0] != '\0' ? l->address : "*",
               ipv6 ? "]" : "", (unsigned)lk_server_port(server, i));
    }
}

/* The fingerprint to compare with what a browser shows of the certificate that nobody vouches for. */
static void show_fingerprint(const struct lk_config *config) {
    struct cli_certificate certificate;

    if (config->tls_certificate[0] != '\0' || cli_certificate(config, &certificate) < 0) {
        return;
    }
    printf("%scertificate:%s SHA-256 ", cli_style(stdout, CLI_BOLD), cli_style(stdout, CLI_PLAIN));
    for (size_t i = 0; i < sizeof(certificate.fingerprint); i++) {
        printf("%s%02X", i > 0 ? ":" : "", certificate.fingerprint[i]);
    }
    putchar('\n');
}

/* --- the setup code --------------------------------------------------------------------------------------- */

void cli_console_setup_code(void *arg, const char *code, const char *public_url) {
    struct cli_console *console = arg;

    snprintf(console->code, sizeof(console->code), "%s", code);
    snprintf(console->public_url, sizeof(console->public_url), "%s", public_url);
}

/* The first IPv4 address of this machine that others can reach. */
static bool network_address(char out[INET_ADDRSTRLEN]) {
    struct ifaddrs *list = NULL;
    bool found = false;

    if (getifaddrs(&list) != 0) {
        return false;
    }
    for (const struct ifaddrs *a = list; a != NULL && !found; a = a->ifa_next) {
        if (a->ifa_addr != NULL && a->ifa_addr->sa_family == AF_INET && (a->ifa_flags & IFF_UP) != 0 &&
            (a->ifa_flags & IFF_LOOPBACK) == 0) {
            const struct sockaddr_in *in = (const void *)a->ifa_addr;
            found = inet_ntop(AF_INET, &in->sin_addr, out, INET_ADDRSTRLEN) != NULL;
        }
    }
    freeifaddrs(list);
    return found;
}

static bool any_address(const struct lk_listener *l) {
    return l->tls &&
           (l->address[0] == '\0' || strcmp(l->address, "0.0.0.0") == 0 || strcmp(l->address, "[::]") == 0);
}

/* The address of the claim page that a phone beside this machine can open. "localhost" is good on this machine
   alone; where the server listens on every address, the machine's own stands in its place. */
static void claim_url(const struct cli_console *console, const struct lk_server *server,
                      const struct lk_config *config, char *out, size_t cap) {
    bool local = strncmp(console->public_url, "https://localhost", 17) == 0;
    char address[INET_ADDRSTRLEN];

    snprintf(out, cap, "%s/claim#%s", console->public_url, console->code);
    for (size_t i = 0; local && i < config->listen_count; i++) {
        if (any_address(&config->listen[i]) && network_address(address)) {
            snprintf(out, cap, "https://%s:%u/claim#%s", address, (unsigned)lk_server_port(server, i),
                     console->code);
            return;
        }
    }
}

static bool says_utf8(void) {
    const char *locale = getenv("LC_ALL");
    const char *const names[] = {"LC_CTYPE", "LANG"};

    for (size_t i = 0; i < 2 && (locale == NULL || locale[0] == '\0'); i++) {
        locale = getenv(names[i]);
    }
    return locale != NULL && (strcasestr(locale, "utf-8") != NULL || strcasestr(locale, "utf8") != NULL);
}

static bool fits_terminal(int width) {
    struct winsize size = {0};

    return isatty(STDOUT_FILENO) == 1 && says_utf8() && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
           (size.ws_col == 0 || size.ws_col >= width);
}

static bool is_light(const QRcode *qr, int x, int y) {
    return x < 0 || y < 0 || x >= qr->width || y >= qr->width || (qr->data[y * qr->width + x] & 1) == 0;
}

/* Two rows of modules a line of text. Light ones are drawn, so that the code is right on a dark terminal; with
   colours, on any. */
static void draw(const QRcode *qr) {
    static const char *const blocks[] = {" ", "\u2584", "\u2580", "\u2588"};
    const char *white = cli_colours(stdout) ? "\033[97;40m" : "";

    for (int y = -QUIET; y < qr->width + QUIET; y += 2) {
        fputs(white, stdout);
        for (int x = -QUIET; x < qr->width + QUIET; x++) {
            unsigned upper = is_light(qr, x, y) ? 2 : 0;
            unsigned lower = is_light(qr, x, y + 1) ? 1 : 0;
            fputs(blocks[upper | lower], stdout);
        }
        puts(cli_style(stdout, CLI_PLAIN));
    }
}

static void show_setup_code(const struct cli_console *console, const struct lk_server *server,
                            const struct lk_config *config) {
    char url[LK_PATH_TEXT_MAX + sizeof(console->code) + 16];

    claim_url(console, server, config, url, sizeof(url));
    printf("Nobody has claimed this server yet. Open this address to become its first admin:\n"
           "%sclaim:%s %s\n%ssetup code:%s %s\n",
           cli_style(stdout, CLI_BOLD), cli_style(stdout, CLI_PLAIN), url, cli_style(stdout, CLI_BOLD),
           cli_style(stdout, CLI_PLAIN), console->code);
    QRcode *qr = QRcode_encodeString8bit(url, 0, QR_ECLEVEL_L);
    if (qr != NULL && fits_terminal(qr->width + 2 * QUIET)) {
        draw(qr);
    }
    if (qr != NULL) {
        lk_wipe(qr->data, (size_t)qr->width * (size_t)qr->width);
        QRcode_free(qr);
    }
    lk_wipe(url, sizeof(url));
}

void cli_console_show(struct cli_console *console, const struct lk_server *server,
                      const struct lk_config *config) {
    show_addresses(server, config);
    show_fingerprint(config);
    if (console->code[0] != '\0') {
        show_setup_code(console, server, config);
        lk_wipe(console->code, sizeof(console->code));
    }
    printf("%sready%s\n", cli_style(stdout, CLI_GOOD), cli_style(stdout, CLI_PLAIN));
    fflush(stdout);
}
