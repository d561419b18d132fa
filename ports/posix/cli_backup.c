/* latchkeyd backup and restore: the data folder, copied while the server runs, and put back. */
#include "base/time.h"
#include "cli.h"
#include "crypto/crypto.h"
#include "port.h"
#include "store/store_port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL_FILE_MAX 65536 /* bytes of a key or a certificate */
#define PIECE 65536          /* bytes copied at once */
#define PATH_MAX_LEN (LK_PATH_TEXT_MAX * 2)
#define DATA_FILE "data.mdb"
#define LAST_FILE                                                                                            \
    "backup.last" /* in data_dir: the folder of the last backup; the file's time is the backup's */

/* --- the small files beside the store --------------------------------------------------------------------- */

/* The store's own files and the server's marks are not copied byte by byte. */
static bool is_small_file(const char *name) {
    static const char *const others[] = {DATA_FILE,    "lock.mdb",       "server.lock",
                                         "server.pid", CLI_ADDRESS_FILE, LAST_FILE};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(name, others[i]) == 0) {
            return false;
        }
    }
    return name[0] != '.' && strstr(name, ".tmp") == NULL;
}

/* A backup may have been anywhere: what a link in it points to is not a part of it, and maybe not for our eyes. */
static int copy_small(const char *from, const char *to, const char *name, bool links, char *mem) {
    char path[LK_PATH_TEXT_MAX * 2];
    struct stat st;
    size_t len;

    snprintf(path, sizeof(path), "%s/%s", from, name);
    if ((links ? stat(path, &st) : lstat(path, &st)) != 0 || !S_ISREG(st.st_mode)) {
        return 0;
    }
    int err = lk_port_file_read(from, name, mem, SMALL_FILE_MAX, &len);
    if (err == 0) {
        err = lk_port_file_write(to, name, mem, len);
        lk_wipe(mem, len);
    }
    return err;
}

