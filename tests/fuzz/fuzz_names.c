/* Usernames and addresses: what the rules take has a key, and a kept form that has the same one. */
#include "fuzz.h"

#include "account/names.h"
#include "base/text.h"

static void fuzz_username(struct lk_str name) {
    struct lk_violations v = {.count = 0};
    char mem[LK_USERNAME_BYTES_MAX];
    struct lk_name_key key;
    struct lk_name_key kept;
    struct lk_buf b;
    lk_check_username(&v, name);
    if (v.count > 0) {
        return;
    }
    lk_buf_init(&b, mem, sizeof(mem));
    MUST(lk_username_put(&b, name) == 0 && lk_username_key(name, &key) == 0);
    MUST(lk_utf8_valid(lk_buf_str(&b)) && !lk_username_reserved(lk_buf_str(&b)));
    MUST(lk_username_key(lk_buf_str(&b), &kept) == 0);
    MUST(lk_str_eq(lk_name_key_str(&key), lk_name_key_str(&kept)));
}

static void fuzz_email(struct lk_str email) {
    struct lk_violations v = {.count = 0};
    char mem[LK_EMAIL_BYTES_MAX];
    struct lk_name_key key;
    struct lk_name_key kept;
    struct lk_buf b;
    lk_check_email(&v, email);
    if (v.count > 0) {
        return;
    }
    lk_buf_init(&b, mem, sizeof(mem));
    lk_email_put(&b, email);
    MUST(b.err == 0 && lk_email_key(email, &key) == 0 && lk_email_key(lk_buf_str(&b), &kept) == 0);
    MUST(lk_str_eq(lk_name_key_str(&key), lk_name_key_str(&kept)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    struct lk_str text = {copy, size};
    (void)lk_email_valid(text);
    if (lk_utf8_valid(text)) {
        fuzz_username(text);
        fuzz_email(text);
    }
    free(copy);
    return 0;
}
