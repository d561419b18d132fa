/*
 * PBKDF2's rounds on the SHA extensions of x86-64 (SHA256RNDS2 and its kin). The state stays in registers
 * from one round to the next, in the order the instructions want: {A,B,E,F} and {C,D,G,H}.
 */
#include "port.h"

#include <stdatomic.h>

#include <cpuid.h>
#include <immintrin.h>

static const uint32_t k256[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct state {
    __m128i abef, cdgh;
};

static inline struct state load_state(const uint32_t h[8]) {
    __m128i abcd = _mm_loadu_si128((const __m128i *)h);
    __m128i efgh = _mm_loadu_si128((const __m128i *)(h + 4));
    __m128i badc = _mm_shuffle_epi32(abcd, 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    return (struct state){_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
}

/* The eight words in their natural order: they are the message of the next block too. */
static inline void unpack_state(struct state s, __m128i *abcd, __m128i *efgh) {
    __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
    *abcd = _mm_blend_epi16(feba, dchg, 0xf0);
    *efgh = _mm_alignr_epi8(dchg, feba, 8);
}

/* Four rounds with message words `w` and the constants at `k`. */
#define ROUNDS(w, k)                                                                                         \
    do {                                                                                                     \
        __m128i wk = _mm_add_epi32((w), _mm_load_si128((const __m128i *)&k256[k]));                          \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);                                                        \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));                               \
    } while (0)

/* Puts the next four words of the schedule in `a`, from the sixteen before them, oldest first. */
#define SCHEDULE(a, b, c, d)                                                                                 \
    ((a) = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32((a), (b)), _mm_alignr_epi8((d), (c), 4)), \
                                (d)))

/* Sixteen rounds at `k`, each four with the schedule's next words. */
#define SCHEDULED_ROUNDS(k)                                                                                  \
    do {                                                                                                     \
        SCHEDULE(w0, w1, w2, w3);                                                                            \
        ROUNDS(w0, (k));                                                                                     \
        SCHEDULE(w1, w2, w3, w0);                                                                            \
        ROUNDS(w1, (k) + 4);                                                                                 \
        SCHEDULE(w2, w3, w0, w1);                                                                            \
        ROUNDS(w2, (k) + 8);                                                                                 \
        SCHEDULE(w3, w0, w1, w2);                                                                            \
        ROUNDS(w3, (k) + 12);                                                                                \
    } while (0)

/* One SHA-256 block from `s`: eight words, then the padding of a message of 64 + 32 bytes. */
static inline struct state compress(struct state s, __m128i w0, __m128i w1) {
    __m128i w2 = _mm_set_epi32(0, 0, 0, (int)0x80000000u);
    __m128i w3 = _mm_set_epi32((64 + 32) * 8, 0, 0, 0);
    __m128i abef = s.abef, cdgh = s.cdgh;
    ROUNDS(w0, 0);
    ROUNDS(w1, 4);
    ROUNDS(w2, 8);
    ROUNDS(w3, 12);
    SCHEDULED_ROUNDS(16);
    SCHEDULED_ROUNDS(32);
    SCHEDULED_ROUNDS(48);
    return (struct state){_mm_add_epi32(abef, s.abef), _mm_add_epi32(cdgh, s.cdgh)};
}

static bool ask_cpu(void) {
    unsigned a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0) {
        return false;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

/* CPUID leaves a virtual machine for its host and takes microseconds: it is asked once. */
static bool have_sha(void) {
    static atomic_int known;
    int have = atomic_load_explicit(&known, memory_order_relaxed);
    if (have == 0) {
        have = ask_cpu() ? 1 : -1;
        atomic_store_explicit(&known, have, memory_order_relaxed);
    }
    return have > 0;
}

bool lk_port_pbkdf2_sha256_rounds(const uint32_t inner[8], const uint32_t outer[8], const uint32_t u1[8],
                                  uint32_t iterations, uint32_t t[8]) {
    if (!have_sha()) {
        return false;
    }
    struct state in = load_state(inner), out = load_state(outer);
    __m128i low = _mm_loadu_si128((const __m128i *)u1);
    __m128i high = _mm_loadu_si128((const __m128i *)(u1 + 4));
    __m128i sum_low = low, sum_high = high;
    for (uint32_t i = 1; i < iterations; i++) {
        unpack_state(compress(in, low, high), &low, &high);
        unpack_state(compress(out, low, high), &low, &high);
        sum_low = _mm_xor_si128(sum_low, low);
        sum_high = _mm_xor_si128(sum_high, high);
    }
    _mm_storeu_si128((__m128i *)t, sum_low);
    _mm_storeu_si128((__m128i *)(t + 4), sum_high);
    return true;
}
