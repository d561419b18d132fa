/*
 * What a flash driver must do (ports/rtos/storage/flash.h), on the board's own one. It erases the flash: on
 * hardware, run it before there is anything to lose.
 */
#include "testing.h"

#include <string.h>

#include "rtos/board.h"
#include "rtos/storage/flash.h"

static const struct lk_flash *flash;
static uint8_t data[LK_FLASH_PROGRAM_MAX], back[LK_FLASH_PROGRAM_MAX];

static void program(uint32_t address, size_t len) {
    CHECK_EQUAL(flash->program(flash->context, address, data, len), 0);
}

static void erase(uint32_t address) {
    CHECK_EQUAL(flash->erase(flash->context, address), 0);
}

/* All of `len` bytes from `address` are `value`. */
static void check_all(uint32_t address, size_t len, uint8_t value) {
    for (size_t at = 0; at < len; at += sizeof(back)) {
        size_t part = len - at < sizeof(back) ? len - at : sizeof(back);
        memset(back, (uint8_t)~value, sizeof(back));
        CHECK_EQUAL(flash->read(flash->context, address + (uint32_t)at, back, part), 0);
        for (size_t i = 0; i < part; i++) {
            CHECK_EQUAL(back[i], value);
        }
    }
}

static void the_geometry_adds_up(void) {
    flash = lk_board.flash;
    CHECK(flash != NULL);
    CHECK(flash->program_unit > 0 && (flash->program_unit & (flash->program_unit - 1)) == 0);
    CHECK(flash->program_max >= flash->program_unit && flash->program_max <= LK_FLASH_PROGRAM_MAX);
    CHECK((flash->program_max & (flash->program_max - 1)) == 0);
    CHECK(flash->erase_size % flash->program_max == 0);
    CHECK(flash->bank_size % flash->erase_size == 0 && flash->bank_size >= 2 * flash->erase_size);
    for (int b = 0; b < 2; b++) {
        CHECK_EQUAL(flash->bank[b] % flash->erase_size, 0);
    }
    CHECK(flash->bank[0] + flash->bank_size <= flash->bank[1] ||
          flash->bank[1] + flash->bank_size <= flash->bank[0]);
}

static void an_erase_clears_its_sector_alone(void) {
    memset(data, 0x5A, sizeof(data));
    for (int b = 0; b < 2; b++) {
        uint32_t first = flash->bank[b], last = flash->bank[b] + flash->bank_size - flash->erase_size;
        uint32_t end_of_first = first + flash->erase_size - flash->program_max;
        erase(first);
        erase(first + flash->erase_size);
        erase(last);
        check_all(first, 2 * (size_t)flash->erase_size, 0xFF);
        program(end_of_first, flash->program_max);
        program(first + flash->erase_size, flash->program_max);
        program(last + flash->erase_size - flash->program_max, flash->program_max);
        check_all(last + flash->erase_size - flash->program_max, flash->program_max, 0x5A);
        erase(first);
        check_all(first, flash->erase_size, 0xFF);
        check_all(first + flash->erase_size, flash->program_max, 0x5A);
        erase(first + flash->erase_size);
        erase(last);
        check_all(last, flash->erase_size, 0xFF);
    }
}

static void programs_of_every_length_stay_in_their_place(void) {
    uint32_t at = flash->bank[0];
    uint32_t unit = flash->program_unit;
    for (uint32_t len = unit; len <= flash->program_max; len += unit) {
        for (uint32_t i = 0; i < len; i++) {
            data[i] = (uint8_t)(len + 7 * i);
        }
        uint32_t place = at + (len / unit % (flash->erase_size / flash->program_max)) * flash->program_max;
        erase(at);
        program(place, len);
        CHECK_EQUAL(flash->read(flash->context, place, back, len), 0);
        CHECK(memcmp(data, back, len) == 0);
        check_all(at, place - at, 0xFF);
        check_all(place + len, at + flash->erase_size - place - len, 0xFF);
        if (flash->program_max > 32 * unit) {
            len += flash->program_max / 8 - unit; /* some of them are enough */
        }
    }
    erase(at);
}

static void reads_need_no_alignment(void) {
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 13);
    }
    erase(flash->bank[1]);
    program(flash->bank[1], flash->program_max);
    for (uint32_t from = 0; from < 8 && from < flash->program_max; from++) {
        for (size_t len = 1; from + len <= flash->program_max; len += 5) {
            CHECK_EQUAL(flash->read(flash->context, flash->bank[1] + from, back, len), 0);
            CHECK(memcmp(data + from, back, len) == 0);
        }
    }
    erase(flash->bank[1]);
}

int test_main(void) {
    static const struct test_case cases[] = {
        TEST_CASE(the_geometry_adds_up),
        TEST_CASE(an_erase_clears_its_sector_alone),
        TEST_CASE(programs_of_every_length_stay_in_their_place),
        TEST_CASE(reads_need_no_alignment),
    };
    return test_run(cases, sizeof(cases) / sizeof(cases[0]));
}
