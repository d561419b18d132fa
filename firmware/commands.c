/* What can be typed on the console, but for accounts (users.c). */
#include "commands.h"
#include "base/err.h"
#include "base/time.h"
#include "console.h"
#include "crypto/crypto.h"
#include "firmware.h"
#include "lk_versions.h"
#include "rtos/board.h"
#include "rtos/kernel/heap.h"
#include "rtos/kernel/kernel.h"
#include "rtos/net/wall.h"
#include "rtos/storage/storage.h"
#include "upkeep.h"

#include <string.h>

bool commands_need_server(void) {
    if (firmware.server == NULL) {
        console_print("the server does not run\n");
    }
    return firmware.server != NULL;
}

void commands_say(int err) {
    console_print("%s\n", err < 0 ? lk_err_text(err) : "done");
}

/* --- looking -------------------------------------------------------------------------------------------- */

static void run_help(const struct console_call *call) {
    (void)call;
    for (const struct console_command *c = console_commands; c->name != NULL; c++) {
        console_print("%s %s\n    %s\n", c->name, c->usage, c->meaning);
    }
}

static void print_time(int64_t seconds) {
    char text[32];
    struct lk_buf b;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_iso_date(&b, seconds);
    if (lk_buf_end_cstr(&b) == 0) {
        console_print("%s", text);
    }
}

static void print_address(const char *name, const uint8_t a[4]) {
    console_print("%s %u.%u.%u.%u\n", name, a[0], a[1], a[2], a[3]);
}

