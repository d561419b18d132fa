/*
 * A NOR flash in memory, with the rules of real ones: a program clears bits and never sets one, only a whole
 * sector can be erased, a unit is not programmed twice in between (some take it, others do not), and a sector whose erase was
 * cut short is not written at all. Breaking a rule ends the test at once.
 *
 * Every program and erase is noted, so that the flash can be rebuilt as a power cut at any of them would have
 * left it. Faults are put in by hand.
 */
#ifndef POWER_NOR_H
#define POWER_NOR_H

#include "rtos/storage/flash.h"

#include <stdbool.h>
#include <stdint.h>

enum step_kind { STEP_PROGRAM, STEP_ERASE };

struct step {
    enum step_kind kind;
    uint32_t address;
    uint32_t len;
    uint32_t data; /* where in the notes the bytes programmed stand */
};

/* How much of a step the cut lets happen. */
enum cut {
    CUT_BEFORE,   /* nothing */
    CUT_FRONT,    /* a random part from its beginning, the last unit of it with random bits */
    CUT_RANDOM,   /* each bit by itself */
    CUT_UNSTEADY, /* each bit by itself, and those that changed read as they like from then on */
    CUT_COUNT
};

struct nor {
    const char *name;
    struct lk_flash flash; /* its context is this */
    uint32_t size;
    uint8_t *cells;
    uint8_t *programmed;  /* a byte a unit: 1 since the last erase */
    uint8_t *half_erased; /* a byte a sector: an erase of it was cut short */

    /* where reads are not steady: [from, from + len), between `cells` and `cells | flicker` */
    uint8_t *flicker;
    uint32_t flicker_from, flicker_len;
    uint64_t random;

    /* notes, when `noting` */
    bool noting;
    struct step *steps;
    uint32_t step_count, step_room;
    uint8_t *data;
    uint32_t data_len, data_room;

    /* faults */
    uint32_t bad_from, bad_len; /* reads there fail … */
    int bad_reads;              /* … so many more times; below 0: always */
    uint32_t stuck_at;          /* the byte there never becomes … */
    uint8_t stuck_mask;         /* … 0 in these bits */
    bool locked;
    bool no_erase; /* erases fail, and do nothing */
    uint64_t programmed_bytes;
};

struct geometry {
    const char *name;
    uint32_t erase_size, program_unit, program_max, bank_size;
    unsigned people; /* in the workload: smaller units are more steps */
};
extern const struct geometry geometries[];
extern const unsigned geometry_count;

/* A blank one. */
void nor_make(struct nor *n, const struct geometry *g);
void nor_free(struct nor *n);
/* `to` becomes as `from` is, without its notes and faults; same geometry. */
void nor_copy(struct nor *to, const struct nor *from);
/* Does step `s` of `notes`, whole. */
void nor_apply(struct nor *n, const struct nor *notes, const struct step *s);
/* Does it as far as `cut` lets it, with bits from `seed`. */
void nor_apply_cut(struct nor *n, const struct nor *notes, const struct step *s, enum cut cut, uint64_t seed);

uint64_t next_random(uint64_t *state);
/* Prints and ends the process: a rule was broken, or memory ran out. */
void nor_die(const struct nor *n, const char *what, uint32_t address);
/* Called by nor_die before it ends: prints which run it was. */
extern void (*nor_last_words)(void);

#endif
