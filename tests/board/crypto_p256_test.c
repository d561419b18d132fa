/* P-256 on a board: wolfSSL's curve code, and on a Cortex-M4 and M7 our products under it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/random.h>

#include "base/text.h"
#include "counting.h"
#include "crypto/crypto.h"
#include "rtos/port_entropy.h"
#include "testing.h"

/* Instructions that a handshake may spend on each: less than wolfSSL's own products make of it. */
#ifdef __ARM_FEATURE_DSP
#define KEY_MAX 600000
#define SIGN_MAX 800000
#define SHARED_MAX 1200000
#else
#define KEY_MAX 1200000
#define SIGN_MAX 1800000
#define SHARED_MAX 2600000
#endif

static WC_RNG rng;

/* --- the products ----------------------------------------------------------------------------------------- */

#ifdef __ARM_FEATURE_DSP
#include "arm/p256.h"

#define PAIRS 20000

static const uint32_t prime[8] = {0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 1, 0xffffffff};
static const uint32_t order[8] = {0xfc632551, 0xf3b9cac2, 0xa7179e84, 0xbce6faad,
                                  0xffffffff, 0xffffffff, 0,          0xffffffff};

/* Adds a * b to the 9 words at `t` and returns what is carried out of them. */
static uint32_t add_row(uint32_t t[9], uint32_t a, const uint32_t b[8]) {
    uint64_t carry = 0;

    for (unsigned i = 0; i < 8; i++) {
        carry += t[i] + (uint64_t)a * b[i];
        t[i] = (uint32_t)carry;
        carry >>= 32;
    }
    carry += t[8];
    t[8] = (uint32_t)carry;
    return (uint32_t)(carry >> 32);
}

static void product_by_the_book(uint32_t r[17], const uint32_t a[8], const uint32_t b[8]) {
    memset(r, 0, 17 * sizeof(*r));
    for (unsigned i = 0; i < 8; i++) {
        (void)add_row(r + i, a[i], b);
    }
}

/* Montgomery's reduction word by word, then one subtraction where there is a 257th bit. */
static void reduce_by_the_book(uint32_t r[8], uint32_t t[17], const uint32_t m[8]) {
    uint32_t inverse = 1, top = 0;

    for (unsigned i = 0; i < 5; i++) {
        inverse *= 2 - m[0] * inverse; /* doubles the bits that are right */
    }
    for (unsigned i = 0; i < 8; i++) {
        uint32_t carry = add_row(t + i, 0 - t[i] * inverse, m);
        for (unsigned j = i + 9; carry != 0 && j < 16; j++) {
            t[j] += carry;
            carry = t[j] < carry;
        }
        top += i == 7 ? t[16] + carry : carry;
    }
    uint64_t borrow = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t d = (uint64_t)t[8 + i] - (top != 0 ? m[i] : 0) - borrow;
        r[i] = (uint32_t)d;
        borrow = d >> 63;
    }
}

/* Words that are 0, 1, all ones or anything; now and then a whole number of note. */
static void pick(uint32_t a[8]) {
    static const uint32_t words[] = {0, 1, 0xffffffff};

    for (unsigned i = 0; i < 8; i++) {
        uint32_t which = test_any() % 6;
        a[i] = which < 3 ? words[which] : test_any();
    }
    switch (test_any() % 16) {
    case 0:
        memcpy(a, prime, 32);
        break;
    case 1:
        memcpy(a, prime, 32);
        a[0]--;
        break;
    case 2:
        memcpy(a, order, 32);
        break;
    case 3:
        memset(a, 0xff, 32);
        break;
    case 4:
        memset(a, 0, 32);
        break;
    default:
        break;
    }
}

typedef void product(uint32_t *r, const uint32_t *a, const uint32_t *b);

/* One pair, into a place of its own and into those of the operands. */
static void check_modular(product *ours, const uint32_t m[8], const uint32_t a[8], const uint32_t b[8]) {
    uint32_t expected[8], t[17], r[8];

    product_by_the_book(t, a, b);
    reduce_by_the_book(expected, t, m);
    ours(r, a, b);
    CHECK(memcmp(r, expected, 32) == 0);
    memcpy(r, a, 32);
    ours(r, r, b);
    CHECK(memcmp(r, expected, 32) == 0);
    memcpy(r, b, 32);
    ours(r, a, r);
    CHECK(memcmp(r, expected, 32) == 0);
}

static void multiplies_by_the_book(void) {
    uint32_t a[8], b[8], expected[17], r[16];

    for (unsigned i = 0; i < PAIRS; i++) {
        pick(a);
        pick(b);
        if (i % 8 == 0) {
            memcpy(b, a, 32);
        }
        product_by_the_book(expected, a, b);
        lk_p256_product(r, a, b);
        CHECK(memcmp(r, expected, 64) == 0);
        check_modular(lk_p256_mul, prime, a, b);
        check_modular(lk_p256_mul_order, order, a, b);
    }
}

static uint32_t cost(product *ours, const uint32_t a[8]) {
    uint32_t r[8];

    uint64_t start = lk_clock_monotonic_ns();
    for (unsigned i = 0; i < 4000; i++) {
        ours(r, a, a);
    }
    return counted(lk_clock_monotonic_ns() - start) / 4000;
}

/* Zeros, ones and anything take the same, but for the ticks in between. */
static void takes_no_account_of_the_numbers(void) {
    static product *const all[] = {lk_p256_product, lk_p256_mul, lk_p256_mul_order};
    static const uint32_t zero[8] = {0};
    uint32_t ones[8], some[8];

    memset(ones, 0xff, sizeof(ones));
    for (unsigned i = 0; i < 8; i++) {
        some[i] = test_any();
    }
    for (unsigned i = 1; i < 3; i++) {
        uint32_t a = cost(all[i], zero), b = cost(all[i], ones), c = cost(all[i], some);
        printf("%lu instructions a product\n", (unsigned long)a);
        CHECK(abs((int)a - (int)b) <= 2 && abs((int)a - (int)c) <= 2);
    }
}
#endif

