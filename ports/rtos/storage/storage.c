/*
 * The one storage of the device: a lock around the log.
 */
#include "rtos/storage/storage.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "rtos/storage/descriptors.h"
#include "rtos/storage/flog.h"

#include <pthread.h>
#include <string.h>

static struct lk_flog flog;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* --- the whole ------------------------------------------------------------------------------------------ */

int lk_storage_mount(const struct lk_storage_options *options) {
    int rc;

    flog = (struct lk_flog){
        .flash = options->flash, .map = options->map, .map_size = (uint32_t)options->map_size};
    lk_descriptors_init(options->lock, options->lock_size);
    rc = lk_flog_mount(&flog);
    if (rc != 0) {
        LK_LOG(LK_LOG_ERROR, "flash_refused", LK_LOG_STR("error", lk_str_from(lk_err_text(rc))));
        return rc;
    }
    LK_LOG(LK_LOG_INFO, "flash_mounted", LK_LOG_NUM("bank", flog.bank), LK_LOG_NUM("sequence", flog.sequence),
           LK_LOG_NUM("used", flog.end), LK_LOG_NUM("of", flog.flash->bank_size),
           LK_LOG_NUM("erases", flog.erases[flog.bank]), LK_LOG_NUM("retries", flog.retries));
    return 0;
}

void lk_storage_unmount(void) {
    flog = (struct lk_flog){.flash = NULL};
}

int lk_storage_reset(void) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = lk_flog_move(&flog, true);
    rc = rc != 0 ? rc : lk_flog_prepare(&flog, UINT32_MAX);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int lk_storage_erase(const struct lk_flash *flash) {
    int rc = 0;

    flog = (struct lk_flog){.flash = flash};
    /* From the end, so that a bank which still has its header is not taken for a whole one. */
    for (uint32_t i = flash->bank_size / flash->erase_size; i > 0 && rc == 0; i--) {
        rc = lk_flog_erase(&flog, 0, i - 1);
        rc = rc != 0 ? rc : lk_flog_erase(&flog, 1, i - 1);
    }
    flog.flash = NULL;
    return rc;
}

int lk_storage_tend(void) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = lk_flog_tend(&flog);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int lk_storage_ready(void) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = flog.error;
    pthread_mutex_unlock(&mutex);
    return rc;
}

void lk_storage_status(struct lk_storage_status *status) {
    pthread_mutex_lock(&mutex);
    *status = (struct lk_storage_status){
        .error = flog.error,
        .bank = flog.bank,
        .sequence = flog.sequence,
        .used = flog.end,
        .size = flog.flash->bank_size,
        .erases = {flog.erases[0], flog.erases[1]},
        .endurance = flog.flash->endurance,
        .programmed = flog.programmed,
        .commits = flog.commits,
        .retries = flog.retries,
    };
    for (unsigned i = 0; i < LK_STORAGE_FILES; i++) {
        status->files += flog.files[i].at != 0;
    }
    pthread_mutex_unlock(&mutex);
}

/* --- LMDB's file ---------------------------------------------------------------------------------------- */

int lk_storage_map_write(uint32_t position, const void *data, uint32_t len, bool sync) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = lk_flog_change_map(&flog, position, data, len, sync);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int lk_storage_map_sync(void) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = lk_flog_sync(&flog);
    pthread_mutex_unlock(&mutex);
    return rc;
}

void *lk_storage_map(uint32_t *len, uint32_t *size) {
    pthread_mutex_lock(&mutex);
    *len = flog.map_len;
    *size = flog.map_size;
    pthread_mutex_unlock(&mutex);
    return flog.map;
}

/* --- small files ---------------------------------------------------------------------------------------- */

static bool is_name(const char *name) {
    size_t len = strlen(name);

    return len > 0 && len <= LK_STORAGE_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static int read_file(const char *name, uint8_t *out, size_t cap, size_t *len) {
    const struct lk_flog_sink sink = {.file = out, .file_size = (uint32_t)cap};
    struct lk_flog_record r;
    int i = lk_flog_find_file(&flog, name);
    int rc;

    if (i < 0) {
        return LK_ERR_NOT_FOUND;
    }
    if (flog.files[i].len > cap) {
        return LK_ERR_TOO_LARGE;
    }
    rc = lk_flog_record_read(&flog, flog.bank, flog.sequence, flog.files[i].at, &r, &sink);
    *len = rc == 0 ? r.len : 0;
    return rc == LK_ERR_NOT_FOUND ? LK_ERR_CORRUPT : rc;
}

int lk_storage_file_read(const char *name, void *out, size_t cap, size_t *len) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = read_file(name, out, cap < LK_STORAGE_FILE_MAX ? cap : LK_STORAGE_FILE_MAX, len);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int lk_storage_file_write(const char *name, const void *data, size_t len) {
    int rc;

    if (!is_name(name)) {
        return LK_ERR_INVALID;
    }
    if (len > LK_STORAGE_FILE_MAX) {
        return LK_ERR_TOO_LARGE;
    }
    pthread_mutex_lock(&mutex);
    rc = lk_flog_change_file(&flog, name, len > 0 ? data : "", (uint32_t)len);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int lk_storage_file_remove(const char *name) {
    int rc;

    pthread_mutex_lock(&mutex);
    rc = lk_flog_change_file(&flog, name, NULL, 0);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int lk_storage_file_name(unsigned index, char name[LK_STORAGE_NAME_MAX + 1]) {
    const struct lk_flog_sink sink = {.name = name};
    int rc = LK_ERR_NOT_FOUND;

    pthread_mutex_lock(&mutex);
    for (unsigned i = 0; i < LK_STORAGE_FILES; i++) {
        if (flog.files[i].at != 0 && index-- == 0) {
            struct lk_flog_record r;

            rc = lk_flog_record_read(&flog, flog.bank, flog.sequence, flog.files[i].at, &r, &sink);
            break;
        }
    }
    pthread_mutex_unlock(&mutex);
    return rc;
}
