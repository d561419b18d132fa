/* Opening: formats, damage, rights, a second server, another size of map; and copies of a store in use. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "store/lmdb_store.h"
#include "store_testing.h"

static const char *why;

static int open_with(struct lk_store **s, bool exclusive, bool read_only) {
    struct lk_store_options options = test_options();

    options.exclusive = exclusive;
    options.read_only = read_only;
    why = NULL;
    return lk_store_open(s, &options, &why);
}

static void close_with_record(struct lk_store *s) {
    assert_int_equal(put_one(s, "key", "value"), 0);
    lk_store_close(s);
}

static void test_reopen(void **state) {
    struct lk_store *s = open_store();
    char path[128];
    struct stat st;

    (void)state;
    close_with_record(s);
    test_path(path, sizeof(path), "data.mdb");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    s = open_store();
    assert_holds(s, "key", "value");
    lk_store_close(s);
}

static void test_makes_folder(void **state) {
    struct lk_store_options options = test_options();
    struct lk_store *s = NULL;
    char path[128];
    struct stat st;

    (void)state;
    test_path(path, sizeof(path), "made");
    options.dir = path;
    assert_int_equal(lk_store_open(&s, &options, NULL), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    lk_store_close(s);
    assert_int_equal(chmod(path, 0750), 0);
    assert_int_equal(lk_store_open(&s, &options, &why), LK_ERR_DENIED);
    assert_non_null(strstr(why, "chmod 700"));
    test_path(path, sizeof(path), "no/parent");
    assert_int_equal(lk_store_open(&s, &options, &why), LK_ERR_NOT_FOUND);
}

/* --- who has it open ------------------------------------------------------------------------------------ */

/* Runs `fn` in another process and returns what it returned, 0 to 100. */
static int in_child(int (*fn)(void)) {
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        _exit(fn());
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int second_server(void) {
    struct lk_store *s = NULL;

    return -open_with(&s, true, false);
}

static int command_beside_server(void) {
    struct lk_store *s = NULL;
    int rc = open_with(&s, false, false);

    if (rc == 0) {
        rc = put_one(s, "command", "was here");
        lk_store_close(s);
    }
    return -rc;
}

static int reader_beside_server(void) {
    struct lk_store *s = NULL;
    char got[64] = "";
    int rc = open_with(&s, false, true);

    if (rc == 0) {
        rc = get_one(s, "key", got, sizeof(got));
        if (rc == 0 && put_one(s, "key", "changed") != LK_ERR_READ_ONLY) {
            rc = LK_ERR_INVALID;
        }
        lk_store_close(s);
    }
    return -rc;
}

static void test_processes_side_by_side(void **state) {
    struct lk_store *s = open_store();
    struct lk_store *t = NULL;

    (void)state;
    assert_int_equal(put_one(s, "key", "value"), 0);
    assert_int_equal(in_child(second_server), -LK_ERR_BUSY);
    assert_int_equal(in_child(command_beside_server), 0);
    assert_int_equal(in_child(reader_beside_server), 0);
    assert_holds(s, "command", "was here");
    assert_int_equal(open_with(&t, false, false), LK_ERR_BUSY);
    assert_non_null(why);
    lk_store_close(s);
    assert_int_equal(in_child(second_server), 0);
}

/* Reads until it is killed; says through the pipe that it has begun. */
static void read_forever(int begun) {
    struct lk_store *s = NULL;
    struct lk_txn *txn;

    if (open_with(&s, false, false) != 0 || lk_store_read_begin(s, &txn) != 0 || write(begun, "r", 1) != 1) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

/* Readers that were killed hold every slot; the next reader gets one all the same. */
static void test_slots_of_dead_readers(void **state) {
    struct lk_store_options options = test_options();
    struct lk_store *s = NULL;
    pid_t pids[2];
    int begun[2];
    char byte;

    (void)state;
    options.max_readers = 2;
    assert_int_equal(lk_store_open(&s, &options, NULL), 0);
    assert_int_equal(put_one(s, "key", "value"), 0);
    assert_int_equal(pipe(begun), 0);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            read_forever(begun[1]);
        }
        assert_int_equal(read(begun[0], &byte, 1), 1);
    }
    assert_int_equal(get_one(s, "key", &byte, 0), LK_ERR_FULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kill(pids[i], SIGKILL), 0);
        assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
    }
    assert_holds(s, "key", "value");
    close(begun[0]);
    close(begun[1]);
    lk_store_close(s);
}