/* Keys, certificate, setup code: without them the copy would log everybody out. */
static int copy_small_files(const char *from, const char *to, bool links) {
    DIR *dir = opendir(from);
    char *mem = malloc(SMALL_FILE_MAX);
    struct dirent *entry;
    int rc = CLI_OK;

    if (dir == NULL || mem == NULL) {
        rc = cli_fail(from, strerror(errno));
    }
    while (rc == CLI_OK && (entry = readdir(dir)) != NULL) {
        int err = is_small_file(entry->d_name) ? copy_small(from, to, entry->d_name, links, mem) : 0;
        rc = err < 0 ? cli_fail_err(entry->d_name, err) : CLI_OK;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    free(mem);
    return rc;
}

/* --- backup --------------------------------------------------------------------------------------------- */

int64_t cli_last_backup(const struct lk_config *config, char folder[LK_PATH_TEXT_MAX]) {
    char path[PATH_MAX_LEN];
    struct stat st;
    size_t len = 0;

    folder[0] = '\0';
    snprintf(path, sizeof(path), "%s/%s", config->data_dir, LAST_FILE);
    if (stat(path, &st) != 0 ||
        lk_port_file_read(config->data_dir, LAST_FILE, folder, LK_PATH_TEXT_MAX - 1, &len) < 0) {
        return 0;
    }
    folder[len] = '\0';
    return (int64_t)st.st_mtime;
}

/* The folder as it will be found from anywhere. */
static void note_backup(const struct cli *c, const char *to) {
    char *whole = realpath(to, NULL);

    if (whole != NULL && strlen(whole) < LK_PATH_TEXT_MAX) {
        (void)lk_port_file_write(c->config.data_dir, LAST_FILE, whole, strlen(whole)); /* only to be shown */
    }
    free(whole);
}

/* Looks on while another thread copies the store. */
struct watch {
    char path[PATH_MAX_LEN];
    uint64_t total;
    atomic_bool over;
};

static void *watch_copy(void *arg) {
    struct watch *w = arg;
    struct cli_progress progress;
    const struct timespec pause = {.tv_nsec = 50000000};

    cli_progress_begin(&progress, "backup", w->total);
    while (!atomic_load(&w->over)) {
        struct stat st;
        cli_progress(&progress, stat(w->path, &st) == 0 ? (uint64_t)st.st_size : 0);
        nanosleep(&pause, NULL);
    }
    cli_progress_end(&progress);
    return NULL;
}

static int copy_store(struct cli *c, const char *to) {
    struct watch w = {.over = false};
    struct lk_store_usage usage;
    pthread_t watcher;

    snprintf(w.path, sizeof(w.path), "%s/%s", to, DATA_FILE);
    w.total = lk_store_usage(c->store, &usage) == 0 ? usage.used : 0;
    bool watched = pthread_create(&watcher, NULL, watch_copy, &w) == 0;
    int err = lk_store_backup(c->store, to);
    atomic_store(&w.over, true);
    if (watched) {
        pthread_join(watcher, NULL);
    }
    return err;
}

static int run_backup(struct cli *c) {
    const char *to = c->operands[0];
    int rc = cli_open(c, false);

    if (rc != CLI_OK) {
        return rc;
    }
    int err = copy_store(c, to);
    if (err == LK_ERR_EXISTS) {
        return cli_fail(to, "the folder is not empty; name a new one");
    }
    if (err < 0) {
        return cli_fail_err(to, err);
    }
    rc = copy_small_files(c->config.data_dir, to, true);
    if (rc == CLI_OK) {
        note_backup(c, to);
    }
    return rc;
}

/* --- restore -------------------------------------------------------------------------------------------- */

static int copy_bytes(int in, int out, uint64_t total) {
    struct cli_progress progress;
    uint64_t done = 0;
    ssize_t got = 0;
    char *mem = malloc(PIECE);

    cli_progress_begin(&progress, "restore", total);
    while (mem != NULL && (got = read(in, mem, PIECE)) > 0) {
        if (write(out, mem, (size_t)got) != got) { /* a regular file takes all of it or is full */
            got = -1;
            break;
        }
        done += (uint64_t)got;
        cli_progress(&progress, done);
    }
    cli_progress_end(&progress);
    bool failed = mem == NULL || got < 0 || fsync(out) != 0;
    free(mem);
    return failed ? -1 : 0;
}

/* The bytes of the store: whatever format they have is migrated in the copy alone. */
static int copy_data(const char *from, const char *to) {
    char path[PATH_MAX_LEN];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", from, DATA_FILE);
    /* On a pipe it would wait for whoever laid it there. */
    int in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    bool file = in >= 0 && fstat(in, &st) == 0 && S_ISREG(st.st_mode);
    if (!file) {
        if (in >= 0) {
            close(in);
        }
        return cli_fail(from, "there is no backup here: name the folder that 'latchkeyd backup' made");
    }
    snprintf(path, sizeof(path), "%s/%s", to, DATA_FILE);
    int out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc =
        out < 0 || copy_bytes(in, out, (uint64_t)st.st_size) < 0 ? cli_fail(path, strerror(errno)) : CLI_OK;
    close(in);
    if (out >= 0) {
        close(out);
    }
    return rc;
}

/* Removes what a restore left half made: files alone are in there. */
static void remove_folder(const char *path) {
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    rmdir(path);
}

static void report_broken(const char *what, struct lk_str key, void *arg) {
    (void)key;
    (void)arg;
    cli_fail("the backup's store", what);
}

/* Opens the copy as the server would, and walks it. */
static int check_copy(struct cli *c, const char *dir) {
    char data_dir[LK_PATH_TEXT_MAX];

    memcpy(data_dir, c->config.data_dir, sizeof(data_dir));
    snprintf(c->config.data_dir, sizeof(c->config.data_dir), "%s", dir);
    int rc = cli_open(c, false);
    int broken = rc == CLI_OK ? lk_service_check(c->service, report_broken, NULL) : 0;
    cli_close(c);
    memcpy(c->config.data_dir, data_dir, sizeof(data_dir));
    if (broken < 0) {
        return cli_fail_err("the backup's store", broken);
    }
    return broken > 0 ? CLI_FAILED : rc;
}

static int move_one(const char *aside, const char *to, const char *name) {
    char from_path[PATH_MAX_LEN];
    char to_path[PATH_MAX_LEN];

    snprintf(from_path, sizeof(from_path), "%s/%s", aside, name);
    snprintf(to_path, sizeof(to_path), "%s/%s", to, name);
    return rename(from_path, to_path) != 0 ? cli_fail(to_path, strerror(errno)) : CLI_OK;
}

/* Into data_dir, the store last: until it is there, data_dir holds no data. */
static int move_all(const char *aside, const char *to) {
    struct dirent *entry;
    DIR *dir = opendir(aside);
    int rc = dir == NULL ? cli_fail(aside, strerror(errno)) : CLI_OK;

    while (rc == CLI_OK && (entry = readdir(dir)) != NULL) {
        rc = is_small_file(entry->d_name) ? move_one(aside, to, entry->d_name) : CLI_OK;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return rc == CLI_OK ? move_one(aside, to, DATA_FILE) : rc;
}

static bool has_data(const char *dir) {
    char path[PATH_MAX_LEN];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, DATA_FILE);
    return stat(path, &st) == 0;
}

static int restore_into(struct cli *c, const char *from, const char *aside) {
    int rc = copy_data(from, aside);

    if (rc == CLI_OK) {
        rc = copy_small_files(from, aside, false);
    }
    if (rc == CLI_OK) {
        rc = check_copy(c, aside);
    }
    return rc == CLI_OK ? move_all(aside, c->config.data_dir) : rc;
}

static int run_restore(struct cli *c) {
    char aside[LK_PATH_TEXT_MAX];
    struct lk_port_dir_id id;
    const char *to = c->config.data_dir;

    if (has_data(to)) {
        return cli_fail(to, "there is data here already; stop the server and move that folder away first");
    }
    int err = lk_port_store_dir(to, true, &id);
    if (err < 0) {
        return cli_fail_err(to, err);
    }
    if (snprintf(aside, sizeof(aside), "%s/.restoring", to) >= (int)sizeof(aside)) {
        return cli_fail(to, "the path is too long");
    }
    remove_folder(aside); /* of one that was cut short */
    if (mkdir(aside, 0700) != 0) {
        return cli_fail(aside, strerror(errno));
    }
    int rc = restore_into(c, c->operands[0], aside);
    remove_folder(aside);
    return rc;
}

const struct cli_command cli_backup_commands[] = {
    {"backup", NULL, "DIR", "copy the store, the keys and the certificate, also while the server runs", 1, 1,
     0, run_backup},
    {"restore", NULL, "DIR", "make data_dir from a backup; the server is not running", 1, 1, 0, run_restore},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
