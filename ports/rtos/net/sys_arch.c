/* lwIP's semaphores, mailboxes, threads and clock on the kernel. */
#include "rtos/kernel/cpu.h"

#include <stdlib.h>

#include <lwip/memp.h>
#include <lwip/opt.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>

/* --- clock and protection --------------------------------------------------------------------------------- */

u32_t sys_now(void) {
    return (u32_t)lk_ticks(); /* a tick is a millisecond */
}

sys_prot_t sys_arch_protect(void) {
    return lk_cpu_lock();
}

void sys_arch_unprotect(sys_prot_t before) {
    lk_cpu_unlock(before);
}

/* --- the core's lock -------------------------------------------------------------------------------------- */

static struct lk_thread *lwip_thread; /* from when on the lock matters */

void lk_net_mark_thread(void) {
    lwip_thread = lk_thread_self();
}

void lk_net_check_core_locked(void) {
    if (lwip_thread != NULL && lock_tcpip_core.owner != lk_thread_self()) {
        lk_kernel_panic("lwIP called without its lock");
    }
}

err_t sys_mutex_new(sys_mutex_t *mutex) {
    lk_mutex_init(mutex, false);
    return ERR_OK;
}

void sys_mutex_lock(sys_mutex_t *mutex) {
    (void)lk_mutex_lock(mutex);
}

void sys_mutex_unlock(sys_mutex_t *mutex) {
    (void)lk_mutex_unlock(mutex);
}

void sys_mutex_free(sys_mutex_t *mutex) {
    (void)lk_mutex_destroy(mutex);
}

/* --- semaphores ------------------------------------------------------------------------------------------- */

/* lwIP says 0 for no limit, and takes any time at all for an answer but SYS_ARCH_TIMEOUT. */
static u32_t wait(struct lk_event *event, u32_t timeout) {
    int ms = timeout == 0 ? -1 : timeout > INT_MAX ? INT_MAX : (int)timeout;
    return lk_event_wait(event, ms) ? 0 : SYS_ARCH_TIMEOUT;
}

err_t sys_sem_new(sys_sem_t *sem, u8_t count) {
    *sem = (struct lk_event){.set = count != 0};
    return ERR_OK;
}

void sys_sem_free(sys_sem_t *sem) {
    (void)sem;
}

void sys_sem_signal(sys_sem_t *sem) {
    lk_event_set(sem);
}

u32_t sys_arch_sem_wait(sys_sem_t *sem, u32_t timeout) {
    return wait(sem, timeout);
}

static unsigned sem_key;

sys_sem_t *lk_net_thread_sem(void) {
    sys_sem_t *sem = lk_key_get(sem_key);

    if (sem == NULL) {
        sem = calloc(1, sizeof(*sem));
        if (sem == NULL || lk_key_set(sem_key, sem) != 0) {
            lk_kernel_panic("no memory for a thread's semaphore");
        }
    }
    return sem;
}

/* --- mailboxes -------------------------------------------------------------------------------------------- */

struct lk_mbox {
    struct lk_event filled;
    uint8_t first, count, capacity;
    void *slots[];
};

#define MBOX_BYTES(slots) (sizeof(struct lk_mbox) + (slots) * sizeof(void *))

/* What a socket receives. */
/* cppcheck-suppress unknownMacro */
LWIP_MEMPOOL_DECLARE(small_boxes, MEMP_NUM_NETCONN, MBOX_BYTES(DEFAULT_TCP_RECVMBOX_SIZE), "MBOX")
/* Clients that wait to be accepted: all of them must find room; and lwIP's own. */
LWIP_MEMPOOL_DECLARE(large_boxes, MEMP_NUM_TCP_PCB_LISTEN + 1, MBOX_BYTES(DEFAULT_ACCEPTMBOX_SIZE), "MBOXL")
_Static_assert(DEFAULT_ACCEPTMBOX_SIZE >= MEMP_NUM_NETCONN,
               "a client that is turned away for want of a slot");

