/*
 * How fast the store is on this machine: durable writes a second with 1, 8 and 32 threads, and random reads a
 * second over a million records with 1 and 2 threads. store_bench FOLDER, which must lie on the disk that is
 * meant.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/store.h"

#define RECORDS 1000000u
#define LOAD_BATCH 10000u
#define SECONDS 2.0

struct worker {
    struct lk_store *store;
    uint64_t seed;
    uint64_t done;
    double until;
};

static double now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t draw(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* A 16-byte key that follows from `n` and looks random, as an id does. */
static void make_key(unsigned char key[16], uint64_t n) {
    uint64_t a = (n + 1) * 0x9e3779b97f4a7c15u;
    uint64_t b = (a ^ a >> 29) * 0xbf58476d1ce4e5b9u;

    memcpy(key, &b, 8);
    memcpy(key + 8, &a, 8);
}

static int put_record(struct lk_txn *txn, uint64_t n, enum lk_table table) {
    static const char value[200] = {0};
    unsigned char key[16];

    make_key(key, n);
    return lk_put(txn, table, (struct lk_str){(const char *)key, sizeof(key)},
                  (struct lk_str){value, sizeof(value)});
}

static int load(struct lk_txn *txn, void *arg) {
    uint64_t first = *(const uint64_t *)arg;
    int rc = 0;

    for (uint64_t n = first; n < first + LOAD_BATCH && rc == 0; n++) {
        rc = put_record(txn, n, LK_TABLE_ACCOUNT);
    }
    return rc;
}

static int write_one(struct lk_txn *txn, void *arg) {
    return put_record(txn, *(const uint64_t *)arg, LK_TABLE_SESSION);
}

static void *write_thread(void *arg) {
    struct worker *w = arg;

    while (now() < w->until) {
        uint64_t n = draw(&w->seed);

        if (lk_store_write(w->store, write_one, &n) != 0) {
            fputs("store_bench: a write failed\n", stderr);
            exit(1);
        }
        w->done++;
    }
    return NULL;
}

/* One snapshot a read, as one request is. */
static void *read_thread(void *arg) {
    struct worker *w = arg;

    while (now() < w->until) {
        for (int i = 0; i < 1000; i++) {
            unsigned char key[16];
            struct lk_txn *txn;
            struct lk_str v;

            make_key(key, draw(&w->seed) % RECORDS);
            if (lk_store_read_begin(w->store, &txn) != 0 ||
                lk_get(txn, LK_TABLE_ACCOUNT, (struct lk_str){(const char *)key, sizeof(key)}, &v) != 0) {
                fputs("store_bench: a read failed\n", stderr);
                exit(1);
            }
            lk_store_read_end(txn);
        }
        w->done += 1000;
    }
    return NULL;
}

static double run(struct lk_store *s, unsigned threads, void *(*fn)(void *)) {
    static struct worker workers[32];
    pthread_t ids[32];
    double start = now();
    uint64_t done = 0;

    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct worker){s, 88172645463325252u + i * 7919u, 0, start + SECONDS};
        if (pthread_create(&ids[i], NULL, fn, &workers[i]) != 0) {
            exit(1);
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        done += workers[i].done;
    }
    return (double)done / (now() - start);
}

int main(int argc, char **argv) {
    struct lk_store_options options = {.map_size = (size_t)2 << 30, .max_readers = 64, .exclusive = true};
    static const unsigned writers[] = {1, 8, 32};
    struct lk_store_usage before;
    struct lk_store_usage after;
    struct lk_store *s;
    const char *why = "";
    double start = now();

    options.dir = argc == 2 ? argv[1] : "";
    if (lk_store_open(&s, &options, &why) != 0) {
        fprintf(stderr, "store_bench FOLDER: %s\n", why);
        return 1;
    }
    for (uint64_t n = 0; n < RECORDS; n += LOAD_BATCH) {
        if (lk_store_write(s, load, &n) != 0) {
            fputs("store_bench: loading failed\n", stderr);
            return 1;
        }
    }
    printf("load of %u records            %10.2f s\n", RECORDS, now() - start);
    for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++) {
        double rate;

        lk_store_usage(s, &before);
        rate = run(s, writers[i], write_thread);
        lk_store_usage(s, &after);
        printf("durable writes, %2u threads       %10.0f /s, %.1f a commit\n", writers[i], rate,
               (double)(after.writes - before.writes) / (double)(after.commits - before.commits));
    }
    printf("random reads, 1 thread           %10.0f /s\n", run(s, 1, read_thread));
    printf("random reads, 2 threads          %10.0f /s\n", run(s, 2, read_thread));
    lk_store_close(s);
    return 0;
}
