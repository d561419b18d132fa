/* The driver of the LAN9118 against a model of its registers, which can do what QEMU's never does: lose step, be
   full, be absent. */
#include "base/err.h"
#include "rtos/net/nic.h"
#include "rtos/net/registers.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WORDS 4096

static struct {
    bool absent, stuck, full;
    uint32_t in[WORDS], status[64], out[WORDS];
    size_t in_first, in_count, status_first, status_count, out_count;
    uint32_t mac[16], mac_data, int_en, int_sts, irq_cfg, dumps;
    bool link, broke;
    unsigned phy_at;
} chip;

static const struct lk_nic nic = {.driver = &lk_lan9118, .base = 0x1000};
static const uint8_t mac[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

/* --- the model --------------------------------------------------------------------------------------------- */

static uint32_t pop(void) {
    assert_true(chip.in_count > 0); /* the driver never reads more than there is */
    chip.in_count--;
    return chip.in[chip.in_first++];
}

uint32_t lk_register_read(uintptr_t address) {
    switch (address - 0x1000) {
    case 0x00:
        return pop();
    case 0x40:
        assert_true(chip.status_count > 0);
        chip.status_count--;
        return chip.status[chip.status_first++];
    case 0x48:
        return 0;
    case 0x64:
        return chip.absent ? 0xffffffff : 0x87654321;
    case 0x74:
        return chip.stuck ? 1 : 0;
    case 0x7c:
        return (uint32_t)(chip.status_count << 16 | chip.in_count * 4);
    case 0x80:
        return chip.full ? 0 : 4608;
    case 0xa0:
        return 7; /* dropped frames */
    case 0xa8:
        return chip.mac_data;
    default:
        return 0;
    }
}

static void mac_command(uint32_t value) {
    unsigned at = value & 0xff;

    if ((value & 0x40000000) == 0) {
        chip.mac[at] = chip.mac_data;
        if (at == 6) {
            chip.phy_at = chip.mac_data >> 6 & 0x1f;
            chip.mac[6] &= ~1u;
            if ((chip.mac_data & 2) == 0) {
                /* Link status stays low until it was read after a break. */
                chip.mac[7] = chip.phy_at == 1 && chip.link && !chip.broke ? 0x7809 | 4 : 0x7809;
                chip.broke = false;
            }
        }
    } else {
        chip.mac_data = chip.mac[at];
    }
}

void lk_register_write(uintptr_t address, uint32_t value) {
    switch (address - 0x1000) {
    case 0x20:
        chip.out[chip.out_count++] = value;
        break;
    case 0x54:
        chip.irq_cfg = value;
        break;
    case 0x58:
        chip.int_sts &= ~value;
        break;
    case 0x5c:
        chip.int_en = value;
        break;
    case 0x6c:
        if (value & 0x8000) {
            chip.dumps++;
            chip.in_count = chip.status_count = 0;
        }
        break;
    case 0xa4:
        mac_command(value);
        break;
    case 0xa8:
        chip.mac_data = value;
        break;
    default:
        break;
    }
}

/* A frame of `len` bytes (its first is `first`) comes in, with a check sequence. */
static void arrive(size_t len, uint8_t first, uint32_t flags) {
    size_t words = (len + 4 + 3) / 4;
    uint8_t *bytes = (uint8_t *)&chip.in[chip.in_first + chip.in_count];

    memset(bytes, 0xcc, words * 4);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(first + i);
    }
    chip.in_count += words;
    chip.status[chip.status_first + chip.status_count++] = (uint32_t)(len + 4) << 16 | flags;
    chip.int_sts |= 8;
}

static int fresh(void **state) {
    (void)state;
    memset(&chip, 0, sizeof(chip));
    assert_int_equal(lk_lan9118.start(&nic, mac, false), 0);
    return 0;
}

/* --- tests ---------------------------------------------------------------------------------------------------- */

static void starts(void **state) {
    (void)state;
    assert_int_equal(chip.mac[3], 0x33221102);
    assert_int_equal(chip.mac[2], 0x5544);
    assert_int_equal(chip.mac[1] & 0x0008000c, 0xc); /* both directions, and no multicast */
    assert_int_equal(chip.irq_cfg & 0x111, 0x111);   /* enabled, active high, push-pull */
    assert_int_equal(chip.int_en, 0);
    assert_int_equal(lk_lan9118.start(&nic, mac, true), 0);
    assert_int_equal(chip.mac[1] & 0x00080000, 0x00080000);
}

static void says_that_there_is_none(void **state) {
    (void)state;
    chip.absent = true;
    assert_int_equal(lk_lan9118.start(&nic, mac, false), LK_ERR_IO);
    chip.absent = false;
    chip.stuck = true;
    assert_int_equal(lk_lan9118.start(&nic, mac, false), LK_ERR_IO);
}