err_t sys_mbox_new(sys_mbox_t *out, int size) {
    bool small = size <= DEFAULT_TCP_RECVMBOX_SIZE;
    struct lk_mbox *mbox = small ? LWIP_MEMPOOL_ALLOC(small_boxes) : LWIP_MEMPOOL_ALLOC(large_boxes);

    *out = mbox;
    if (mbox == NULL) {
        return ERR_MEM;
    }
    LWIP_ASSERT("capacity", size > 0 && size <= DEFAULT_ACCEPTMBOX_SIZE);
    *mbox = (struct lk_mbox){.capacity = (uint8_t)size};
    return ERR_OK;
}

void sys_mbox_free(sys_mbox_t *mbox) {
    if ((*mbox)->capacity <= DEFAULT_TCP_RECVMBOX_SIZE) {
        LWIP_MEMPOOL_FREE(small_boxes, *mbox);
    } else {
        LWIP_MEMPOOL_FREE(large_boxes, *mbox);
    }
}

err_t sys_mbox_trypost(sys_mbox_t *at, void *message) {
    struct lk_mbox *mbox = *at;
    unsigned before = lk_cpu_lock();
    bool room = mbox->count < mbox->capacity;

    if (room) {
        mbox->slots[(mbox->first + mbox->count) % mbox->capacity] = message;
        mbox->count++;
    }
    lk_cpu_unlock(before);
    if (!room) {
        return ERR_MEM;
    }
    lk_event_set(&mbox->filled);
    return ERR_OK;
}

err_t sys_mbox_trypost_fromisr(sys_mbox_t *mbox, void *message) {
    return sys_mbox_trypost(mbox, message);
}

void sys_mbox_post(sys_mbox_t *mbox, void *message) {
    while (sys_mbox_trypost(mbox, message) != ERR_OK) {
        lk_sleep_until(lk_ticks() + 1);
    }
}

u32_t sys_arch_mbox_tryfetch(sys_mbox_t *at, void **message) {
    struct lk_mbox *mbox = *at;
    unsigned before = lk_cpu_lock();
    bool there = mbox->count > 0;
    bool more = mbox->count > 1;

    if (there) {
        if (message != NULL) {
            *message = mbox->slots[mbox->first];
        }
        mbox->first = (uint8_t)((mbox->first + 1) % mbox->capacity);
        mbox->count--;
    }
    lk_cpu_unlock(before);
    if (more && mbox->filled.waiters.first != NULL) {
        lk_event_set(&mbox->filled); /* it lets one go, and there may be two who wait */
    }
    return there ? 0 : SYS_MBOX_EMPTY;
}

u32_t sys_arch_mbox_fetch(sys_mbox_t *mbox, void **message, u32_t timeout) {
    uint64_t until = lk_ticks() + timeout;

    while (sys_arch_mbox_tryfetch(mbox, message) == SYS_MBOX_EMPTY) {
        uint64_t now = lk_ticks();
        if (timeout != 0 && now >= until) {
            return SYS_ARCH_TIMEOUT;
        }
        (void)wait(&(*mbox)->filled, timeout == 0 ? 0 : (u32_t)(until - now));
    }
    return 0;
}

/* --- threads ------------------------------------------------------------------------------------------------ */

sys_thread_t sys_thread_new(const char *name, lwip_thread_fn entry, void *arg, int stack_size, int priority) {
    struct lk_thread *thread;
    struct lk_thread_attr attr = {
        .stack_size = (size_t)stack_size, .priority = priority, .detached = true, .name = name};

    /* lwIP's functions return nothing and never return: as a void *(void *) they are called alike. */
    if (lk_thread_create(&thread, &attr, (void *(*)(void *))(void (*)(void))entry, arg) != 0) {
        lk_kernel_panic("no memory for the thread %s", name);
    }
    return thread;
}

void sys_init(void) {
    LWIP_MEMPOOL_INIT(small_boxes);
    LWIP_MEMPOOL_INIT(large_boxes);
    if (lk_key_create(&sem_key, free) != 0) {
        lk_kernel_panic("no key left");
    }
}
