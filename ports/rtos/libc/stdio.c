/*
 * stdio on a board: there is no file that it could open. CivetWeb, the mail client and the server's own certificate
 * ask for one and go on without; newlib's streams, which would then be dead weight of 6 KB, stay out of the image.
 */
#include <errno.h>
#include <stdio.h>

FILE *fopen(const char *restrict path, const char *restrict mode) {
    (void)path;
    (void)mode;
    errno = ENOENT;
    return NULL;
}

int fclose(FILE *file) {
    (void)file;
    return EOF;
}

size_t fread(void *restrict out, size_t size, size_t count, FILE *restrict file) {
    (void)out;
    (void)size;
    (void)count;
    (void)file;
    return 0;
}

char *fgets(char *restrict out, int cap, FILE *restrict file) {
    (void)out;
    (void)cap;
    (void)file;
    return NULL;
}

int fputs(const char *restrict text, FILE *restrict file) {
    (void)text;
    (void)file;
    return EOF;
}

int fprintf(FILE *restrict file, const char *restrict format, ...) {
    (void)file;
    (void)format;
    return -1;
}

/* newlib's own, of what tells about the heap. */
int fiprintf(FILE *file, const char *format, ...) {
    (void)file;
    (void)format;
    return -1;
}
