/* A configuration file. */
#include "fuzz.h"

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    struct lk_config *config = calloc(1, sizeof(*config));
    char why[256] = "";
    MUST(config != NULL);
    lk_config_defaults(config);
    int err = lk_config_parse(config, "latchkey.conf", (struct lk_str){copy, size}, why, sizeof(why));
    if (err == 0) {
        err = lk_config_finish(config, why, sizeof(why));
    }
    MUST(err == 0 || (why[0] != '\0' && strpbrk(why, "\r\n") == NULL));
    MUST(config->listen_count <= LK_LISTENERS_MAX);
    free(config);
    free(copy);
    return 0;
}
