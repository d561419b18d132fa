#include "base/thread.h"
#include "base/time.h"
#include "options.h"
#include "server/state.h"

#include <time.h>

static void wait_a_second(struct lk_server *server) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    while (!server->stopping && pthread_cond_timedwait(&server->wake, &server->lock, &until) == 0) {
    }
}

static void *sweep(void *arg) {
    struct lk_server *server = arg;
    int last = 0;
    (void)pthread_setname_np(pthread_self(), "sweeper");
    pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        pthread_mutex_unlock(&server->lock);
        int64_t now = lk_time_now();
        server_renew_certificate(server, now);
        int removed = lk_service_sweep(server->service, now);
        if (removed < 0 && removed != last) {
            LK_LOG(LK_LOG_WARN, "sweep_failed", LK_LOG_STR("error", lk_str_from(lk_err_text(removed))));
        }
        last = removed;
        pthread_mutex_lock(&server->lock);
        wait_a_second(server);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

int server_sweeper_start(struct lk_server *server) {
    if (lk_start_thread(&server->sweeper, LK_STACK_SWEEPER, sweep, server) != 0) {
        return LK_ERR_NO_MEMORY;
    }
    server->sweeping = true;
    return 0;
}

void server_sweeper_stop(struct lk_server *server) {
    if (!server->sweeping) {
        return;
    }
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_cond_broadcast(&server->wake);
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->sweeper, NULL);
    server->sweeping = false;
}