static int command_with_larger_map(void) {
    struct lk_store_options options = test_options();
    struct lk_store *s = NULL;
    static char bytes[100000];
    struct test_put p = {LK_TABLE_PICTURE, {NULL, 4}, {bytes, sizeof(bytes)}};
    int rc;

    options.exclusive = false;
    options.map_size = 64u << 20;
    rc = lk_store_open(&s, &options, NULL);
    for (uint32_t i = 0; rc == 0 && i < 300; i++) {
        char key[4];

        memcpy(key, &i, sizeof(key));
        p.key.ptr = key;
        rc = lk_store_write(s, run_put, &p);
    }
    if (rc == 0) {
        rc = put_one(s, "far", "away");
        lk_store_close(s);
    }
    return -rc;
}

/* Another process lets the store outgrow our map of it: we follow. */
static void test_map_grown_by_another(void **state) {
    struct lk_store *s = open_store();
    struct lk_store_usage usage;

    (void)state;
    assert_int_equal(put_one(s, "key", "value"), 0);
    assert_int_equal(in_child(command_with_larger_map), 0);
    assert_holds(s, "far", "away");
    assert_int_equal(put_one(s, "key", "again"), 0);
    assert_int_equal(lk_store_usage(s, &usage), 0);
    assert_int_equal(usage.map_size, 64u << 20);
    assert_true(usage.used > 30000000u);
    lk_store_close(s);
}

static void test_other_map_sizes(void **state) {
    static const size_t sizes[] = {64u << 20, 1u << 20, 65536, 16u << 20};
    struct lk_store_options options = test_options();
    struct lk_store *s = open_store();

    (void)state;
    close_with_record(s);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        options.map_size = sizes[i];
        assert_int_equal(lk_store_open(&s, &options, &why), 0);
        assert_holds(s, "key", "value");
        assert_int_equal(put_one(s, "key", "value"), 0);
        lk_store_close(s);
    }
}

/* --- beside a writer ------------------------------------------------------------------------------------ */

/* Grows and shrinks every page that there is, until it is killed. */
static int write_on(int started) {
    static char value[6000];
    struct lk_store *s;
    unsigned n = 0;

    if (open_with(&s, true, false) != 0) {
        return 1;
    }
    for (;; n++) {
        char key[16];
        struct test_put put = {LK_TABLE_LINK, {key, 0}, {value, n * 937 % sizeof(value)}};

        put.key.len = (size_t)snprintf(key, sizeof(key), "%u", n * 7919 % 500);
        int rc = lk_store_write(s, n % 5 == 4 ? run_del : run_put, &put);
        if ((rc != 0 && rc != LK_ERR_NOT_FOUND) || (n == 100 && write(started, "w", 1) != 1)) {
            return 1;
        }
    }
}

/* Who opens the store looks at pages that somebody else is about to use again: never does it look damaged. */
static void test_opened_beside_a_writer(void **state) {
    struct lk_store *s;
    int started[2];
    int status = 0;
    char byte;

    (void)state;
    assert_int_equal(pipe(started), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(write_on(started[1]));
    }
    assert_int_equal(read(started[0], &byte, 1), 1);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(open_with(&s, false, i % 2 == 0), 0);
        lk_store_close(s);
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status)); /* it wrote to the end */
    close(started[0]);
    close(started[1]);
    s = open_store(); /* and as the kill left it */
    lk_store_close(s);
}

/* --- formats -------------------------------------------------------------------------------------------- */

