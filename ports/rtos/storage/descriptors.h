/*
 * Between storage.c and descriptors.c: LMDB's file as the log has it.
 */
#ifndef LK_RTOS_STORAGE_DESCRIPTORS_H
#define LK_RTOS_STORAGE_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Closes all descriptors; `lock` of `size` bytes is lock.mdb's memory, and empty. */
void lk_descriptors_init(void *lock, size_t size);

/* As lk_flog_change_map, lk_flog_sync. */
int lk_storage_map_write(uint32_t position, const void *data, uint32_t len, bool sync);
int lk_storage_map_sync(void);
/* The mirror; how long LMDB's file is, and may become. */
void *lk_storage_map(uint32_t *len, uint32_t *size);

#endif
