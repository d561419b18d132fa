/*
 * Verifies an access token of Latchkey's: who sent it, while the signature and the dates are good.
 *
 *   cc verify.c $(pkg-config --cflags --libs latchkey_jwt) -o verify
 *   ./verify /var/lib/latchkey/jwt.key < token
 *
 * Prints the account's id and exits with 0, or says what is wrong and exits with 1.
 */
#include <latchkey_jwt.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

static int read_key(const char *path, struct lk_jwt_key *key) {
    unsigned char secret[LK_JWT_KEY_MAX];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return -1;
    }
    size_t len = fread(secret, 1, sizeof(secret), file);
    fclose(file);
    return lk_jwt_key_set(key, secret, len);
}

int main(int argc, char *argv[]) {
    struct lk_jwt_key key;
    const struct lk_jwt_keys keys = {&key, 1};
    const struct lk_jwt_options options = {.now = (int64_t)time(NULL), .leeway = 5};
    char token[LK_JWT_SIZE_MAX + 2];
    char payload[LK_JWT_SIZE_MAX];
    struct lk_jwt jwt;
    struct lk_jwt_value user;

    if (argc != 2 || read_key(argv[1], &key) != 0 || fgets(token, sizeof(token), stdin) == NULL) {
        fputs("usage: verify KEY-FILE < TOKEN\n", stderr);
        return 2;
    }
    size_t len = strcspn(token, "\r\n");
    int err = lk_jwt_verify(&keys, token, len, &options, payload, sizeof(payload), &jwt);
    /* A refresh token has the same key: the type tells them apart. */
    if (err == 0 && !lk_jwt_claim_has(&jwt, "token_type", "access")) {
        err = LK_JWT_BAD_CLAIM;
    }
    if (err == 0) {
        err = lk_jwt_claim(&jwt, "user_id", &user);
    }
    if (err != 0 || user.type != LK_JWT_STRING) {
        fprintf(stderr, "%s\n", lk_jwt_err_text(err != 0 ? err : LK_JWT_BAD_CLAIM));
        return 1;
    }
    puts(user.text);
    return 0;
}
