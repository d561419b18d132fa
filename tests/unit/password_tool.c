/*
 * Makes and checks password hashes for tests/api/test_password_interop.py. Each line of the input is one order, its
 * answer one line:
 *   make ITERATIONS PASSWORDHEX        the encoded hash, or "error N"
 *   check PASSWORDHEX ENCODED          "0", or the error's number
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/password.h"

#define PASSWORD_MAX 2048

/* Takes the word before the next space off *line. */
static struct lk_str next_word(struct lk_str *line) {
    size_t at = lk_str_find(*line, ' ');
    struct lk_str word = lk_str_sub(*line, 0, at);
    *line = lk_str_sub(*line, at + 1, line->len);
    return word;
}

static int obey(struct lk_str line) {
    static char password[PASSWORD_MAX];
    char hash[LK_PASSWORD_HASH_MAX + 1];
    struct lk_str order = next_word(&line);
    bool make = lk_str_eq(order, LK_STR("make"));
    uint64_t iterations = 0;
    if (make && lk_str_to_u64(next_word(&line), UINT32_MAX, &iterations) != 0) {
        return -1;
    }
    struct lk_str hex = next_word(&line);
    if ((!make && !lk_str_eq(order, LK_STR("check"))) || hex.len / 2 > sizeof(password) ||
        lk_hex_decode(hex, password, hex.len / 2) != 0) {
        return -1;
    }
    struct lk_str plain = {password, hex.len / 2};
    if (!make) {
        printf("%d\n", lk_password_check(plain, line));
    } else {
        int len = lk_password_make(plain, (uint32_t)iterations, hash);
        if (len < 0) {
            printf("error %d\n", len);
        } else {
            printf("%s\n", hash);
        }
    }
    fflush(stdout);
    return 0;
}

int main(void) {
    static char line[8192];
    if (lk_crypto_init() != 0) {
        return 1;
    }
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (obey((struct lk_str){line, strcspn(line, "\n")}) != 0) {
            fputs("password_tool: bad order\n", stderr);
            return 2;
        }
    }
    lk_crypto_free();
    return 0;
}
