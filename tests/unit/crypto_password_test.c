/*
 * Password hashes, the blocklist, random bytes and the small tools around them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/pwdbased.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "crypto/password.h"
#include "port.h"

/* Made by Django 4.2. */
static const char *const vectors[][2] = {
    {"password123",
     "pbkdf2_sha256$600000$3CfWPrRJOJ5yg3PoSCHd2D$LKQLkVPf8dRwlyaMVirbBgR4veuP3E9MiLnEOQHSdI8="},
    {"password123", "pbkdf2_sha256$1000$seasalt1234567890abcde$+mrJV1or3sXqbh2FU5v/LZJzsH54qMk5WG2EvU9SH7s="},
    {"p\xc3\xa4ssw\xc3\xb6rd \xe6\x97\xa5\xe6\x9c\xac",
     "pbkdf2_sha256$1$saltSALTsaltSALTsaltSA$kGBu8DWlA4nytTJ9kI26am3mmThLeFjxib7OrKT2Wng="},
    {"", "pbkdf2_sha256$1000$saltsaltsaltsaltsaltsa$wTzXrakji7M4pZ/PgyU8cyhw2GZI3NIcJet9bYOA6Ps="},
    {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "pbkdf2_sha256$1000$saltsaltsaltsaltsaltsa$F0Ag+n/zqpO5mO2AsjJ7pAR/ESidCPb4Izt3CLrnn/o="},
};

static int check(const char *password, const char *encoded) {
    return lk_password_check(lk_str_from(password), lk_str_from(encoded));
}

static void test_vectors(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        assert_int_equal(check(vectors[i][0], vectors[i][1]), 0);
        assert_int_equal(check("Password123", vectors[i][1]), LK_ERR_MISMATCH);
    }
    assert_int_equal(lk_password_iterations(lk_str_from(vectors[0][1])), 600000);
}

static void test_make(void **state) {
    (void)state;
    static char longest[LK_PASSWORD_MAX_BYTES + 1];
    char one[LK_PASSWORD_HASH_MAX + 1], two[LK_PASSWORD_HASH_MAX + 1];
    struct lk_str password = LK_STR(" taken as it is\0 ");
    int len = lk_password_make(password, 1000, one);
    assert_int_equal(len, (int)strlen(one));
    assert_int_equal(strlen(one), strlen("pbkdf2_sha256$1000$") + LK_PASSWORD_SALT_LEN + 1 + 44);
    assert_memory_equal(one, "pbkdf2_sha256$1000$", 19);
    assert_int_equal(lk_password_check(password, lk_str_from(one)), 0);
    assert_int_equal(lk_password_check(LK_STR(" taken as it is\0"), lk_str_from(one)), LK_ERR_MISMATCH);
    assert_in_range(lk_password_make(password, 1000, two), 1, LK_PASSWORD_HASH_MAX);
    assert_string_not_equal(one, two);

    memset(longest, 'x', sizeof(longest));
    assert_in_range(lk_password_make((struct lk_str){longest, LK_PASSWORD_MAX_BYTES}, 1, one), 1, 191);
    assert_int_equal(lk_password_make((struct lk_str){longest, sizeof(longest)}, 1, one), LK_ERR_TOO_LARGE);
    assert_int_equal(lk_password_make(password, 0, one), LK_ERR_INVALID);
    assert_int_equal(lk_password_make(password, LK_PBKDF2_ITERATIONS_MAX + 1, one), LK_ERR_INVALID);
}

