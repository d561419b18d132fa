#include "crypto/hash_gate.h"

#include "base/blocking.h"
#include "base/err.h"
#include "base/thread.h"
#include "options.h"
#include "port.h"

#include <pthread.h>
#include <stdatomic.h>

#define WORKERS_MAX 64u
#define WAITING_MAX 4096u

enum job { JOB_MAKE, JOB_CHECK, JOB_NOBODY };

/* A caller's request. It lives on the caller's stack, so that the queue needs no memory of its own. */
struct ticket {
    enum job job;
    struct lk_str password;
    struct lk_str encoded;
    uint32_t iterations;
    char *out;
    int result;
    bool done;
    pthread_cond_t changed;
    struct ticket *next;
};

struct lk_hash_gate {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct ticket *first, *last; /* those that wait, oldest first */
    atomic_uint depth;           /* those that wait or are served */
    unsigned limit;              /* of depth */
    unsigned workers;
    bool stopping;
    pthread_t threads[WORKERS_MAX];
};

/* One a process, as the processors that it rations. */
static struct lk_hash_gate gate;
static atomic_flag gate_taken = ATOMIC_FLAG_INIT;

static int serve(const struct ticket *t) {
    switch (t->job) {
    case JOB_MAKE:
        return lk_password_make(t->password, t->iterations, t->out);
    case JOB_CHECK:
        return lk_password_check(t->password, t->encoded);
    default:
        lk_password_check_nobody(t->password, t->iterations);
        return LK_ERR_MISMATCH;
    }
}

static struct ticket *take_first(struct lk_hash_gate *g) {
    struct ticket *t = g->first;
    g->first = t->next;
    if (g->first == NULL) {
        g->last = NULL;
    }
    return t;
}

static void *work(void *arg) {
    struct lk_hash_gate *g = arg;
    lk_port_thread_background();
    pthread_mutex_lock(&g->lock);
    for (;;) {
        while (g->first == NULL && !g->stopping) {
            pthread_cond_wait(&g->work, &g->lock);
        }
        if (g->first == NULL) {
            break;
        }
        struct ticket *t = take_first(g);
        pthread_mutex_unlock(&g->lock);
        int result = serve(t);
        pthread_mutex_lock(&g->lock);
        t->result = result;
        t->done = true;
        atomic_fetch_sub(&g->depth, 1);
        pthread_cond_signal(&t->changed); /* under the lock: after it, the ticket may be gone */
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

struct lk_hash_gate *lk_hash_gate_new(unsigned workers, unsigned waiting) {
    struct lk_hash_gate *g = &gate;
    if (workers < 1 || workers > WORKERS_MAX || waiting < 1 || waiting > WAITING_MAX ||
        atomic_flag_test_and_set(&gate_taken)) {
        return NULL;
    }
    g->first = g->last = NULL;
    g->stopping = false;
    g->limit = workers + waiting;
    g->workers = 0;
    atomic_store(&g->depth, 0);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->work, NULL);
    while (g->workers < workers) {
        if (lk_start_thread(&g->threads[g->workers], LK_STACK_HASH, work, g) != 0) {
            lk_hash_gate_free(g);
            return NULL;
        }
        g->workers++;
    }
    return g;
}

void lk_hash_gate_free(struct lk_hash_gate *g) {
    if (g == NULL) {
        return;
    }
    pthread_mutex_lock(&g->lock);
    g->stopping = true;
    pthread_cond_broadcast(&g->work);
    pthread_mutex_unlock(&g->lock);
    for (unsigned i = 0; i < g->workers; i++) {
        pthread_join(g->threads[i], NULL);
    }
    pthread_cond_destroy(&g->work);
    pthread_mutex_destroy(&g->lock);
    atomic_flag_clear(&gate_taken);
}

/* Queues the ticket and waits for its result. */
static int pass(struct lk_hash_gate *g, struct ticket *t) {
    pthread_mutex_lock(&g->lock);
    if (atomic_load(&g->depth) >= g->limit) {
        pthread_mutex_unlock(&g->lock);
        return LK_ERR_BUSY;
    }
    atomic_fetch_add(&g->depth, 1);
    pthread_cond_init(&t->changed, NULL);
    if (g->last == NULL) {
        g->first = t;
    } else {
        g->last->next = t;
    }
    g->last = t;
    pthread_cond_signal(&g->work);
    pthread_mutex_unlock(&g->lock);

    lk_blocking_begin();
    pthread_mutex_lock(&g->lock);
    while (!t->done) {
        pthread_cond_wait(&t->changed, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    lk_blocking_end();
    pthread_cond_destroy(&t->changed);
    return t->result;
}

int lk_hash_gate_make(struct lk_hash_gate *g, struct lk_str password, uint32_t iterations,
                      char out[LK_PASSWORD_HASH_MAX + 1]) {
    struct ticket t = {.job = JOB_MAKE, .password = password, .iterations = iterations, .out = out};
    return pass(g, &t);
}

int lk_hash_gate_check(struct lk_hash_gate *g, struct lk_str password, struct lk_str encoded) {
    struct ticket t = {.job = JOB_CHECK, .password = password, .encoded = encoded};
    return pass(g, &t);
}

int lk_hash_gate_check_nobody(struct lk_hash_gate *g, struct lk_str password, uint32_t iterations) {
    struct ticket t = {.job = JOB_NOBODY, .password = password, .iterations = iterations};
    return pass(g, &t);
}

unsigned lk_hash_gate_depth(struct lk_hash_gate *g) {
    return atomic_load(&g->depth);
}
