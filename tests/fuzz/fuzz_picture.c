/* Pictures: whatever passes for one must begin as one does. */
#include "fuzz.h"

#include "account/account.h"

static bool begins(const uint8_t *data, size_t size, struct lk_str magic) {
    return size >= magic.len && memcmp(data, magic.ptr, magic.len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    const char *type = lk_picture_type((struct lk_str){copy, size});
    free(copy);
    if (type == NULL) {
        return 0;
    }
    if (strcmp(type, "image/png") == 0) {
        MUST(begins(data, size, LK_STR("\x89PNG\r\n\x1a\n")));
    } else if (strcmp(type, "image/jpeg") == 0) {
        MUST(begins(data, size, LK_STR("\xff\xd8\xff")));
    } else if (strcmp(type, "image/gif") == 0) {
        MUST(begins(data, size, LK_STR("GIF8")));
    } else {
        MUST(strcmp(type, "image/webp") == 0 && begins(data, size, LK_STR("RIFF")));
    }
    return 0;
}
