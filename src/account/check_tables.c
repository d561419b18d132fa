/*
 * What must hold of each record, table by table: it decodes, and what it points to points back.
 */
#include "account/check.h"
#include "base/buf.h"

#include <string.h>

void lk_check_report(struct lk_check *c, const char *what, struct lk_str key) {
    char hex[2 * LK_STORE_KEY_MAX];
    struct lk_buf b;
    lk_buf_init(&b, hex, sizeof(hex));
    lk_buf_put_hex(&b, key.ptr, key.len);
    c->report(what, lk_buf_str(&b), c->arg);
    c->found++;
}

static const uint8_t *bytes_of(struct lk_str s) {
    return (const uint8_t *)s.ptr;
}

/* 1 when there is such a record, 0 when not, or a store's error. */
static int has(struct lk_check *c, enum lk_table table, struct lk_str key) {
    struct lk_str value;
    int err = lk_get(c->txn, table, key, &value);
    return err == 0 ? 1 : err == LK_ERR_NOT_FOUND ? 0 : err;
}

static int has_account(struct lk_check *c, const uint8_t *id) {
    return has(c, LK_TABLE_ACCOUNT, lk_id_str(id));
}

/* Reports when `found` says that something is missing; hands errors on. */
static int expect(struct lk_check *c, int found, const char *what, struct lk_str key) {
    if (found == 0) {
        lk_check_report(c, what, key);
    }
    return found < 0 ? found : 0;
}

static int check_index(struct lk_check *c, enum lk_table table, struct lk_str name, struct lk_str id) {
    struct lk_name_key key;
    uint8_t found[LK_UUID_LEN];
    int err = lk_index_key(table, name, &key);
    if (err == 0) {
        err = lk_db_id(c->txn, table, &key, found);
    }
    if (err == LK_ERR_IO) {
        return err;
    }
    bool good = err == 0 && memcmp(found, id.ptr, sizeof(found)) == 0;
    return expect(c, good, "an account is not found by its name or address", id);
}

static int check_picture_of(struct lk_check *c, const struct lk_account *a, struct lk_str id) {
    struct lk_str value;
    struct lk_picture_record p;
    if (a->picture.len == 0) {
        return 0;
    }
    int err = lk_get(c->txn, LK_TABLE_PICTURE, a->picture, &value);
    if (err == LK_ERR_IO) {
        return err;
    }
    bool good =
        err == 0 && lk_picture_decode(value, &p) == 0 && memcmp(p.owner, id.ptr, sizeof(p.owner)) == 0;
    return expect(c, good, "an account's picture is missing or another's", id);
}

static int check_account(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_account a;
    bool good = key.len == LK_UUID_LEN && lk_account_decode(bytes_of(key), value, &a) == 0;
    if (!good || memcmp(key.ptr, lk_nobody, LK_UUID_LEN) == 0) {
        return expect(c, 0, "an account record cannot be read", key);
    }
    c->admins += (a.roles & LK_ROLE_ADMIN) != 0;
    int err = check_index(c, LK_TABLE_BY_USERNAME, a.username, key);
    if (err == 0) {
        err = check_index(c, LK_TABLE_BY_EMAIL, a.email, key);
    }
    return err != 0 ? err : check_picture_of(c, &a, key);
}

static int check_name(struct lk_check *c, enum lk_table table, struct lk_str key, struct lk_str value) {
    struct lk_account a;
    struct lk_name_key back;
    int err = value.len == LK_UUID_LEN ? lk_db_account_view(c->txn, bytes_of(value), &a) : LK_ERR_CORRUPT;
    if (err == LK_ERR_IO) {
        return err;
    }
    if (err == 0) {
        err = lk_index_key(table, table == LK_TABLE_BY_EMAIL ? a.email : a.username, &back);
    }
    bool good = err == 0 && lk_str_eq(lk_name_key_str(&back), key);
    return expect(c, good, "a name or address leads to no account of that name", key);
}

static int check_profile_text(struct lk_check *c, struct lk_str key) {
    struct lk_profile_record p;
    int err = lk_db_profile(c->txn, bytes_of(key), &p);
    c->texts++;
    if (err == LK_ERR_IO) {
        return err;
    }
    return expect(c, err == 0 && p.has_text, "a biography belongs to no profile", key);
}

static int check_profile(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_profile_record p;
    struct lk_str text;
    if (key.len == LK_UUID_LEN + 1) {
        return check_profile_text(c, key);
    }
    if (key.len != LK_UUID_LEN || lk_profile_decode(value, &p) != 0) {
        return expect(c, 0, "a profile record cannot be read", key);
    }
    int err = expect(c, has_account(c, bytes_of(key)), "a profile belongs to no account", key);
    if (err == 0 && p.has_text) {
        err = lk_db_profile_text(c->txn, bytes_of(key), &text);
        err = err == LK_ERR_NOT_FOUND ? expect(c, 0, "a profile's biography is missing", key) : err;
    }
    return err;
}

