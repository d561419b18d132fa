/*
 * A plugin of QEMU's (its TCG plugin interface, version 1) that counts the instructions of the guest into the
 * first eight bytes of a file, while it runs: -plugin count.so,into=FILE. A processor that sleeps runs none.
 * Debian has no header for it: what is used of the interface is declared here.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 4096
#define INLINE_ADD_U64 0

struct qemu_plugin_tb;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*translated)(uint64_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int operation, void *to,
                                              uint64_t by);
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

int qemu_plugin_version = 1;

static uint64_t *count;

/* Each run of this block adds its length. */
static void translated(uint64_t id, struct qemu_plugin_tb *block) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD_U64, count, qemu_plugin_tb_n_insns(block));
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv) {
    (void)info;
    if (argc != 1 || strncmp(argv[0], "into=", 5) != 0) {
        return -1;
    }
    int fd = open(argv[0] + 5, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, SIZE) != 0) {
        return -1;
    }
    void *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return -1;
    }
    count = memory;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
