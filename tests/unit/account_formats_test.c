/*
 * Forms: records as SPEC.md draws them, pictures as their specifications do.
 */
#include "account_testing.h"

#include "account/records.h"
#include "base/checksum.h"

/* --- records -------------------------------------------------------------------------------------------- */

static char mem[2304];

static struct lk_buf begin(void) {
    struct lk_buf b;
    memset(mem, 0xEE, sizeof(mem));
    lk_buf_init(&b, mem, sizeof(mem));
    return b;
}

/* The record after a change, with a sum that fits again. */
static struct lk_str resealed(const struct lk_buf *b) {
    struct lk_buf end;
    lk_buf_init(&end, b->ptr + b->len - LK_CHECKSUM_LEN, LK_CHECKSUM_LEN);
    lk_buf_put_le32(&end, lk_checksum(b->ptr, b->len - LK_CHECKSUM_LEN));
    return lk_buf_str(b);
}

/* Every decoder refuses a record that is cut short at any byte, goes on too long, has another version, or any bit
   flipped. */
static void assert_strict(struct lk_str value, int (*decode)(struct lk_str value)) {
    char copy[2305];
    assert_int_equal(decode(value), 0);
    memcpy(copy, value.ptr, value.len);
    for (size_t len = 0; len < value.len; len++) {
        assert_int_equal(decode((struct lk_str){copy, len}), LK_ERR_CORRUPT);
    }
    copy[value.len] = 0;
    assert_int_equal(decode((struct lk_str){copy, value.len + 1}), LK_ERR_CORRUPT);
    copy[0]++;
    assert_int_equal(decode((struct lk_str){copy, value.len}), LK_ERR_CORRUPT);
    copy[0]--;
    for (size_t bit = 0; bit < 8 * value.len; bit++) {
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        assert_int_equal(decode((struct lk_str){copy, value.len}), LK_ERR_CORRUPT);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
    }
}

static void the_sum_is_that_of_the_specification(void **state) {
    (void)state;
    assert_int_equal(lk_checksum("", 0), 0xcbf29ce4);
    assert_int_equal(lk_checksum("latchkey", 8), 0x047bd263);
    assert_int_equal(lk_checksum("123456789", 9), 0x49e9afa4);
}

static const uint8_t id[LK_UUID_LEN] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static struct lk_account account;
static struct lk_session_record session;
static struct lk_link_record link_record;
static struct lk_throttle_record throttle;
static struct lk_profile_record profile;
static struct lk_picture_record picture;
static struct lk_audit_record audit;
static struct lk_outbox_mail mail;
static uint8_t owner[LK_UUID_LEN];

static int decode_account(struct lk_str v) {
    return lk_account_decode(id, v, &account);
}
static int decode_session(struct lk_str v) {
    return lk_session_decode(v, &session);
}
static int decode_link(struct lk_str v) {
    return lk_link_decode(v, &link_record);
}
static int decode_throttle(struct lk_str v) {
    return lk_throttle_decode(v, &throttle);
}
static int decode_profile(struct lk_str v) {
    return lk_profile_decode(v, &profile);
}
static int decode_picture(struct lk_str v) {
    return lk_picture_decode(v, &picture);
}
static int decode_audit(struct lk_str v) {
    return lk_audit_decode(9, v, &audit);
}
static int decode_mail(struct lk_str v) {
    return lk_mail_decode(9, v, &mail, owner);
}

static void an_account_has_the_bytes_of_the_specification(void **state) {
    static const uint8_t bytes[] = {2,    3,    1,    5, 0, 0,   0,   0,    0,    0,    0,    6,
                                    0,    0,    0,    0, 0, 0,   0,   0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 1, 0, 'u', 3,   0,    'a',  '@',  'b',  1,
                                    0,    '!',  0,    0, 1, 0,   'p', 0x20, 0xa8, 0x12, 0xac};
    struct lk_account a = {.username = LK_STR("u"),
                           .email = LK_STR("a@b"),
                           .password = LK_STR("!"),
                           .picture = LK_STR("p"),
                           .roles = LK_ROLE_USER,
                           .is_active = true,
                           .email_verified = true,
                           .created = 5,
                           .last_login = 6,
                           .revoked = -1};
    struct lk_buf b = begin();
    (void)state;
    lk_account_encode(&b, &a);
    assert_int_equal(b.len, sizeof(bytes));
    assert_memory_equal(mem, bytes, sizeof(bytes));
    assert_strict(lk_buf_str(&b), decode_account);
    assert_int_equal(decode_account(lk_buf_str(&b)), 0);
    assert_memory_equal(account.id, id, sizeof(id));
    assert_int_equal(account.revoked, -1);
    assert_true(lk_str_eq(account.picture, LK_STR("p")));
    mem[1] = 4; /* a flag that nobody knows */
    assert_int_equal(decode_account(resealed(&b)), LK_ERR_CORRUPT);
    mem[1] = 3;
    mem[2] = 4;
    assert_int_equal(decode_account(resealed(&b)), LK_ERR_CORRUPT);
    mem[2] = 1;
    assert_int_equal(decode_account(resealed(&b)), 0);
}

