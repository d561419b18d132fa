/* The keys of session tickets: what opens what, and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "crypto/crypto.h"
#include "serve/tickets.h"

#define LEN 100
#define START 1000000u /* milliseconds of some clock */

struct ticket {
    uint8_t name[LK_TICKET_NAME_LEN], iv[LK_TICKET_IV_LEN], tag[LK_TICKET_TAG_LEN], data[LEN];
};

static struct lk_tickets tickets;
static uint8_t content[LEN];

static int set_up(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN; i++) {
        content[i] = (uint8_t)i;
    }
    return lk_tickets_init(&tickets, START);
}

static int tear_down(void **state) {
    (void)state;
    lk_tickets_free(&tickets);
    return 0;
}

static struct ticket sealed(uint64_t now) {
    struct ticket t;

    memcpy(t.data, content, LEN);
    assert_int_equal(lk_tickets_seal(&tickets, now, t.name, t.iv, t.tag, t.data, LEN), 0);
    assert_memory_not_equal(t.data, content, LEN);
    return t;
}

static int opened(struct ticket t, uint64_t now) {
    int err = lk_tickets_open(&tickets, now, t.name, t.iv, t.tag, t.data, LEN);

    if (err == 0) {
        assert_memory_equal(t.data, content, LEN);
    }
    return err;
}

static void test_opens_what_it_sealed(void **state) {
    struct ticket a = sealed(START), b = sealed(START);

    (void)state;
    assert_int_equal(opened(a, START), 0);
    assert_int_equal(opened(b, START), 0);
    assert_memory_equal(a.name, b.name, sizeof(a.name));
    assert_memory_not_equal(a.iv, b.iv, sizeof(a.iv));
    assert_memory_not_equal(a.data, b.data, LEN);
}

/* Any bit of it. */
static void test_forged(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(struct ticket) * 8; i++) {
        struct ticket t = sealed(START);
        uint8_t *bytes = (uint8_t *)&t;
        bytes[i / 8] = (uint8_t)(bytes[i / 8] ^ 1 << i % 8);
        assert_int_equal(opened(t, START), LK_ERR_MISMATCH);
    }
}

static void test_rotates(void **state) {
    struct ticket first = sealed(START);
    struct ticket last = sealed(START + LK_TICKET_KEY_MS - 1);
    struct ticket next = sealed(START + LK_TICKET_KEY_MS);

    (void)state;
    assert_memory_equal(first.name, last.name, sizeof(first.name));
    assert_memory_not_equal(first.name, next.name, sizeof(first.name));
    assert_int_equal(opened(first, START + LK_TICKET_KEY_MS), 0);
    assert_int_equal(opened(next, START + LK_TICKET_KEY_MS), 0);
    assert_int_equal(opened(first, START + 2 * LK_TICKET_KEY_MS - 1), 0);
    assert_int_equal(opened(first, START + 2 * LK_TICKET_KEY_MS), LK_ERR_MISMATCH);
    assert_int_equal(opened(next, START + 2 * LK_TICKET_KEY_MS), 0);
    assert_int_equal(opened(next, START + 3 * LK_TICKET_KEY_MS), LK_ERR_MISMATCH);
}

/* A key that nobody asked for over its two hours is gone at the next look. */
static void test_forgets_when_idle(void **state) {
    struct ticket t = sealed(START);

    (void)state;
    assert_int_equal(opened(t, START + 2 * LK_TICKET_KEY_MS), LK_ERR_MISMATCH);
    assert_false(tickets.keys[1].usable);
}

/* A thread that read the clock before another one moved the keys on. */
static void test_late(void **state) {
    struct ticket first = sealed(START);
    struct ticket next = sealed(START + LK_TICKET_KEY_MS);
    struct ticket late = sealed(START + LK_TICKET_KEY_MS - 1);

    (void)state;
    assert_memory_equal(late.name, next.name, sizeof(late.name));
    assert_int_equal(opened(next, START + LK_TICKET_KEY_MS), 0);
    assert_int_equal(opened(first, START + LK_TICKET_KEY_MS), 0);
}

static void test_renewed(void **state) {
    struct ticket t = sealed(START);

    (void)state;
    assert_int_equal(lk_tickets_renew(&tickets, START), 0);
    assert_int_equal(opened(t, START), LK_ERR_MISMATCH);
    assert_int_equal(opened(sealed(START), START), 0);
}

/* Without random bytes no ticket is made, and the next one is as good as ever. */
static void test_no_entropy(void **state) {
    struct ticket t = sealed(START);

    (void)state;
    lk_crypto_free();
    assert_int_equal(lk_tickets_renew(&tickets, START), LK_ERR_ENTROPY);
    assert_int_equal(lk_tickets_seal(&tickets, START, t.name, t.iv, t.tag, t.data, LEN), LK_ERR_ENTROPY);
    assert_int_equal(lk_crypto_init(), 0);
    assert_int_equal(opened(t, START), LK_ERR_MISMATCH);
    assert_int_equal(opened(sealed(START), START), 0);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_opens_what_it_sealed),
        TEST(test_forged),
        TEST(test_rotates),
        TEST(test_forgets_when_idle),
        TEST(test_renewed),
        TEST(test_no_entropy),
        TEST(test_late),
        TEST(test_renewed),
        TEST(test_no_entropy),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
