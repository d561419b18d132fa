/*
 * What fields may hold: usernames, addresses, passwords, pictures; keys; the throttle's table.
 */
#include "account_testing.h"

#include "account/names.h"
#include "account/throttle.h"

#define USERNAME_FORM LK_FIELD_USERNAME, LK_RULE_USERNAME_FORM

static struct lk_violations checked(void (*check)(struct lk_violations *v, struct lk_str s), const char *text,
                                    size_t len) {
    struct lk_violations v = {.count = 0};
    check(&v, (struct lk_str){text, len});
    return v;
}

static struct lk_violations username(const char *text) {
    return checked(lk_check_username, text, strlen(text));
}

/* --- usernames ------------------------------------------------------------------------------------------ */

static void usernames_of_all_scripts_are_taken(void **state) {
    static const char *const good[] = {"a",         "john_doe",   "日本語", "émile",
                                       "a.b+c@d-e", "ﬁ-ligature", "12345",  "x@y.z"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_int_equal(username(good[i]).count, 0);
    }
}

static void other_usernames_are_not(void **state) {
    static const char *const bad[] = {
        "user$", "<b>", "user\xe2\x80\x8b", "a b", "a/b", "\xf0\x9f\x98\x80", "e\xcc\x81\xcc\x81"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct lk_violations v = username(bad[i]);
        assert_int_equal(v.count, 1);
        assert_true(violated(&v, USERNAME_FORM));
    }
    struct lk_violations v = checked(lk_check_username, "a\0b", 3);
    assert_int_equal(v.count, 2);
    assert_int_equal(v.list[0].rule, LK_RULE_USERNAME_FORM);
    assert_int_equal(v.list[1].rule, LK_RULE_NUL_CHARACTER);
    v = username("");
    assert_true(violated(&v, LK_FIELD_USERNAME, LK_RULE_BLANK));
    v = username("\xff");
    assert_int_equal(v.count, 1);
}

static void usernames_are_as_long_as_150_characters(void **state) {
    char text[152];
    (void)state;
    memset(text, 'a', 151);
    text[151] = '\0';
    struct lk_violations v = username(text);
    assert_int_equal(v.count, 1);
    assert_true(violated(&v, LK_FIELD_USERNAME, LK_RULE_MAX_LENGTH));
    assert_int_equal(v.list[0].number, 150);
    text[150] = '\0';
    assert_int_equal(username(text).count, 0);
}

static void words_of_routes_are_no_usernames(void **state) {
    static const char *const bad[] = {
        "me",           "ME",           "login", "doc", "signup",
        "verify-email", "openapi.json", ".",     "..",  "00112233-4455-6677-8899-AABBCCDDEEFF"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct lk_violations v = username(bad[i]);
        assert_int_equal(v.count, 1);
        assert_true(violated(&v, LK_FIELD_USERNAME, LK_RULE_USERNAME_RESERVED));
    }
    assert_false(lk_username_reserved(LK_STR("meme")));
    struct lk_violations v = username("\xef\xbd\x8d\xef\xbd\x85"); /* "me" in full width is "me" after NFKC */
    assert_true(violated(&v, LK_FIELD_USERNAME, LK_RULE_USERNAME_RESERVED));
}

/* --- addresses ------------------------------------------------------------------------------------------ */

static void good_addresses_are_taken(void **state) {
    static const char *const good[] = {
        "a@x.io",       "Caps@Domain.IO",      "a.b@x.io",           "a+b=c'{}@x.io",
        "\"a@b\"@x.io", "\"a\\\"b\"@x.io",     "a@localhost",        "a@[127.0.0.1]",
        "a@[::1]",      "a@[1:2:3:4:5:6:7:8]", "a@[::ffff:1.2.3.4]", "a@xn--e1afmkfd.io",
        "a@é.io",       "a@日本語.jp",         "a@x-y.io",           "a@1.2.3.io",
        "a@x.-io",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        if (!lk_email_valid(lk_str_from(good[i]))) {
            fail_msg("refused: %s", good[i]);
        }
    }
}

