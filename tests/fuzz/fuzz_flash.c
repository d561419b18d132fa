/*
 * Any content of the flash: it is mounted or refused, and what was mounted goes on and is found again. The
 * first byte says how the rest becomes a flash: bit 0: units of 32 bytes; bit 1: the rest is what the banks
 * hold, else it is a header's fields and records, to which the checksums are made.
 */
#include "fuzz.h"

#include "base/err.h"
#include "rtos/storage/flog.h"

#define SECTOR 4096u
#define BANK 32768u
#define MAP 4096u

static uint8_t cells[2 * BANK];

static int flash_read(void *context, uint32_t address, void *out, size_t len) {
    (void)context;
    MUST(address <= sizeof(cells) && len <= sizeof(cells) - address);
    memcpy(out, cells + address, len);
    return 0;
}

static int flash_program(void *context, uint32_t address, const void *data, size_t len) {
    const uint8_t *from = data;

    (void)context;
    MUST(address <= sizeof(cells) && len <= sizeof(cells) - address);
    for (size_t i = 0; i < len; i++) {
        cells[address + i] &= from[i];
    }
    return 0;
}

static int flash_erase(void *context, uint32_t address) {
    (void)context;
    MUST(address % SECTOR == 0 && address < sizeof(cells));
    memset(cells + address, 0xFF, SECTOR);
    return 0;
}

static struct lk_flash flash = {.erase_size = SECTOR,
                                .program_max = 64,
                                .bank = {0, BANK},
                                .bank_size = BANK,
                                .read = flash_read,
                                .program = flash_program,
                                .erase = flash_erase};

static void put_le32(uint8_t *to, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

/* Takes `n` bytes off the input, as many as there are. */
static size_t take(const uint8_t **data, size_t *size, uint8_t *to, size_t n) {
    n = n < *size ? n : *size;
    if (n > 0) {
        memcpy(to, *data, n);
    }
    *data += n;
    *size -= n;
    return n;
}

static void put_header(uint8_t *bank, const uint8_t **data, size_t *size) {
    uint8_t header[LK_FLOG_HEADER_LEN] = {'L', 'K', 'F', 'L', LK_FLOG_VERSION, 0, LK_FLOG_HEADER_LEN, 0, 7};

    put_le32(header + 16, BANK);
    put_le32(header + 20, flash.program_unit);
    take(data, size, header + 12, 2); /* where the snapshot ends */
    put_le32(header + 36, ~lk_flog_crc(LK_FLOG_CRC, header, 36));
    memcpy(bank, header, sizeof(header));
    take(data, size, &header[0], 1);
    if (header[0] % 2 == 0) {
        header[0] = 'L';
        memcpy(bank + (LK_FLOG_HEADER_LEN + flash.program_unit - 1) / flash.program_unit * flash.program_unit,
               header, sizeof(header));
    }
}

/* Records with good checksums, from the input's fields. A commit begins at a unit. */
static void put_records(uint8_t *bank, const uint8_t **data, size_t *size) {
    uint32_t unit = flash.program_unit;
    uint32_t at = 2 * ((LK_FLOG_HEADER_LEN + unit - 1) / unit * unit);

    while (*size > 0) {
        uint8_t record[8 + 255 + 65535 + 4] = {0};
        size_t len;

        take(data, size, record, 8);
        if (record[0] == LK_FLOG_COMMIT) {
            at = (at + unit - 1) / unit * unit;
        }
        len = (size_t)(record[0] == LK_FLOG_COMMIT ? 0 : record[1]) + record[2] + 256u * record[3];
        take(data, size, record + 8, len);
        len += 8;
        put_le32(record + len, ~lk_flog_crc(lk_flog_crc_begin(7, at), record, len));
        if (at + len + 4 > BANK) {
            return;
        }
        memcpy(bank + at, record, len + 4);
        at += (uint32_t)len + 4;
        if (record[0] == LK_FLOG_COMMIT) {
            at = (at + unit - 1) / unit * unit;
        }
    }
}

static int mount(uint8_t *map) {
    static uint8_t lock[64];
    struct lk_storage_options options = {
        .flash = &flash, .map = map, .map_size = MAP, .lock = lock, .lock_size = sizeof(lock)};

    return lk_storage_mount(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static _Alignas(16) uint8_t map[MAP];
    static uint8_t before[MAP];
    char name[LK_STORAGE_NAME_MAX + 1];
    uint8_t file[LK_STORAGE_FILE_MAX];
    uint8_t mode;
    size_t len;

    memset(cells, 0xFF, sizeof(cells));
    if (take(&data, &size, &mode, 1) == 0) {
        return 0;
    }
    flash.program_unit = (mode & 1) != 0 ? 32 : 1;
    if ((mode & 2) != 0) {
        take(&data, &size, cells, sizeof(cells));
    } else {
        put_header(cells, &data, &size);
        put_records(cells, &data, &size);
    }
    if (mount(map) != 0) {
        return 0;
    }
    for (unsigned i = 0; lk_storage_file_name(i, name) == 0; i++) {
        int rc = lk_storage_file_read(name, file, sizeof(file), &len);

        MUST(rc == 0 || rc == LK_ERR_TOO_LARGE);
    }
    memcpy(before, map, sizeof(before));
    int rc = lk_storage_file_write("new", "content", 7);
    MUST(rc == 0 || rc == LK_ERR_FULL);
    MUST(mount(map) == 0);
    MUST(memcmp(before, map, sizeof(before)) == 0);
    MUST(rc != 0 || (lk_storage_file_read("new", file, sizeof(file), &len) == 0 && len == 7));
    return 0;
}
