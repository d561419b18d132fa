/*
 * The store's folder, its lock and its room (store/store_port.h) on a board: one program, one store, and the
 * flash that lk_storage_mount found.
 */
#include "base/err.h"
#include "rtos/storage/storage.h"
#include "store/store_port.h"

int lk_port_store_dir(const char *dir, bool make, struct lk_port_dir_id *id) {
    (void)dir;
    (void)make;
    *id = (struct lk_port_dir_id){.number = 1};
    return 0;
}

int lk_port_store_lock(const char *dir, int *lock) {
    (void)dir;
    *lock = 0;
    return 0;
}

void lk_port_store_unlock(int lock) {
    (void)lock;
}

int lk_port_store_sync_dir(const char *dir) {
    (void)dir;
    return 0;
}

int lk_port_store_room(const char *dir) {
    (void)dir;
    return lk_storage_ready();
}