static void bad_addresses_are_not(void **state) {
    static const char *const bad[] = {
        "plain",
        "@x.io",
        "a@b",
        "a b@x.io",
        "a@x..io",
        ".a@x.io",
        "a.@x.io",
        "a..b@x.io",
        "a@127.0.0.1",
        "é@x.io",
        "a@-x.io",
        "a@x-.io",
        "a@x.io-",
        "a@x.i",
        "a@.io",
        "a@x.io.",
        "\"a b\"@x.io",
        "\"a\"b\"@x.io",
        "a@[127.0.0.256]",
        "a@[1.2.3]",
        "a@[01.2.3.4]",
        "a@[::1::]",
        "a@[1:2:3:4:5:6:7]",
        "a@[1:2:3:4:5:6:7:8:9]",
        "a@[:1]",
        "a@[]",
        "a@x_y.io",
        "a@ x.io",
        "a\n@x.io",
        "a@é_.io",
        "",
        "@",
        "a@x.io\n",
        "a@\xff.io",
        "a@[::12345]",
        "a@xn--é.io",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        if (lk_email_valid(lk_str_from(bad[i]))) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}

static void labels_end_at_63_octets(void **state) {
    char text[400] = "a@";
    (void)state;
    memset(text + 2, 'x', 63);
    memcpy(text + 65, ".io", 4);
    assert_true(lk_email_valid(lk_str_from(text)));
    text[65] = 'x';
    memcpy(text + 66, ".io", 4);
    assert_false(lk_email_valid(lk_str_from(text)));
    /* é and 55 x: "xn--", 55 x, "-" and three digits make 63. */
    memcpy(text + 2, "\xc3\xa9", 2);
    memset(text + 4, 'x', 55);
    memcpy(text + 59, ".io", 4);
    assert_true(lk_email_valid(lk_str_from(text)));
    memset(text + 4, 'x', 57);
    memcpy(text + 61, ".io", 4);
    assert_false(lk_email_valid(lk_str_from(text)));
}

static void one_mailbox_is_written_in_several_ways(void **state) {
    static const char *const same[][2] = {
        {"ann@x.io", "ANN@X.IO"},
        {"ann@m\xc3\xbcnchen.de", "Ann@M\xc3\x9cNCHEN.de"},
        {"ann@m\xc3\xbcnchen.de", "ann@mu\xcc\x88nchen.de"}, /* u and a combining diaeresis */
        {"ann@m\xc3\xbcnchen.de", "ann@xn--mnchen-3ya.de"},
        {"ann@b\xc3\xbc"
         "cher.example",
         "ann@XN--bcher-kva.Example"},
        {"ann@\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "ann@xn--r8jz45g.xn--zckzah"},
        {"ann@fa\xc3\x9f.de", "ann@fass.de"},  /* as browsers had it for long; UTS #46 transitional */
        {"ann@x\xef\xbc\xae.io", "ann@xn.io"}, /* a full-width N */
    };
    static const char *const different[][2] = {
        {"ann@x.io", "anna@x.io"},
        {"ann@m\xc3\xbcnchen.de", "ann@munchen.de"},
        {"ann@m\xc3\xbcnchen.de", "ann@muenchen.de"},
        {"\xc3\x84@x.io",
         "\xc3\xa4@x.io"}, /* before the '@' only ASCII has no case: nothing else is taken there */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
        assert_true(lk_email_same(lk_str_from(same[i][0]), lk_str_from(same[i][1])));
    }
    for (size_t i = 0; i < sizeof(different) / sizeof(*different); i++) {
        assert_false(lk_email_same(lk_str_from(different[i][0]), lk_str_from(different[i][1])));
    }
    assert_false(lk_email_same(LK_STR("a@\xff"), LK_STR("a@\xff"))); /* none at all */
}

static void violations_of_an_address_come_in_order(void **state) {
    (void)state;
    struct lk_violations v = checked(lk_check_email, "a\0b@x.io", 8);
    assert_int_equal(v.count, 2);
    assert_int_equal(v.list[0].rule, LK_RULE_NUL_CHARACTER);
    assert_int_equal(v.list[1].rule, LK_RULE_EMAIL_FORM);
    char text[400];
    memset(text, 'a', sizeof(text));
    memcpy(text + 250, "@x.io", 5);
    v = checked(lk_check_email, text, 255);
    assert_int_equal(v.count, 1);
    assert_int_equal(v.list[0].rule, LK_RULE_MAX_LENGTH);
    assert_int_equal(v.list[0].number, 254);
    v = checked(lk_check_email, "", 0);
    assert_int_equal(v.list[0].rule, LK_RULE_BLANK);
}

/* --- passwords ------------------------------------------------------------------------------------------ */

static struct lk_violations password(const char *text, uint32_t min_chars, bool blocklist) {
    struct lk_violations v = {.count = 0};
    struct lk_password_policy policy = {.min_chars = min_chars, .blocklist = blocklist};
    lk_check_password(&v, LK_FIELD_PASSWORD, lk_str_from(text), LK_STR("john_doe"), LK_STR("john@x.io"),
                      &policy);
    return v;
}

static void passwords_are_held_to_the_policy(void **state) {
    (void)state;
    char text[516];
    assert_int_equal(password("S3cure-pass!", 8, true).count, 0);
    assert_int_equal(password("7392847562", 8, true).count, 0); /* no rule asks for letters */
    assert_int_equal(password(" lead ", 1, true).count, 0);
    struct lk_violations v = password("1234", 8, true);
    assert_int_equal(v.count, 2);
    assert_int_equal(v.list[0].rule, LK_RULE_PASSWORD_SHORT);
    assert_int_equal(v.list[0].number, 8);
    assert_int_equal(v.list[1].rule, LK_RULE_PASSWORD_COMMON);
    v = password("password123", 8, true);
    assert_int_equal(v.list[0].rule, LK_RULE_PASSWORD_COMMON);
    assert_int_equal(password("password123", 8, false).count, 0);
    v = password("JOHN_doe", 8, true);
    assert_int_equal(v.list[0].rule, LK_RULE_PASSWORD_SIMILAR_USERNAME);
    v = password("john@X.io", 8, true);
    assert_int_equal(v.list[0].rule, LK_RULE_PASSWORD_SIMILAR_EMAIL);
    v = password("日本語日本語日", 8, true);
    assert_int_equal(v.list[0].rule, LK_RULE_PASSWORD_SHORT);
    memset(text, 'x', sizeof(text));
    text[129] = '\0';
    v = password(text, 8, true);
    assert_int_equal(v.count, 1);
    assert_int_equal(v.list[0].rule, LK_RULE_MAX_LENGTH);
    text[128] = '\0';
    assert_int_equal(password(text, 8, true).count, 0);
    v = password("", 8, true);
    assert_int_equal(v.list[0].rule, LK_RULE_BLANK);
    v = password("\xff\xff\xff\xff\xff\xff\xff\xff", 8, true);
    assert_int_equal(v.count, 1);
}

static void other_texts_are_bounded(void **state) {
    static char text[40001];
    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(checked(lk_check_full_name, text, 255).count, 0);
    assert_int_equal(checked(lk_check_full_name, text, 256).list[0].rule, LK_RULE_MAX_LENGTH);
    assert_int_equal(checked(lk_check_biography, text, 10000).count, 0);
    assert_int_equal(checked(lk_check_biography, text, 10001).list[0].rule, LK_RULE_MAX_LENGTH);
    assert_int_equal(checked(lk_check_biography, "a\0b", 3).list[0].rule, LK_RULE_NUL_CHARACTER);
    struct lk_violations v = {.count = 0};
    for (int i = 0; i < LK_VIOLATIONS_MAX + 5; i++) {
        lk_violation_add(&v, LK_FIELD_CODE, LK_RULE_INVALID, 0);
    }
    assert_int_equal(v.count, LK_VIOLATIONS_MAX);
}

/* --- keys ----------------------------------------------------------------------------------------------- */

static void a_ring_is_made_once_and_rotates(void **state) {
    char dir[] = "/tmp/latchkey-keys-XXXXXX";
    struct lk_keyring first;
    struct lk_keyring ring;
    (void)state;
    assert_int_equal(lk_crypto_init(), 0);
    assert_non_null(mkdtemp(dir));
    assert_int_equal(lk_keyring_load(&ring, dir, "jwt.key", false), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_keyring_rotate(dir, "jwt.key"), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_keyring_load(&first, dir, "jwt.key", true), 0);
    assert_int_equal(first.count, 1);
    assert_int_equal(strlen(first.keys[0].kid), 8);
    assert_int_equal(lk_keyring_load(&ring, dir, "jwt.key", true), 0);
    assert_memory_equal(&ring.keys[0], &first.keys[0], sizeof(ring.keys[0]));
    for (size_t i = 1; i <= 5; i++) {
        assert_int_equal(lk_keyring_rotate(dir, "jwt.key"), 0);
        assert_int_equal(lk_keyring_load(&ring, dir, "jwt.key", false), 0);
        size_t expect = i + 1 < LK_KEYRING_MAX ? i + 1 : LK_KEYRING_MAX;
        assert_int_equal(ring.count, expect);
        assert_string_not_equal(ring.keys[0].kid, first.keys[0].kid);
        bool kept = strcmp(ring.keys[expect - 1].kid, first.keys[0].kid) == 0;
        assert_int_equal(kept, i < LK_KEYRING_MAX);
    }
    assert_int_equal(nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    lk_crypto_free();
}

static void write_file(const char *dir, const char *name, size_t len, mode_t mode) {
    char path[80];
    char bytes[200];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    memset(bytes, 'k', sizeof(bytes));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void bad_key_files_are_refused(void **state) {
    char dir[] = "/tmp/latchkey-keys-XXXXXX";
    struct lk_keyring ring;
    (void)state;
    assert_int_equal(lk_crypto_init(), 0);
    assert_non_null(mkdtemp(dir));
    write_file(dir, "k", 31, 0600);
    assert_int_equal(lk_keyring_load(&ring, dir, "k", true), LK_ERR_INVALID);
    write_file(dir, "k", 129, 0600);
    assert_int_equal(lk_keyring_load(&ring, dir, "k", true), LK_ERR_INVALID);
    write_file(dir, "k", 128, 0644);
    assert_int_equal(lk_keyring_load(&ring, dir, "k", true), LK_ERR_DENIED);
    write_file(dir, "k", 128, 0600);
    write_file(dir, "k.2", 128, 0600); /* as a rotation cut short would leave it */
    assert_int_equal(lk_keyring_load(&ring, dir, "k", true), 0);
    assert_int_equal(ring.count, 1);
    assert_int_equal(nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    lk_crypto_free();
}

/* --- the throttle's table ------------------------------------------------------------------------------- */

static void waits_double_up_to_their_bound(void **state) {
    (void)state;
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ACCOUNT, 4), 0);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ACCOUNT, 5), 1);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ACCOUNT, 6), 2);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ACCOUNT, 14), 512);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ACCOUNT, 15), 900);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ACCOUNT, UINT32_MAX), 900);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_ADDRESS, 19), 0);
    assert_int_equal(lk_throttle_wait(LK_THROTTLE_SETUP_ALL, 1000), 1);
}

