/*
 * The POSIX port's files, entropy and poller, as port.h promises them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "port.h"

static char folder[] = "/tmp/latchkey_port_XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder); /* fails when a test left a file, a temporary one above all */
}

static void path_of(const char *name, char *out, size_t cap) {
    assert_in_range(snprintf(out, cap, "%s/%s", folder, name), 1, cap - 1);
}

static void test_file_round_trip(void **state) {
    (void)state;
    char path[128], out[8];
    size_t len = 0;
    struct stat st;
    path_of("jwt.key", path, sizeof(path));
    assert_int_equal(lk_port_file_read(folder, "jwt.key", out, sizeof(out), &len), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_port_file_write(folder, "jwt.key", "a\0bcdefg", 8), 0);
    assert_int_equal(lk_port_file_read(folder, "jwt.key", out, sizeof(out), &len), 0);
    assert_int_equal(len, 8);
    assert_memory_equal(out, "a\0bcdefg", 8);
    assert_int_equal(lk_port_file_read(folder, "jwt.key", out, 7, &len), LK_ERR_TOO_LARGE);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(lk_port_file_write(folder, "jwt.key", "new", 3), 0);
    assert_int_equal(lk_port_file_read(folder, "jwt.key", out, sizeof(out), &len), 0);
    assert_int_equal(len, 3);
    assert_int_equal(lk_port_file_remove(folder, "jwt.key"), 0);
    assert_int_equal(lk_port_file_remove(folder, "jwt.key"), LK_ERR_NOT_FOUND);
}

static void test_file_open_to_others(void **state) {
    (void)state;
    static const mode_t loose[] = {0640, 0604, 0620, 0602, 0610, 0644, 0777};
    char path[128], out[8];
    size_t len;
    path_of("tls.key", path, sizeof(path));
    assert_int_equal(lk_port_file_write(folder, "tls.key", "x", 1), 0);
    for (size_t i = 0; i < sizeof(loose) / sizeof(*loose); i++) {
        assert_int_equal(chmod(path, loose[i]), 0);
        assert_int_equal(lk_port_file_read(folder, "tls.key", out, sizeof(out), &len), LK_ERR_DENIED);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(lk_port_file_read(folder, "tls.key", out, sizeof(out), &len), 0);
    assert_int_equal(lk_port_file_remove(folder, "tls.key"), 0);
}

/* What a crash left, be it a link that someone planted, neither stops the next write nor is written
   through. */
static void test_file_stale_temporary(void **state) {
    (void)state;
    char stale[128], victim[128], out[8];
    size_t len;
    path_of("a.new", stale, sizeof(stale));
    path_of("victim", victim, sizeof(victim));
    assert_int_equal(lk_port_file_write(folder, "victim", "v", 1), 0);
    assert_int_equal(symlink(victim, stale), 0);
    assert_int_equal(lk_port_file_write(folder, "a", "data", 4), 0);
    assert_int_equal(lk_port_file_read(folder, "victim", out, sizeof(out), &len), 0);
    assert_int_equal(len, 1);
    assert_int_equal(access(stale, F_OK), -1);
    assert_int_equal(lk_port_file_remove(folder, "a"), 0);
    assert_int_equal(lk_port_file_remove(folder, "victim"), 0);
}

static void test_file_failures(void **state) {
    (void)state;
    char path[128], out[8];
    size_t len;
    path_of("pipe", path, sizeof(path));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(lk_port_file_read(folder, "pipe", out, sizeof(out), &len), LK_ERR_IO);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lk_port_file_read("/nonexistent", "x", out, sizeof(out), &len), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_port_file_write("/nonexistent", "x", "x", 1), LK_ERR_IO);

    /* A full disk, played by the limit of a file's size: nothing half made remains. */
    struct rlimit old, tiny;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tiny = (struct rlimit){2, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    int err = lk_port_file_write(folder, "big", "12345", 5);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(err, LK_ERR_FULL);
    assert_int_equal(lk_port_file_read(folder, "big", out, sizeof(out), &len), LK_ERR_NOT_FOUND);
}

static void test_entropy(void **state) {
    (void)state;
    uint8_t a[256] = {0}, b[256] = {0};
    assert_int_equal(lk_port_entropy(a, sizeof(a)), 0);
    assert_int_equal(lk_port_entropy(b, sizeof(b)), 0);
    assert_memory_not_equal(a, b, sizeof(a));
    assert_in_range(lk_port_cpu_count(), 1, 100000);
}

static void test_poller_one_shot(void **state) {
    (void)state;
    int fds[2], tag;
    char byte;
    struct lk_poller *p = lk_poller_new();
    assert_non_null(p);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(lk_poller_add(p, fds[0], &tag, false), 0);
    assert_null(lk_poller_wait(p, 0));
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_ptr_equal(lk_poller_wait(p, 1000), &tag);
    assert_null(lk_poller_wait(p, 10)); /* not again before it is armed */
    assert_int_equal(lk_poller_arm(p, fds[0], &tag, false), 0);
    assert_ptr_equal(lk_poller_wait(p, 1000), &tag);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(lk_poller_arm(p, fds[0], &tag, true), 0);
    assert_ptr_equal(lk_poller_wait(p, 1000), &tag);
    assert_int_equal(lk_poller_arm(p, fds[0], &tag, false), 0);
    assert_int_equal(close(fds[1]), 0); /* the other side's end is news too */
    assert_ptr_equal(lk_poller_wait(p, 1000), &tag);
    lk_poller_remove(p, fds[0]);
    assert_int_equal(lk_poller_arm(p, fds[0], &tag, false), LK_ERR_IO);
    close(fds[0]);
    lk_poller_free(p);
    lk_poller_free(NULL);
}

static void *wait_long(void *p) {
    return lk_poller_wait(p, -1);
}

static void test_poller_wake(void **state) {
    (void)state;
    struct lk_poller *p = lk_poller_new();
    pthread_t threads[4];
    assert_non_null(p);
    lk_poller_wake(p); /* before anyone waits: not lost */
    assert_null(lk_poller_wait(p, -1));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, wait_long, p), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        lk_poller_wake(p);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    uint64_t begun = lk_time_mono_ms();
    assert_null(lk_poller_wait(p, 50)); /* each wake let one go: none is left */
    assert_true(lk_time_mono_ms() - begun >= 45);
    lk_poller_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_round_trip),
        cmocka_unit_test(test_file_open_to_others),
        cmocka_unit_test(test_file_stale_temporary),
        cmocka_unit_test(test_file_failures),
        cmocka_unit_test(test_entropy),
        cmocka_unit_test(test_poller_one_shot),
        cmocka_unit_test(test_poller_wake),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
