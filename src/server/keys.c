#include "server/state.h"
#include "server/text.h"

#include <stdlib.h>
#include <string.h>

static int say_load(int err, const char *file, char *why, size_t why_len) {
    if (err == LK_ERR_INVALID) {
        return server_say(why, why_len, file, "a token key is 32 to 128 bytes", err);
    }
    return err != 0 ? server_say_err(why, why_len, file, err) : 0;
}

/* A key file that the configuration names must be there; our own is made at the first start. */
static int load_ring(struct lk_keyring *ring, const char *data_dir, const char *path, const char *own,
                     char *why, size_t why_len) {
    char dir[LK_PATH_TEXT_MAX];
    const char *slash = strrchr(path, '/');
    if (path[0] == '\0') {
        return say_load(lk_keyring_load(ring, data_dir, own, true), own, why, why_len);
    }
    struct lk_buf b;
    lk_buf_init(&b, dir, sizeof(dir));
    if (slash == NULL) {
        lk_buf_put_char(&b, '.');
    } else {
        lk_buf_put(&b, path, slash == path ? 1 : (size_t)(slash - path));
    }
    int err = lk_buf_end_cstr(&b);
    if (err == 0) {
        err = lk_keyring_load(ring, dir, slash == NULL ? path : slash + 1, false);
    }
    return say_load(err, path, why, why_len);
}

/* A key's id follows from the key. */
static bool share_a_key(const struct server_keys *keys) {
    for (size_t i = 0; i < keys->user.count; i++) {
        for (size_t k = 0; k < keys->internal.count; k++) {
            if (strcmp(keys->user.keys[i].kid, keys->internal.keys[k].kid) == 0) {
                return true;
            }
        }
    }
    return false;
}

int server_keys_load(struct server_keys **out, const struct lk_config *config, char *why, size_t why_len) {
    struct server_keys *keys = calloc(1, sizeof(*keys));
    if (keys == NULL) {
        return server_say_err(why, why_len, "token keys", LK_ERR_NO_MEMORY);
    }
    int err = load_ring(&keys->user, config->data_dir, config->jwt_key_file, "jwt.key", why, why_len);
    if (err == 0) {
        err = load_ring(&keys->internal, config->data_dir, config->internal_key_file, "internal.key", why,
                        why_len);
    }
    if (err == 0 && share_a_key(keys)) {
        err = server_say(why, why_len, "internal_key_file",
                         "internal tokens need a key of their own, which no user's token was signed with",
                         LK_ERR_INVALID);
    }
    if (err != 0) {
        server_keys_free(keys);
        return err;
    }
    *out = keys;
    return 0;
}

void server_keys_free(struct server_keys *keys) {
    while (keys != NULL) {
        struct server_keys *former = keys->former;
        lk_keyring_wipe(&keys->user);
        lk_keyring_wipe(&keys->internal);
        free(keys);
        keys = former;
    }
}