static int check_picture(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_picture_record p;
    struct lk_account a;
    struct lk_str bytes;
    if (key.len > 0 && key.ptr[key.len - 1] == 0x01) {
        int found = has(c, LK_TABLE_PICTURE, lk_str_sub(key, 0, key.len - 1));
        return expect(c, found, "a picture's bytes have no record", key);
    }
    if (lk_picture_decode(value, &p) != 0) {
        return expect(c, 0, "a picture record cannot be read", key);
    }
    int err = lk_db_account_view(c->txn, p.owner, &a);
    if (err == LK_ERR_IO) {
        return err;
    }
    err = expect(c, err == 0 && lk_str_eq(a.picture, key), "a picture belongs to no account", key);
    if (err == 0) {
        err = lk_db_picture_bytes(c->txn, key, &bytes);
        err = err == LK_ERR_NOT_FOUND ? expect(c, 0, "a picture's bytes are missing", key) : err;
    }
    return err;
}

static int check_session(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_session_record s;
    uint8_t index[2 * LK_UUID_LEN];
    if (key.len != LK_UUID_LEN || lk_session_decode(value, &s) != 0) {
        return expect(c, 0, "a session record cannot be read", key);
    }
    memcpy(index, s.account, LK_UUID_LEN);
    memcpy(index + LK_UUID_LEN, key.ptr, LK_UUID_LEN);
    int err = expect(c, has_account(c, s.account), "a session belongs to no account", key);
    struct lk_str k = {(const char *)index, sizeof(index)};
    return err != 0 ? err
                    : expect(c, has(c, LK_TABLE_SESSION_OF, k), "a session is not among its account's", key);
}

static int check_session_of(struct lk_check *c, struct lk_str key) {
    struct lk_session_record s;
    int err =
        key.len == 2 * LK_UUID_LEN ? lk_db_session(c->txn, bytes_of(key) + LK_UUID_LEN, &s) : LK_ERR_CORRUPT;
    if (err == LK_ERR_IO) {
        return err;
    }
    bool good = err == 0 && memcmp(s.account, key.ptr, LK_UUID_LEN) == 0;
    return expect(c, good, "an account's list of sessions names one that is not its own", key);
}

/* Records that may also stand in nobody's name. */
static int check_owner(struct lk_check *c, const uint8_t *id, const char *what, struct lk_str key) {
    if (memcmp(id, lk_nobody, LK_UUID_LEN) == 0) {
        return 0;
    }
    return expect(c, has_account(c, id), what, key);
}

static int check_link(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_link_record l;
    if (key.len != LK_LINK_KEY_LEN || lk_link_decode(value, &l) != 0) {
        return expect(c, 0, "a link record cannot be read", key);
    }
    return check_owner(c, bytes_of(key), "a link belongs to no account", key);
}

static int check_throttle(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_throttle_record t;
    if (key.len != LK_UUID_LEN || lk_throttle_decode(value, &t) != 0) {
        return expect(c, 0, "a record of failed log-ins cannot be read", key);
    }
    return check_owner(c, bytes_of(key), "failed log-ins belong to no account", key);
}

static int check_audit(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_audit_record a;
    uint64_t sequence = 0;
    if (lk_sequence_read(key, &sequence) != 0 || lk_audit_decode(sequence, value, &a) != 0) {
        return expect(c, 0, "an audit record cannot be read", key);
    }
    bool follows = c->audits == 0 || sequence == c->last_audit + 1;
    c->audits++;
    c->last_audit = sequence;
    return expect(c, follows, "the audit ring has a gap", key);
}

static int check_mail(struct lk_check *c, struct lk_str key, struct lk_str value) {
    struct lk_outbox_mail m;
    uint8_t owner[LK_UUID_LEN];
    if (key.len != LK_SEQUENCE_KEY_LEN || lk_mail_decode(0, value, &m, owner) != 0) {
        return expect(c, 0, "a waiting mail cannot be read", key);
    }
    return check_owner(c, owner, "a waiting mail belongs to no account", key);
}

int lk_check_record(struct lk_check *c, enum lk_table table, struct lk_str key, struct lk_str value) {
    switch (table) {
    case LK_TABLE_ACCOUNT:
        return check_account(c, key, value);
    case LK_TABLE_BY_USERNAME:
    case LK_TABLE_BY_EMAIL:
        return check_name(c, table, key, value);
    case LK_TABLE_PROFILE:
        return check_profile(c, key, value);
    case LK_TABLE_PICTURE:
        return check_picture(c, key, value);
    case LK_TABLE_SESSION:
        return check_session(c, key, value);
    case LK_TABLE_SESSION_OF:
        return check_session_of(c, key);
    case LK_TABLE_LINK:
        return check_link(c, key, value);
    case LK_TABLE_THROTTLE:
        return check_throttle(c, key, value);
    case LK_TABLE_AUDIT:
        return check_audit(c, key, value);
    case LK_TABLE_OUTBOX:
        return check_mail(c, key, value);
    case LK_TABLE_META:
    case LK_TABLE_COUNT:
        break;
    }
    return 0;
}