/* --- the curve -------------------------------------------------------------------------------------------- */

static void import(ecc_key *key, const char *x, const char *y, const char *d) {
    CHECK_EQUAL(wc_ecc_init(key), 0);
    CHECK_EQUAL(wc_ecc_import_raw(key, x, y, d, "SECP256R1"), 0);
}

/* RFC 5903 §8.1. */
static void agrees_on_the_secret(void) {
    static const char *const secret = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
    ecc_key i, r;
    uint8_t out[32], expected[32];
    word32 len = sizeof(out);

    import(&i, "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
           "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
           "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
    import(&r, "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
           "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
           "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
    CHECK_EQUAL(lk_hex_decode(lk_str_from(secret), expected, sizeof(expected)), 0);
    CHECK_EQUAL(wc_ecc_shared_secret(&i, &r, out, &len), 0);
    CHECK(len == 32 && memcmp(out, expected, 32) == 0);
    CHECK_EQUAL(wc_ecc_shared_secret(&r, &i, out, &len), 0);
    CHECK(len == 32 && memcmp(out, expected, 32) == 0);
    wc_ecc_free(&i);
    wc_ecc_free(&r);
}

static bool verifies(ecc_key *key, const uint8_t *signature, word32 len, const uint8_t hash[32]) {
    int good = 0;

    CHECK_EQUAL(wc_ecc_verify_hash(signature, len, hash, 32, &good, key), 0);
    return good == 1;
}

/* RFC 6979 §A.2.5, SHA-256 of "sample". */
static void verifies_the_example(void) {
    ecc_key key;
    uint8_t hash[32], signature[80];
    word32 len = sizeof(signature);

    import(&key, "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
           "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
           "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    CHECK_EQUAL(lk_sha256("sample", 6, hash), 0);
    CHECK_EQUAL(wc_ecc_rs_to_sig("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                                 "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
                                 signature, &len),
                0);
    CHECK(verifies(&key, signature, len, hash));
    hash[31] ^= 1;
    CHECK(!verifies(&key, signature, len, hash));
    wc_ecc_free(&key);
}

/* Keys, secrets and signatures of its own, each checked by the other side of the same curve. */
static void agrees_with_itself(void) {
    uint8_t hash[32], signature[80], one[32], two[32];

    for (unsigned i = 0; i < 20; i++) {
        ecc_key a, b;
        word32 len = sizeof(signature), one_len = 32, two_len = 32;
        CHECK(wc_ecc_init(&a) == 0 && wc_ecc_init(&b) == 0);
        CHECK_EQUAL(wc_ecc_make_key_ex(&rng, 32, &a, ECC_SECP256R1), 0);
        CHECK_EQUAL(wc_ecc_make_key_ex(&rng, 32, &b, ECC_SECP256R1), 0);
        CHECK_EQUAL(wc_ecc_check_key(&a), 0);
        CHECK_EQUAL(wc_ecc_shared_secret(&a, &b, one, &one_len), 0);
        CHECK_EQUAL(wc_ecc_shared_secret(&b, &a, two, &two_len), 0);
        CHECK(one_len == two_len && memcmp(one, two, one_len) == 0);
        CHECK_EQUAL(wc_RNG_GenerateBlock(&rng, hash, sizeof(hash)), 0);
        CHECK_EQUAL(wc_ecc_sign_hash(hash, sizeof(hash), signature, &len, &rng, &a), 0);
        CHECK(verifies(&a, signature, len, hash));
        CHECK(!verifies(&b, signature, len, hash));
        wc_ecc_free(&a);
        wc_ecc_free(&b);
    }
}

static void check_cost(const char *what, uint64_t start, uint32_t most) {
    uint32_t count = counted(lk_clock_monotonic_ns() - start);

    printf("%s: %lu instructions\n", what, (unsigned long)count);
    CHECK(count <= most);
}

static void costs_what_was_promised(void) {
    ecc_key key;
    uint8_t hash[32] = {1}, signature[80], secret[32];
    word32 len = sizeof(signature), secret_len = sizeof(secret);

    (void)counted(0); /* finds its measure */
    CHECK_EQUAL(wc_ecc_init(&key), 0);
    uint64_t start = lk_clock_monotonic_ns();
    CHECK_EQUAL(wc_ecc_make_key_ex(&rng, 32, &key, ECC_SECP256R1), 0);
    check_cost("a key", start, KEY_MAX);
    start = lk_clock_monotonic_ns();
    CHECK_EQUAL(wc_ecc_sign_hash(hash, sizeof(hash), signature, &len, &rng, &key), 0);
    check_cost("a signature", start, SIGN_MAX);
    start = lk_clock_monotonic_ns();
    CHECK_EQUAL(wc_ecc_shared_secret(&key, &key, secret, &secret_len), 0);
    check_cost("a shared secret", start, SHARED_MAX);
    wc_ecc_free(&key);
}

int test_main(void) {
    static const struct test_case cases[] = {
#ifdef __ARM_FEATURE_DSP
        TEST_CASE(multiplies_by_the_book), TEST_CASE(takes_no_account_of_the_numbers),
#endif
        TEST_CASE(agrees_on_the_secret),   TEST_CASE(verifies_the_example),
        TEST_CASE(agrees_with_itself),     TEST_CASE(costs_what_was_promised),
    };

    CHECK_EQUAL(lk_entropy_start(), 0);
    CHECK_EQUAL(wc_InitRng(&rng), 0);
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
