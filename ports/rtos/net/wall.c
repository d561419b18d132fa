#include "rtos/net/wall.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/text.h"
#include "base/time.h"
#include "port.h"
#include "rtos/kernel/kernel.h"

#include <lk_build_time.h>

#define FILE_NAME "clock"
#define STORE_MS (3600u * 1000u)
/* No device lives longer than this after its build, and a server that says so is wrong. */
#define LIFETIME (30LL * 365 * 86400)

static int64_t floor_s = LK_BUILD_TIME;
static bool synced, store_now;
static uint64_t stored_at; /* ticks */
static uint32_t refused;
static struct lk_event sync_event;

void lk_wall_start(const char *dir) {
    char text[24];
    size_t len;
    uint64_t stored;

    if (lk_port_file_read(dir, FILE_NAME, text, sizeof(text), &len) == 0 &&
        lk_str_to_u64((struct lk_str){text, len}, LK_BUILD_TIME + LIFETIME, &stored) == 0 &&
        (int64_t)stored > floor_s) {
        floor_s = (int64_t)stored;
    }
    lk_clock_set_realtime(floor_s, 0);
    stored_at = lk_ticks();
}

bool lk_wall_set(int64_t seconds, uint32_t microseconds) {
    if (seconds < floor_s || seconds > LK_BUILD_TIME + LIFETIME) {
        refused++;
        return false;
    }
    lk_clock_set_realtime(seconds, microseconds * 1000);
    if (!synced) {
        synced = store_now = true;
        lk_event_set(&sync_event);
    }
    return true;
}

bool lk_wall_synced(void) {
    return synced;
}

bool lk_wall_wait(uint32_t timeout_ms) {
    uint64_t until = lk_ticks() + timeout_ms;

    for (uint64_t now = lk_ticks(); !synced && now < until; now = lk_ticks()) {
        (void)lk_event_wait(&sync_event, (int)(until - now));
    }
    return synced;
}

int lk_wall_store(const char *dir) {
    char text[24];
    struct lk_buf b;

    if (!store_now && lk_ticks() - stored_at < STORE_MS) {
        return 0;
    }
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_u64(&b, (uint64_t)lk_time_now());
    int err = lk_port_file_write(dir, FILE_NAME, text, b.len);
    if (err == 0) {
        store_now = false;
        stored_at = lk_ticks();
    }
    return err;
}

uint32_t lk_wall_refused(void) {
    return refused;
}
