/*
 * Signs and verifies tokens for tests/api/test_jwt_interop.py. Each line of the input is one order, its answer one line:
 *   sign KEYHEX KID|- CLAIMS           the token, or "error N"
 *   verify KEYHEX KID|- NOW TOKEN      the payload, or "error N"
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "jwt/latchkey_jwt.h"

/* Takes the word before the next space off *line. */
static struct lk_str next_word(struct lk_str *line) {
    size_t at = lk_str_find(*line, ' ');
    struct lk_str word = lk_str_sub(*line, 0, at);
    *line = lk_str_sub(*line, at + 1, line->len);
    return word;
}

static int read_key(struct lk_str *line, struct lk_jwt_key *key) {
    struct lk_str hex = next_word(line), kid = next_word(line);
    memset(key, 0, sizeof(*key));
    if (hex.len > 2 * LK_JWT_KEY_MAX || kid.len > LK_JWT_KID_MAX ||
        lk_hex_decode(hex, key->secret, hex.len / 2) != 0) {
        return -1;
    }
    key->secret_len = hex.len / 2;
    if (!lk_str_eq(kid, LK_STR("-"))) {
        memcpy(key->kid, kid.ptr, kid.len);
    }
    return 0;
}

static void answer(int result, const char *text, size_t len) {
    if (result < 0) {
        printf("error %d\n", result);
    } else {
        printf("%.*s\n", (int)len, text);
    }
    fflush(stdout);
}

static int obey(struct lk_str line) {
    static char out[LK_JWT_SIZE_MAX];
    struct lk_jwt_key key;
    struct lk_jwt_keys keys = {&key, 1};
    struct lk_str order = next_word(&line);
    if (read_key(&line, &key) != 0) {
        return -1;
    }
    if (lk_str_eq(order, LK_STR("sign"))) {
        int len = lk_jwt_sign(&keys, line.ptr, line.len, out, sizeof(out));
        answer(len, out, len < 0 ? 0 : (size_t)len);
        return 0;
    }
    uint64_t now;
    struct lk_jwt jwt;
    if (!lk_str_eq(order, LK_STR("verify")) || lk_str_to_u64(next_word(&line), INT64_MAX, &now) != 0) {
        return -1;
    }
    const struct lk_jwt_options options = {.now = (int64_t)now};
    int err = lk_jwt_verify(&keys, line.ptr, line.len, &options, out, sizeof(out), &jwt);
    answer(err, jwt.payload, jwt.payload_len);
    return 0;
}

int main(void) {
    static char line[8192];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (obey((struct lk_str){line, strcspn(line, "\n")}) != 0) {
            fputs("jwt_tool: bad order\n", stderr);
            return 2;
        }
    }
    return 0;
}
