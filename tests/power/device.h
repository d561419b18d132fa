/*
 * The device under test: the board's storage on a flash in memory, LMDB and src/store as a board has them,
 * and the rules of src/account on top. There is one at a time, as there is one storage.
 */
#ifndef POWER_DEVICE_H
#define POWER_DEVICE_H

#include "account/keyring.h"
#include "account/service.h"
#include "nor.h"

#define MAP_SIZE 65536u
#define NOW 1800000000

struct device {
    struct lk_store *store;
    struct lk_service *svc;
    struct lk_keyring user_keys;
    struct lk_keyring internal_keys;
    const char *why; /* what failed, when device_start did */
};
extern struct device device;

/* The mirror of LMDB's file. */
extern uint8_t device_map[MAP_SIZE];

/* Replays the log. Returns as lk_storage_mount. */
int device_mount(struct nor *n);
/* Opens store and service on what was mounted. Returns 0, or an error with device.why. */
int device_open(void);
/* Closes what was opened, as a power cut would: nothing is written. */
void device_close(void);

/* A number that stands for all records and files. */
uint64_t device_state(void);
/* The same of the mirror and the files alone: quick, and needs no store. */
uint64_t device_image(void);
/* A hash of bytes, begun with `hash`. */
uint64_t device_mix(uint64_t hash, const void *data, size_t len);
/* How many invariants of src/account are broken; they are printed. */
int device_check(void);

/* The clock that the rules see; each look at it takes a millisecond. */
extern int64_t device_now_ms;
/* From here on random bytes and the clock are as they were after the last call with the same seed. */
void device_seed(uint64_t seed);

#endif
