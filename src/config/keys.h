/*
 * The table of keys.
 */
#ifndef LK_CONFIG_KEYS_H
#define LK_CONFIG_KEYS_H

#include "config/config.h"

struct lk_key {
    struct lk_config_key shown;
    const char *allowed; /* what a value may be, for messages */
    int (*set)(struct lk_config *c, struct lk_str value);
    bool secret; /* its value may hold a password: messages do not repeat it */
};

extern const struct lk_key lk_keys[];
extern const size_t lk_key_count;

#endif