static void a_session_comes_back_as_it_was(void **state) {
    struct lk_session_record s = {
        .created = 1, .expires = 2, .rotated = 3, .used = 4, .jti = {5}, .former = {6}, .device = "curl"};
    struct lk_buf b = begin();
    (void)state;
    memcpy(s.account, id, sizeof(id));
    lk_session_encode(&b, &s);
    assert_int_equal(b.len, 107);
    assert_strict(lk_buf_str(&b), decode_session);
    assert_int_equal(decode_session(lk_buf_str(&b)), 0);
    assert_memory_equal(&session, &s, sizeof(s));
    mem[97] = LK_DEVICE_MAX + 1;
    b.len = 99 + LK_DEVICE_MAX + 1 + LK_CHECKSUM_LEN;
    assert_int_equal(decode_session(resealed(&b)), LK_ERR_CORRUPT);
}

/* As formats 1 and 2 of the store wrote them: shorter, and without sums. */
static void records_of_former_formats_are_read(void **state) {
    struct lk_session_record s = {.created = 1, .expires = 2, .used = 4, .address = {7}, .device = "curl"};
    struct lk_buf b = begin();
    (void)state;
    lk_session_encode(&b, &s);
    mem[0] = 1;
    assert_int_equal(decode_session(lk_buf_str(&b)), LK_ERR_CORRUPT);
    assert_int_equal(decode_session((struct lk_str){mem, 97}), 0);
    assert_string_equal(session.device, "");
    assert_int_equal(session.address[0], 7);
    mem[0] = 2;
    assert_int_equal(decode_session((struct lk_str){mem, 103}), 0);
    assert_string_equal(session.device, "curl");
    b = begin();
    lk_link_encode(&b, &(struct lk_link_record){LK_LINK_RESET, 7, 8});
    mem[0] = 1;
    assert_int_equal(decode_link((struct lk_str){mem, b.len - LK_CHECKSUM_LEN}), 0);
    assert_int_equal(link_record.expires, 8);
}

static void small_records_are_strict(void **state) {
    struct lk_buf b = begin();
    (void)state;
    lk_link_encode(&b, &(struct lk_link_record){LK_LINK_RESET, 7, 8});
    assert_strict(lk_buf_str(&b), decode_link);
    mem[1] = 4;
    assert_int_equal(decode_link(resealed(&b)), LK_ERR_CORRUPT);
    b = begin();
    lk_throttle_encode(&b, &(struct lk_throttle_record){7, 8});
    assert_strict(lk_buf_str(&b), decode_throttle);
    assert_int_equal(decode_throttle(lk_buf_str(&b)), 0);
    assert_int_equal(throttle.failures, 7);
    b = begin();
    lk_profile_encode(&b, &(struct lk_profile_record){true, false});
    assert_strict(lk_buf_str(&b), decode_profile);
    mem[1] = 4;
    assert_int_equal(decode_profile(resealed(&b)), LK_ERR_CORRUPT);
    b = begin();
    lk_picture_encode(&b, &(struct lk_picture_record){.type = LK_STR("image/png")});
    assert_strict(lk_buf_str(&b), decode_picture);
}

static void audit_and_mail_are_strict(void **state) {
    struct lk_buf b = begin();
    struct lk_audit_record a = {
        .time = 3, .event = LK_AUDIT_LOGIN, .actor = LK_STR("console"), .subject_name = LK_STR("ann")};
    struct lk_outbox_mail m = {.kind = LK_MAIL_RESET,
                               .language = LK_FRENCH,
                               .created = 1,
                               .next_try = 2,
                               .attempts = 3,
                               .to = LK_STR("a@x.io")};
    (void)state;
    lk_audit_encode(&b, &a);
    assert_strict(lk_buf_str(&b), decode_audit);
    assert_int_equal(decode_audit(lk_buf_str(&b)), 0);
    assert_int_equal(audit.sequence, 9);
    assert_true(lk_str_eq(audit.actor, LK_STR("console")));
    mem[9] = 20;
    assert_int_equal(decode_audit(resealed(&b)), LK_ERR_CORRUPT);
    b = begin();
    lk_mail_encode(&b, &m, id);
    assert_strict(lk_buf_str(&b), decode_mail);
    assert_int_equal(decode_mail(lk_buf_str(&b)), 0);
    assert_memory_equal(owner, id, sizeof(id));
    assert_int_equal(mail.attempts, 3);
    assert_int_equal(mail.language, LK_FRENCH);
    mem[2] = LK_LANGUAGES;
    assert_int_equal(decode_mail(resealed(&b)), LK_ERR_CORRUPT);
    mem[2] = LK_FRENCH;
    mem[1] = 4;
    assert_int_equal(decode_mail(resealed(&b)), LK_ERR_CORRUPT);
}

