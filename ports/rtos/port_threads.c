/* port.h's threads on the kernel. */
#include "port.h"

#include "rtos/kernel/kernel.h"

void lk_port_thread_background(void) {
    lk_thread_set_name(lk_thread_self(), "hash");
    (void)lk_thread_set_priority(lk_thread_self(), LK_PRIORITY_BACKGROUND);
}

unsigned lk_port_cpu_count(void) {
    return 1;
}
