#include "upkeep.h"

#include "base/err.h"
#include "base/log.h"
#include "base/thread.h"
#include "console.h"
#include "rtos/board.h"
#include "rtos/kernel/kernel.h"
#include "rtos/net/wall.h"
#include "rtos/storage/storage.h"

#include <pthread.h>
#include <time.h>

#define BUTTON_SECONDS 5

/* A step of the storage's upkeep erases one sector at most, which takes seconds; hashing never delays this thread. */
#define WATCH_MS 60000

/* --- storage and clock ---------------------------------------------------------------------------------- */

/* Told once each time it changes. */
static void tell_trouble(const char *event, int err, int *told) {
    if (err != *told && err < 0) {
        LK_LOG(LK_LOG_ERROR, event, LK_LOG_STR("error", lk_str_from(lk_err_text(err))));
    }
    *told = err < 0 ? err : 0;
}

static void *work(void *arg) {
    static const struct timespec second = {1, 0};
    static struct lk_watch watch;
    int storage = 0, clock = 0;

    (void)arg;
    pthread_setname_np(pthread_self(), "upkeep");
    lk_watch_start(&watch, "upkeep", WATCH_MS);
    for (;;) {
        int err;
        nanosleep(&second, NULL);
        do {
            lk_watch_report(&watch);
            err = lk_storage_tend();
        } while (err > 0);
        tell_trouble("storage", err, &storage);
        tell_trouble("clock_not_stored", lk_wall_store(""), &clock);
    }
    return NULL;
}

int upkeep_start(void) {
    pthread_t thread;
    if (lk_start_thread(&thread, LK_STACK_UPKEEP, work, NULL) != 0) {
        return LK_ERR_NO_MEMORY;
    }
    pthread_detach(thread);
    return 0;
}

/* --- network -------------------------------------------------------------------------------------------- */

void upkeep_network_changed(const struct lk_net_status *status) {
    const uint8_t *a = status->at.address;

    if (status->link && status->source != LK_NET_NONE) {
        console_print("network: %u.%u.%u.%u (%s)\n", a[0], a[1], a[2], a[3],
                      status->source == LK_NET_DHCP ? "DHCP" : "fixed");
    } else {
        console_print("network: %s\n", status->link ? "no address yet" : "no link");
    }
}

/* --- factory reset -------------------------------------------------------------------------------------- */

int upkeep_factory_reset(void) {
    return lk_storage_reset();
}

void upkeep_check_button(void) {
    static const struct timespec second = {1, 0};

    if (lk_board.reset_button == NULL || !lk_board.reset_button()) {
        return;
    }
    console_print("the reset button is held: everything is wiped in %d seconds\n", BUTTON_SECONDS);
    for (int i = 0; i < BUTTON_SECONDS; i++) {
        nanosleep(&second, NULL);
        if (!lk_board.reset_button()) {
            console_print("let go: nothing is wiped\n");
            return;
        }
    }
    int err = upkeep_factory_reset();
    console_print("factory reset: %s\n", err == 0 ? "done" : lk_err_text(err));
}
