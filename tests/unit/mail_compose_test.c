/* Mails as they are written: headers, encodings, and what no header may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/compose.h"

static char memory[LK_MAIL_MAX + 1];

static struct lk_letter letter(void) {
    return (struct lk_letter){
        .kind = LK_MAIL_RESET,
        .from = LK_STR("Latchkey <noreply@login.example>"),
        .to = LK_STR("ann@example.com"),
        .username = LK_STR("ann"),
        .uidb64 = LK_STR("MQ"),
        .token = LK_STR("secret-token"),
        .public_url = LK_STR("https://login.example:4430"),
        .now = 1795239148,
        .id = LK_STR("1795239148.7.00ff"),
    };
}

/* The mail as NUL-terminated text in `memory`. */
static int write_mail(const struct lk_letter *l) {
    struct lk_buf b;

    lk_buf_init(&b, memory, LK_MAIL_MAX);
    int err = lk_letter_write(&b, l);
    memory[err == 0 ? b.len : 0] = '\0';
    return err;
}

static void assert_has(const char *part) {
    if (strstr(memory, part) == NULL) {
        fail_msg("not in the mail: %s\n%s", part, memory);
    }
}

static void reset_mail(void **state) {
    struct lk_letter l = letter();

    (void)state;
    assert_int_equal(write_mail(&l), 0);
    assert_has("From: \"Latchkey\" <noreply@login.example>\r\n");
    assert_has("Date: Sat, 21 Nov 2026 05:32:28 +0000\r\n");
    assert_has("To: ann@example.com\r\n");
    assert_has("Subject: Password reset on login.example\r\n");
    assert_has("Message-ID: <1795239148.7.00ff@login.example>\r\n");
    assert_has("MIME-Version: 1.0\r\n");
    assert_has("Content-Transfer-Encoding: 7bit\r\n\r\n");
    assert_has("\r\nhttps://login.example:4430/auth/password_reset_confirm/MQ/secret-token/\r\n");
    assert_has("Your username, in case you've forgotten: ann\r\n");
    assert_string_equal(memory + strlen(memory) - 2, "\r\n");
}

static void verify_mail(void **state) {
    struct lk_letter l = letter();

    (void)state;
    l.kind = LK_MAIL_VERIFY;
    l.from = LK_STR("noreply@login.example");
    assert_int_equal(write_mail(&l), 0);
    assert_has("From: noreply@login.example\r\n");
    assert_has("Subject: Confirm your email address on login.example\r\n");
    assert_has("\r\nhttps://login.example:4430/auth/verify-email/MQ/secret-token/\r\n");
}

/* In French, where a device has a name of its own. */
static void french_mails(void **state) {
    static const struct {
        enum lk_mail_kind kind;
        const char *subject; /* its first word of RFC 2047 */
        const char *body;
    } cases[] = {
        {LK_MAIL_RESET, "Subject: =?utf-8?B?UsOpaW5pdGlhbGlzYXRpb24g", "vous avez demand=C3=A9"},
        {LK_MAIL_VERIFY, "Subject: =?utf-8?B?Q29uZmlybWV6IHZvdHJlIGFkcmVzc2Ug", "=C3=A9t=C3=A9 donn=C3=A9e"},
        {LK_MAIL_INVITE, "Subject: =?utf-8?B?Vm91cyBhdmV6IHVuIGNvbXB0ZSBzdXIg",
         "sert qu=E2=80=99une fois, pendant une semaine"},
    };
    struct lk_letter l = letter();

    (void)state;
    l.language = LK_FRENCH;
    l.site = LK_STR("Caf\xC3\xA9 & S\xC3\xB6hne");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        l.kind = cases[i].kind;
        assert_int_equal(write_mail(&l), 0);
        assert_has("Content-Language: fr\r\nContent-Transfer-Encoding: quoted-printable\r\n");
        assert_has(cases[i].subject);
        assert_has(cases[i].body);
        assert_has("Caf=C3=A9 & S=C3=B6hne\r\n");
        assert_null(strstr(memory, "login.example."));
    }
}

static void a_name_of_its_own(void **state) {
    struct lk_letter l = letter();

    (void)state;
    l.site = LK_STR("Weather station");
    assert_int_equal(write_mail(&l), 0);
    assert_has("Subject: Password reset on Weather station\r\n");
    assert_has("Content-Language: en\r\n");
    assert_has("user account at Weather station.\r\n");
    assert_has("The Weather station team\r\n");
    l.site = LK_STR("two\r\nlines");
    assert_int_equal(write_mail(&l), LK_ERR_INVALID);
    l = letter();
    l.language = LK_LANGUAGES;
    assert_int_equal(write_mail(&l), LK_ERR_INVALID);
}

static void every_line_ends_in_crlf(void **state) {
    struct lk_letter l = letter();

    (void)state;
    assert_int_equal(write_mail(&l), 0);
    for (size_t i = 0; memory[i] != '\0'; i++) {
        if (memory[i] == '\n') {
            assert_true(i > 0 && memory[i - 1] == '\r');
        }
        if (memory[i] == '\r') {
            assert_int_equal(memory[i + 1], '\n');
        }
    }
}

static void other_scripts(void **state) {
    struct lk_letter l = letter();

    (void)state;
    l.from = LK_STR("Schlüssel \"A\" <noreply@login.example>");
    l.username = LK_STR("дмитрий");
    assert_int_equal(write_mail(&l), 0);
    assert_has("From: =?utf-8?B?U2NobMO8c3NlbCAiQSI=?= <noreply@login.example>\r\n");
    assert_has("Content-Transfer-Encoding: quoted-printable\r\n");
    assert_has("=D0=B4=D0=BC=D0=B8=D1=82=D1=80=D0=\r\n=B8=D0=B9\r\n");
    for (size_t i = 0; memory[i] != '\0'; i++) {
        assert_true((unsigned char)memory[i] < 0x80);
    }
}