/* Every length, in pieces of odd and even lengths, to odd addresses, and left in the middle. */
static void receives_frames_of_every_length(void **state) {
    (void)state;
    srand(1);
    for (size_t len = 14; len <= LK_FRAME_MAX; len++) {
        uint8_t out[LK_FRAME_MAX + 8];
        size_t wanted = len % 3 == 0 ? len / 2 : len;
        chip.in_first = chip.status_first = 0;
        arrive(len, (uint8_t)len, 0);
        arrive(20, 0x55, 0);
        assert_int_equal(lk_lan9118.receive_begin(&nic), len);
        for (size_t at = 0; at < wanted;) {
            size_t piece = 1 + (size_t)rand() % 400;
            piece = piece < wanted - at ? piece : wanted - at;
            lk_lan9118.receive_copy(&nic, out + 1 + at, piece);
            at += piece;
        }
        for (size_t i = 0; i < wanted; i++) {
            assert_int_equal(out[1 + i], (uint8_t)(len + i));
        }
        lk_lan9118.receive_end(&nic);
        assert_int_equal(lk_lan9118.receive_begin(&nic), 20);
        lk_lan9118.receive_copy(&nic, out, 1);
        assert_int_equal(out[0], 0x55);
        lk_lan9118.receive_end(&nic);
        assert_int_equal(chip.in_count, 0);
        assert_int_equal(lk_lan9118.receive_begin(&nic), 0);
    }
}

static void drops_bad_frames(void **state) {
    (void)state;
    arrive(60, 1, 0x8000); /* an error */
    arrive(4, 2, 0);       /* a stump */
    arrive(1600, 3, 0);    /* longer than any */
    arrive(60, 4, 0);
    assert_int_equal(lk_lan9118.receive_begin(&nic), 60);
    uint8_t first;
    lk_lan9118.receive_copy(&nic, &first, 1);
    assert_int_equal(first, 4);
    lk_lan9118.receive_end(&nic);
    assert_int_equal(chip.in_count, 0);
}

static void finds_its_step_again(void **state) {
    (void)state;
    arrive(60, 1, 0);
    chip.status[0] = 0x3fff0000; /* a length that no frame has */
    assert_int_equal(lk_lan9118.receive_begin(&nic), 0);
    assert_int_equal(chip.dumps, 1);
    assert_int_equal(lk_lan9118.overruns(&nic), 8);
    assert_int_equal(chip.mac[1] & 0xc, 0xc); /* it runs again */
    chip.in_first = chip.status_first = 0;
    arrive(60, 9, 0);
    assert_int_equal(lk_lan9118.receive_begin(&nic), 60);
}

static void sends_frames_of_every_length(void **state) {
    (void)state;
    srand(2);
    for (size_t len = 14; len <= LK_FRAME_MAX; len++) {
        uint8_t frame[LK_FRAME_MAX];
        for (size_t i = 0; i < len; i++) {
            frame[i] = (uint8_t)(i * 7 + len);
        }
        chip.out_count = 0;
        assert_true(lk_lan9118.send_begin(&nic, len));
        for (size_t at = 0; at < len;) {
            size_t piece = 1 + (size_t)rand() % 200;
            piece = piece < len - at ? piece : len - at;
            lk_lan9118.send_copy(&nic, frame + at, piece);
            at += piece;
        }
        lk_lan9118.send_end(&nic);
        assert_int_equal(chip.out_count, 2 + (len + 3) / 4);
        assert_int_equal(chip.out[0], 0x3000 | len); /* first and last piece */
        assert_int_equal(chip.out[1] & 0x7ff, len);
        assert_memory_equal(&chip.out[2], frame, len);
    }
}

static void does_not_wait_for_ever(void **state) {
    (void)state;
    chip.full = true;
    assert_false(lk_lan9118.send_begin(&nic, 60));
    assert_int_equal(chip.out_count, 0);
}

static void sees_the_cable(void **state) {
    (void)state;
    assert_false(lk_lan9118.link_up(&nic));
    chip.link = chip.broke = true;
    assert_true(lk_lan9118.link_up(&nic));
}

static void interrupts_when_told(void **state) {
    (void)state;
    lk_lan9118.interrupt_on(&nic);
    assert_int_equal(chip.int_en, 8);
    arrive(60, 1, 0);
    assert_int_equal(lk_lan9118.receive_begin(&nic), 60);
    lk_lan9118.receive_end(&nic);
    assert_int_equal(lk_lan9118.receive_begin(&nic), 0);
    assert_int_equal(chip.int_sts & 8, 0); /* what was taken interrupts no more */
    lk_lan9118.interrupt_off(&nic);
    assert_int_equal(chip.int_en, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(starts, fresh),
        cmocka_unit_test_setup(says_that_there_is_none, fresh),
        cmocka_unit_test_setup(receives_frames_of_every_length, fresh),
        cmocka_unit_test_setup(drops_bad_frames, fresh),
        cmocka_unit_test_setup(finds_its_step_again, fresh),
        cmocka_unit_test_setup(sends_frames_of_every_length, fresh),
        cmocka_unit_test_setup(does_not_wait_for_ever, fresh),
        cmocka_unit_test_setup(sees_the_cable, fresh),
        cmocka_unit_test_setup(interrupts_when_told, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
