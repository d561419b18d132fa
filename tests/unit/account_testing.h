/*
 * What the tests of the rules share: a service on a store of its own, and people who sign up.
 */
#ifndef ACCOUNT_TESTING_H
#define ACCOUNT_TESTING_H

#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/audit.h"
#include "account/internal.h"
#include "account/keyring.h"
#include "account/outbox.h"
#include "account/service.h"
#include "crypto/crypto.h"

#define NOW 1800000000 /* the second in which every test begins */
#define GOOD_PASSWORD "correct horse battery"

struct fixture {
    char dir[32];
    struct lk_store *store;
    struct lk_service *svc;
    struct lk_keyring user_keys;
    struct lk_keyring internal_keys;
    struct lk_policy policy;
    struct lk_client client;
    struct lk_violations v;
    struct lk_account account;
    struct lk_account_mem mem;
    struct lk_tokens tokens;
    uint32_t retry_after;
};

static inline void make_ring(struct lk_keyring *ring, const char *kid, uint8_t fill) {
    memset(ring, 0, sizeof(*ring));
    memset(ring->keys[0].secret, fill, 32);
    ring->keys[0].secret_len = 32;
    memcpy(ring->keys[0].kid, kid, strlen(kid));
    ring->count = 1;
}

static inline struct lk_policy test_policy(void) {
    return (struct lk_policy){.access_lifetime = 300,
                              .refresh_lifetime = 86400,
                              .signup = LK_SIGNUP_OPEN,
                              .pbkdf2_iterations = 2,
                              .password = {.min_chars = 8, .blocklist = true},
                              .throttle = true,
                              .mail = true,
                              .max_picture = 1u << 20};
}

