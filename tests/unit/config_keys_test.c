/* Every key: what it takes, what it refuses and in which words; files; what spans several keys. */
#include "config/config.h"

#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct lk_config C;
static char why[256];

static int set(const char *key, const char *value) {
    return lk_config_set(&C, lk_str_from(key), lk_str_from(value), why, sizeof(why));
}

static int parse(const char *text) {
    lk_config_defaults(&C);
    return lk_config_parse(&C, "f.conf", lk_str_from(text), why, sizeof(why));
}

/* Good values of each key, then bad ones; each list ends in NULL. */
static const struct {
    const char *key;
    const char *good[8];
    const char *bad[12];
} KEYS[] = {
    {"data_dir",
     {"/var/lib/latchkey", "x", NULL},
     {"",
      "a\x01"
      "b",
      NULL}},
    {"listen",
     {"https://0.0.0.0:8443", "http://127.0.0.1:0", "https://[::]:443, http://[::1]:80", "https://:1", NULL},
     {"", ",", "0.0.0.0:1", "ftp://1.2.3.4:1", "https://host:1", "https://1.2.3.4", "https://1.2.3.4:65536",
      "https://::1:443", "https://[1.2.3.4]:1", "https://1.2.3:1", "https://1.2.3.4:", NULL}},
    {"plain_http", {"off", "loopback", NULL}, {"on", "", NULL}},
    {"public_url",
     {"", "https://a.example", "http://a:1/b/", NULL},
     {"a.example", "https://", "https:///x", "https://a b", "https://a\"", "https://u@a", "https://a?x",
      "https://\xC3\xA9", NULL}},
    {"trusted_proxies",
     {"", "127.0.0.1", "10.0.0.0/8, ::1 [fd00::]/7", "0.0.0.0/0", NULL},
     {"localhost", "10.0.0.0/33", "::1/129", "10.0.0/8", "10.0.0.1/", "1.2.3.4/x",
      "1.1.1.1,2.2.2.2,3.3.3.3,"
      "4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8,9.9.9.9",
      NULL}},
    {"tls_certificate", {"", "/a b.pem", NULL}, {"a\nb", NULL}},
    {"tls_key", {"", "/a", NULL}, {"a\x7F", NULL}},
    {"jwt_key_file", {"", "/a", NULL}, {"a\tb", NULL}},
    {"internal_key_file", {"", "/a", NULL}, {"a\rb", NULL}},
    {"access_lifetime",
     {"1", "1s", "5m", "24h", "1d", NULL},
     {"0", "2d", "86401", "-1", "5 m", "m", "5x", "1.5h", "", NULL}},
    {"refresh_lifetime", {"60", "1m", "365d", NULL}, {"59", "366d", "99999999999999999999", "", NULL}},
    {"refresh_rotation", {"on", "off", NULL}, {"yes", "ON", "1", "", NULL}},
    {"token_leeway", {"0", "60", "1m", NULL}, {"61", "2m", "", NULL}},
    {"signup", {"open", "admin", "closed", NULL}, {"Open", "", "on", NULL}},
    {"pbkdf2_iterations", {"1000", "600000", "10000000", NULL}, {"999", "10000001", "1K", "", NULL}},
    {"password_min_length", {"0", "8", "128", NULL}, {"129", "-1", "", NULL}},
    {"password_blocklist", {"on", "off", NULL}, {"true", NULL}},
    {"throttle", {"on", "off", NULL}, {"0", NULL}},
    {"mail",
     {"off", "log", "file:/tmp/x", "smtp://h", "smtp://u:p@h:587", "smtps://h:465", NULL},
     {"", "on", "file:", "smtp://", "smtps://", "http://h", NULL}},
    {"mail_from", {"a@b", "latchkey@a.example", NULL}, {"", "a", "@b", "a@", "a b@c", "<a@b>", NULL}},
    {"mail_ca_file", {"", "/a.pem", NULL}, {"a\nb", NULL}},
    {"mail_fingerprint",
     {"", "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef",
      "01:23456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", NULL},
     {"00", ":", "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "00123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", NULL}},
    {"brand_name", {"Latchkey", "Caf\xC3\xA9 & Co", NULL}, {"", "a\tb", "\xFF", "\x7F", NULL}},
    {"brand_color", {"", "#000000", "#FFaa09", NULL}, {"red", "#fff", "#gggggg", "000000", "#0000000", NULL}},
    {"brand_logo", {"", "/a b.svg", NULL}, {"a\nb", NULL}},
    {"max_body", {"1K", "1024", "16M", NULL}, {"1023", "17M", "1k", "1KB", "", NULL}},
    {"max_picture", {"1K", "16M", NULL}, {"0", "1G", NULL}},
    {"map_size", {"64K", "1024G", NULL}, {"63K", "1025G", "18446744073709551615G", NULL}},
    {"threads", {"1", "1024", NULL}, {"0", "1025", NULL}},
    {"max_connections", {"8", "1000000", NULL}, {"7", "1000001", NULL}},
    {"max_connections_per_address", {"1", "1000000", NULL}, {"0", "1000001", NULL}},
    {"log_level", {"error", "warn", "info", "debug", NULL}, {"trace", "", NULL}},
    {"log_format", {"text", "json", NULL}, {"xml", NULL}},
};

static void test_every_key(void **state) {
    (void)state;
    size_t count = sizeof(KEYS) / sizeof(KEYS[0]);
    for (size_t i = 0; i < count; i++) {
        lk_config_defaults(&C);
        assert_string_equal(lk_config_key_at(i)->name, KEYS[i].key);
        assert_int_equal(set(KEYS[i].key, lk_config_key_at(i)->fallback), 0);
        for (size_t k = 0; KEYS[i].good[k] != NULL; k++) {
            if (set(KEYS[i].key, KEYS[i].good[k]) != 0) {
                fail_msg("%s", why);
            }
        }
        for (size_t k = 0; KEYS[i].bad[k] != NULL; k++) {
            struct lk_config before = C;
            memset(why, 0, sizeof(why));
            if (set(KEYS[i].key, KEYS[i].bad[k]) != LK_ERR_INVALID) {
                fail_msg("%s took \"%s\"", KEYS[i].key, KEYS[i].bad[k]);
            }
            assert_ptr_equal(strstr(why, KEYS[i].key), why);
            assert_non_null(strstr(why, " is not allowed: it takes "));
            assert_memory_equal(&before, &C, sizeof(C));
        }
    }
    assert_null(lk_config_key_at(count));
}

static void test_defaults(void **state) {
    (void)state;
    lk_config_defaults(&C);
    assert_string_equal(C.data_dir, "latchkey-data");
    assert_int_equal(C.listen_count, 1);
    assert_true(C.listen[0].tls);
    assert_int_equal(C.listen[0].port, 8443);
    assert_int_equal(C.policy.access_lifetime, 300);
    assert_int_equal(C.policy.refresh_lifetime, 86400);
    assert_false(C.policy.refresh_rotation);
    assert_int_equal(C.policy.signup, LK_SIGNUP_OPEN);
    assert_int_equal(C.policy.pbkdf2_iterations, 600000);
    assert_int_equal(C.policy.password.min_chars, 8);
    assert_true(C.policy.password.blocklist && C.policy.throttle && C.policy.mail);
    assert_int_equal(C.policy.max_picture, 1 << 20);
    assert_int_equal(C.max_body, 64 << 10);
    assert_int_equal(C.map_size, 1 << 30);
    assert_int_equal(C.mail, LK_MAIL_LOG);
}

static void test_values(void **state) {
    (void)state;
    lk_config_defaults(&C);
    assert_int_equal(set(" access_lifetime ", " 2h "), 0);
    assert_int_equal(C.policy.access_lifetime, 7200);
    assert_int_equal(set("map_size", "3G"), 0);
    assert_true(C.map_size == UINT64_C(3) << 30);
    assert_int_equal(set("listen", "https://[::]:443,http://127.0.0.1:80"), 0);
    assert_int_equal(C.listen_count, 2);
    assert_string_equal(C.listen[0].address, "[::]");
    assert_string_equal(C.listen[1].address, "127.0.0.1");
    assert_false(C.listen[1].tls);
    assert_int_equal(set("mail", "smtp://u:p@h:587"), 0);
    assert_int_equal(C.mail, LK_MAIL_SMTP);
    assert_string_equal(C.mail_target, "u:p@h:587");
    assert_int_equal(set("mail", "off"), 0);
    assert_false(C.policy.mail);
    assert_string_equal(C.mail_target, "");
    assert_int_equal(set("public_url", "https://a.example/x//"), 0);
    assert_string_equal(C.public_url, "https://a.example/x");
    assert_int_equal(
        set("mail_fingerprint", "01:23456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"), 0);
    assert_string_equal(C.mail_fingerprint,
                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    char nine[256] = "https://:1";
    for (int i = 1; i < 9; i++) {
        assert_int_equal(set("listen", nine), 0);
        memcpy(nine + strlen(nine), " https://:1", 12);
    }
    assert_int_equal(set("listen", nine), LK_ERR_INVALID);
    char path[LK_PATH_TEXT_MAX + 1];
    memset(path, 'a', sizeof(path));
    path[LK_PATH_TEXT_MAX - 1] = '\0';
    assert_int_equal(set("data_dir", path), 0);
    path[LK_PATH_TEXT_MAX - 1] = 'a';
    path[LK_PATH_TEXT_MAX] = '\0';
    assert_int_equal(set("data_dir", path), LK_ERR_INVALID);
}

static void test_messages(void **state) {
    char tiny[16];
    (void)state;
    lk_config_defaults(&C);
    assert_int_equal(set("thread", "4"), LK_ERR_INVALID);
    assert_string_equal(why, "unknown key \"thread\": did you mean threads?");
    assert_int_equal(set("pbkdf2_iteration", "4"), LK_ERR_INVALID);
    assert_string_equal(why, "unknown key \"pbkdf2_iteration\": did you mean pbkdf2_iterations?");
    assert_int_equal(set("x", "4"), LK_ERR_INVALID);
    assert_string_equal(why, "unknown key \"x\"");
    assert_int_equal(set("\x1B[31mvery_long_key_that_no_one_would_ever_mean", "4"), LK_ERR_INVALID);
    assert_string_equal(why, "unknown key \"?[31mvery_long_key_that_no_one_would_eve...\"");
    assert_int_equal(set("threads", "many"), LK_ERR_INVALID);
    assert_string_equal(why, "threads = \"many\" is not allowed: it takes a number from 1 to 1024");
    assert_int_equal(set("mail", "smpt://u:secret@h"), LK_ERR_INVALID);
    assert_null(strstr(why, "secret"));
    assert_int_equal(lk_config_set(&C, LK_STR("thread"), LK_STR("4"), tiny, sizeof(tiny)), LK_ERR_INVALID);
    assert_string_equal(tiny, "unknown key \"th");
}

static void test_files(void **state) {
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(parse("\xEF\xBB\xBF# a comment\r\n\r\n threads = 4 \r\nsignup=closed"), 0);
    assert_int_equal(C.threads, 4);
    assert_int_equal(C.policy.signup, LK_SIGNUP_CLOSED);
    assert_int_equal(parse("mail_from = a=b@c\n"), 0);
    assert_string_equal(C.mail_from, "a=b@c");
    assert_int_equal(parse("threads = 4\n\nthreads = 5\n"), LK_ERR_INVALID);
    assert_string_equal(why, "f.conf:3: threads stands twice");
    assert_int_equal(parse("threads = 4\nsignpu = open\n"), LK_ERR_INVALID);
    assert_string_equal(why, "f.conf:2: unknown key \"signpu\": did you mean signup?");
    assert_int_equal(parse("threads 4"), LK_ERR_INVALID);
    assert_string_equal(why, "f.conf:1: not a \"key = value\" line: \"threads 4\"");
    assert_int_equal(parse("signup = open # for all"), LK_ERR_INVALID);
    char path[200];
    memset(path, 'd', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(lk_config_parse(&C, path, LK_STR("x = 1"), why, 160), LK_ERR_INVALID);
    assert_string_equal(why, "dddddddddddddddddddddddddddddddddddddddd:1: unknown key \"x\"");
    assert_int_equal(lk_config_parse(&C, "f", (struct lk_str){"signup = open\0", 14}, why, sizeof(why)),
                     LK_ERR_INVALID);
}

static int finish(const char *text) {
    assert_int_equal(parse(text), 0);
    return lk_config_finish(&C, why, sizeof(why));
}

static void test_finish(void **state) {
    (void)state;
    assert_int_equal(finish(""), 0);
    assert_string_equal(C.public_url, "https://localhost:8443");
    assert_int_equal(finish("listen = http://0.0.0.0:80, https://0.0.0.0:443"), 0);
    assert_string_equal(C.public_url, "https://localhost");
    assert_int_equal(finish("listen = http://0.0.0.0:80"), LK_ERR_INVALID);
    assert_int_equal(finish("listen = http://0.0.0.0:80\nplain_http = loopback"), LK_ERR_INVALID);
    assert_int_equal(finish("listen = http://[::1]:80\nplain_http = loopback"), 0);
    assert_string_equal(C.public_url, "http://localhost");
    assert_int_equal(finish("listen = http://127.0.0.1:80"), LK_ERR_INVALID);
    assert_int_equal(finish("listen = http://0.0.0.0:80\npublic_url = https://a.example"), 0);
    assert_int_equal(finish("listen = https://[::]:443, http://[::]:80\npublic_url = http://a.example"),
                     LK_ERR_INVALID); /* the redirect would lead to itself */
    assert_int_equal(finish("listen = https://[::]:443\npublic_url = http://a.example"), 0);
    assert_int_equal(finish("tls_key = /k"), LK_ERR_INVALID);
    assert_int_equal(finish("tls_certificate = /c"), LK_ERR_INVALID);
    assert_int_equal(finish("tls_certificate = /c\ntls_key = /k"), 0);
    assert_int_equal(finish("access_lifetime = 2h\nrefresh_lifetime = 1h"), LK_ERR_INVALID);
    assert_int_equal(finish("max_connections = 10"), 0);
    assert_int_equal(C.max_connections_per_address, 10);
    memset(&C, 0, sizeof(C));
    assert_int_equal(lk_config_finish(&C, why, sizeof(why)), LK_ERR_INVALID);
}

static void test_damage(void **state) {
    static const char seed[] =
        "threads = 4\r\nlisten = https://[::]:443, http://1.2.3.4:80\n# c\nmail = smtp://h\n";
    (void)state;
    uint32_t random = 1;
    for (int i = 0; i < 20000; i++) {
        char text[sizeof(seed)];
        memcpy(text, seed, sizeof(seed));
        for (int n = 0; n < 4; n++) {
            random = random * 1664525 + 1013904223;
            text[(random >> 8) % (sizeof(seed) - 1)] = (char)(random >> 24);
        }
        lk_config_defaults(&C);
        memset(why, 'x', sizeof(why));
        int err =
            lk_config_parse(&C, "f", (struct lk_str){text, (random >> 4) % sizeof(seed)}, why, sizeof(why));
        assert_true(err == 0 || (err == LK_ERR_INVALID && memchr(why, '\0', sizeof(why)) != NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key), cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),
        cmocka_unit_test(test_messages),  cmocka_unit_test(test_files),    cmocka_unit_test(test_finish),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
