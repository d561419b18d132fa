/* The log goes to the console: a line at once, so that lines of different threads never mix. */
#include "port.h"

#include "rtos/board.h"

#include <pthread.h>

void lk_port_log(const char *line, size_t len) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    lk_board.console_write(line, len);
    pthread_mutex_unlock(&lock);
}
