#include "base/time.h"
#include "serve/engine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Marked connections that no worker has come to close yet; more than this and newcomers are turned away. */
#define DOOMED_MAX 256

/* One client: an IPv4 address or an IPv6 /64, which is what one subscriber has. */
struct conn_address {
    struct conn_address *next;
    uint8_t key[16];
    unsigned count;
    struct lk_conn *first, *last; /* least recently active first */
};

static void list_append(struct conn_list *list, struct lk_conn *c) {
    c->prev = list->last;
    c->next = NULL;
    if (list->last != NULL) {
        list->last->next = c;
    } else {
        list->first = c;
    }
    list->last = c;
    list->count++;
}

static void list_remove(struct conn_list *list, struct lk_conn *c) {
    if (c->prev != NULL) {
        c->prev->next = c->next;
    } else {
        list->first = c->next;
    }
    if (c->next != NULL) {
        c->next->prev = c->prev;
    } else {
        list->last = c->prev;
    }
    c->prev = c->next = NULL;
    list->count--;
}

/* Keeps the list ordered. Deadlines of one state mostly come in order, so the place is found at once. */
static void list_insert(struct conn_list *list, struct lk_conn *c) {
    struct lk_conn *after = list->last;

    while (after != NULL && after->deadline > c->deadline) {
        after = after->prev;
    }
    if (after == list->last) {
        list_append(list, c);
        return;
    }
    struct lk_conn *before = after == NULL ? list->first : after->next;
    c->prev = after;
    c->next = before;
    before->prev = c;
    if (after == NULL) {
        list->first = c;
    } else {
        after->next = c;
    }
    list->count++;
}

static void peer_append(struct conn_address *a, struct lk_conn *c) {
    c->peer_prev = a->last;
    c->peer_next = NULL;
    if (a->last != NULL) {
        a->last->peer_next = c;
    } else {
        a->first = c;
    }
    a->last = c;
}

static void peer_remove(struct conn_address *a, struct lk_conn *c) {
    if (c->peer_prev != NULL) {
        c->peer_prev->peer_next = c->peer_next;
    } else {
        a->first = c->peer_next;
    }
    if (c->peer_next != NULL) {
        c->peer_next->peer_prev = c->peer_prev;
    } else {
        a->last = c->peer_prev;
    }
    c->peer_prev = c->peer_next = NULL;
}

static void make_key(const uint8_t peer[16], uint8_t key[16]) {
    static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    memcpy(key, peer, 16);
    if (memcmp(peer, v4_prefix, sizeof(v4_prefix)) != 0) {
        memset(key + 8, 0, 8);
    }
}

static struct conn_address **find_bucket(struct lk_serve *s, const uint8_t key[16]) {
    uint32_t h = s->hash_seed;

    for (size_t i = 0; i < 16; i++) {
        h = (h ^ key[i]) * 16777619u;
        h ^= h >> 15;
    }
    return &s->addresses[h % LK_ADDRESS_BUCKETS];
}

static struct conn_address *find_address(struct lk_serve *s, const uint8_t key[16]) {
    struct conn_address **bucket = find_bucket(s, key);
    struct conn_address *a = *bucket;

    while (a != NULL && memcmp(a->key, key, sizeof(a->key)) != 0) {
        a = a->next;
    }
    if (a == NULL) {
        a = calloc(1, sizeof(*a));
        if (a != NULL) {
            memcpy(a->key, key, sizeof(a->key));
            a->next = *bucket;
            *bucket = a;
        }
    }
    return a;
}

/* Forgets an address without connections. */
static void drop_address(struct lk_serve *s, struct conn_address *a) {
    if (a->first != NULL) {
        return;
    }
    struct conn_address **at = find_bucket(s, a->key);
    while (*at != a) {
        at = &(*at)->next;
    }
    *at = a->next;
    free(a);
}

