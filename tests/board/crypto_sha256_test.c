/* SHA-256 and PBKDF2 on a board: the assembly of ports/arm, inside wolfCrypt and by itself. */
#include <stdio.h>
#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/pwdbased.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "arm/sha256.h"
#include "base/err.h"
#include "base/text.h"
#include "counting.h"
#include "crypto/crypto.h"
#include "crypto/password.h"
#include "port.h"
#include "testing.h"

#define ITERATION_MAX 5200 /* instructions */
#define BLOCKS 3000

/* wolfcrypt_sha256.c */
int plain_InitSha256(wc_Sha256 *sha);
int plain_Sha256Update(wc_Sha256 *sha, const byte *data, word32 len);

/* The first blocks are all zeros, all ones, all top bits. */
static void make_block(unsigned number, uint8_t out[64]) {
    static const uint8_t fills[] = {0, 0xff, 0x80};

    for (unsigned i = 0; i < 64; i++) {
        out[i] = number < sizeof(fills) ? fills[number] : (uint8_t)test_any();
    }
}

/* One long message through both; ours stands now where the state, now where the block was. */
static void compresses_as_wolfcrypt_does(void) {
    wc_Sha256 theirs;
    uint32_t state[8], words[16];
    uint8_t block[64];

    CHECK_EQUAL(plain_InitSha256(&theirs), 0);
    memcpy(state, theirs.digest, sizeof(state));
    for (unsigned n = 0; n < BLOCKS; n++) {
        make_block(n, block);
        for (unsigned i = 0; i < 16; i++) {
            words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
        }
        CHECK_EQUAL(plain_Sha256Update(&theirs, block, sizeof(block)), 0);
        uint32_t *out = n % 2 == 0 ? state : words;
        lk_sha256_compress(out, state, words);
        CHECK(memcmp(out, theirs.digest, 32) == 0);
        memcpy(state, out, 32);
    }
}

static void check_digest(const char *hex, const uint8_t got[32]) {
    uint8_t expected[32];

    CHECK_EQUAL(lk_hex_decode(lk_str_from(hex), expected, sizeof(expected)), 0);
    CHECK(memcmp(got, expected, sizeof(expected)) == 0);
}

/* FIPS 180-4's examples, through wolfCrypt's interface. */
static void knows_the_examples(void) {
    static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    static uint8_t thousand[1000];
    wc_Sha256 sha;
    uint8_t out[32];

    memset(thousand, 'a', sizeof(thousand));
    CHECK_EQUAL(lk_sha256("abc", 3, out), 0);
    check_digest("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", out);
    CHECK_EQUAL(lk_sha256(text, sizeof(text) - 1, out), 0);
    check_digest("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", out);
    CHECK_EQUAL(wc_InitSha256(&sha), 0);
    for (unsigned i = 0; i < 1000; i++) {
        CHECK_EQUAL(wc_Sha256Update(&sha, thousand, sizeof(thousand)), 0);
    }
    CHECK_EQUAL(wc_Sha256Final(&sha, out), 0);
    check_digest("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", out);
}

/* RFC 7914 §11, and hashes that Django made. */
static void derives_the_vectors(void) {
    static const char *const hashes[][2] = {
        {"password123",
         "pbkdf2_sha256$1000$seasalt1234567890abcde$+mrJV1or3sXqbh2FU5v/LZJzsH54qMk5WG2EvU9SH7s="},
        {"p\xc3\xa4ssw\xc3\xb6rd \xe6\x97\xa5\xe6\x9c\xac",
         "pbkdf2_sha256$1$saltSALTsaltSALTsaltSA$kGBu8DWlA4nytTJ9kI26am3mmThLeFjxib7OrKT2Wng="},
        {"", "pbkdf2_sha256$1000$saltsaltsaltsaltsaltsa$wTzXrakji7M4pZ/PgyU8cyhw2GZI3NIcJet9bYOA6Ps="},
    };
    uint8_t out[32];

    CHECK_EQUAL(lk_pbkdf2_sha256(LK_STR("passwd"), LK_STR("salt"), 1, out), 0);
    check_digest("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc", out);
    CHECK_EQUAL(lk_pbkdf2_sha256(LK_STR("Password"), LK_STR("NaCl"), 80000, out), 0);
    check_digest("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56", out);
    for (unsigned i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        struct lk_str encoded = lk_str_from(hashes[i][1]);
        CHECK_EQUAL(lk_password_check(lk_str_from(hashes[i][0]), encoded), 0);
        CHECK_EQUAL(lk_password_check(LK_STR("another"), encoded), LK_ERR_MISMATCH);
    }
}

static void derives_as_wolfcrypt_does(void) {
    static const uint32_t counts[] = {1, 2, 3, 20};
    uint8_t password[100], salt[40], ours[32], theirs[32];

    for (unsigned i = 0; i < sizeof(password); i++) {
        password[i] = (uint8_t)test_any();
        salt[i % sizeof(salt)] = (uint8_t)test_any();
    }
    for (unsigned len = 0; len <= sizeof(password); len++) {
        unsigned salt_len = 1 + len % sizeof(salt);
        uint32_t count = counts[len % 4];
        struct lk_str p = {(const char *)password, len}, s = {(const char *)salt, salt_len};
        CHECK_EQUAL(lk_pbkdf2_sha256(p, s, count, ours), 0);
        CHECK_EQUAL(wc_PBKDF2(theirs, password, (int)len, salt, (int)salt_len, (int)count, 32, WC_SHA256), 0);
        CHECK(memcmp(ours, theirs, 32) == 0);
    }
}

static void costs_what_was_promised(void) {
    const uint32_t inner[8] = {1}, outer[8] = {2}, first[8] = {3};
    const uint32_t iterations = 2000;
    uint32_t sum[8];

    uint64_t start = lk_clock_monotonic_ns();
    CHECK(lk_port_pbkdf2_sha256_rounds(inner, outer, first, iterations + 1, sum));
    uint32_t each = counted(lk_clock_monotonic_ns() - start) / iterations;
    printf("%lu instructions a PBKDF2 iteration\n", (unsigned long)each);
    CHECK(each <= ITERATION_MAX);
}

int test_main(void) {
    static const struct test_case cases[] = {
        TEST_CASE(compresses_as_wolfcrypt_does), TEST_CASE(knows_the_examples),
        TEST_CASE(derives_the_vectors),          TEST_CASE(derives_as_wolfcrypt_does),
        TEST_CASE(costs_what_was_promised),
    };
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
