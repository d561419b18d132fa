/* JSON bodies. */
#include "fuzz_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    fuzz_body("application/json", copy, size);
    free(copy);
    return 0;
}