/* Marks a connection and makes its socket ready, so that a worker comes to close it. */
static void doom(struct lk_conn *c) {
    struct lk_serve *s = c->serve;

    atomic_store(&c->doomed, true);
    list_remove(&s->waits[c->state], c);
    c->address->count--;
    s->connections--;
    s->doomed++;
    c->promised = atomic_load_explicit(&c->held, memory_order_relaxed);
    atomic_fetch_add(&s->promised, c->promised);
    shutdown(c->fd, SHUT_RDWR);
}

/* The one that has waited longest for its client, of one address when `a` is given; never one with a
   handler. */
static struct lk_conn *find_victim(struct lk_serve *s, const struct conn_address *a) {
    static const enum conn_state order[] = {CONN_IDLE,   CONN_LINGER, CONN_HANDSHAKE,
                                            CONN_HEADER, CONN_BODY,   CONN_WRITING};

    if (a == NULL) {
        for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
            if (s->waits[order[i]].first != NULL) {
                return s->waits[order[i]].first;
            }
        }
        return NULL;
    }
    struct lk_conn *fallback = NULL;
    for (struct lk_conn *c = a->first; c != NULL; c = c->peer_next) {
        if (c->state == CONN_RUNNING || atomic_load_explicit(&c->doomed, memory_order_relaxed)) {
            continue;
        }
        if (c->state == CONN_IDLE) {
            return c;
        }
        if (fallback == NULL) {
            fallback = c;
        }
    }
    return fallback;
}

static bool make_room(struct lk_serve *s, struct conn_address *a) {
    bool of_address = a->count >= s->options.max_per_address;

    if (!of_address && s->connections < s->options.max_connections) {
        return true;
    }
    struct lk_conn *victim = s->doomed < DOOMED_MAX ? find_victim(s, of_address ? a : NULL) : NULL;
    if (victim == NULL) {
        return false;
    }
    doom(victim);
    atomic_fetch_add(&s->evicted, 1);
    return true;
}

/* --- memory --------------------------------------------------------------------------------------------- */

static size_t held(const struct lk_conn *c) {
    return atomic_load_explicit(&c->held, memory_order_relaxed);
}

static bool may_go(const struct lk_conn *c) {
    return c->state != CONN_RUNNING && !atomic_load_explicit(&c->doomed, memory_order_relaxed);
}

/* What the connections of an address hold together, and the heaviest that could go but `self`: of two alike
   the one that is longest there. */
static size_t weigh(const struct conn_address *a, const struct lk_conn *self, struct lk_conn **heaviest) {
    size_t sum = 0;

    *heaviest = NULL;
    for (struct lk_conn *c = a->first; c != NULL; c = c->peer_next) {
        if (atomic_load_explicit(&c->doomed, memory_order_relaxed)) {
            continue;
        }
        sum += held(c);
        if (c != self && may_go(c) && held(c) > 0 && (*heaviest == NULL || held(c) > held(*heaviest))) {
            *heaviest = c;
        }
    }
    return sum;
}

/* A client pays for its own memory first: only a heavier address gives way to it, or, on its own one, a
   connection that holds as much as it would. */
static struct lk_conn *find_heaviest(struct lk_serve *s, struct lk_conn *self, size_t size) {
    struct lk_conn *victim;
    size_t most = weigh(self->address, self, &victim) + size;

    if (victim != NULL && held(victim) < held(self) + size) {
        victim = NULL;
    }
    for (size_t i = 0; i < LK_ADDRESS_BUCKETS; i++) {
        for (struct conn_address *a = s->addresses[i]; a != NULL; a = a->next) {
            struct lk_conn *heaviest;
            size_t sum = a == self->address ? 0 : weigh(a, self, &heaviest);
            if (sum > most && heaviest != NULL) {
                most = sum;
                victim = heaviest;
            }
        }
    }
    return victim;
}

bool connections_reclaim(struct lk_conn *c, size_t size) {
    struct lk_serve *s = c->serve;
    struct lk_conn *victim = NULL;

    pthread_mutex_lock(&s->lock);
    bool may =
        c->address != NULL && s->doomed < DOOMED_MAX && atomic_load(&s->promised) <= s->options.max_buffered;
    if (may) {
        victim = find_heaviest(s, c, size);
    }
    if (victim != NULL) {
        doom(victim);
        atomic_fetch_add(&s->evicted, 1);
    }
    pthread_mutex_unlock(&s->lock);
    return victim != NULL;
}