static int step_1(struct lk_txn *txn) {
    return lk_put(txn, LK_TABLE_ACCOUNT, LK_STR("step"), LK_STR("1"));
}

static int step_2(struct lk_txn *txn) {
    struct lk_str v;
    int rc = lk_get(txn, LK_TABLE_ACCOUNT, LK_STR("step"), &v);

    return rc != 0 ? rc : lk_put(txn, LK_TABLE_ACCOUNT, LK_STR("step"), LK_STR("2"));
}

static int step_that_fails(struct lk_txn *txn) {
    int rc = step_2(txn);

    return rc != 0 ? rc : LK_ERR_CORRUPT;
}

/* What a migration told on its way: the format before each step and after the last. */
static uint32_t told[4];
static size_t told_count;

static void tell(void *arg, uint32_t from, uint32_t to) {
    assert_ptr_equal(arg, told);
    assert_int_equal(to, LK_STORE_FORMAT + 2);
    assert_true(told_count < sizeof(told) / sizeof(told[0]));
    told[told_count++] = from;
}

static void test_migration(void **state) {
    static const struct lk_migration broken[] = {{LK_STORE_FORMAT, step_1},
                                                 {LK_STORE_FORMAT + 1, step_that_fails}};
    static const struct lk_migration good[] = {{LK_STORE_FORMAT, step_1}, {LK_STORE_FORMAT + 1, step_2}};
    const uint32_t later = LK_STORE_FORMAT + 2;
    struct lk_store_options options = test_options();
    struct lk_store *s = open_store();

    (void)state;
    close_with_record(s);
    assert_int_equal(lk_lmdb_open(&s, &options, &why, later, NULL, 0), LK_ERR_VERSION);
    assert_int_equal(lk_lmdb_open(&s, &options, &why, later, broken, 2), LK_ERR_CORRUPT);
    s = open_store(); /* nothing of the broken migration was kept */
    assert_missing(s, "step");
    lk_store_close(s);

    options.read_only = true;
    assert_int_equal(lk_lmdb_open(&s, &options, &why, later, good, 2), LK_ERR_VERSION);
    options.read_only = false;
    options.exclusive = false;
    options.migrating = tell;
    options.migrating_arg = told;
    assert_int_equal(lk_lmdb_open(&s, &options, &why, later, good, 2), 0);
    assert_int_equal(told_count, 3);
    assert_int_equal(told[0], LK_STORE_FORMAT);
    assert_int_equal(told[2], later);
    assert_holds(s, "step", "2");
    assert_holds(s, "key", "value");
    lk_store_close(s);
    assert_int_equal(open_with(&s, true, false), LK_ERR_VERSION);
    assert_non_null(strstr(why, "newer"));
    assert_int_equal(open_with(&s, false, true), LK_ERR_VERSION);
}

/* A store as an earlier version left it. */
static void assert_moves_on_from(uint32_t format) {
    struct lk_store_options options = test_options();
    struct lk_store *s;

    assert_int_equal(lk_lmdb_open(&s, &options, &why, format, NULL, 0), 0);
    close_with_record(s);
    assert_int_equal(open_with(&s, false, true), LK_ERR_VERSION); /* to be read alone: it stays as it is */
    s = open_store();
    assert_holds(s, "key", "value");
    lk_store_close(s);
    assert_int_equal(lk_lmdb_open(&s, &options, &why, format, NULL, 0),
                     LK_ERR_VERSION); /* that version's program */
}

static void test_format_1(void **state) {
    (void)state;
    assert_moves_on_from(1);
}

static void test_format_2(void **state) {
    (void)state;
    assert_moves_on_from(2);
}

/* --- damage --------------------------------------------------------------------------------------------- */

/*
 * Fills the store so that its tree has branches and its last pages hold a picture, with LMDB's own lists
 * before it. Returns the file's size.
 */
