/* What lwIP waits with: the kernel's events and mutexes. */
#ifndef LK_ARCH_SYS_ARCH_H
#define LK_ARCH_SYS_ARCH_H

#include "rtos/kernel/kernel.h"

/* No user of lwIP counts beyond one. */
typedef struct lk_event sys_sem_t;
typedef struct lk_mutex sys_mutex_t;
typedef struct lk_mbox *sys_mbox_t;
typedef struct lk_thread *sys_thread_t;
typedef unsigned sys_prot_t;

#define sys_sem_valid(sem) ((sem) != NULL)
#define sys_sem_set_invalid(sem)
#define sys_mbox_valid(mbox) (*(mbox) != NULL)
#define sys_mbox_set_invalid(mbox) (*(mbox) = NULL)
#define sys_mutex_valid(mutex) ((mutex) != NULL)
#define sys_mutex_set_invalid(mutex)

/* The calling thread's own semaphore, made at its first use. */
sys_sem_t *lk_net_thread_sem(void);
#define LWIP_NETCONN_THREAD_SEM_GET() lk_net_thread_sem()
#define LWIP_NETCONN_THREAD_SEM_ALLOC()
#define LWIP_NETCONN_THREAD_SEM_FREE()

#endif
