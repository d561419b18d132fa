/* The board's half of testing.h. */
#include "testing.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rtos/board.h"
#include "rtos/kernel/cpu_armv7m.h"
#include "semihosting/semihosting.h"

/* A line that no device drives. */
#define SOFT_IRQ 20
#define NVIC_ISPR(n) LK_REGISTER(0xE000E200U + 4 * (n))

void test_spend_moment(void) {
    __asm volatile("nop");
}

void test_interrupt(void (*handler)(void)) {
    lk_irq_enable(SOFT_IRQ, handler, 1);
    NVIC_ISPR(SOFT_IRQ / 32) = 1U << (SOFT_IRQ % 32);
    __asm volatile("dsb\n isb");
}

size_t test_memory(void) {
    return mallinfo().uordblks;
}

void test_argument(char *out, size_t cap) {
    lk_semihosting_argument(out, cap);
}

int main(void);
int main(void) {
    return test_main();
}

/* --- just enough of a C library's files for printf -------------------------------------------------------- */

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