static off_t make_file(char *path, size_t cap) {
    struct lk_store *s = open_store();
    struct stat st;
    static char picture[100000];
    static char value[3000];
    struct test_put p = {LK_TABLE_ACCOUNT, {NULL, 8}, {value, sizeof(value)}};

    for (unsigned i = 0; i < 200; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%08u", i);
        p.key.ptr = key;
        assert_int_equal(lk_store_write(s, run_put, &p), 0);
    }
    p = (struct test_put){LK_TABLE_PICTURE, LK_STR("big"), {picture, sizeof(picture)}};
    assert_int_equal(lk_store_write(s, run_put, &p), 0);
    p = (struct test_put){LK_TABLE_PROFILE, LK_STR("key"), LK_STR("value")};
    for (int i = 0; i < 10; i++) {
        assert_int_equal(lk_store_write(s, run_put, &p), 0);
    }
    lk_store_close(s);
    test_path(path, cap, "data.mdb");
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void overwrite(const char *path, off_t at, const void *bytes, size_t len) {
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

static void assert_corrupt(void) {
    struct lk_store *s = NULL;

    assert_int_equal(open_with(&s, true, false), LK_ERR_CORRUPT);
    assert_non_null(strstr(why, "damaged"));
    assert_int_equal(open_with(&s, false, true), LK_ERR_CORRUPT);
}

/* Opens the store and reads every record, when it can be opened. */
static int open_and_walk(void) {
    struct lk_store *s = NULL;
    struct lk_cursor c;
    struct lk_txn *txn;
    struct lk_str k;
    struct lk_str v;
    unsigned sum = 0;
    unsigned n = 0;
    int rc = open_with(&s, false, true);

    if (rc != 0) {
        return rc == LK_ERR_CORRUPT ? 0 : 1;
    }
    if (lk_store_read_begin(s, &txn) != 0) {
        return 2;
    }
    for (rc = lk_cursor_seek(&c, txn, LK_TABLE_ACCOUNT, LK_STR(""), &k, &v); rc == 0;
         rc = lk_cursor_next(&c, &k, &v)) {
        sum += (unsigned char)v.ptr[v.len - 1];
        n++;
    }
    if (lk_get(txn, LK_TABLE_PICTURE, LK_STR("big"), &v) != 0) {
        return 3;
    }
    sum += (unsigned char)v.ptr[v.len - 1];
    return n == 200 && sum == 0 ? 0 : 4;
}

/* Cut after any of its pages, a file is found damaged or holds all its records; reading it never faults. */
static void test_cut_after_each_page(void **state) {
    char path[128];
    off_t size = make_file(path, sizeof(path));

    (void)state;
    for (off_t keep = size - 4096; keep > 0; keep -= 4096) {
        assert_int_equal(truncate(path, keep), 0);
        assert_int_equal(in_child(open_and_walk), 0);
    }
}

static void test_cut_file(void **state) {
    char path[128];
    off_t size = make_file(path, sizeof(path));
    static const off_t keep[] = {1, 100, 4095, 4096, 8000, 8192, 12288, 40960};

    (void)state;
    for (size_t i = sizeof(keep) / sizeof(*keep); i-- > 0;) {
        assert_true(keep[i] < size);
        assert_int_equal(truncate(path, keep[i]), 0);
        assert_corrupt();
    }
}

static void test_garbage(void **state) {
    static unsigned char noise[8192];
    char path[128];

    (void)state;
    make_file(path, sizeof(path));
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (unsigned char)(i * 31 + i / 7);
    }
    overwrite(path, 4096, noise, 4096);
    assert_corrupt();
    overwrite(path, 0, noise, sizeof(noise));
    assert_corrupt();
    memset(noise, 0, sizeof(noise));
    overwrite(path, 0, noise, sizeof(noise));
    assert_corrupt();
}

/* Every byte of both headers, changed one at a time: the store opens or says why not, and never crashes. */
static int open_and_read(void) {
    struct lk_store *s = NULL;
    char got[4096];
    int rc = open_with(&s, false, true);

    if (rc == 0) {
        get_one(s, "00000100", got, sizeof(got));
        lk_store_close(s);
    }
    return 0;
}

static void test_changed_header_bytes(void **state) {
    char path[128];
    int fd;

    (void)state;
    make_file(path, sizeof(path));
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    for (off_t at = 0; at < 168; at += 3) {
        for (off_t page = 0; page <= 4096; page += 4096) {
            unsigned char was;
            unsigned char is;

            assert_int_equal(pread(fd, &was, 1, page + at), 1);
            is = (unsigned char)(was ^ 0xff);
            assert_int_equal(pwrite(fd, &is, 1, page + at), 1);
            assert_int_equal(in_child(open_and_read), 0);
            assert_int_equal(pwrite(fd, &was, 1, page + at), 1);
        }
    }
    close(fd);
}

static int put_and_delete(struct lk_txn *txn, void *arg) {
    static char bytes[400000];
    int rc = lk_put(txn, LK_TABLE_PICTURE, LK_STR("big"), (struct lk_str){bytes, sizeof(bytes)});

    (void)arg;
    return rc != 0 ? rc : lk_del(txn, LK_TABLE_PICTURE, LK_STR("big"));
}

/* LMDB does not write pages at the end of its file that are free: such a file is short and sound. */
static void test_short_but_sound(void **state) {
    struct lk_store *s = open_store();
    struct lk_store *t = NULL;
    char path[128];
    struct stat st;

    (void)state;
    for (int i = 0; i < 10; i++) { /* until pages of the first writes are free to be used again */
        assert_int_equal(put_one(s, "key", "value"), 0);
    }
    assert_int_equal(lk_store_write(s, put_and_delete, NULL), 0);
    lk_store_close(s);
    test_path(path, sizeof(path), "data.mdb");
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 400000);
    s = open_store();
    assert_holds(s, "key", "value");
    lk_store_close(s);
    assert_int_equal(truncate(path, (off_t)3 * 4096), 0);
    assert_int_equal(open_with(&t, true, false), LK_ERR_CORRUPT);
}

