/* Form bodies. */
#include "fuzz_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    fuzz_body("application/x-www-form-urlencoded", copy, size);
    free(copy);
    return 0;
}