static void a_flood_does_not_push_out_a_count(void **state) {
    struct lk_throttle *t = calloc(1, sizeof(*t));
    uint32_t wait = 0;
    (void)state;
    assert_non_null(t);
    assert_int_equal(lk_crypto_init(), 0);
    assert_int_equal(lk_throttle_init(t), 0);
    uint64_t victim = lk_throttle_key(t, LK_THROTTLE_UNKNOWN, LK_STR("victim"));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(lk_throttle_begin(t, LK_THROTTLE_UNKNOWN, victim, NOW, &wait), 0);
        lk_throttle_settle(t, victim, LK_THROTTLE_FAILED);
    }
    for (uint32_t i = 0; i < 20 * LK_THROTTLE_SLOTS; i++) {
        uint64_t key = lk_throttle_key(t, LK_THROTTLE_UNKNOWN, (struct lk_str){(const char *)&i, sizeof(i)});
        if (lk_throttle_begin(t, LK_THROTTLE_UNKNOWN, key, NOW, &wait) == 0) {
            lk_throttle_settle(t, key, LK_THROTTLE_FAILED);
        }
    }
    assert_int_equal(lk_throttle_begin(t, LK_THROTTLE_UNKNOWN, victim, NOW, &wait), LK_ERR_THROTTLED);
    lk_throttle_end(t);
    free(t);
    lk_crypto_free();
}

