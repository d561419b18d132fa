#include "account/draft.h"

#include "crypto/crypto.h"

#include <string.h>

void lk_draft_begin(struct lk_draft *d, struct lk_service *svc, struct lk_account *account, void *mem,
                    size_t cap) {
    memset(d, 0, sizeof(*d));
    memset(account, 0, sizeof(*account));
    d->svc = svc;
    d->account = account;
    lk_buf_init(&d->buf, mem, cap);
}

struct lk_str lk_draft_keep(struct lk_draft *d, struct lk_str s) {
    size_t start = d->buf.len;
    lk_buf_put_str(&d->buf, s);
    return lk_str_sub(lk_buf_str(&d->buf), start, d->buf.len);
}

static void keep_email(struct lk_draft *d, struct lk_str email) {
    size_t start = d->buf.len;
    lk_email_put(&d->buf, email);
    d->account->email = lk_str_sub(lk_buf_str(&d->buf), start, d->buf.len);
}

static int keep_username(struct lk_draft *d, struct lk_str username) {
    size_t start = d->buf.len;
    int err = lk_username_put(&d->buf, username);
    d->account->username = lk_str_sub(lk_buf_str(&d->buf), start, d->buf.len);
    return err;
}

/* A username that is an address is the account's own: with somebody else's it would be taken for theirs, and keep
   them from signing up by email alone. */
static void check_not_foreign(const struct lk_draft *d, struct lk_violations *v) {
    if (lk_email_valid(d->account->username) && !lk_email_same(d->account->username, d->account->email)) {
        lk_violation_add(v, LK_FIELD_USERNAME, LK_RULE_USERNAME_FOREIGN, 0);
    }
}

void lk_draft_names(struct lk_draft *d, struct lk_str username, struct lk_str email,
                    struct lk_violations *v) {
    d->own_username = username.ptr != NULL;
    if (d->own_username && !lk_violation_has(v, LK_FIELD_USERNAME)) {
        lk_check_username(v, username);
    }
    if (!lk_violation_has(v, LK_FIELD_EMAIL)) {
        lk_check_email(v, email);
    }
    bool email_good = !lk_violation_has(v, LK_FIELD_EMAIL);
    if (email_good) {
        keep_email(d, email);
    }
    if (d->own_username && !lk_violation_has(v, LK_FIELD_USERNAME)) {
        keep_username(d, username); /* was just found to be good */
        check_not_foreign(d, v);
    }
    /* Every address is good as its own account's username: the rule for chosen names does not apply. */
    if (!d->own_username && email_good && keep_username(d, d->account->email) != 0) {
        lk_violation_add(v, LK_FIELD_EMAIL, LK_RULE_EMAIL_FORM, 0);
    }
}

void lk_draft_taken(const struct lk_draft *d, enum lk_table table, struct lk_violations *v) {
    if (table == LK_TABLE_BY_USERNAME && d->own_username) {
        lk_violation_add(v, LK_FIELD_USERNAME, LK_RULE_USERNAME_TAKEN, 0);
    } else if (!lk_violation_has(v, LK_FIELD_EMAIL)) {
        lk_violation_add(v, LK_FIELD_EMAIL, LK_RULE_EMAIL_TAKEN, 0);
    }
}

static int note_taken(struct lk_draft *d, struct lk_txn *txn, enum lk_table table, struct lk_violations *v) {
    struct lk_name_key key;
    uint8_t id[LK_UUID_LEN];
    struct lk_str name = table == LK_TABLE_BY_EMAIL ? d->account->email : d->account->username;
    if (name.len == 0) {
        return 0;
    }
    int err = lk_index_key(table, name, &key);
    if (err == 0) {
        err = lk_db_id(txn, table, &key, id);
    }
    if (err == 0) {
        lk_draft_taken(d, table, v);
    }
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

int lk_draft_names_free(struct lk_draft *d, struct lk_violations *v) {
    struct lk_txn *txn;
    int err = lk_store_read_begin(d->svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = note_taken(d, txn, LK_TABLE_BY_USERNAME, v);
    if (err == 0) {
        err = note_taken(d, txn, LK_TABLE_BY_EMAIL, v);
    }
    lk_store_read_end(txn);
    return err;
}

static const char *extension_of(struct lk_str type) {
    static const char *const types[][2] = {
        {"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"}, {"image/webp", ".webp"}};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (lk_str_eq(type, lk_str_from(types[i][0]))) {
            return types[i][1];
        }
    }
    return NULL;
}

int lk_picture_name(struct lk_str type, char out[LK_PICTURE_NAME_MAX + 1]) {
    const char *extension = extension_of(type);
    struct lk_buf b;
    if (extension == NULL) {
        return LK_ERR_INVALID;
    }
    int err = lk_random_alnum(out, LK_PICTURE_RANDOM);
    lk_buf_init(&b, out + LK_PICTURE_RANDOM, LK_PICTURE_NAME_MAX + 1 - LK_PICTURE_RANDOM);
    lk_buf_put_cstr(&b, extension);
    return err != 0 ? err : lk_buf_end_cstr(&b);
}

void lk_check_picture(struct lk_violations *v, struct lk_str bytes, struct lk_str type, uint32_t most) {
    if (bytes.len == 0 || lk_violation_has(v, LK_FIELD_PROFILE_PIC)) {
        return;
    }
    if (bytes.len > most) {
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_FILE_TOO_LARGE, most);
    } else if (extension_of(type) == NULL) {
        lk_violation_add(v, LK_FIELD_PROFILE_PIC, LK_RULE_NOT_IMAGE, 0);
    }
}
