/*
 * One process that is always there, with no users, no signals and no folders: the answers that the libraries
 * want to hear.
 */
#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <malloc.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "rtos/kernel/kernel.h"

#define PAGE_SIZE 1024 /* of LMDB's store: what a small commit programs is a few of them */

int _getpid(void);
int _kill(int pid, int number);
int setgroups(int count, const gid_t *groups);

/* --- the process and its owner -------------------------------------------------------------------------- */

int _getpid(void) {
    return 1;
}

int _kill(int pid, int number) {
    (void)pid;
    _exit(128 + number);
}

void abort(void) {
    lk_kernel_panic("abort");
}

void __assert_func(const char *file, int line, const char *function, const char *what) {
    (void)function;
    lk_kernel_panic("%s:%d: not so: %s", file, line, what);
}

uid_t getuid(void) {
    return 0;
}

int setuid(uid_t user) {
    (void)user;
    return 0;
}

int setgid(gid_t group) {
    (void)group;
    return 0;
}

int setgroups(int count, const gid_t *groups) {
    (void)count;
    (void)groups;
    return 0;
}

struct passwd *getpwnam(const char *name) {
    (void)name;
    return NULL;
}

int uname(struct utsname *out) {
    memset(out, 0, sizeof(*out));
    memcpy(out->sysname, "board", sizeof("board"));
    return 0;
}

/* --- signals that never come ---------------------------------------------------------------------------- */

int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
    (void)number;
    (void)action;
    if (old != NULL) {
        memset(old, 0, sizeof(*old));
    }
    return 0;
}

int sigwait(const sigset_t *set, int *number) {
    (void)set;
    *number = 0;
    return EINVAL;
}

/* --- memory -------------------------------------------------------------------------------------------- */

long sysconf(int name) {
    if (name == _SC_PAGE_SIZE) {
        return PAGE_SIZE;
    }
    errno = EINVAL;
    return -1;
}

/* Every thread shares the one address space. */
int pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared) {
    (void)attr;
    (void)shared;
    return 0;
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    void *block = memalign(alignment, size);
    if (block == NULL) {
        return ENOMEM;
    }
    *out = block;
    return 0;
}

/* --- text and time ---------------------------------------------------------------------------------------- */

/* newlib's is as quick as it is long. */
char *strstr(const char *text, const char *what) {
    return memmem(text, strlen(text), what, strlen(what));
}

/* CivetWeb would date the files that it does not serve. What is dated here is base/time.h's. */
size_t strftime(char *restrict out, size_t cap, const char *restrict format, const struct tm *restrict when) {
    (void)format;
    (void)when;
    if (cap > 0) {
        out[0] = '\0';
    }
    return 0;
}

/* --- errors as text ------------------------------------------------------------------------------------- */

/* newlib's table of sentences has 4 KB. What an operator can do something about has a word here. */
char *strerror(int error) {
    static const struct {
        int error;
        const char *text;
    } words[] = {
        {ENOMEM, "out of memory"},
        {ENOSPC, "no space left"},
        {EIO, "input/output error"},
        {ECONNREFUSED, "connection refused"},
        {ECONNRESET, "connection reset"},
        {EHOSTUNREACH, "host unreachable"},
        {ENETUNREACH, "network unreachable"},
        {ETIMEDOUT, "timed out"},
        {EADDRINUSE, "address in use"},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].error == error) {
            return (char *)words[i].text;
        }
    }
    return (char *)"error";
}