static void attempts_under_way_count(void **state) {
    struct lk_throttle *t = calloc(1, sizeof(*t));
    uint32_t wait = 0;
    (void)state;
    assert_non_null(t);
    assert_int_equal(lk_crypto_init(), 0);
    assert_int_equal(lk_throttle_init(t), 0);
    uint64_t key = lk_throttle_key(t, LK_THROTTLE_ACCOUNT, LK_STR("ann"));
    struct lk_throttle_record stored = {.failures = 3, .last = NOW - 1000};
    uint32_t rank = 9;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(lk_throttle_reserve(t, key, &rank, &wait), 0);
        assert_int_equal(rank, i);
        assert_int_equal(lk_throttle_judge(t, key, rank, &stored, NOW, &wait), 0);
    }
    assert_int_equal(lk_throttle_reserve(t, key, &rank, &wait), 0);
    assert_int_equal(lk_throttle_judge(t, key, rank, &stored, NOW, &wait), LK_ERR_THROTTLED);
    assert_int_equal(wait, 1);
    lk_throttle_settle(t, key, LK_THROTTLE_SPARED);
    lk_throttle_settle(t, key, LK_THROTTLE_SPARED);
    assert_int_equal(lk_throttle_reserve(t, key, &rank, &wait), 0);
    assert_int_equal(lk_throttle_judge(t, key, rank, &stored, NOW, &wait), 0);
    lk_throttle_end(t);
    free(t);
    lk_crypto_free();
}

