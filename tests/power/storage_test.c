/*
 * What the storage says of a flash that is worn, full, locked, of another version or not ours; its limits and
 * its counts; and a store of 64 KB that was filled up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "crypto/crypto.h"
#include "device.h"
#include "rtos/storage/storage.h"

static struct nor nor;

static int make(void **state) {
    (void)state;
    nor_make(&nor, &geometries[0]);
    return 0;
}

static int end(void **state) {
    (void)state;
    device_close();
    lk_storage_unmount();
    nor_free(&nor);
    return 0;
}

static struct lk_storage_status status(void) {
    struct lk_storage_status s;

    lk_storage_status(&s);
    return s;
}

/* Writes `n` more versions of one file. Returns the first error. */
static int write_files(unsigned n) {
    char bytes[1000];
    int rc = 0;

    for (unsigned i = 0; i < n && rc == 0; i++) {
        memset(bytes, (int)i, sizeof(bytes));
        rc = lk_storage_file_write("a", bytes, sizeof(bytes));
    }
    return rc;
}

static void assert_file(const char *name, size_t len) {
    char bytes[LK_STORAGE_FILE_MAX];
    size_t got = 0;

    assert_int_equal(lk_storage_file_read(name, bytes, sizeof(bytes), &got), 0);
    assert_int_equal(got, len);
}

static void test_locked(void **state) {
    (void)state;
    nor.locked = true;
    assert_int_equal(device_mount(&nor), LK_ERR_READ_ONLY);
    nor.locked = false;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(write_files(1), 0);
    nor.locked = true;
    assert_int_equal(write_files(1), LK_ERR_READ_ONLY);
    assert_int_equal(lk_storage_ready(), LK_ERR_READ_ONLY);
    assert_file("a", 1000);
    nor.locked = false;
    assert_int_equal(write_files(1), 0);
    assert_int_equal(lk_storage_ready(), 0);
    assert_int_equal(device_mount(&nor), 0);
    assert_file("a", 1000);
}

/* Sectors that cannot be erased any more: the bank in use is filled, then writes end; reads go on. */
static void test_worn(void **state) {
    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(write_files(300), 0);
    assert_true(status().erases[0] + status().erases[1] > 1);
    nor.no_erase = true;
    assert_int_equal(write_files(300), LK_ERR_WORN);
    assert_int_equal(lk_storage_ready(), LK_ERR_WORN);
    assert_int_equal(status().error, LK_ERR_WORN);
    assert_int_equal(write_files(1), LK_ERR_WORN);
    assert_file("a", 1000);
}

/* The idle bank fails while there is room: told at once, and writes go on as long as they can. */
static void test_worn_ahead(void **state) {
    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(write_files(110), 0);
    nor.no_erase = true;
    for (int i = 0; i < 100 && lk_storage_tend() > 0; i++) {
    }
    assert_int_equal(lk_storage_ready(), LK_ERR_WORN);
    assert_int_equal(write_files(1), 0);
}

/* A cell that does not take its bits is found at once, and what stands there is written elsewhere. */
static void test_stuck_bits(void **state) {
    (void)state;
    for (uint32_t at = 300; at < 4000; at += 97) {
        struct nor fresh;

        nor_make(&fresh, &geometries[0]);
        fresh.stuck_at = at;
        fresh.stuck_mask = 0xFF;
        assert_int_equal(device_mount(&fresh), 0);
        assert_int_equal(write_files(4), 0);
        assert_int_equal(device_mount(&fresh), 0);
        assert_file("a", 1000);
        nor_free(&fresh);
    }
}

static void test_tend_erases_ahead(void **state) {
    int more = 1;

    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(write_files(110), 0);
    for (int i = 0; i < 100 && more > 0; i++) {
        more = lk_storage_tend();
    }
    assert_int_equal(more, 0);
    /* Now a move costs no erase. */
    nor.no_erase = true;
    assert_int_equal(write_files(100), 0);
}

static void test_not_ours(void **state) {
    (void)state;
    memset(nor.cells, 0, nor.size);
    assert_int_equal(device_mount(&nor), LK_ERR_CORRUPT);
    assert_int_equal(lk_storage_erase(&nor.flash), 0);
    assert_int_equal(device_mount(&nor), 0);
}