/* As format 2 of the store wrote it: no language. */
static void a_mail_of_version_1_is_read(void **state) {
    struct lk_outbox_mail m = {
        .kind = LK_MAIL_RESET, .language = LK_FRENCH, .created = 1, .to = LK_STR("a@x.io")};
    struct lk_buf b = begin();
    (void)state;
    lk_mail_encode(&b, &m, id);
    mem[0] = 1;
    memmove(mem + 2, mem + 3, b.len - 3);
    b.len -= 1 + LK_CHECKSUM_LEN;
    assert_int_equal(decode_mail(lk_buf_str(&b)), 0);
    assert_int_equal(mail.language, LK_ENGLISH);
    assert_true(lk_str_eq(mail.to, LK_STR("a@x.io")));
}

/* --- pictures ------------------------------------------------------------------------------------------- */

static const uint8_t png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
    0x00, 0x00, 0x0b, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x00, 0x02, 0x00, 0x00, 0x05, 0x00,
    0x01, 0x7a, 0x5e, 0xab, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0,    4,    'J',  'F',  0xff, 0xc0, 0,    11,  8, 0,
                               1,    0,    1,    1,    1,    0x11, 0,    0xff, 0xda, 0,    8,    1,   1, 0,
                               0,    63,   0,    0x55, 0xff, 0,    0x12, 0xff, 0xd0, 0x34, 0xff, 0xd9};
static const uint8_t gif[] = {'G', 'I', 'F', '8', '9',  'a',  1, 0, 1, 0,    0x80, 0, 0,    0, 0,
                              0,   255, 255, 255, 0x21, 0xf9, 4, 1, 0, 0,    0,    0, 0x2c, 0, 0,
                              0,   0,   1,   0,   1,    0,    0, 2, 2, 0x44, 1,    0, 0x3b};
static const uint8_t webp[] = {'R',  'I', 'F',  'F',  26,   0,    0,    0,    'W',  'E', 'B', 'P',
                               'V',  'P', '8',  'L',  13,   0,    0,    0,    0x2f, 0,   0,   0,
                               0x10, 7,   0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 7,    0};

struct sample {
    const uint8_t *bytes;
    size_t len;
    const char *type;
    bool tail; /* more bytes may follow */
};

static const struct sample samples[] = {
    {png, sizeof(png), "image/png", false},
    {jpeg, sizeof(jpeg), "image/jpeg", true},
    {gif, sizeof(gif), "image/gif", false},
    {webp, sizeof(webp), "image/webp", false},
};

static void whole_pictures_are_recognised(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        const struct sample *s = &samples[i];
        char copy[128] = {0};
        memcpy(copy, s->bytes, s->len);
        assert_non_null(lk_picture_type((struct lk_str){copy, s->len}));
        assert_string_equal(lk_picture_type((struct lk_str){copy, s->len}), s->type);
        assert_int_equal(lk_picture_type((struct lk_str){copy, s->len + 1}) != NULL, s->tail);
    }
}

/* Cut at every byte, each in memory of its own, so that a read past the end is seen. */
static void a_picture_cut_short_is_none(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        for (size_t len = 0; len < samples[i].len; len++) {
            char *copy = malloc(len + (len == 0));
            assert_non_null(copy);
            memcpy(copy, samples[i].bytes, len);
            assert_null(lk_picture_type((struct lk_str){copy, len}));
            free(copy);
        }
    }
}

/* Any one byte changed to any value: never a crash, and never a PNG, whose checksums tell. */
static void damaged_pictures_do_no_harm(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        for (size_t at = 0; at < samples[i].len; at++) {
            for (int value = 0; value < 256; value++) {
                char copy[128];
                memcpy(copy, samples[i].bytes, samples[i].len);
                copy[at] = (char)value;
                const char *type = lk_picture_type((struct lk_str){copy, samples[i].len});
                bool same = samples[i].bytes[at] == value;
                assert_false(i == 0 && !same && type != NULL);
            }
        }
    }
}

static void other_files_are_no_pictures(void **state) {
    (void)state;
    assert_null(lk_picture_type(LK_STR("")));
    assert_null(lk_picture_type(LK_STR("<html><script>alert(1)</script>")));
    assert_null(lk_picture_type(LK_STR("<svg xmlns='http://www.w3.org/2000/svg'/>")));
    assert_null(lk_picture_type(LK_STR("GIF89a<script>alert(1)</script>")));
    assert_null(lk_picture_type(LK_STR("\xff\xd8\xff\xd9")));
    assert_null(lk_picture_type(LK_STR("RIFF\x04\0\0\0WEBP")));
    assert_null(lk_picture_type(LK_STR("BM\x1a\0\0\0\0\0\0\0")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_is_that_of_the_specification),
        cmocka_unit_test(an_account_has_the_bytes_of_the_specification),
        cmocka_unit_test(a_session_comes_back_as_it_was),
        cmocka_unit_test(records_of_former_formats_are_read),
        cmocka_unit_test(small_records_are_strict),
        cmocka_unit_test(audit_and_mail_are_strict),
        cmocka_unit_test(a_mail_of_version_1_is_read),
        cmocka_unit_test(whole_pictures_are_recognised),
        cmocka_unit_test(a_picture_cut_short_is_none),
        cmocka_unit_test(damaged_pictures_do_no_harm),
        cmocka_unit_test(other_files_are_no_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
