/*
 * The power cut everywhere. A workload is recorded on a flash in memory; then, for every program and erase of
 * it and for every way in which a cut can leave that step, the flash is rebuilt as the cut would have left it
 * and the device is started on it. It must come up; it must hold every change that was acknowledged, and of
 * the one under way all or nothing; every invariant must be kept; and it must go on working. What the start
 * writes is cut as well: for some first cuts at each of its steps, for a quarter of the others at one.
 *
 *   power_test --geometry NAME [--every N]      every N-th step alone
 *   power_test … --step S --cut C [--then S2 --then-cut C2]      that one run
 *   power_test … --only cuts|damage
 *   power_test … --must-fail      passes when something is lost: for storages that are wrong on purpose
 *
 * POWER_LOG=1 prints the storage's own log.
 */
#include "crypto/crypto.h"
#include "device.h"
#include "rtos/storage/storage.h"
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FULL_SECOND_CUTS 2 /* first cuts whose recovery is cut at each step */
#define NO_STEP UINT32_MAX

struct run {
    uint32_t step;
    enum cut cut;
    uint32_t then; /* NO_STEP: no second cut */
    enum cut then_cut;
};

static struct recording recording;
static struct nor torn;    /* as the first cut left it */
static struct nor first;   /* as the start on that one left it */
static struct nor second;  /* as the second cut left it, or damage, and the start on that */
static struct run current; /* for the message */
static bool must_fail;
static unsigned long cuts, second_cuts, workloads;

/* --- what went wrong ------------------------------------------------------------------------------------ */

static void print_run(void) {
    printf("replay: power_test --geometry %s --step %u --cut %d", recording.nor.name, current.step,
           (int)current.cut);
    if (current.then != NO_STEP) {
        printf(" --then %u --then-cut %d", current.then, (int)current.then_cut);
    }
    printf("\n");
    if (must_fail) {
        printf("found, as it must be\n");
        fflush(stdout);
        _Exit(0);
    }
}

static void fail(const char *what, const char *why) {
    printf("%s: %s%s%s\n", recording.nor.name, what, why[0] != '\0' ? ": " : "", why);
    print_run();
    exit(1);
}

/* --- what was seen before ------------------------------------------------------------------------------- */

/* Most cuts leave one of a few thousand images: what follows from an image is looked at once. */
struct seen {
    uint64_t image; /* 0: free */
    uint64_t state;
};
#define SEEN_SIZE 65536
static struct seen seen[SEEN_SIZE];
static uint64_t worked[SEEN_SIZE]; /* images and places of the log from which the next workload ran */

static struct seen *look_up(uint64_t image) {
    uint64_t i = image;

    while (seen[i % SEEN_SIZE].image != 0 && seen[i % SEEN_SIZE].image != image) {
        i++;
    }
    return &seen[i % SEEN_SIZE];
}

static bool note_worked(uint64_t key) {
    uint64_t i = key;

    while (worked[i % SEEN_SIZE] != 0) {
        if (worked[i % SEEN_SIZE] == key) {
            return true;
        }
        i++;
    }
    worked[i % SEEN_SIZE] = key;
    return false;
}

/* --- one start ------------------------------------------------------------------------------------------ */