static void run_net(const struct console_call *call) {
    static const char *const sources[] = {"none", "DHCP", "fixed"};
    struct lk_net_status status;
    uint8_t mac[6];

    (void)call;
    lk_net_status(&status);
    lk_board.mac_address(mac);
    console_print("link %s, address by %s, host name %s\n", status.link ? "up" : "down",
                  sources[status.source], firmware.settings.host_name);
    console_print("mac %02x:%02x:%02x:%02x:%02x:%02x\n", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    print_address("address", status.at.address);
    print_address("netmask", status.at.netmask);
    print_address("gateway", status.at.gateway);
    print_address("dns", status.at.dns);
}

static void show_time(void) {
    print_time(lk_time_now());
    console_print(" (%s)\n", lk_wall_synced() ? "set" : "not set yet: the latest known to have passed");
}

/* For a board whose network has no time server. */
static void run_time(const struct console_call *call) {
    int64_t seconds;
    if (call->count > 0 &&
        (lk_iso_date_parse(lk_str_from(call->words[0]), &seconds) != 0 || !lk_wall_set(seconds, 0))) {
        console_print(
            "a time is written 2026-11-29T10:00:00Z, and is not before the one that the clock began with\n");
    }
    show_time();
}

static void run_status(const struct console_call *call) {
    struct lk_storage_status storage;
    struct lk_store_usage usage;

    console_print("Latchkey %s on %s, up %lu s, %s\n", LK_VERSION, lk_board.name,
                  (unsigned long)(lk_time_mono_ms() / 1000),
                  firmware.server != NULL ? "serving" : "not serving");
    show_time();
    run_net(call);
    if (firmware.mounted) {
        lk_storage_status(&storage);
        console_print("flash: %lu of %lu bytes, log moved %lu times, erases %lu and %lu, %s\n",
                      (unsigned long)storage.used, (unsigned long)storage.size,
                      (unsigned long)storage.sequence, (unsigned long)storage.erases[0],
                      (unsigned long)storage.erases[1],
                      storage.error == 0 ? "good" : lk_err_text(storage.error));
    }
    if (firmware.server != NULL &&
        lk_store_usage(lk_service_store(lk_server_service(firmware.server)), &usage) == 0) {
        console_print("store: %lu of %lu bytes\n", (unsigned long)usage.used, (unsigned long)usage.map_size);
    }
}

#define THREADS_SHOWN 16

static void run_stat(const struct console_call *call) {
    static struct lk_thread_info threads[THREADS_SHOWN];
    static struct lk_net_pool pools[THREADS_SHOWN];
    struct lk_heap_info heap;
    struct lk_net_counters net;

    (void)call;
    lk_heap_info(&heap);
    console_print("heap: size %lu peak %lu used %lu\n", (unsigned long)heap.size, (unsigned long)heap.peak,
                  (unsigned long)heap.used);
    size_t n = lk_thread_list(threads, THREADS_SHOWN);
    for (size_t i = 0; i < n && i < THREADS_SHOWN; i++) {
        console_print("thread: %s priority %d stack %lu peak %lu\n", threads[i].name, threads[i].priority,
                      (unsigned long)threads[i].stack_size, (unsigned long)threads[i].stack_peak);
    }
    n = lk_net_pools(pools, THREADS_SHOWN);
    for (size_t i = 0; i < n && i < THREADS_SHOWN; i++) {
        console_print("pool: %s size %lu count %lu used %lu peak %lu failed %lu\n", pools[i].name,
                      (unsigned long)pools[i].size, (unsigned long)pools[i].count,
                      (unsigned long)pools[i].used, (unsigned long)pools[i].peak,
                      (unsigned long)pools[i].failed);
    }
    lk_net_counters(&net);
    console_print("frames: received %lu sent %lu no_buffer %lu unsent %lu overruns %lu aborted %lu\n",
                  (unsigned long)net.received, (unsigned long)net.sent, (unsigned long)net.no_buffer,
                  (unsigned long)net.unsent, (unsigned long)net.overruns, (unsigned long)net.aborted);
}

static void report_broken(const char *what, struct lk_str key, void *arg) {
    (void)arg;
    console_print("%s: ", what);
    for (size_t i = 0; i < key.len; i++) {
        console_print("%02x", (unsigned char)key.ptr[i]);
    }
    console_print("\n");
}

static void run_check(const struct console_call *call) {
    (void)call;
    if (!commands_need_server()) {
        return;
    }
    int broken = lk_service_check(lk_server_service(firmware.server), report_broken, NULL);
    if (broken < 0) {
        commands_say(broken);
    } else {
        console_print("check: %d broken\n", broken);
    }
}

/* --- settings ------------------------------------------------------------------------------------------- */

static void run_show(const struct console_call *call) {
    (void)call;
    settings_show();
}

/* Stores it once the server has taken over what it can while it runs. */
static void change(struct lk_str key, const struct lk_str *value) {
    char why[256];
    if (settings_change(&firmware.settings, key, value, firmware.server, why, sizeof(why)) < 0) {
        console_print("%s\n", why);
    } else {
        console_print("stored; addresses and sizes count from the next start on (`reboot`)\n");
    }
}

static void run_set(const struct console_call *call) {
    struct lk_str text = lk_str_from(call->rest);
    size_t equals = lk_str_find(text, '=');
    if (equals == text.len) {
        console_print("set KEY=VALUE\n");
        return;
    }
    struct lk_str value = lk_str_trim(lk_str_sub(text, equals + 1, text.len));
    change(lk_str_trim(lk_str_sub(text, 0, equals)), &value);
}

static void run_unset(const struct console_call *call) {
    if (call->count != 1) {
        console_print("unset KEY\n");
        return;
    }
    change(lk_str_from(call->words[0]), NULL);
}

/* --- the whole board ------------------------------------------------------------------------------------ */

static void run_code(const struct console_call *call) {
    char code[25];
    (void)call;
    if (!commands_need_server()) {
        return;
    }
    int err = lk_setup_code(lk_server_service(firmware.server), code);
    if (err == 0) {
        console_print("setup code: %s\n", code);
    } else {
        console_print("%s\n", err == LK_ERR_EXISTS ? "there is an admin already" : lk_err_text(err));
    }
    lk_wipe(code, sizeof(code));
}

static void stop_server(void) {
    if (firmware.server != NULL) {
        lk_server_stop(firmware.server);
        firmware.server = NULL;
    }
}

static void run_reboot(const struct console_call *call) {
    (void)call;
    stop_server();
    lk_board.reset();
}

static void run_factory_reset(const struct console_call *call) {
    static char line[CONSOLE_LINE_MAX];
    (void)call;
    console_print(
        "This wipes every account, session, key and setting of this board. Type its name, %s, to go "
        "on: ",
        lk_board.name);
    console_read_line(line, false);
    if (strcmp(line, lk_board.name) != 0) {
        console_print("nothing was wiped\n");
        return;
    }
    stop_server();
    int err = upkeep_factory_reset();
    if (err < 0) {
        console_print("%s; the server has stopped\n", lk_err_text(err));
        return;
    }
    console_print("wiped; starting anew\n");
    lk_board.reset();
}

const struct console_command console_commands[] = {
    {"help", "", "what can be typed", run_help},
    {"status", "", "what the board does, where it is, how full it is", run_status},
    {"stat", "", "heap, stacks, network memory, and the most that was ever used of each", run_stat},
    {"net", "", "link and addresses", run_net},
    {"time", "[YYYY-MM-DDTHH:MM:SSZ]", "the clock; with a time: set it", run_time},
    {"check", "", "look at every record of the store", run_check},
    {"show", "", "all settings; a star marks those that were set", run_show},
    {"set", "KEY=VALUE", "store a setting", run_set},
    {"unset", "KEY", "forget a setting", run_unset},
    {"code", "", "a new setup code, while there is no admin", run_code},
    {"user",
     "add NAME EMAIL [admin] | import NAME EMAIL HASH | list | passwd NAME | roles NAME LIST | disable NAME "
     "| "
     "enable NAME | delete NAME",
     "accounts by hand; passwords are asked for", commands_user},
    {"key", "user HEX | internal HEX",
     "sign tokens with a key that another service shares; those of the former key end", commands_key},
    {"seed", "HEX", "store a seed for random numbers, for the next start", commands_seed},
    {"reboot", "", "start anew", run_reboot},
    {"factory-reset", "", "wipe accounts, keys, sessions and settings; asks once more", run_factory_reset},
    {NULL, NULL, NULL, NULL},
};