static void test_other_version(void **state) {
    /* A longer header of version 2, as a later firmware might write it. */
    static const uint8_t newer[16] = {'L', 'K', 'F', 'L', 2, 0, 16, 0, 1, 0, 0, 0, 0x5C, 0xF6, 0x42, 0x77};
    uint32_t crc = 0xFFFFFFFF;

    (void)state;
    memcpy(nor.cells, newer, sizeof(newer));
    for (unsigned i = 0; i < 12; i++) {
        crc ^= newer[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
    }
    crc = ~crc;
    memcpy(nor.cells + 12, &crc, 4);
    assert_int_equal(device_mount(&nor), LK_ERR_VERSION);
}

static void test_geometry(void **state) {
    struct lk_flash flash = nor.flash;
    uint8_t lock[1024];
    struct lk_storage_options o = {
        .flash = &flash, .map = device_map, .map_size = MAP_SIZE, .lock = lock, .lock_size = sizeof(lock)};

    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    flash.program_unit = 2;
    assert_int_equal(lk_storage_mount(&o), LK_ERR_INVALID);
    flash.program_unit = 3;
    assert_int_equal(lk_storage_mount(&o), LK_ERR_INVALID);
    flash = nor.flash;
    flash.bank_size = MAP_SIZE;
    assert_int_equal(lk_storage_mount(&o), LK_ERR_INVALID);
}

static void test_file_limits(void **state) {
    static char bytes[LK_STORAGE_FILE_MAX + 1];
    char name[] = "file-a";
    size_t len;

    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(lk_storage_file_write("", bytes, 1), LK_ERR_INVALID);
    assert_int_equal(lk_storage_file_write("a/b", bytes, 1), LK_ERR_INVALID);
    assert_int_equal(lk_storage_file_write("a-name-of-more-than-thirty-one-bytes", bytes, 1), LK_ERR_INVALID);
    assert_int_equal(lk_storage_file_write("a", bytes, sizeof(bytes)), LK_ERR_TOO_LARGE);
    assert_int_equal(lk_storage_file_remove("a"), LK_ERR_NOT_FOUND);
    for (unsigned i = 0; i < 3; i++) {
        name[5] = (char)('a' + i);
        assert_int_equal(lk_storage_file_write(name, bytes, LK_STORAGE_FILE_MAX), 0);
    }
    assert_int_equal(lk_storage_file_write("one-more", bytes, 1), LK_ERR_FULL);
    assert_int_equal(lk_storage_file_read("file-a", bytes, 10, &len), LK_ERR_TOO_LARGE);
    assert_int_equal(lk_storage_file_remove("file-a"), 0);
    assert_int_equal(lk_storage_file_read("file-a", bytes, 10, &len), LK_ERR_NOT_FOUND);
    for (unsigned i = 0; i < LK_STORAGE_FILES - 2; i++) {
        name[5] = (char)('d' + i);
        assert_int_equal(lk_storage_file_write(name, bytes, 0), 0);
    }
    assert_int_equal(lk_storage_file_write("one-more", bytes, 1), LK_ERR_FULL);
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(status().files, LK_STORAGE_FILES);
    assert_file("file-c", LK_STORAGE_FILE_MAX);
    assert_file(name, 0);
}

static void test_reset(void **state) {
    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(write_files(3), 0);
    assert_int_equal(lk_storage_reset(), 0);
    assert_int_equal(status().files, 0);
    /* Nothing of it is left in the flash. */
    for (uint32_t i = 0; i + 100 < nor.size; i++) {
        assert_false(memcmp(nor.cells + i, "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1", 16) == 0);
    }
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(status().files, 0);
}

/* --- a full store --------------------------------------------------------------------------------------- */

static int sign_up(unsigned i, struct lk_account *account, struct lk_account_mem *mem) {
    char name[32];
    char email[64];
    struct lk_client c = {.now = NOW};
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.password = LK_STR("correct horse battery"), .roles = LK_ROLE_USER};

    snprintf(name, sizeof(name), "person-%u", i);
    snprintf(email, sizeof(email), "%s@example.org", name);
    in.username = lk_str_from(name);
    in.email = lk_str_from(email);
    return lk_account_signup(device.svc, &in, &c, &v, account, mem);
}

/* 64 pages take some dozens of accounts; whoever is there when it is full can still be deleted. */
static void test_full_store_can_be_emptied(void **state) {
    static struct lk_account account;
    static struct lk_account_mem mem;
    struct lk_client c = {.now = NOW};
    unsigned people = 0;
    int rc = 0;

    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(device_open(), 0);
    while (rc == 0 && people < 1000) {
        rc = sign_up(people, &account, &mem);
        people += rc == 0;
    }
    print_message("%u accounts fit into %u bytes\n", people, MAP_SIZE);
    assert_int_equal(rc, LK_ERR_FULL);
    assert_true(people >= 20);
    for (unsigned i = 0; i < people; i++) {
        char name[32];

        snprintf(name, sizeof(name), "person-%u", i);
        assert_int_equal(lk_account_by_username(device.svc, lk_str_from(name), &account, &mem), 0);
        rc = lk_account_delete(device.svc, account.id, &c, NULL);
        if (rc != 0) {
            print_error("%s of %u\n", name, people);
        }
        assert_int_equal(rc, 0);
    }
    assert_int_equal(device_check(), 0);
    assert_int_equal(sign_up(0, &account, &mem), 0);
}

/* What a device wears its flash with. */
static void test_wear(void **state) {
    static struct lk_account account;
    static struct lk_account_mem mem;
    struct lk_client c = {.now = NOW};
    struct lk_tokens tokens;
    uint32_t wait;
    uint64_t before;

    (void)state;
    assert_int_equal(device_mount(&nor), 0);
    assert_int_equal(device_open(), 0);
    before = status().programmed;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(sign_up(i, &account, &mem), 0);
    }
    print_message("%lu bytes a sign-up\n", (unsigned long)(status().programmed - before) / 10);
    before = status().programmed;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(lk_account_login(device.svc, LK_BY_USERNAME, LK_STR("person-1"),
                                          LK_STR("correct horse battery"), &c, &account, &mem, &tokens,
                                          &wait),
                         0);
    }
    print_message("%lu bytes a log-in\n", (unsigned long)(status().programmed - before) / 10);
    assert_true(status().programmed - before < 10 * 16384);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_locked, make, end),
        cmocka_unit_test_setup_teardown(test_worn, make, end),
        cmocka_unit_test_setup_teardown(test_worn_ahead, make, end),
        cmocka_unit_test_setup_teardown(test_stuck_bits, make, end),
        cmocka_unit_test_setup_teardown(test_tend_erases_ahead, make, end),
        cmocka_unit_test_setup_teardown(test_not_ours, make, end),
        cmocka_unit_test_setup_teardown(test_other_version, make, end),
        cmocka_unit_test_setup_teardown(test_geometry, make, end),
        cmocka_unit_test_setup_teardown(test_file_limits, make, end),
        cmocka_unit_test_setup_teardown(test_reset, make, end),
        cmocka_unit_test_setup_teardown(test_full_store_can_be_emptied, make, end),
        cmocka_unit_test_setup_teardown(test_wear, make, end),
    };

    return lk_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
