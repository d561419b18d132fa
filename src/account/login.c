#include "account/db.h"
#include "account/page.h"
#include "account/tokens.h"
#include "crypto/crypto.h"

#include <string.h>

#define RETRIES 3 /* when the account changes while its password is being checked */

/* One log-in from its name to its session. */
struct login {
    struct lk_service *svc;
    const struct lk_client *client;
    struct lk_policy policy;
    struct lk_account *account; /* in the caller's memory, as it was when the password was checked */
    bool known;
    bool counts; /* failures are an account's: of the one known, or one that the name leads to */
    uint8_t counted[LK_UUID_LEN]; /* that account */
    uint64_t name_key;            /* of the throttle */
    uint64_t address_key;
    char hash[LK_PASSWORD_HASH_MAX + 1]; /* a fresh one, or empty: the stored one stays */
    uint8_t session[LK_UUID_LEN];
    uint8_t jti[16];
};

/* --- who is it ------------------------------------------------------------------------------------------ */

static int find(struct login *l, enum lk_table table, const struct lk_name_key *key,
                struct lk_account_mem *mem) {
    struct lk_txn *txn;
    uint8_t id[LK_UUID_LEN];
    int err = lk_store_read_begin(l->svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_db_id(txn, table, key, id);
    if (err == 0) {
        err = lk_db_account_copy(txn, id, l->account, mem);
    }
    if (err == 0) {
        l->known = true;
    }
    lk_store_read_end(txn);
    return err == LK_ERR_NOT_FOUND && !l->known ? 0 : err;
}

/* Whose failures these are. What one account is called by either way of naming is counted together, as is a text
   that no account has: waiting or not tells nothing about who has it. */
static int find_counted(struct login *l, enum lk_login_by by, struct lk_str name) {
    enum lk_table other = by == LK_BY_EMAIL ? LK_TABLE_BY_USERNAME : LK_TABLE_BY_EMAIL;
    struct lk_name_key key;
    struct lk_txn *txn;
    l->counts = l->known;
    if (l->known) {
        memcpy(l->counted, l->account->id, sizeof(l->counted));
        return 0;
    }
    if (lk_index_key(other, name, &key) != 0) {
        return 0;
    }
    int err = lk_store_read_begin(l->svc->store, &txn);
    if (err != 0) {
        return err;
    }
    err = lk_db_id(txn, other, &key, l->counted);
    lk_store_read_end(txn);
    l->counts = err == 0;
    return err == LK_ERR_NOT_FOUND ? 0 : err;
}

/* What cannot be a name is counted under its own bytes; an address, as accounts have them, without its case. */
static void name_keys(struct login *l, struct lk_str name) {
    struct lk_name_key key;
    enum lk_table table = lk_str_find(name, '@') < name.len ? LK_TABLE_BY_EMAIL : LK_TABLE_BY_USERNAME;
    struct lk_str text = lk_index_key(table, name, &key) == 0 ? lk_name_key_str(&key) : name;
    l->name_key = l->counts ? lk_throttle_key(&l->svc->throttle, LK_THROTTLE_ACCOUNT, lk_id_str(l->counted))
                            : lk_throttle_key(&l->svc->throttle, LK_THROTTLE_UNKNOWN, text);
    l->address_key = lk_throttle_address_key(&l->svc->throttle, LK_THROTTLE_ADDRESS, l->client->address);
}

/* What cannot be a name is nobody's. An address comes before a username that looks like it. */
static int find_named(struct login *l, enum lk_login_by by, struct lk_str name, struct lk_account_mem *mem) {
    struct lk_name_key key;
    int err = 0;
    if (by != LK_BY_USERNAME && lk_index_key(LK_TABLE_BY_EMAIL, name, &key) == 0) {
        err = find(l, LK_TABLE_BY_EMAIL, &key, mem);
    }
    if (by != LK_BY_EMAIL && err == 0 && !l->known && lk_index_key(LK_TABLE_BY_USERNAME, name, &key) == 0) {
        err = find(l, LK_TABLE_BY_USERNAME, &key, mem);
    }
    if (err == 0) {
        err = find_counted(l, by, name);
    }
    name_keys(l, name);
    return err;
}

/* --- the throttle --------------------------------------------------------------------------------------- */

static int read_failures(struct login *l, struct lk_throttle_record *t) {
    struct lk_txn *txn;
    int err = lk_store_read_begin(l->svc->store, &txn);
    if (err == 0) {
        err = lk_db_throttle(txn, l->counted, t);
        lk_store_read_end(txn);
    }
    return err;
}

static int begin_name(struct login *l, uint32_t *retry_after) {
    struct lk_throttle *t = &l->svc->throttle;
    struct lk_throttle_record stored;
    uint32_t rank = 0;
    if (!l->counts) {
        return lk_throttle_begin(t, LK_THROTTLE_UNKNOWN, l->name_key, l->client->now, retry_after);
    }
    int err = lk_throttle_reserve(t, l->name_key, &rank, retry_after);
    if (err != 0) {
        return err;
    }
    err = read_failures(l, &stored);
    if (err == 0) {
        err = lk_throttle_judge(t, l->name_key, rank, &stored, l->client->now, retry_after);
    }
    if (err != 0) {
        lk_throttle_settle(t, l->name_key, LK_THROTTLE_SPARED);
    }
    return err;
}

static int throttle_begin(struct login *l, uint32_t *retry_after) {
    struct lk_throttle *t = &l->svc->throttle;
    if (!l->policy.throttle) {
        return 0;
    }
    int err = lk_throttle_begin(t, LK_THROTTLE_ADDRESS, l->address_key, l->client->now, retry_after);
    if (err != 0) {
        return err;
    }
    err = begin_name(l, retry_after);
    if (err != 0) {
        lk_throttle_settle(t, l->address_key, LK_THROTTLE_SPARED);
    }
    return err;
}

static void throttle_settle(struct login *l, enum lk_throttle_end name, enum lk_throttle_end address) {
    if (l->policy.throttle) {
        lk_throttle_settle(&l->svc->throttle, l->name_key, name);
        lk_throttle_settle(&l->svc->throttle, l->address_key, address);
    }
}

/* --- a failure ------------------------------------------------------------------------------------------ */

/* Counts a failure. A name without an account costs the same writes, in nobody's name, so that the time
   tells nothing; the name itself is not kept: people type passwords there. */
static int write_failure(struct lk_txn *txn, void *arg) {
    struct login *l = arg;
    struct lk_account account = {.is_active = false};
    struct lk_throttle_record t;
    int err = l->counts ? lk_db_account_edit(l->svc, txn, l->counted, &account) : 0;
    bool known = l->counts && err == 0;
    const uint8_t *id = known ? l->counted : lk_nobody;
    if (err != 0 && err != LK_ERR_NOT_FOUND) {
        return err;
    }
    err = lk_db_throttle(txn, id, &t);
    t.failures = known && t.failures < UINT32_MAX ? t.failures + 1 : t.failures;
    t.last = l->client->now;
    if (err == 0 && l->policy.throttle) {
        err = lk_db_throttle_put(txn, id, &t);
    }
    if (err == 0) {
        err = lk_db_audit(l->svc, txn, LK_AUDIT_LOGIN_FAILED, known ? &account : NULL, l->client, LK_STR(""));
    }
    if (err == 0 && known && l->policy.throttle && t.failures == LK_THROTTLE_FAILURES_MAX) {
        err = lk_db_audit(l->svc, txn, LK_AUDIT_LOCKED, &account, l->client, LK_STR(""));
    }
    return err;
}

static int fail(struct login *l) {
    int err = lk_store_write(l->svc->store, write_failure, l);
    throttle_settle(l, LK_THROTTLE_FAILED, LK_THROTTLE_FAILED);
    return err != 0 ? err : LK_ERR_MISMATCH;
}

/* --- a success ------------------------------------------------------------------------------------------ */

static int write_success(struct lk_txn *txn, void *arg) {
    struct login *l = arg;
    struct lk_account a;
    int64_t now = l->client->now;
    int err = lk_db_account_edit(l->svc, txn, l->account->id, &a);
    if (err != 0) {
        return err;
    }
    if (!a.is_active) {
        return LK_ERR_MISMATCH;
    }
    /* Changed while the hash was under way: by its owner, or by a log-in beside this one that rewrote the
       hash. */
    if (!lk_str_eq(a.password, l->account->password)) {
        return LK_ERR_AGAIN;
    }
    a.last_login = now;
    if (l->hash[0] != '\0') {
        a.password = lk_str_from(l->hash);
    }
    struct lk_session_record s = {.created = now, .expires = now + l->policy.refresh_lifetime, .used = now};
    memcpy(s.account, a.id, sizeof(s.account));
    memcpy(s.jti, l->jti, sizeof(s.jti));
    memcpy(s.address, l->client->address, sizeof(s.address));
    lk_device_label(l->client->user_agent, s.device);
    err = lk_db_account_put(l->svc, txn, &a);
    if (err == 0) {
        err = lk_db_session_add(txn, l->session, &s);
    }
    if (err == 0) {
        err = lk_db_throttle_clear(txn, a.id);
    }
    return err != 0 ? err : lk_db_audit(l->svc, txn, LK_AUDIT_LOGIN, &a, l->client, LK_STR(""));
}

static int succeed(struct login *l, struct lk_str password) {
    int err = lk_ordered_uuid(l->session);
    if (err == 0) {
        err = lk_random_uuid(l->jti);
    }
    /* A full gate leaves the old hash for the next log-in. */
    if (err == 0 && lk_password_iterations(l->account->password) != l->policy.pbkdf2_iterations &&
        lk_service_hash(l->svc, password, l->policy.pbkdf2_iterations, l->hash) < 0) {
        l->hash[0] = '\0';
    }
    if (err == 0) {
        err = lk_store_write(l->svc->store, write_success, l);
    }
    if (err != 0) {
        return err == LK_ERR_NOT_FOUND ? LK_ERR_MISMATCH : err;
    }
    l->account->last_login = l->client->now;
    return 0;
}

/* Checks the password in the time that an account with the configured count takes, whoever it is. An
   account that moved in with another count takes that one's time until its first log-in rewrites the hash. */
static int check(struct login *l, struct lk_str password) {
    bool hashed = l->known && lk_password_iterations(l->account->password) != 0;
    if (!hashed || password.len > LK_PASSWORD_MAX_BYTES) {
        return lk_service_check_nobody(l->svc, lk_str_sub(password, 0, LK_PASSWORD_MAX_BYTES),
                                       l->policy.pbkdf2_iterations);
    }
    int err = lk_service_check_hash(l->svc, password, l->account->password);
    return err == 0 && !l->account->is_active ? LK_ERR_MISMATCH : err;
}

/* The password against the account as it is now, and what follows. LK_ERR_AGAIN: it changed meanwhile. */
static int attempt(struct login *l, struct lk_str password) {
    int err = check(l, password);
    if (err == 0) {
        err = succeed(l, password);
    }
    return err;
}

/* From the name to a session in the store. */
static int log_in(struct login *l, enum lk_login_by by, struct lk_str name, struct lk_str password,
                  struct lk_account_mem *mem, uint32_t *retry_after) {
    *retry_after = 0;
    int err = find_named(l, by, name, mem);
    if (err == 0) {
        err = throttle_begin(l, retry_after);
    }
    if (err != 0) {
        return err;
    }
    /* What is found anew may have another key: it was not counted under that. */
    uint64_t counted = l->name_key;
    err = attempt(l, password);
    for (int retries = 0; err == LK_ERR_AGAIN && retries < RETRIES; retries++) {
        l->known = false;
        l->hash[0] = '\0';
        err = find_named(l, by, name, mem);
        err = err == 0 ? attempt(l, password) : err;
    }
    l->name_key = counted;
    if (err == LK_ERR_MISMATCH || err == LK_ERR_AGAIN) {
        err = fail(l);
    } else if (err == 0) {
        throttle_settle(l, LK_THROTTLE_CLEARED, LK_THROTTLE_SPARED);
    } else {
        throttle_settle(l, LK_THROTTLE_SPARED, LK_THROTTLE_SPARED);
    }
    lk_wipe(l->hash, sizeof(l->hash));
    return err;
}

int lk_account_login(struct lk_service *svc, enum lk_login_by by, struct lk_str name, struct lk_str password,
                     const struct lk_client *client, struct lk_account *account, struct lk_account_mem *mem,
                     struct lk_tokens *tokens, uint32_t *retry_after) {
    struct login l = {.svc = svc, .client = client, .policy = lk_service_policy(svc), .account = account};
    int err = log_in(&l, by, name, password, mem, retry_after);
    return err != 0 ? err
                    : lk_tokens_make(svc, account->id, l.session, l.jti, client->now,
                                     client->now + l.policy.refresh_lifetime, tokens);
}

int lk_page_login(struct lk_service *svc, struct lk_str name, struct lk_str password,
                  const struct lk_client *client, struct lk_account *account, struct lk_account_mem *mem,
                  struct lk_page *page, uint32_t *retry_after) {
    struct login l = {.svc = svc, .client = client, .policy = lk_service_policy(svc), .account = account};
    int err = log_in(&l, LK_BY_EITHER, name, password, mem, retry_after);
    return err != 0 ? err
                    : lk_page_make(svc, account->id, l.session, l.jti, client->now,
                                   client->now + l.policy.refresh_lifetime, page);
}

int lk_password_confirm(struct lk_service *svc, const struct lk_account *account, struct lk_str password,
                        const struct lk_client *client, uint32_t *retry_after) {
    struct lk_account copy = *account;
    struct login l = {.svc = svc, .client = client, .policy = lk_service_policy(svc), .account = &copy};
    *retry_after = 0;
    l.known = true;
    name_keys(&l, LK_STR(""));
    int err = throttle_begin(&l, retry_after);
    if (err != 0) {
        return err;
    }
    err = check(&l, password);
    if (err == LK_ERR_MISMATCH) {
        return fail(&l);
    }
    throttle_settle(&l, LK_THROTTLE_SPARED, LK_THROTTLE_SPARED);
    return err;
}
