#include "port.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Linux keeps a nice value per thread: setpriority of a thread id touches that thread alone. SCHED_IDLE and
 * SCHED_BATCH gave the other threads no shorter delays, and SCHED_IDLE would starve logins on a busy machine.
 */
void lk_port_thread_background(void) {
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
}

unsigned lk_port_cpu_count(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : (unsigned)count;
}
