/* Which threads run, and what each does next: few at a time, and another one whenever one of them has to
   wait. */
#include "base/time.h"
#include "port.h"
#include "serve/engine.h"

static bool is_over(struct lk_serve *s) {
    return s->stop_at != 0 && (s->connections + s->doomed == 0 || lk_time_mono_ms() >= s->stop_at);
}

static void give_slot(struct conn_worker *w) {
    struct lk_serve *s = w->serve;

    if (w->slot) {
        w->slot = false;
        /* Many come back at once when a commit is done: nobody need wake before they are few again. */
        if (atomic_fetch_sub(&s->running, 1) <= s->options.active && s->sleeping > 0) {
            pthread_cond_signal(&s->wake);
        }
    }
}

static void block_begin(void *arg) {
    struct conn_worker *w = arg;

    if (w->slot) {
        pthread_mutex_lock(&w->serve->lock);
        give_slot(w);
        pthread_mutex_unlock(&w->serve->lock);
    }
}

static void block_end(void *arg) {
    struct conn_worker *w = arg;

    if (!w->slot) {
        pthread_mutex_lock(&w->serve->lock);
        w->slot = true;
        atomic_fetch_add(&w->serve->running, 1);
        pthread_mutex_unlock(&w->serve->lock);
    }
}

/* Waits until one of the few threads that run may be this one. False when the server stops. */
static bool take_slot(struct conn_worker *w) {
    struct lk_serve *s = w->serve;

    if (w->slot && atomic_load_explicit(&s->running, memory_order_relaxed) <= s->options.active &&
        !atomic_load_explicit(&s->stopping, memory_order_relaxed)) {
        return true;
    }
    pthread_mutex_lock(&s->lock);
    if (w->slot && atomic_load(&s->running) > s->options.active) {
        give_slot(w);
    }
    while (!w->slot && !is_over(s)) {
        if (atomic_load(&s->running) < s->options.active) {
            w->slot = true;
            atomic_fetch_add(&s->running, 1);
        } else {
            s->sleeping++;
            pthread_cond_wait(&s->wake, &s->lock);
            s->sleeping--;
        }
    }
    bool over = is_over(s);
    if (over) {
        give_slot(w);
        pthread_cond_broadcast(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
    if (over) {
        lk_poller_wake(s->poller);
    }
    return !over;
}

/* How long a thread may wait for a socket: until the next deadline. */
static int wait_time(struct lk_serve *s, uint64_t now) {
    int32_t left = (int32_t)(atomic_load(&s->next_sweep) - (uint32_t)now);

    if (atomic_load(&s->stopping) && left > 50) {
        left = 50;
    }
    return left < 0 ? 0 : left;
}

static struct lk_conn *pick(struct conn_worker *w, uint64_t now) {
    struct lk_serve *s = w->serve;
    struct lk_conn *c = NULL;

    if (atomic_load(&s->ready_count) == 0) {
        return lk_poller_wait(s->poller, wait_time(s, now));
    }
    w->turn = !w->turn;
    if (w->turn) {
        c = lk_poller_wait(s->poller, 0);
    }
    if (c == NULL) {
        c = engine_take_ready(s);
    } else {
        /* This thread may now be busy for long: another one should see to the queue. */
        lk_poller_wake(s->poller);
    }
    return c;
}

/* One thread of those that find it due sweeps: the one that moves the time on first. */
static void sweep(struct lk_serve *s, uint64_t now) {
    unsigned due = atomic_load(&s->next_sweep);

    if ((int32_t)((uint32_t)now - due) >= 0 &&
        atomic_compare_exchange_strong(&s->next_sweep, &due, (uint32_t)now + 1000)) {
        connections_sweep(s, now);
    }
}

struct lk_conn *engine_next(struct lk_serve *s, unsigned thread) {
    struct conn_worker *w = &s->workers[thread];

    pthread_setspecific(s->self, w);
    w->blocking = (struct lk_blocking_hook){block_begin, block_end, w};
    if (lk_blocking_set_hook(&w->blocking) != 0) {
        return NULL;
    }
    while (take_slot(w)) {
        uint64_t now = lk_time_mono_ms();
        sweep(s, now);
        struct lk_conn *c = pick(w, now);
        if (c != NULL && engine_advance(c, w)) {
            atomic_fetch_add_explicit(&s->requests, 1, memory_order_relaxed);
            return c;
        }
    }
    return NULL;
}
