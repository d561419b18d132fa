/*
 * What every fuzz program offers: libFuzzer's entry point. LATCHKEY_FUZZ links it with libFuzzer; otherwise
 * replay.c runs the inputs of regression/ through it once, as an ordinary test.
 *
 *   cmake -B build/fuzz -DCMAKE_C_COMPILER=clang -DLATCHKEY_FUZZ=ON -DLATCHKEY_SANITIZE="address;undefined"
 *   cmake --build build/fuzz --target fuzz_jwt && mkdir -p corpus
 *   build/fuzz/tests/fuzz/fuzz_jwt corpus tests/fuzz/regression/jwt
 */
#ifndef LK_FUZZ_H
#define LK_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for every input; its failure is a crash that the fuzzer keeps. */
#define MUST(condition)                                                                                      \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* A copy of exactly `size` bytes on the heap, so that one byte too far is seen. free() it. */
static inline char *fuzz_copy(const void *data, size_t size) {
    char *copy = calloc(1, size > 0 ? size : 1);
    MUST(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

#endif
