/*
 * A board's main(): storage, entropy, settings, network, server, and then the console for ever. What fails is
 * said on the console, which goes on, so that the owner can mend it.
 */
#include "base/err.h"
#include "base/log.h"
#include "bounds.h"
#include "console.h"
#include "crypto/crypto.h"
#include "firmware.h"
#include "lk_versions.h"
#include "options.h"
#include "port.h"
#include "rtos/board.h"
#include "rtos/net/wall.h"
#include "rtos/port_entropy.h"
#include "rtos/storage/storage.h"
#include "upkeep.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

struct firmware firmware;

/* --- storage -------------------------------------------------------------------------------------------- */

/* What LMDB keeps of each reader, and beside them (storage.h). */
#define LOCK_SIZE (64u * (LK_BOARD_THREADS_MAX + LK_STORE_READERS_BESIDES) + 192u)

static int mount_storage(size_t map_size) {
    struct lk_storage_options options = {.flash = lk_board.flash,
                                         .map = memalign(16, map_size),
                                         .map_size = map_size,
                                         .lock = memalign(64, LOCK_SIZE),
                                         .lock_size = LOCK_SIZE};
    if (options.flash == NULL || options.map == NULL || options.lock == NULL) {
        return options.flash == NULL ? LK_ERR_UNSUPPORTED : LK_ERR_NO_MEMORY;
    }
    return lk_storage_mount(&options);
}

/* --- network -------------------------------------------------------------------------------------------- */

static uint32_t network_random(void) {
    uint32_t value = 0;
    (void)lk_random(&value, sizeof(value));
    return value;
}

static int start_network(const struct settings *s) {
    uint8_t mac[6];
    const struct lk_net_options options = {
        .host_name = s->host_name,
        .dhcp = s->dhcp,
        .dhcp_wait_ms = 10000,
        .fixed = s->fixed,
        .ntp_server = s->ntp_server[0] != '\0' ? s->ntp_server : NULL,
        .https_port = s->server.listen[0].port,
        .random = network_random,
        .changed = upkeep_network_changed,
    };
    lk_board.mac_address(mac);
    return lk_net_start(lk_board.nic, mac, &options);
}

/* --- the server ----------------------------------------------------------------------------------------- */

/* The address of a page that a person opens: the name that mDNS announces, where nobody has set another. */
static void show_claim_page(const char *code, const char *public_url) {
    const char *host = firmware.settings.host_name;
    unsigned port = firmware.settings.server.listen[0].port;

    console_print("Nobody has claimed this device yet. Open this address to become its first admin:\n");
    if (strncmp(public_url, "https://localhost", 17) != 0) {
        console_print("claim: %s/claim#%s\n", public_url, code);
    } else if (port == 443) {
        console_print("claim: https://%s.local/claim#%s\n", host, code);
    } else {
        console_print("claim: https://%s.local:%u/claim#%s\n", host, port, code);
    }
    console_print("(In the place of its name the address of the network will do.)\n");
}

static void show_setup_code(void *arg, const char *code, const char *public_url) {
    (void)arg;
    if (LK_PAGES) {
        show_claim_page(code, public_url);
    } else {
        console_print(
            "Nobody has claimed this device yet. POST %s/auth/setup/ takes this code once, with username, "
            "email and password:\n",
            public_url);
    }
    console_print("setup code: %s\n", code);
}

static void start_server(const struct lk_config *config) {
    static const struct lk_server_console console = {.setup_code = show_setup_code};
    char why[256];

    if (lk_server_start(&firmware.server, config, LK_VERSION, &console, why, sizeof(why)) < 0) {
        firmware.server = NULL;
        console_print("not serving: %s\n", why);
    }
}

/* --- boot ----------------------------------------------------------------------------------------------- */

static void say_err(const char *what, int err) {
    console_print("%s: %s\n", what, lk_err_text(err));
}

/* Everything up to the server. Returns 0, or an error that was told. */
static int prepare(struct lk_config *config) {
    char why[256];

    lk_config_defaults(config);
    int err = mount_storage((size_t)config->map_size);
    if (err != 0) {
        say_err("the storage", err);
        return err;
    }
    firmware.mounted = true;
    upkeep_check_button();
    if (settings_load(&firmware.settings, why, sizeof(why)) != 0) {
        console_print("%s; the defaults are used\n", why);
    }
    *config = firmware.settings.server;
    lk_log_configure(config->log_level, config->log_format);
    err = lk_entropy_start();
    if (err == 0) {
        err = lk_crypto_init();
    }
    if (err != 0) {
        console_print(
            "No source of random numbers: this board needs a seed, made elsewhere. Type `seed` and %d "
            "bytes in hexadecimal, then `reboot`.\n",
            LK_SEED_LEN);
        return err;
    }
    lk_wall_start("");
    err = start_network(&firmware.settings);
    if (err != 0) {
        say_err("the network", err);
    }
    return err;
}

/* What the server starts with is given back when it has: it keeps a copy. */
static void start(void) {
    struct lk_config *config = malloc(sizeof(*config));

    if (config == NULL) {
        say_err("the configuration", LK_ERR_NO_MEMORY);
        return;
    }
    if (prepare(config) == 0) {
        bounds_apply(config);
        start_server(config);
    }
    lk_wipe(config, sizeof(*config));
    free(config);
}

int main(void) {
    console_print("\nLatchkey %s on %s\n", LK_VERSION, lk_board.name);
    start();
    if (firmware.server != NULL && upkeep_start() == 0) {
        console_print("ready\n");
    }
    console_run();
}
