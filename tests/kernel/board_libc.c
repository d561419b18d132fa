/* Just enough of a C library's files for printf, for images of tests. */
#include <sys/stat.h>
#include <unistd.h>

#include "rtos/board.h"

int _write(int fd, const char *data, int len);
int _write(int fd, const char *data, int len) {
    (void)fd;
    lk_board.console_write(data, (size_t)len);
    return len;
}

int _close(int fd);
int _close(int fd) {
    (void)fd;
    return -1;
}

int _fstat(int fd, struct stat *st);
int _fstat(int fd, struct stat *st) {
    (void)fd;
    st->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int fd);
int _isatty(int fd) {
    (void)fd;
    return 1;
}

off_t _lseek(int fd, off_t offset, int whence);
off_t _lseek(int fd, off_t offset, int whence) {
    (void)fd;
    (void)offset;
    (void)whence;
    return 0;
}

int _read(int fd, char *data, int len);
int _read(int fd, char *data, int len) {
    (void)fd;
    (void)data;
    (void)len;
    return 0;
}

pid_t _getpid(void);
pid_t _getpid(void) {
    return 1;
}

int _kill(pid_t pid, int signal);
int _kill(pid_t pid, int signal) {
    (void)pid;
    _exit(128 + signal);
}
