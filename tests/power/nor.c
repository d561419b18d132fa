#include "nor.h"
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KB 1024u

/* Banks are as small as the storage takes, so that the log moves often. */
const struct geometry geometries[] = {
    {"small-sectors", 4 * KB, 1, 256, 108 * KB, 4}, /* a chip that takes single bytes */
    {"once-words", 128 * KB, 32, 32, 128 * KB, 2},  /* STM32H7 */
    {"external-nor", 64 * KB, 1, 256, 128 * KB, 4}, /* a SPI NOR and its pages */
    {"double-words", 2 * KB, 8, 64, 106 * KB, 2},   /* STM32L4, STM32G4 */
};
const unsigned geometry_count = sizeof(geometries) / sizeof(geometries[0]);

void (*nor_last_words)(void);

void nor_die(const struct nor *n, const char *what, uint32_t address) {
    printf("%s: %s at 0x%x\n", n->name, what, address);
    if (nor_last_words != NULL) {
        nor_last_words();
    }
    exit(1);
}

uint64_t next_random(uint64_t *state) {
    /* splitmix64 */
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void *must(void *p) {
    if (p == NULL) {
        perror("memory");
        exit(1);
    }
    return p;
}

/* --- rules ---------------------------------------------------------------------------------------------- */

static void check_bounds(const struct nor *n, uint32_t address, size_t len) {
    if (address > n->size || len > n->size - address) {
        nor_die(n, "beyond the end", address);
    }
}

static void check_program(const struct nor *n, uint32_t address, const uint8_t *data, size_t len) {
    const struct lk_flash *f = &n->flash;

    check_bounds(n, address, len);
    if (len == 0 || address % f->program_unit != 0 || len % f->program_unit != 0) {
        nor_die(n, "a program of a part of a unit", address);
    }
    if (address / f->program_max != (address + len - 1) / f->program_max) {
        nor_die(n, "a program across a block", address);
    }
    if (n->half_erased[address / f->erase_size]) {
        nor_die(n, "a program of a sector that was not wholly erased", address);
    }
    for (size_t i = 0; i < len; i++) {
        if (n->programmed[(address + i) / f->program_unit]) {
            nor_die(n, "a second program of a unit", address);
        }
        if ((data[i] & ~n->cells[address + i]) != 0) {
            nor_die(n, "a program that sets a bit", address + (uint32_t)i);
        }
    }
}

static void mark_programmed(struct nor *n, uint32_t address, uint32_t len) {
    memset(n->programmed + address / n->flash.program_unit, 1, len / n->flash.program_unit);
}

static void note(struct nor *n, enum step_kind kind, uint32_t address, const void *data, uint32_t len) {
    if (!n->noting) {
        return;
    }
    if (n->step_count == n->step_room) {
        n->step_room = n->step_room * 2 + 1024;
        n->steps = must(realloc(n->steps, n->step_room * sizeof(*n->steps)));
    }
    if (data != NULL && n->data_len + len > n->data_room) {
        n->data_room = n->data_room * 2 + 65536;
        n->data = must(realloc(n->data, n->data_room));
    }
    n->steps[n->step_count++] =
        (struct step){.kind = kind, .address = address, .len = len, .data = n->data_len};
    if (data != NULL) {
        memcpy(n->data + n->data_len, data, len);
        n->data_len += len;
    }
}

/* --- the driver ----------------------------------------------------------------------------------------- */

static void read_flicker(struct nor *n, uint32_t address, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++) {
        uint32_t at = address + (uint32_t)i;

        if (at - n->flicker_from < n->flicker_len) {
            out[i] |= n->flicker[at - n->flicker_from] & (uint8_t)next_random(&n->random);
        }
    }
}

static int nor_read(void *context, uint32_t address, void *out, size_t len) {
    struct nor *n = context;

    check_bounds(n, address, len);
    if (n->bad_reads != 0 && address < n->bad_from + n->bad_len && address + len > n->bad_from) {
        n->bad_reads -= n->bad_reads > 0;
        return LK_ERR_IO;
    }
    memcpy(out, n->cells + address, len);
    if (n->flicker_len > 0) {
        read_flicker(n, address, out, len);
    }
    return 0;
}

static int nor_program(void *context, uint32_t address, const void *data, size_t len) {
    struct nor *n = context;
    const uint8_t *from = data;

    if (n->locked) {
        return LK_ERR_READ_ONLY;
    }
    check_program(n, address, from, len);
    note(n, STEP_PROGRAM, address, from, (uint32_t)len);
    for (size_t i = 0; i < len; i++) {
        n->cells[address + i] &= from[i];
    }
    if (n->stuck_mask != 0 && n->stuck_at - address < len) {
        n->cells[n->stuck_at] |= n->stuck_mask;
    }
    mark_programmed(n, address, (uint32_t)len);
    n->programmed_bytes += len;
    return 0;
}

static void erase(struct nor *n, uint32_t address) {
    const struct lk_flash *f = &n->flash;

    memset(n->cells + address, 0xFF, f->erase_size);
    memset(n->programmed + address / f->program_unit, 0, f->erase_size / f->program_unit);
    n->half_erased[address / f->erase_size] = 0;
    if (n->flicker_from - address < f->erase_size) {
        n->flicker_len = 0;
    }
}

