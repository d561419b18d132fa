/* What a factory or an integrator puts into a board by its console: keys that services share, and a seed. */
#include "base/err.h"
#include "commands.h"
#include "crypto/crypto.h"
#include "firmware.h"
#include "port.h"
#include "rtos/port_entropy.h"

#include <string.h>

#define KEY_MIN 32 /* bytes of a token key, as account/keyring.h takes them */
#define KEY_MAX 128

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads lower-case hexadecimal of `min` to `max` bytes. Returns their number, or 0 after a message. */
static size_t read_hex(const char *text, size_t min, size_t max, unsigned char *out) {
    size_t len = strlen(text) / 2;
    bool good = strlen(text) % 2 == 0 && len >= min && len <= max;
    for (size_t i = 0; good && i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        good = high >= 0 && low >= 0;
        out[i] = (unsigned char)((high << 4 | low) & 0xff);
    }
    if (!good) {
        console_print("%u to %u bytes in lower-case hexadecimal are wanted\n", (unsigned)min, (unsigned)max);
    }
    return good ? len : 0;
}

void commands_seed(const struct console_call *call) {
    unsigned char seed[LK_SEED_LEN];
    if (read_hex(call->count == 1 ? call->words[0] : "", LK_SEED_LEN, LK_SEED_LEN, seed) > 0) {
        commands_say(lk_entropy_provision(seed));
    }
    lk_wipe(seed, sizeof(seed));
}

/* Stores the key and lets the server take it; a key that it does not take is put out again. */
static void use_key(const char *file, const unsigned char *key, size_t len) {
    unsigned char former[KEY_MAX];
    char why[256];
    size_t former_len = 0;
    int err = lk_port_file_read("", file, former, sizeof(former), &former_len);
    if (err == 0) {
        err = lk_port_file_write("", file, key, len);
    }
    if (err != 0) {
        commands_say(err);
    } else if (lk_server_reload(firmware.server, &firmware.settings.server, why, sizeof(why)) < 0) {
        console_print("%s\n", why);
        commands_say(lk_port_file_write("", file, former, former_len));
    } else {
        commands_say(0);
    }
    lk_wipe(former, sizeof(former));
}

void commands_key(const struct console_call *call) {
    unsigned char key[KEY_MAX];
    bool user = call->count == 2 && strcmp(call->words[0], "user") == 0;
    bool internal = call->count == 2 && strcmp(call->words[0], "internal") == 0;
    if (!user && !internal) {
        console_print("key user HEX, or key internal HEX\n");
        return;
    }
    if (!commands_need_server()) {
        return;
    }
    size_t len = read_hex(call->words[1], KEY_MIN, KEY_MAX, key);
    if (len > 0) {
        use_key(user ? "jwt.key" : "internal.key", key, len);
    }
    lk_wipe(key, sizeof(key));
}
