/* Runs files, and the files of folders, through a fuzz program's entry point: `fuzz_x PATH…`. */
#include "fuzz.h"

#include <dirent.h>

#define INPUT_MAX (1u << 20)

static size_t runs;

static void run_file(const char *path) {
    char *mem = malloc(INPUT_MAX);
    FILE *file = fopen(path, "rb");
    MUST(mem != NULL && file != NULL);
    size_t len = fread(mem, 1, INPUT_MAX, file);
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput((const uint8_t *)mem, len);
    free(mem);
    runs++;
}

static void run_folder(DIR *folder, const char *path) {
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char name[1024];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int len = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        MUST(len > 0 && (size_t)len < sizeof(name));
        run_file(name);
    }
}

int main(int argc, char *argv[]) {
    static const uint8_t nothing[1] = {0};
    LLVMFuzzerTestOneInput(nothing, 0);
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            run_file(argv[i]);
        } else {
            run_folder(folder, argv[i]);
            closedir(folder);
        }
    }
    printf("%zu inputs\n", runs);
    /* A folder that was moved away must not pass for one without a crash. */
    return runs > 0 ? 0 : 1;
}
