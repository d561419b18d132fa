/*
 * Small files of the data folder: replaced as a whole, readable by their owner alone.
 */
#include "base/buf.h"
#include "base/err.h"
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_LEN 64

static int err_of(int error) {
    switch (error) {
    case ENOENT:
        return LK_ERR_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return LK_ERR_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return LK_ERR_READ_ONLY;
    default:
        return LK_ERR_IO;
    }
}

static int open_folder(const char *dir) {
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int read_all(int fd, char *out, size_t cap, size_t *len) {
    size_t got = 0;
    for (;;) {
        char beyond;
        bool full = got == cap;
        ssize_t n = full ? read(fd, &beyond, 1) : read(fd, out + got, cap - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return LK_ERR_IO;
        }
        if (n == 0) {
            *len = got;
            return 0;
        }
        if (full) {
            return LK_ERR_TOO_LARGE;
        }
        got += (size_t)n;
    }
}

int lk_port_file_read(const char *dir, const char *name, void *out, size_t cap, size_t *len) {
    struct stat st;
    int folder = open_folder(dir);
    if (folder < 0) {
        return errno == ENOENT ? LK_ERR_NOT_FOUND : LK_ERR_IO;
    }
    /* Not blocking, so that a pipe of that name cannot hold the start up. */
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = errno;
    close(folder);
    if (fd < 0) {
        return error == ENOENT ? LK_ERR_NOT_FOUND : LK_ERR_IO;
    }
    int err = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : LK_ERR_IO;
    if (err == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        err = LK_ERR_DENIED;
    }
    if (err == 0) {
        err = read_all(fd, out, cap, len);
    }
    close(fd);
    return err;
}

static int write_all(int fd, const char *data, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_of(errno);
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A file of its own, complete and on the disk before it takes the name. */
static int write_temporary(int folder, const char *name, const void *data, size_t len) {
    if (unlinkat(folder, name, 0) != 0 && errno != ENOENT) {
        return err_of(errno);
    }
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return err_of(errno);
    }
    int err = write_all(fd, data, len);
    if (err == 0 && fsync(fd) != 0) {
        err = err_of(errno);
    }
    if (close(fd) != 0 && err == 0) {
        err = err_of(errno);
    }
    return err;
}

int lk_port_file_write(const char *dir, const char *name, const void *data, size_t len) {
    char temporary[NAME_MAX_LEN];
    struct lk_buf b;
    lk_buf_init(&b, temporary, sizeof(temporary));
    lk_buf_put_cstr(&b, name);
    lk_buf_put_cstr(&b, ".new");
    if (lk_buf_end_cstr(&b) != 0) {
        return LK_ERR_IO;
    }
    int folder = open_folder(dir);
    if (folder < 0) {
        return LK_ERR_IO;
    }
    int err = write_temporary(folder, temporary, data, len);
    if (err == 0 && (renameat(folder, temporary, folder, name) != 0 || fsync(folder) != 0)) {
        err = err_of(errno);
    }
    if (err != 0) {
        unlinkat(folder, temporary, 0);
    }
    close(folder);
    return err;
}

int lk_port_file_remove(const char *dir, const char *name) {
    int folder = open_folder(dir);
    if (folder < 0) {
        return errno == ENOENT ? LK_ERR_NOT_FOUND : LK_ERR_IO;
    }
    int err = unlinkat(folder, name, 0) == 0 && fsync(folder) == 0 ? 0 : err_of(errno);
    close(folder);
    return err;
}
