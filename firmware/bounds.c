#include "bounds.h"

#include "base/log.h"
#include "options.h"
#include "rtos/kernel/heap.h"

#include <stddef.h>

#include <lwip/opt.h>

/* What the server itself takes of the heap at its start, and each worker with its stack and its buffers. */
#define SERVER_BYTES (LK_BOARD_SERVER_MEMORY + LK_THROTTLE_SLOTS * 24u)
#define WORKER_BYTES (LK_WORKER_STACK + LK_READ_AHEAD + 2u * LK_ARENA_CHUNK)

static uint32_t lower(uint32_t value, size_t bound) {
    return value < bound ? value : (uint32_t)bound;
}

void bounds_apply(struct lk_config *config) {
    struct lk_heap_info heap;
    uint32_t wanted = config->max_connections;

    config->threads = lower(config->threads, LK_BOARD_THREADS_MAX);
    lk_heap_info(&heap);
    size_t left = heap.size - heap.used;
    size_t taken = SERVER_BYTES + config->threads * WORKER_BYTES + LK_BUFFERED_MAX;
    size_t fit = left > taken ? (left - taken) / LK_BOARD_CONNECTION_MEMORY : 0;
    config->max_connections = lower(config->max_connections, fit < 2 ? 2 : fit);
    config->max_connections = lower(config->max_connections, LK_NET_CONNECTIONS);
    config->max_connections_per_address = lower(config->max_connections_per_address, config->max_connections);
    if (config->max_connections < wanted) {
        LK_LOG(LK_LOG_INFO, "connections_bounded", LK_LOG_NUM("connections", config->max_connections),
               LK_LOG_NUM("wanted", wanted), LK_LOG_NUM("heap_free", left));
    }
}