#define HASH "wTzXrakji7M4pZ/PgyU8cyhw2GZI3NIcJet9bYOA6Ps="
#define SALT64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_malformed_hashes(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "pbkdf2_sha256",
        "pbkdf2_sha256$1000",
        "pbkdf2_sha256$1000$salt",
        "pbkdf2_sha256$1000$$" HASH,
        "pbkdf2_sha256$0$salt$" HASH,
        "pbkdf2_sha256$$salt$" HASH,
        "pbkdf2_sha256$-1$salt$" HASH,
        "pbkdf2_sha256$1e3$salt$" HASH,
        "pbkdf2_sha256$10000001$salt$" HASH,
        "pbkdf2_sha256$99999999999999999999$salt$" HASH,
        "pbkdf2_sha256$1000$salt$",
        "pbkdf2_sha256$1000$salt$" HASH "$",
        "pbkdf2_sha256$1000$salt$" HASH "\n",
        "pbkdf2_sha256$1000$salt$wTzXrakji7M4pZ/PgyU8cyhw2GZI3NIcJet9bYOA6Ps",
        "pbkdf2_sha256$1000$salt$wTzXrakji7M4pZ/PgyU8cyhw2GZI3NIcJet9bYOA6A==",
        "pbkdf2_sha256$1000$" SALT64 "x$" HASH,
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(check("", bad[i]), LK_ERR_INVALID);
        assert_int_equal(lk_password_iterations(lk_str_from(bad[i])), 0);
    }
    assert_int_equal(check("", "argon2$argon2id$v=19$x"), LK_ERR_UNSUPPORTED);
    assert_int_equal(check("", "PBKDF2_SHA256$1000$salt$" HASH), LK_ERR_UNSUPPORTED);
    assert_int_equal(check("", "pbkdf2_sha25$1000$salt$" HASH), LK_ERR_UNSUPPORTED);
    assert_int_equal(check("", "!"), LK_ERR_MISMATCH);
    assert_int_equal(check("", "!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), LK_ERR_MISMATCH);
    assert_int_equal(check("", "pbkdf2_sha256$1000$" SALT64 "$" HASH), LK_ERR_MISMATCH);
    assert_int_equal(check("", "pbkdf2_sha256$1000$\x01 \xff\"$" HASH), LK_ERR_MISMATCH);
}

/* Our rounds, and the port's fast ones if it has any, against wolfCrypt's own PBKDF2. */
static void test_pbkdf2_against_wolfcrypt(void **state) {
    (void)state;
    static const uint32_t counts[] = {1, 2, 3, 1000};
    uint8_t password[150], salt[80], ours[32], theirs[32];
    for (size_t i = 0; i < sizeof(password); i++) {
        password[i] = (uint8_t)(i * 7 + 1);
    }
    for (size_t i = 0; i < sizeof(salt); i++) {
        salt[i] = (uint8_t)(i * 13 + 5);
    }
    for (size_t len = 0; len <= sizeof(password); len++) {
        size_t salt_len = 1 + len % sizeof(salt);
        uint32_t count = counts[len % 4];
        struct lk_str p = {(const char *)password, len}, s = {(const char *)salt, salt_len};
        assert_int_equal(lk_pbkdf2_sha256(p, s, count, ours), 0);
        assert_int_equal(
            wc_PBKDF2(theirs, password, (int)len, salt, (int)salt_len, (int)count, 32, WC_SHA256), 0);
        assert_memory_equal(ours, theirs, 32);
    }
}

/* RFC 7914 §11's vectors, the first 32 bytes of each. */
static void test_pbkdf2_rfc(void **state) {
    (void)state;
    uint8_t out[32], expect[32];
    assert_int_equal(lk_pbkdf2_sha256(LK_STR("passwd"), LK_STR("salt"), 1, out), 0);
    assert_int_equal(
        lk_hex_decode(LK_STR("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"), expect, 32),
        0);
    assert_memory_equal(out, expect, 32);
    assert_int_equal(lk_pbkdf2_sha256(LK_STR("Password"), LK_STR("NaCl"), 80000, out), 0);
    assert_int_equal(
        lk_hex_decode(LK_STR("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"), expect, 32),
        0);
    assert_memory_equal(out, expect, 32);
}

static void test_blocklist(void **state) {
    (void)state;
    static const char *const common[] = {"123456",      "password",    "12345678", "1234",
                                         "password123", "PassWord123", "qwerty",   "letmein"};
    static const char *const fine[] = {"",
                                       "p",
                                       "passwor1d",
                                       "password1234x",
                                       "password123 ",
                                       " password123",
                                       "correct horse battery staple",
                                       "zzzzzzzzzzzzzzzzz",
                                       "pass\xc3\xa9word",
                                       "\xff"};
    for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
        assert_true(lk_password_is_common(lk_str_from(common[i])));
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        assert_false(lk_password_is_common(lk_str_from(fine[i])));
    }
    assert_false(lk_password_is_common(LK_STR("password\0")));
}

#define LIST_MAX 3000

static char list[LIST_MAX][20];

static bool listed(const char *word, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* Every entry of the list is refused; a neighbour of one is refused only if it is an entry itself. */
static void test_blocklist_is_exact(void **state) {
    (void)state;
    char line[256];
    size_t count = 0;
    FILE *f = fopen(COMMON_PASSWORDS, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#') {
            assert_in_range(count, 0, LIST_MAX - 1);
            memcpy(list[count++], line, strlen(line) + 1);
        }
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(count, LIST_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(list[i]);
        char near[20] = {0};
        assert_true(lk_password_is_common(lk_str_from(list[i])));
        memcpy(near, list[i], len - 1);
        assert_int_equal(lk_password_is_common(lk_str_from(near)), listed(near, count));
        near[len - 1] = (char)(list[i][len - 1] + 1);
        assert_int_equal(lk_password_is_common(lk_str_from(near)), listed(near, count));
        memcpy(near, list[i], len);
        near[len] = '1';
        assert_int_equal(lk_password_is_common(lk_str_from(near)), listed(near, count));
    }
}

static void test_digests(void **state) {
    (void)state;
    uint8_t out[32], expect[32];
    assert_int_equal(lk_sha256("abc", 3, out), 0);
    assert_int_equal(
        lk_hex_decode(LK_STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), expect, 32),
        0);
    assert_memory_equal(out, expect, 32);
    /* RFC 4231 §4.3. */
    assert_int_equal(lk_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out), 0);
    assert_int_equal(
        lk_hex_decode(LK_STR("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"), expect, 32),
        0);
    assert_memory_equal(out, expect, 32);
}