static int nor_erase(void *context, uint32_t address) {
    struct nor *n = context;

    if (n->locked) {
        return LK_ERR_READ_ONLY;
    }
    check_bounds(n, address, n->flash.erase_size);
    if (address % n->flash.erase_size != 0) {
        nor_die(n, "an erase of a part of a sector", address);
    }
    if (n->no_erase) {
        return LK_ERR_IO;
    }
    note(n, STEP_ERASE, address, NULL, n->flash.erase_size);
    erase(n, address);
    return 0;
}

/* --- made, copied, replayed ----------------------------------------------------------------------------- */

void nor_make(struct nor *n, const struct geometry *g) {
    *n = (struct nor){.name = g->name, .size = 2 * g->bank_size};
    n->flash = (struct lk_flash){.erase_size = g->erase_size,
                                 .program_unit = g->program_unit,
                                 .program_max = g->program_max,
                                 .bank = {0, g->bank_size},
                                 .bank_size = g->bank_size,
                                 .endurance = 10000,
                                 .context = n,
                                 .read = nor_read,
                                 .program = nor_program,
                                 .erase = nor_erase};
    n->cells = must(malloc(n->size));
    memset(n->cells, 0xFF, n->size);
    n->programmed = must(calloc(n->size / g->program_unit, 1));
    n->half_erased = must(calloc(n->size / g->erase_size, 1));
    n->flicker = must(calloc(g->erase_size, 1));
}

void nor_free(struct nor *n) {
    free(n->cells);
    free(n->programmed);
    free(n->half_erased);
    free(n->flicker);
    free(n->steps);
    free(n->data);
}

void nor_copy(struct nor *to, const struct nor *from) {
    const struct lk_flash *f = &from->flash;

    memcpy(to->cells, from->cells, from->size);
    memcpy(to->programmed, from->programmed, from->size / f->program_unit);
    memcpy(to->half_erased, from->half_erased, from->size / f->erase_size);
    memcpy(to->flicker, from->flicker, from->flicker_len);
    to->flicker_from = from->flicker_from;
    to->flicker_len = from->flicker_len;
    to->random = from->random;
    to->noting = false;
    to->step_count = 0;
    to->data_len = 0;
    to->bad_reads = 0;
    to->bad_len = 0;
    to->stuck_mask = 0;
    to->locked = false;
    to->no_erase = false;
}

void nor_apply(struct nor *n, const struct nor *notes, const struct step *s) {
    if (s->kind == STEP_ERASE) {
        erase(n, s->address);
        return;
    }
    for (uint32_t i = 0; i < s->len; i++) {
        n->cells[s->address + i] &= notes->data[s->data + i];
    }
    mark_programmed(n, s->address, s->len);
}

/* What a byte becomes on its way from `was` to `will`, where `mask` has the bits that got there. */
static uint8_t part_of(uint8_t was, uint8_t will, uint8_t mask) {
    return (uint8_t)((was & ~mask) | (will & mask));
}

static uint8_t target(const struct nor *notes, const struct step *s, uint32_t i) {
    return s->kind == STEP_ERASE ? 0xFF : notes->data[s->data + i];
}

/* A torn unit counts as programmed as soon as one of its bits is. */
static void mark_torn(struct nor *n, const struct step *s) {
    uint32_t unit = n->flash.program_unit;

    if (s->kind == STEP_ERASE) {
        n->half_erased[s->address / n->flash.erase_size] = 1;
        return;
    }
    for (uint32_t at = s->address; at < s->address + s->len; at++) {
        if (n->cells[at] != 0xFF) {
            n->programmed[at / unit] = 1;
        }
    }
}

void nor_apply_cut(struct nor *n, const struct nor *notes, const struct step *s, enum cut cut,
                   uint64_t seed) {
    uint64_t random = seed;
    uint32_t front = 0;

    if (cut == CUT_BEFORE) {
        return;
    }
    if (cut == CUT_FRONT) {
        front = (uint32_t)(next_random(&random) % s->len);
        if (s->kind == STEP_ERASE && front % 2 == 0) {
            front = s->len; /* it reads blank, but would not stay so */
        }
    }
    if (cut == CUT_UNSTEADY) {
        n->flicker_from = s->address;
        n->flicker_len = s->len;
        memset(n->flicker, 0, s->len);
        n->random = ~seed; /* not the bits that follow here */
    }
    for (uint32_t i = 0; i < s->len; i++) {
        uint8_t *cell = &n->cells[s->address + i];
        uint8_t was = *cell;
        uint8_t mask = (uint8_t)next_random(&random);

        if (cut == CUT_FRONT) {
            mask = i < front ? 0xFF : i / n->flash.program_unit == front / n->flash.program_unit ? mask : 0;
        }
        *cell = part_of(was, target(notes, s, i), mask);
        if (cut == CUT_UNSTEADY) {
            n->flicker[i] = was ^ *cell;
            *cell &= was; /* read_flicker sets bits */
        }
    }
    mark_torn(n, s);
}
