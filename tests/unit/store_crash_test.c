/* A server that is killed at any moment loses no write that it acknowledged, and keeps no half of one. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store_testing.h"

#define KILLS 50
#define WRITERS 4

struct writer {
    struct lk_store *store;
    int pipe;
    uint32_t next;
    uint32_t step;
};

static struct lk_str number_key(char text[16], uint32_t n) {
    return (struct lk_str){text, (size_t)snprintf(text, 16, "%08u", (unsigned)n)};
}

static int put_pair(struct lk_txn *txn, void *arg) {
    char text[16];
    struct lk_str k = number_key(text, *(const uint32_t *)arg);
    int rc = lk_put_new(txn, LK_TABLE_ACCOUNT, k, k);

    return rc != 0 ? rc : lk_put_new(txn, LK_TABLE_PROFILE, k, k);
}

static void *write_forever(void *arg) {
    struct writer *w = arg;

    for (;; w->next += w->step) {
        if (lk_store_write(w->store, put_pair, &w->next) != 0 || write(w->pipe, &w->next, 4) != 4) {
            _exit(1);
        }
    }
    return NULL;
}

/* The process that is killed: writes numbers from `first` on and acknowledges each through the pipe. */
static void serve(int acknowledge, uint32_t first) {
    struct lk_store_options options = test_options();
    struct lk_store *s = NULL;
    struct writer writers[WRITERS];
    pthread_t id;

    if (lk_store_open(&s, &options, NULL) != 0) {
        _exit(1);
    }
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){s, acknowledge, first + i, WRITERS};
        if (pthread_create(&id, NULL, write_forever, &writers[i]) != 0) {
            _exit(1);
        }
    }
    for (;;) {
        pause();
    }
}

/* Lets a child write for `us` microseconds after so many acknowledgements. Returns how many it gave. */
static size_t run_and_kill(uint32_t first, size_t least, useconds_t us, uint32_t *acknowledged, size_t cap) {
    size_t count = 0;
    int status = 0;
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        serve(ends[1], first);
    }
    assert_true(pid > 0);
    close(ends[1]);
    while (count < least) {
        assert_int_equal(read(ends[0], &acknowledged[count++], 4), 4);
    }
    usleep(us);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    while (count < cap && read(ends[0], &acknowledged[count], 4) == 4) {
        count++;
    }
    close(ends[0]);
    return count;
}

static void assert_all_there(const uint32_t *acknowledged, size_t count) {
    struct lk_store *s = open_store();
    struct lk_txn *txn;
    uint64_t accounts = 0;
    uint64_t profiles = 0;

    assert_int_equal(lk_store_read_begin(s, &txn), 0);
    for (size_t i = 0; i < count; i++) {
        struct lk_str v;
        char text[16];

        assert_int_equal(lk_get(txn, LK_TABLE_ACCOUNT, number_key(text, acknowledged[i]), &v), 0);
        assert_int_equal(lk_get(txn, LK_TABLE_PROFILE, number_key(text, acknowledged[i]), &v), 0);
    }
    assert_int_equal(lk_table_count(txn, LK_TABLE_ACCOUNT, &accounts), 0);
    assert_int_equal(lk_table_count(txn, LK_TABLE_PROFILE, &profiles), 0);
    lk_store_read_end(txn);
    assert_int_equal(accounts, profiles);
    lk_store_close(s);
}

static void test_kill_while_writing(void **state) {
    static uint32_t acknowledged[1 << 16];
    size_t count = 0;

    (void)state;
    for (uint32_t round = 0; round < KILLS; round++) {
        count += run_and_kill(round * 1000000, 1 + round % 7, round * 397 % 5000, acknowledged + count,
                              sizeof(acknowledged) / sizeof(*acknowledged) - count);
        assert_all_there(acknowledged, count);
    }
    assert_true(count >= KILLS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kill_while_writing, make_test_dir, remove_test_dir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