static void an_ipv6_network_counts_as_one(void **state) {
    struct lk_throttle *t = calloc(1, sizeof(*t));
    (void)state;
    assert_non_null(t);
    assert_int_equal(lk_crypto_init(), 0);
    assert_int_equal(lk_throttle_init(t), 0);
    uint8_t a[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 1};
    uint8_t b[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 2};
    uint8_t c[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 2, 1};
    struct lk_client d = client_at(1, NOW);
    struct lk_client e = client_at(2, NOW);
    uint64_t key = lk_throttle_address_key(t, LK_THROTTLE_ADDRESS, a);
    assert_true(key == lk_throttle_address_key(t, LK_THROTTLE_ADDRESS, b));
    assert_true(key != lk_throttle_address_key(t, LK_THROTTLE_ADDRESS, c));
    assert_true(key != lk_throttle_address_key(t, LK_THROTTLE_MAIL, a));
    assert_true(lk_throttle_address_key(t, LK_THROTTLE_ADDRESS, d.address) !=
                lk_throttle_address_key(t, LK_THROTTLE_ADDRESS, e.address));
    lk_throttle_end(t);
    free(t);
    lk_crypto_free();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usernames_of_all_scripts_are_taken),
        cmocka_unit_test(other_usernames_are_not),
        cmocka_unit_test(usernames_are_as_long_as_150_characters),
        cmocka_unit_test(words_of_routes_are_no_usernames),
        cmocka_unit_test(good_addresses_are_taken),
        cmocka_unit_test(bad_addresses_are_not),
        cmocka_unit_test(labels_end_at_63_octets),
        cmocka_unit_test(one_mailbox_is_written_in_several_ways),
        cmocka_unit_test(violations_of_an_address_come_in_order),
        cmocka_unit_test(passwords_are_held_to_the_policy),
        cmocka_unit_test(other_texts_are_bounded),
        cmocka_unit_test(a_ring_is_made_once_and_rotates),
        cmocka_unit_test(bad_key_files_are_refused),
        cmocka_unit_test(waits_double_up_to_their_bound),
        cmocka_unit_test(a_flood_does_not_push_out_a_count),
        cmocka_unit_test(attempts_under_way_count),
        cmocka_unit_test(an_ipv6_network_counts_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