static void quoted_display_name(void **state) {
    struct lk_letter l = letter();

    (void)state;
    l.from = LK_STR("Login, \\Inc <noreply@login.example>");
    assert_int_equal(write_mail(&l), 0);
    assert_has("From: \"Login, \\\\Inc\" <noreply@login.example>\r\n");
}

static void no_injection(void **state) {
    static const char *const addresses[] = {
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com\nBcc: eve@example.com",
        "a@b\rX: y",
        "a@b>,<eve@c",
        "a b@c",
        "ann",
        "@example.com",
        "ann@",
        "",
        "a@b,eve@c",
        "a@b\x7f",
        "a@\xff",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct lk_letter l = letter();
        l.to = lk_str_from(addresses[i]);
        assert_int_equal(write_mail(&l), LK_ERR_INVALID);
        l = letter();
        l.from = lk_str_from(addresses[i]);
        assert_int_equal(write_mail(&l), LK_ERR_INVALID);
    }
    struct lk_letter l = letter();
    l.username = LK_STR("ann\r\n.\r\nMAIL FROM:<eve@example.com>");
    assert_int_equal(write_mail(&l), LK_ERR_INVALID);
    l = letter();
    l.from = LK_STR("Ann\r\nBcc: eve@example.com <a@b.example>");
    assert_int_equal(write_mail(&l), LK_ERR_INVALID);
    l = letter();
    l.kind = LK_MAIL_NOTHING;
    assert_int_equal(write_mail(&l), LK_ERR_INVALID);
}

static void the_longest_names_fit(void **state) {
    static char username[LK_USERNAME_BYTES_MAX];
    static char url[255];
    static char to[254];
    struct lk_letter l = letter();

    (void)state;
    for (size_t i = 0; i < sizeof(username); i += 2) {
        memcpy(username + i, "\xc3\xa9", 2);
    }
    memset(url, 'u', sizeof(url));
    memcpy(url, "https://", 8);
    memset(to, 't', sizeof(to));
    to[100] = '@';
    l.username = (struct lk_str){username, sizeof(username)};
    l.public_url = (struct lk_str){url, sizeof(url)};
    l.to = (struct lk_str){to, sizeof(to)};
    assert_int_equal(write_mail(&l), 0);
}

static void too_small_a_buffer(void **state) {
    struct lk_letter l = letter();

    (void)state;
    for (size_t cap = 0; cap < 4000; cap += 37) {
        struct lk_buf b;
        memory[cap] = '#';
        lk_buf_init(&b, memory, cap);
        int err = lk_letter_write(&b, &l);
        assert_true(err == 0 || err == LK_ERR_TOO_LARGE);
        assert_int_equal(memory[cap], '#');
    }
}

static const char *quoted(const char *in) {
    static char text[2048];
    struct lk_buf b;

    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_quoted_printable(&b, lk_str_from(in));
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    return text;
}

static void quoted_printable(void **state) {
    (void)state;
    assert_string_equal(quoted("a=b"), "a=3Db");
    assert_string_equal(quoted("end \nnext\t\n"), "end=20\r\nnext=09\r\n");
    assert_string_equal(quoted("one\r\ntwo\rthree"), "one\r\ntwo=0Dthree");
    assert_string_equal(quoted("é"), "=C3=A9");
    /* 76 characters stay in one line; one more breaks softly before the last that fits with its "=". */
    char in[78] = {0};
    memset(in, 'x', 76);
    assert_int_equal(strlen(quoted(in)), 76);
    in[76] = 'x';
    assert_memory_equal(quoted(in) + 75, "=\r\nxx", 5);
}

static void encoded_words(void **state) {
    char text[2048];
    char in[301];
    struct lk_buf b;

    (void)state;
    for (size_t i = 0; i < 300; i += 3) {
        memcpy(in + i, "\xe2\x82\xac", 3);
    }
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_words(&b, (struct lk_str){in, 300});
    assert_int_equal(lk_buf_end_cstr(&b), 0);
    /* Each word holds whole characters, and each line fits. */
    for (char *word = text; word != NULL; word = strstr(word, "\r\n ")) {
        word += word == text ? 0 : 3;
        char *end = strstr(word, "?=");
        assert_non_null(end);
        assert_true(end - word + 2 <= 75);
        assert_memory_equal(word, "=?utf-8?B?4oKs", 14);
    }
    /* What looks like a word is encoded, so that nobody decodes it. */
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_words(&b, LK_STR("=?utf-8?Q?x?="));
    lk_buf_end_cstr(&b);
    assert_string_equal(text, "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?=");
}

static void url_hosts(void **state) {
    static const struct {
        const char *url;
        const char *host;
    } cases[] = {
        {"https://login.example", "login.example"},
        {"https://login.example:4430/x", "login.example"},
        {"http://127.0.0.1:80", "127.0.0.1"},
        {"https://[::1]:443", "::1"},
        {"login.example", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(lk_str_eq(lk_url_host(lk_str_from(cases[i].url)), lk_str_from(cases[i].host)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_mail),
        cmocka_unit_test(verify_mail),
        cmocka_unit_test(french_mails),
        cmocka_unit_test(a_name_of_its_own),
        cmocka_unit_test(every_line_ends_in_crlf),
        cmocka_unit_test(other_scripts),
        cmocka_unit_test(quoted_display_name),
        cmocka_unit_test(no_injection),
        cmocka_unit_test(the_longest_names_fit),
        cmocka_unit_test(too_small_a_buffer),
        cmocka_unit_test(quoted_printable),
        cmocka_unit_test(encoded_words),
        cmocka_unit_test(url_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
