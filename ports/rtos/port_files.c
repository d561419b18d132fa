/*
 * Small files on a board: records of the storage's log.
 */
#include "port.h"
#include "rtos/storage/storage.h"

int lk_port_file_read(const char *dir, const char *name, void *out, size_t cap, size_t *len) {
    (void)dir;
    return lk_storage_file_read(name, out, cap, len);
}

int lk_port_file_write(const char *dir, const char *name, const void *data, size_t len) {
    (void)dir;
    return lk_storage_file_write(name, data, len);
}

int lk_port_file_remove(const char *dir, const char *name) {
    (void)dir;
    return lk_storage_file_remove(name);
}