/* --- a folder without the right to write ---------------------------------------------------------------- */

static int open_as_nobody(void) {
    struct lk_store *s = NULL;

    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setuid(65534) != 0)) {
        return 100;
    }
    return -open_with(&s, true, false);
}

static void test_read_only_folder(void **state) {
    struct lk_store *s = open_store();
    char path[128];

    (void)state;
    close_with_record(s);
    if (geteuid() == 0) {
        assert_int_equal(chown(test_dir, 65534, 65534), 0);
    }
    assert_int_equal(chmod(test_dir, 0500), 0);
    test_path(path, sizeof(path), "server.lock");
    assert_int_equal(unlink(path) == 0 || geteuid() != 0, 1);
    assert_int_equal(in_child(open_as_nobody), -LK_ERR_READ_ONLY);
    assert_int_equal(chmod(test_dir, 0700), 0);
    s = open_store();
    assert_holds(s, "key", "value");
    lk_store_close(s);
}

/* --- a disk that is full -------------------------------------------------------------------------------- */

/* In a process of its own, with a small file system of its own over the folder. 99: not allowed to make
   one. */
static int fill_small_disk(void) {
    static char bytes[20000];
    struct test_put p = {LK_TABLE_PICTURE, {NULL, 0}, {bytes, sizeof(bytes)}};
    struct lk_store *s = NULL;
    char key[16];
    char got[16] = "";
    unsigned n = 0;
    int rc;

    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", test_dir, "tmpfs", 0, "size=1m,mode=700") != 0) {
        return 99;
    }
    if (open_with(&s, true, false) != 0 || put_one(s, "key", "value") != 0) {
        return 1;
    }
    do {
        p.key = (struct lk_str){key, (size_t)snprintf(key, sizeof(key), "%06u", n++)};
        rc = lk_store_write(s, run_put, &p);
    } while (rc == 0 && n < 1000);
    if (rc != LK_ERR_FULL || n < 10 || lk_store_ready(s) != LK_ERR_FULL) {
        return 2;
    }
    if (get_one(s, "key", got, sizeof(got)) != 0 || strcmp(got, "value") != 0) {
        return 3;
    }
    lk_store_close(s);
    if (open_with(&s, true, false) != 0) {
        return 4;
    }
    p.key = LK_STR("000000");
    if (lk_store_write(s, run_del, &p) != 0 || put_one(s, "key", "again") != 0) {
        return 5;
    }
    lk_store_close(s);
    return 0;
}

