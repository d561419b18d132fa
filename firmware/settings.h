/*
 * What the owner set on the console: `key = value` lines in one small file, the server's keys (config/config.h)
 * and the board's own.
 */
#ifndef LK_FIRMWARE_SETTINGS_H
#define LK_FIRMWARE_SETTINGS_H

#include "config/config.h"
#include "rtos/net/net.h"
#include "server/server.h"

#define SETTINGS_MAX 2048 /* bytes of the file */

struct settings {
    struct lk_config server;
    char host_name[64]; /* RFC 952 */
    bool dhcp;
    struct lk_net_address fixed;
    char ntp_server[64]; /* empty: those that DHCP names */
};

/* Defaults, then what is stored. Returns 0, or an error with `why` (at least 256 bytes): then all of it is
   defaults. */
int settings_load(struct settings *s, char *why, size_t why_len);

/* Changes one key (NULL value: back to its default) and stores it once `server` (NULL: none runs) has taken it over.
   Returns 0, or an error with `why` (at least 256 bytes); then nothing has changed. */
int settings_change(struct settings *s, struct lk_str key, const struct lk_str *value,
                    struct lk_server *server, char *why, size_t why_len);

/* The stored value of a key as it was typed, or its default, to the console: all keys, one a line. */
void settings_show(void);

#endif
