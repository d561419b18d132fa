/* A request's header block and a chunked body, each also in the smallest pieces: the result must be the
   same. */
#include "fuzz.h"

#include "serve/framing.h"

#define LIMIT 4096

static void inside(struct lk_str part, const char *whole, size_t size) {
    MUST(part.len == 0 || (part.ptr >= whole && part.ptr + part.len <= whole + size));
}

static void fuzz_head(const char *data, size_t size) {
    struct lk_request_head head;
    const char *reason = NULL;
    size_t scanned = 0;
    size_t dripped = 0;
    long end = lk_framing_head_end(data, size, &scanned);
    long drip = LK_HEAD_MORE;
    for (size_t len = 0; drip == LK_HEAD_MORE && len <= size; len++) {
        drip = lk_framing_head_end(data, len, &dripped);
    }
    MUST(drip == end);
    if (end <= 0) {
        return;
    }
    MUST((size_t)end <= size);
    int status = lk_framing_parse((struct lk_str){data, (size_t)end}, &head, &reason);
    MUST(status == 0 || reason != NULL);
    if (status != 0) {
        return;
    }
    MUST(!head.chunked || head.content_length == 0);
    MUST(head.path.len > 0 && head.field_count <= LK_HEADER_FIELDS_MAX);
    inside(head.query, data, size);
    for (size_t i = 0; i < head.field_count; i++) {
        inside(head.fields[i].name, data, size);
        inside(head.fields[i].value, data, size);
    }
}

/* Decodes with at most `step` bytes a call. Returns the status; *used and *made say how far it came. */
static int decode(char *data, size_t size, size_t step, size_t *used, size_t *made) {
    struct lk_chunked c = {.limit = LIMIT};
    const char *reason = NULL;
    int status = 0;
    *used = *made = 0;
    while (status == 0 && !c.done && *used < size) {
        size_t len = size - *used < step ? size - *used : step;
        size_t given = len;
        size_t out;
        status = lk_chunked_decode(&c, data + *used, &len, data + *made, &out, &reason);
        MUST(status != 0 || len == given || c.done);
        *used += status == 0 ? len : 0;
        *made += status == 0 ? out : 0;
        MUST(*made <= *used && *made <= LIMIT);
    }
    MUST(status == 0 || reason != NULL);
    return status;
}

static void fuzz_chunks(const char *data, size_t size) {
    char *whole = fuzz_copy(data, size);
    char *single = fuzz_copy(data, size);
    size_t used[2];
    size_t made[2];
    int status = decode(whole, size, size + 1, &used[0], &made[0]);
    MUST(decode(single, size, 1, &used[1], &made[1]) == status);
    if (status == 0) {
        MUST(used[0] == used[1] && made[0] == made[1] && memcmp(whole, single, made[0]) == 0);
    }
    free(whole);
    free(single);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    fuzz_head(copy, size);
    fuzz_chunks(copy, size);
    free(copy);
    return 0;
}