/* How many marks were reached when `step` steps were done. */
static uint32_t marks_at(uint32_t step) {
    uint32_t low = 0;
    uint32_t high = recording.mark_count;

    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;

        if (recording.marks[middle].steps <= step) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint64_t open_and_look(void) {
    uint64_t state;

    if (device_open() != 0) {
        fail("the store does not open", device.why);
    }
    state = device_state();
    if (device_check() != 0) {
        fail("an invariant is broken", "");
    }
    device_close();
    return state;
}

/* The device goes on, and remembers that across a start. */
static void go_on(struct nor *n) {
    uint64_t state;
    int rc;

    workloads++;
    if (device_open() != 0 || !short_workload()) {
        fail("the next workload does not run", device.why != NULL ? device.why : "");
    }
    state = device_state();
    device_close();
    rc = device_mount(n);
    if (rc != 0) {
        fail("the start after the next workload", lk_err_text(rc));
    }
    if (open_and_look() != state) {
        fail("the next workload is lost", "");
    }
}

/* What may follow from a start beside what the device holds: where the log ends, and what stands behind. */
static uint64_t tail_of(const struct nor *n, const struct lk_storage_status *status) {
    uint32_t end = n->flash.bank[status->bank] + status->used;
    uint32_t len = status->size - status->used;

    return device_mix(status->used, n->cells + end, len);
}

/* Starts on `n`, which a cut in step `step` of the recording left, and holds it to what was acknowledged. */
static void start(struct nor *n, uint32_t step, bool noting) {
    uint32_t acknowledged = marks_at(step);
    struct lk_storage_status status;
    uint64_t image;
    struct seen *known;
    int rc;

    n->noting = noting;
    rc = device_mount(n);
    n->noting = false;
    if (rc != 0) {
        fail("the storage does not start", lk_err_text(rc));
    }
    image = device_image();
    known = look_up(image);
    if (known->image == 0) {
        /* On a copy: an empty store is made when it is opened. */
        static uint8_t map[MAP_SIZE];

        memcpy(map, device_map, sizeof(map));
        known->state = open_and_look();
        known->image = image;
        if (memcmp(map, device_map, sizeof(map)) != 0) {
            known->image = 0;
            rc = device_mount(n);
            if (rc != 0) {
                fail("the second start", lk_err_text(rc));
            }
        }
    }
    if (known->state != recording.marks[acknowledged].state &&
        (acknowledged + 1 == recording.mark_count ||
         known->state != recording.marks[acknowledged + 1].state)) {
        fail("what was acknowledged is not what is there", "");
    }
    lk_storage_status(&status);
    if (!noting && !note_worked(image ^ tail_of(n, &status))) {
        go_on(n);
    }
}

/* --- cuts ----------------------------------------------------------------------------------------------- */

static uint64_t seed_of(uint32_t step, enum cut cut) {
    return ((uint64_t)step << 8 | (uint64_t)cut) * 0x9E3779B97F4A7C15u + 1;
}

/* The second cut: in the step `then` of what the start on `torn` wrote, which `first` has noted. */
static void cut_again(uint32_t then, enum cut cut) {
    const struct nor *notes = &first;

    current.then = then;
    current.then_cut = cut;
    nor_copy(&second, &torn);
    for (uint32_t i = 0; i < then; i++) {
        nor_apply(&second, notes, &notes->steps[i]);
    }
    nor_apply_cut(&second, notes, &notes->steps[then], cut, seed_of(current.step ^ then << 12, cut));
    second_cuts++;
    start(&second, current.step, false);
    current.then = NO_STEP;
}

/* Cuts at `step` of the recording, whose flash `before` is as it was then. */
static void cut_at(const struct nor *before, uint32_t step, enum cut cut, const struct run *only, bool all) {
    uint64_t random = seed_of(step, cut);

    current = (struct run){.step = step, .cut = cut, .then = NO_STEP};
    nor_copy(&torn, before);
    if (step < recording.nor.step_count) {
        nor_apply_cut(&torn, &recording.nor, &recording.nor.steps[step], cut, random);
    }
    nor_copy(&first, &torn);
    device_seed(random);
    cuts++;
    start(&first, step, true);
    if (only != NULL && only->then != NO_STEP) {
        cut_again(only->then, only->then_cut);
        return;
    }
    if (first.step_count > 0 && only == NULL) {
        uint32_t steps = first.step_count;

        for (uint32_t i = 0; all && i < steps; i++) {
            for (int c = 0; c < CUT_COUNT; c++) {
                cut_again(i, (enum cut)c);
            }
        }
        if (!all && next_random(&random) % 4 == 0) {
            cut_again((uint32_t)(next_random(&random) % steps), (enum cut)(next_random(&random) % CUT_COUNT));
        }
    }
    /* Last, as it writes on: the first start without a cut in it, and what comes after. */
    start(&first, step, false);
}

static void cut_everywhere(const struct geometry *g, uint32_t every, const struct run *only) {
    uint32_t steps = recording.nor.step_count;
    uint32_t stride = steps / FULL_SECOND_CUTS + 1;
    struct nor before;

    nor_make(&before, g);
    for (uint32_t step = 0; step <= steps; step++) {
        for (int cut = 0; cut < CUT_COUNT && (step < steps || cut == CUT_BEFORE); cut++) {
            if (only != NULL ? step == only->step && cut == (int)only->cut : step % every == 0) {
                cut_at(&before, step, (enum cut)cut, only,
                       only == NULL && step / every % (stride / every + 1) == 5 && cut == CUT_RANDOM);
            }
        }
        if (step < steps) {
            nor_apply(&before, &recording.nor, &recording.nor.steps[step]);
        }
    }
    nor_free(&before);
}

/* --- damage --------------------------------------------------------------------------------------------- */

static unsigned long damages, refused;

/* A bit that turned, or a unit that cannot be read any more, somewhere in the flash: the start either refuses
   it or gives all that was acknowledged, and never anything else. */
static void damage(const struct nor *whole, uint32_t step, uint64_t *random) {
    uint32_t at = (uint32_t)(next_random(random) % whole->size);
    uint32_t acknowledged = marks_at(step);
    uint64_t state;

    nor_copy(&second, whole);
    if (next_random(random) % 2 == 0) {
        second.cells[at] ^= (uint8_t)(1u << next_random(random) % 8);
    } else {
        second.bad_from = at / whole->flash.program_unit * whole->flash.program_unit;
        second.bad_len = whole->flash.program_unit;
        second.bad_reads = next_random(random) % 2 == 0 ? -1 : 2;
    }
    damages++;
    if (device_mount(&second) != 0) {
        refused++;
        if (second.bad_reads == 0 && second.bad_len > 0) {
            fail("a read that failed twice was not tried again", "");
        }
        return;
    }
    state = open_and_look();
    if (state != recording.marks[acknowledged].state &&
        (acknowledged + 1 == recording.mark_count || state != recording.marks[acknowledged + 1].state)) {
        fail("damaged data was given out", "");
    }
}

static void damage_everywhere(const struct geometry *g, uint32_t times) {
    uint64_t random = 1;
    struct nor whole;
    uint32_t step = 0;

    nor_make(&whole, g);
    for (uint32_t i = 0; i < times; i++) {
        uint32_t until = (uint32_t)((uint64_t)(i + 1) * recording.nor.step_count / times);

        for (; step < until; step++) {
            nor_apply(&whole, &recording.nor, &recording.nor.steps[step]);
        }
        current = (struct run){.step = step, .then = NO_STEP};
        for (int n = 0; n < 10; n++) {
            damage(&whole, step, &random);
        }
    }
    nor_free(&whole);
    printf("%s: %lu faults, %lu refused, no damaged data given out\n", g->name, damages, refused);
}

/* --- the command line ----------------------------------------------------------------------------------- */

static uint32_t number(const char *text) {
    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

int main(int argc, char **argv) {
    const struct geometry *g = &geometries[0];
    struct run only = {.step = NO_STEP, .then = NO_STEP};
    uint32_t every = 1;
    const char *part = "";

    for (int i = 1; i < argc; i++) {
        const char *value = argv[i + 1];

        if (strcmp(argv[i], "--must-fail") == 0) {
            must_fail = true;
            continue;
        }
        if (strcmp(argv[i], "--geometry") == 0) {
            for (unsigned j = 0; j < geometry_count && value != NULL; j++) {
                g = strcmp(geometries[j].name, value) == 0 ? &geometries[j] : g;
            }
        } else if (strcmp(argv[i], "--every") == 0) {
            every = number(value) > 0 ? number(value) : 1;
        } else if (strcmp(argv[i], "--only") == 0) {
            part = value != NULL ? value : "";
        } else if (strcmp(argv[i], "--step") == 0) {
            only.step = number(value);
        } else if (strcmp(argv[i], "--cut") == 0) {
            only.cut = (enum cut)number(value);
        } else if (strcmp(argv[i], "--then") == 0) {
            only.then = number(value);
        } else if (strcmp(argv[i], "--then-cut") == 0) {
            only.then_cut = (enum cut)number(value);
        } else {
            printf("what is %s?\n", argv[i]);
            return 2;
        }
        i++;
    }
    nor_last_words = print_run;
    recording.nor.name = g->name;
    if (lk_crypto_init() != 0) {
        return 2;
    }
    record(&recording, g);
    printf("%s: %u steps, %u acknowledged changes, %u moves of the log\n", g->name, recording.nor.step_count,
           recording.mark_count, recording.moves);
    nor_make(&torn, g);
    nor_make(&first, g);
    nor_make(&second, g);
    if (only.step == NO_STEP && part[0] != 'c') {
        damage_everywhere(g, 300 / every + 1);
    }
    if (part[0] == 'd') {
        return must_fail ? 1 : 0;
    }
    cut_everywhere(g, every, only.step != NO_STEP ? &only : NULL);
    printf("%s: %lu cuts, %lu of them twice; %lu workloads after; nothing lost\n", g->name,
           cuts + second_cuts, second_cuts, workloads);
    nor_free(&torn);
    nor_free(&first);
    nor_free(&second);
    recording_free(&recording);
    lk_crypto_free();
    return must_fail ? 1 : 0;
}