void connections_evict(struct lk_serve *s) {
    pthread_mutex_lock(&s->lock);
    /* One that is marked already will give its descriptor back soon. */
    struct lk_conn *victim = s->doomed == 0 ? find_victim(s, NULL) : NULL;
    if (victim != NULL) {
        doom(victim);
        atomic_fetch_add(&s->evicted, 1);
    }
    pthread_mutex_unlock(&s->lock);
}

bool connections_admit(struct lk_serve *s, struct lk_conn *c) {
    uint8_t key[16];
    bool admitted = false;

    make_key(c->peer, key);
    pthread_mutex_lock(&s->lock);
    struct conn_address *a = find_address(s, key);
    if (a != NULL) {
        admitted = s->stop_at == 0 && make_room(s, a);
        if (admitted) {
            c->address = a;
            a->count++;
            peer_append(a, c);
            s->connections++;
        } else {
            drop_address(s, a);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return admitted;
}

void connections_move(struct lk_conn *c, enum conn_state state, uint64_t ms) {
    struct lk_serve *s = c->serve;
    uint64_t now = state == CONN_RUNNING ? 0 : lk_time_mono_ms();

    pthread_mutex_lock(&s->lock);
    if (!atomic_load_explicit(&c->doomed, memory_order_relaxed)) {
        if (c->state != CONN_RUNNING) {
            list_remove(&s->waits[c->state], c);
        }
        c->state = state;
        c->deadline = now + ms;
        if (state != CONN_RUNNING) {
            list_insert(&s->waits[state], c);
        }
        if (state == CONN_IDLE) {
            peer_remove(c->address, c);
            peer_append(c->address, c);
        }
    }
    pthread_mutex_unlock(&s->lock);
}

void connections_remove(struct lk_conn *c) {
    struct lk_serve *s = c->serve;

    pthread_mutex_lock(&s->lock);
    if (atomic_load_explicit(&c->doomed, memory_order_relaxed)) {
        s->doomed--;
        atomic_fetch_sub(&s->promised, c->promised);
    } else {
        if (c->state != CONN_RUNNING) {
            list_remove(&s->waits[c->state], c);
        }
        c->address->count--;
        s->connections--;
    }
    peer_remove(c->address, c);
    drop_address(s, c->address);
    pthread_mutex_unlock(&s->lock);
}

/* The shortest time that a connection is given for anything: no deadline made from now on is nearer. */
static uint64_t shortest(const struct lk_serve_options *o) {
    const uint32_t all[] = {o->handshake_ms, o->header_ms, o->body_ms, o->idle_ms, o->write_ms, o->linger_ms};
    uint64_t least = all[0];

    for (size_t i = 1; i < sizeof(all) / sizeof(all[0]); i++) {
        least = all[i] < least ? all[i] : least;
    }
    return least;
}

void connections_sweep(struct lk_serve *s, uint64_t now) {
    uint64_t next = now + shortest(&s->options);

    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < CONN_WAITS; i++) {
        struct lk_conn *c;
        while ((c = s->waits[i].first) != NULL && c->deadline <= now) {
            doom(c);
            atomic_fetch_add(&s->expired, 1);
        }
        if (c != NULL && c->deadline < next) {
            next = c->deadline;
        }
    }
    pthread_mutex_unlock(&s->lock);
    atomic_store(&s->next_sweep, (uint32_t)next);
}

void connections_stop_idle(struct lk_serve *s) {
    pthread_mutex_lock(&s->lock);
    while (s->waits[CONN_IDLE].first != NULL) {
        doom(s->waits[CONN_IDLE].first);
    }
    pthread_mutex_unlock(&s->lock);
}

struct lk_conn *connections_any(struct lk_serve *s) {
    for (size_t i = 0; i < LK_ADDRESS_BUCKETS; i++) {
        if (s->addresses[i] != NULL) {
            return s->addresses[i]->first;
        }
    }
    return NULL;
}