static void test_disk_full(void **state) {
    int rc = in_child(fill_small_disk);

    (void)state;
    if (rc == 99) {
        print_message("not allowed to mount: the disk that is full was not tried\n");
        skip();
    }
    assert_int_equal(rc, 0);
}

/* --- copies --------------------------------------------------------------------------------------------- */

struct load {
    struct lk_store *store;
    atomic_bool stop;
    atomic_uint done;
};

/* Writes pairs: whoever sees one half of a pair sees the other. */
static int put_pair(struct lk_txn *txn, void *arg) {
    char key[16];
    struct lk_str k = {key, (size_t)snprintf(key, sizeof(key), "%08u", *(unsigned *)arg)};
    int rc = lk_put(txn, LK_TABLE_ACCOUNT, k, LK_STR("v"));

    return rc != 0 ? rc : lk_put(txn, LK_TABLE_PROFILE, k, LK_STR("v"));
}

static void *load_thread(void *arg) {
    struct load *l = arg;

    for (unsigned n = 0; !atomic_load(&l->stop); n++) {
        if (lk_store_write(l->store, put_pair, &n) != 0) {
            return NULL;
        }
        atomic_store(&l->done, n + 1);
    }
    return l;
}

static void test_backup_under_load(void **state) {
    struct load load = {.store = open_store()};
    struct lk_store_options options = test_options();
    struct lk_store *copy = NULL;
    struct lk_txn *txn;
    uint64_t accounts = 0;
    uint64_t profiles = 0;
    unsigned before;
    pthread_t thread;
    void *ended = NULL;
    char path[128];

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, load_thread, &load), 0);
    while (atomic_load(&load.done) < 200) {
        usleep(1000);
    }
    before = atomic_load(&load.done);
    test_path(path, sizeof(path), "copy");
    assert_int_equal(lk_store_backup(load.store, path), 0);
    assert_int_equal(lk_store_backup(load.store, path), LK_ERR_EXISTS);
    atomic_store(&load.stop, true);
    pthread_join(thread, &ended);
    assert_ptr_equal(ended, &load);
    lk_store_close(load.store);

    options.dir = path;
    assert_int_equal(lk_store_open(&copy, &options, &why), 0);
    assert_int_equal(lk_store_read_begin(copy, &txn), 0);
    assert_int_equal(lk_table_count(txn, LK_TABLE_ACCOUNT, &accounts), 0);
    assert_int_equal(lk_table_count(txn, LK_TABLE_PROFILE, &profiles), 0);
    lk_store_read_end(txn);
    assert_int_equal(accounts, profiles);
    assert_true(accounts >= before);
    assert_int_equal(put_one(copy, "key", "value"), 0);
    lk_store_close(copy);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, make_test_dir, remove_test_dir)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_reopen),
        TEST(test_makes_folder),
        TEST(test_processes_side_by_side),
        TEST(test_slots_of_dead_readers),
        TEST(test_map_grown_by_another),
        TEST(test_other_map_sizes),
        TEST(test_migration),
        TEST(test_format_1),
        TEST(test_format_2),
        TEST(test_cut_after_each_page),
        TEST(test_cut_file),
        TEST(test_garbage),
        TEST(test_changed_header_bytes),
        TEST(test_opened_beside_a_writer),
        TEST(test_short_but_sound),
        TEST(test_read_only_folder),
        TEST(test_disk_full),
        TEST(test_backup_under_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
