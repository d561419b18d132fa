/* The certificate of the first start, and what the server takes for a certificate and its key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "crypto/crypto.h"
#include "serve/tls.h"

struct pair {
    char certificate[2048], key[512];
    size_t certificate_len, key_len;
};

static struct pair first, second;

static int make(struct pair *p, const struct lk_str *names, size_t count, unsigned days) {
    struct lk_self_signed how = {names, count, days};

    p->certificate_len = sizeof(p->certificate);
    p->key_len = sizeof(p->key);
    return lk_tls_make_self_signed(&how, p->certificate, &p->certificate_len, p->key, &p->key_len);
}

static struct lk_str certificate_of(const struct pair *p) {
    return (struct lk_str){p->certificate, p->certificate_len};
}

static struct lk_str key_of(const struct pair *p) {
    return (struct lk_str){p->key, p->key_len};
}

static int set_up(void **state) {
    const struct lk_str names[] = {LK_STR("box.local"), LK_STR("localhost"), LK_STR("127.0.0.1"),
                                   LK_STR("::1")};

    (void)state;
    return lk_crypto_init() != 0 || make(&first, names, 4, 3650) != 0 || make(&second, names, 1, 1) != 0;
}

static int tear_down(void **state) {
    (void)state;
    lk_crypto_free();
    return 0;
}

static void test_is_pem(void **state) {
    (void)state;
    assert_true(lk_str_starts(certificate_of(&first), LK_STR("-----BEGIN CERTIFICATE-----\n")));
    assert_true(lk_str_starts(key_of(&first), LK_STR("-----BEGIN PRIVATE KEY-----\n")));
    assert_true(first.key_len != second.key_len || memcmp(first.key, second.key, first.key_len) != 0);
}

static void test_bounds(void **state) {
    static struct pair p;
    char name[65];
    struct lk_str names[17];

    (void)state;
    memset(name, 'a', sizeof(name));
    for (size_t i = 0; i < 17; i++) {
        names[i] = (struct lk_str){name, 63};
    }
    assert_int_equal(make(&p, names, 0, 1), LK_ERR_INVALID);
    assert_int_equal(make(&p, names, 17, 1), LK_ERR_INVALID);
    assert_int_equal(make(&p, names, 1, 0), LK_ERR_INVALID);
    assert_int_equal(make(&p, names, 1, 3651), LK_ERR_INVALID);
    assert_int_equal(make(&p, names, 2, 30), 0);
    assert_int_equal(make(&p, names, 3, 30), 0);
    names[1].len = 64;
    assert_int_equal(make(&p, names, 3, 30), LK_ERR_INVALID);
    names[1].len = 0;
    assert_int_equal(make(&p, names, 3, 30), LK_ERR_INVALID);
}

static void test_small_memory(void **state) {
    static struct pair p;
    const struct lk_str name = LK_STR("a");
    struct lk_self_signed how = {&name, 1, 30};

    (void)state;
    p.certificate_len = 100;
    p.key_len = sizeof(p.key);
    assert_int_equal(lk_tls_make_self_signed(&how, p.certificate, &p.certificate_len, p.key, &p.key_len),
                     LK_ERR_TOO_LARGE);
    p.certificate_len = sizeof(p.certificate);
    p.key_len = 100;
    assert_int_equal(lk_tls_make_self_signed(&how, p.certificate, &p.certificate_len, p.key, &p.key_len),
                     LK_ERR_TOO_LARGE);
}

static void test_fingerprint(void **state) {
    uint8_t a[32], b[32], c[32];

    (void)state;
    assert_int_equal(lk_tls_fingerprint(certificate_of(&first), a), 0);
    assert_int_equal(lk_tls_fingerprint(certificate_of(&first), b), 0);
    assert_int_equal(lk_tls_fingerprint(certificate_of(&second), c), 0);
    assert_memory_equal(a, b, 32);
    assert_memory_not_equal(a, c, 32);
    assert_int_equal(lk_tls_fingerprint(LK_STR("no certificate"), a), LK_ERR_INVALID);
    assert_int_equal(lk_tls_fingerprint(LK_STR(""), a), LK_ERR_INVALID);
}

static void test_only_pairs_are_taken(void **state) {
    static const struct lk_tls_io io = {NULL, NULL};
    struct lk_tls *tls;
    struct lk_str half = lk_str_sub(certificate_of(&first), 0, 200);

    (void)state;
    assert_int_equal(lk_tls_new(&tls, certificate_of(&first), key_of(&second), &io), LK_ERR_INVALID);
    assert_null(tls);
    assert_int_equal(lk_tls_new(&tls, half, key_of(&first), &io), LK_ERR_INVALID);
    assert_int_equal(lk_tls_new(&tls, key_of(&first), key_of(&first), &io), LK_ERR_INVALID);
    assert_int_equal(lk_tls_new(&tls, certificate_of(&first), certificate_of(&first), &io), LK_ERR_INVALID);
    assert_int_equal(lk_tls_new(&tls, LK_STR(""), LK_STR(""), &io), LK_ERR_INVALID);
    assert_int_equal(lk_tls_new(&tls, certificate_of(&first), key_of(&first), &io), 0);
    assert_int_equal(lk_tls_set_certificate(tls, certificate_of(&second), key_of(&first)), LK_ERR_INVALID);
    assert_int_equal(lk_tls_set_certificate(tls, certificate_of(&second), key_of(&second)), 0);
    lk_tls_free(tls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_pem),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_small_memory),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_only_pairs_are_taken),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