static void test_equal_and_wipe(void **state) {
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_true(lk_equal_ct(a, b, 32));
    assert_true(lk_equal_ct(a, b, 0));
    for (size_t i = 0; i < 256; i++) {
        b[i / 8] = (uint8_t)(1 << i % 8);
        assert_false(lk_equal_ct(a, b, 32));
        b[i / 8] = 0;
    }
    memset(a, 0xaa, sizeof(a));
    lk_wipe(a, 31);
    assert_int_equal(a[31], 0xaa);
    a[31] = 0;
    assert_memory_equal(a, b, 32);
    lk_wipe(NULL, 0);
}

static void test_random(void **state) {
    (void)state;
    static uint8_t big[65536];
    uint8_t a[16], b[16];
    unsigned seen[256] = {0};
    assert_int_equal(lk_random(big, sizeof(big)), 0);
    for (size_t i = 0; i < sizeof(big); i++) {
        seen[big[i]]++;
    }
    for (size_t i = 0; i < 256; i++) {
        assert_in_range(seen[i], 128, 512); /* 256 expected, 8 standard deviations to either side */
    }
    assert_int_equal(lk_random(big, 0), LK_ERR_ENTROPY);
    assert_int_equal(lk_random_uuid(a), 0);
    assert_int_equal(lk_random_uuid(b), 0);
    assert_memory_not_equal(a, b, 16);
    assert_int_equal(a[6] >> 4, 4);
    assert_int_equal(a[8] >> 6, 2);
}

static void test_ordered_uuid(void **state) {
    (void)state;
    uint8_t a[16], b[16];
    int64_t before = lk_time_now_ms();
    assert_int_equal(lk_ordered_uuid(a), 0);
    while (lk_time_now_ms() == before) {
    }
    assert_int_equal(lk_ordered_uuid(b), 0);
    assert_true(memcmp(a, b, 6) <= 0);
    assert_memory_not_equal(a + 6, b + 6, 10);
    int64_t stamp = 0;
    for (size_t i = 0; i < 6; i++) {
        stamp = stamp * 256 + a[i];
    }
    assert_in_range(stamp, before, before + 60000);
    assert_int_equal(a[6] >> 4, 7);
    assert_int_equal(a[8] >> 6, 2);
}

static void test_random_alnum(void **state) {
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static char text[62 * 1000 + 1];
    unsigned seen[128] = {0};
    text[sizeof(text) - 1] = '#';
    assert_int_equal(lk_random_alnum(text, sizeof(text) - 1), 0);
    assert_int_equal(text[sizeof(text) - 1], '#');
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        seen[text[i] & 127]++;
    }
    for (size_t i = 0; i < 62; i++) {
        assert_in_range(seen[(unsigned char)alphabet[i]], 750, 1250); /* 1000 expected */
    }
}

static void test_no_random_before_start(void **state) {
    (void)state;
    uint8_t out[4] = {1, 2, 3, 4};
    char hash[LK_PASSWORD_HASH_MAX + 1];
    lk_crypto_free();
    assert_int_equal(lk_random(out, sizeof(out)), LK_ERR_ENTROPY);
    assert_memory_equal(out, "\0\0\0\0", 4);
    assert_int_equal(lk_password_make(LK_STR("x"), 1, hash), LK_ERR_ENTROPY);
    assert_int_equal(lk_crypto_init(), 0);
    assert_int_equal(lk_crypto_init(), 0);
    assert_int_equal(lk_random(out, sizeof(out)), 0);
}

static int start(void **state) {
    (void)state;
    return lk_crypto_init();
}

static int stop(void **state) {
    (void)state;
    lk_crypto_free();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_malformed_hashes),
        cmocka_unit_test(test_pbkdf2_against_wolfcrypt),
        cmocka_unit_test(test_pbkdf2_rfc),
        cmocka_unit_test(test_blocklist),
        cmocka_unit_test(test_blocklist_is_exact),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_equal_and_wipe),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_ordered_uuid),
        cmocka_unit_test(test_random_alnum),
        cmocka_unit_test(test_no_random_before_start),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