static inline struct lk_client client_at(uint8_t host, int64_t now) {
    return (struct lk_client){.address = {[10] = 0xFF, [11] = 0xFF, [12] = 10, [15] = host}, .now = now};
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline struct lk_store *open_store(const char *dir) {
    struct lk_store_options options = {
        .dir = dir, .map_size = 64u << 20, .max_readers = 64, .exclusive = true};
    struct lk_store *store = NULL;
    const char *why = "";
    if (lk_store_open(&store, &options, &why) != 0) {
        print_error("the store does not open: %s\n", why);
    }
    return store;
}

static inline int open_fixture(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    if (f == NULL || lk_crypto_init() != 0) {
        return -1;
    }
    *state = f;
    memcpy(f->dir, "/tmp/latchkey-test-XXXXXX", sizeof "/tmp/latchkey-test-XXXXXX");
    f->store = mkdtemp(f->dir) != NULL ? open_store(f->dir) : NULL;
    f->svc = malloc(lk_service_size());
    if (f->store == NULL || f->svc == NULL) {
        return -1;
    }
    make_ring(&f->user_keys, "user", 0x11);
    make_ring(&f->internal_keys, "internal", 0x22);
    f->policy = test_policy();
    f->client = client_at(1, NOW);
    struct lk_service_options options = {.store = f->store,
                                         .user_keys = &f->user_keys,
                                         .internal_keys = &f->internal_keys,
                                         .policy = f->policy};
    return lk_service_init(f->svc, &options);
}

static inline void print_broken(const char *what, struct lk_str key, void *arg) {
    (void)arg;
    print_error("%s: %.*s\n", what, (int)key.len, key.ptr);
}

/* Every test leaves a store in which all that `check` asks for holds. */
static inline int close_fixture(void **state) {
    struct fixture *f = *state;
    int broken = lk_service_check(f->svc, print_broken, NULL);
    lk_service_end(f->svc);
    lk_store_close(f->store);
    lk_crypto_free();
    int left = nftw(f->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(f->svc);
    free(f);
    return left != 0 || broken != 0 ? -1 : 0;
}

static inline void set_policy(struct fixture *f) {
    lk_service_set_policy(f->svc, &f->policy);
}

static inline int sign_up(struct fixture *f, const char *username, const char *email, const char *password) {
    struct lk_signup in = {.username = {username, username != NULL ? strlen(username) : 0},
                           .email = lk_str_from(email),
                           .password = lk_str_from(password),
                           .roles = LK_ROLE_USER};
    f->v.count = 0;
    return lk_account_signup(f->svc, &in, &f->client, &f->v, &f->account, &f->mem);
}

/* An account with the good password that nobody could sign up so: it moves in as it was elsewhere. */
static inline void move_in(struct fixture *f, const char *username, const char *email) {
    assert_int_equal(sign_up(f, "mover", "mover@x.io", GOOD_PASSWORD), 0);
    struct lk_account a = f->account;
    a.username = lk_str_from(username);
    a.email = lk_str_from(email);
    memset(a.id, 0, sizeof(a.id));
    assert_int_equal(lk_account_import(f->svc, &a, (struct lk_str){NULL, 0}, &f->v), 0);
    assert_int_equal(lk_account_delete(f->svc, f->account.id, &f->client, NULL), 0);
}

/* Signs up NAME with NAME@x.io and the good password; the account is in f->account. */
static inline void add_person(struct fixture *f, const char *name) {
    char email[64];
    snprintf(email, sizeof(email), "%s@x.io", name);
    assert_int_equal(sign_up(f, name, email, GOOD_PASSWORD), 0);
}

static inline int log_in(struct fixture *f, const char *username, const char *password) {
    return lk_account_login(f->svc, LK_BY_USERNAME, lk_str_from(username), lk_str_from(password), &f->client,
                            &f->account, &f->mem, &f->tokens, &f->retry_after);
}

/* Signs NAME up and in: account and tokens are in the fixture. */
static inline void enter(struct fixture *f, const char *name) {
    add_person(f, name);
    assert_int_equal(log_in(f, name, GOOD_PASSWORD), 0);
}

static inline struct lk_caller caller_of(struct fixture *f, const char *access, struct lk_account_mem *mem) {
    struct lk_caller caller;
    int err = 0;
    assert_int_equal(lk_authenticate(f->svc, lk_str_from(access), f->client.now, &caller, mem, &err),
                     LK_TOKEN_OK);
    assert_int_equal(err, 0);
    return caller;
}

/* Why the header's token is refused now. */
static inline enum lk_token_fault fault_of(struct fixture *f, const char *token) {
    struct lk_caller caller;
    struct lk_account_mem mem;
    int err = -1;
    enum lk_token_fault fault =
        lk_authenticate(f->svc, lk_str_from(token), f->client.now, &caller, &mem, &err);
    assert_int_equal(err, 0);
    assert_int_equal(caller.kind == LK_CALLER_NOBODY, fault != LK_TOKEN_OK);
    return fault;
}

static inline bool violated(const struct lk_violations *v, enum lk_field field, enum lk_rule rule) {
    for (size_t i = 0; i < v->count; i++) {
        if (v->list[i].field == field && v->list[i].rule == rule) {
            return true;
        }
    }
    return false;
}

static inline struct lk_service_counts counts(struct fixture *f) {
    struct lk_service_counts c = {0};
    assert_int_equal(lk_service_count(f->svc, &c), 0);
    return c;
}

/* The newest audit record's event; its actor in `actor` where that is not NULL. */
struct newest {
    enum lk_audit_event event;
    char actor[100];
};
static inline int note_newest(const struct lk_audit_record *r, void *arg) {
    struct newest *n = arg;
    n->event = r->event;
    snprintf(n->actor, sizeof(n->actor), "%.*s", (int)r->actor.len, r->actor.ptr);
    return 0;
}
static inline struct newest newest_audit(struct fixture *f) {
    struct newest n = {0};
    assert_int_equal(lk_audit_walk(f->svc, 0, 1, note_newest, &n), 0);
    return n;
}

#endif
