/*
 * Logging in, tokens and sessions.
 */
#include "account_testing.h"

#include "options.h"

/* --- log-in --------------------------------------------------------------------------------------------- */

static void login_opens_a_session(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    enter(f, "ann");
    assert_int_equal(f->account.last_login, NOW);
    assert_int_equal(f->tokens.access_lifetime, 300);
    assert_int_equal(counts(f).sessions, 1);
    struct lk_caller c = caller_of(f, f->tokens.access, &mem);
    assert_int_equal(c.kind, LK_CALLER_USER);
    assert_true(lk_str_eq(c.account.username, LK_STR("ann")));
    assert_int_equal(newest_audit(f).event, LK_AUDIT_LOGIN);
}

static void login_by_email_ignores_case(void **state) {
    struct fixture *f = *state;
    add_person(f, "ann");
    assert_int_equal(lk_account_login(f->svc, LK_BY_EMAIL, LK_STR("ANN@X.IO"), LK_STR(GOOD_PASSWORD),
                                      &f->client, &f->account, &f->mem, &f->tokens, &f->retry_after),
                     0);
    assert_int_equal(log_in(f, "ann@x.io", GOOD_PASSWORD), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "Ann", GOOD_PASSWORD), LK_ERR_MISMATCH);
}

static void a_username_like_an_address_gets_no_login_by_email(void **state) {
    struct fixture *f = *state;
    move_in(f, "vic@x.io", "thief@x.io");
    assert_int_equal(log_in(f, "vic@x.io", GOOD_PASSWORD), 0);
    assert_int_equal(sign_up(f, "vic", "vic@x.io", "another long one"), 0);
    assert_int_equal(lk_account_login(f->svc, LK_BY_EMAIL, LK_STR("vic@x.io"), LK_STR(GOOD_PASSWORD),
                                      &f->client, &f->account, &f->mem, &f->tokens, &f->retry_after),
                     LK_ERR_MISMATCH);
    assert_int_equal(sign_up(f, NULL, "vic@x.io", GOOD_PASSWORD), LK_ERR_INVALID);
}

static void all_refusals_look_the_same(void **state) {
    struct fixture *f = *state;
    char longest[600];
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    add_person(f, "ann");
    assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "nobody", GOOD_PASSWORD), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "ann", longest), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, longest, GOOD_PASSWORD), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "", GOOD_PASSWORD), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "\xff\xfe", GOOD_PASSWORD), LK_ERR_MISMATCH);
    struct lk_account ann;
    assert_int_equal(lk_account_by_username(f->svc, LK_STR("ann"), &ann, &f->mem), 0);
    assert_int_equal(lk_account_set_active(f->svc, ann.id, false, &f->client, NULL), 0);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_MISMATCH);
}

static void login_rewrites_a_hash_of_another_count(void **state) {
    struct fixture *f = *state;
    add_person(f, "ann");
    assert_int_equal(lk_password_iterations(f->account.password), 2);
    f->policy.pbkdf2_iterations = 3;
    set_policy(f);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    assert_int_equal(lk_account_by_username(f->svc, LK_STR("ann"), &f->account, &f->mem), 0);
    assert_int_equal(lk_password_iterations(f->account.password), 3);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
}

static void the_oldest_session_gives_way(void **state) {
    struct fixture *f = *state;
    char first[LK_TOKEN_MAX];
    enter(f, "ann");
    memcpy(first, f->tokens.access, sizeof(first));
    for (int i = 1; i <= LK_SESSIONS_PER_ACCOUNT; i++) {
        assert_int_equal(fault_of(f, first), LK_TOKEN_OK);
        f->client.now = NOW + i;
        assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    }
    assert_int_equal(fault_of(f, first), LK_TOKEN_INVALID);
    assert_int_equal(counts(f).sessions, LK_SESSIONS_PER_ACCOUNT);
}

/* --- throttle ------------------------------------------------------------------------------------------- */

static void waits_grow_and_a_success_ends_them(void **state) {
    struct fixture *f = *state;
    add_person(f, "ann");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    }
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_THROTTLED);
    assert_int_equal(f->retry_after, 1);
    f->client.now += 1;
    assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    f->client.now += 1;
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_THROTTLED);
    assert_int_equal(f->retry_after, 1);
    f->client.now += 1;
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    }
}

static void an_unknown_name_is_throttled_like_a_known_one(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(log_in(f, "nobody", "wrong"), LK_ERR_MISMATCH);
    }
    assert_int_equal(log_in(f, "nobody", "wrong"), LK_ERR_THROTTLED);
    assert_int_equal(f->retry_after, 1);
    assert_int_equal(log_in(f, "somebody", "wrong"), LK_ERR_MISMATCH);
}

static int reopen(struct fixture *f) {
    struct lk_service_options options = {.store = f->store,
                                         .user_keys = &f->user_keys,
                                         .internal_keys = &f->internal_keys,
                                         .policy = f->policy};
    lk_service_end(f->svc);
    return lk_service_init(f->svc, &options);
}

static void the_hundredth_failure_locks_until_an_admin_comes(void **state) {
    struct fixture *f = *state;
    add_person(f, "ann");
    uint8_t id[LK_UUID_LEN];
    memcpy(id, f->account.id, sizeof(id));
    for (int i = 0; i < 100; i++) {
        f->client = client_at((uint8_t)(i / 10), f->client.now + 901);
        assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    }
    assert_int_equal(newest_audit(f).event, LK_AUDIT_LOCKED);
    f->client.now += 30 * 86400;
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_THROTTLED);
    assert_int_equal(reopen(f), 0); /* the count survives a restart */
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_THROTTLED);
    assert_int_equal(lk_account_set_active(f->svc, id, true, &f->client, NULL), 0);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
}

/* Whether two ways of naming share a count tells nothing: of one text they do, whoever has it. */
static void a_text_counts_as_one_name_both_ways(void **state) {
    struct fixture *f = *state;
    static const char *const texts[] = {"ann@x.io", "nobody@x.io", "ann", "nobody"};
    uint32_t wait;
    add_person(f, "ann");
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct lk_account a;
        struct lk_account_mem mem;
        struct lk_tokens t;
        f->client.now += 100000;
        f->client.address[15]++;
        f->policy.throttle = false; /* a fresh start for the account */
        set_policy(f);
        assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
        f->policy.throttle = true;
        set_policy(f);
        for (int n = 0; n < 6; n++) {
            enum lk_login_by by = n % 2 == 0 ? LK_BY_EMAIL : LK_BY_USERNAME;
            assert_int_equal(lk_account_login(f->svc, by, lk_str_from(texts[i]), LK_STR("wrong"), &f->client,
                                              &a, &mem, &t, &wait),
                             n < 5 ? LK_ERR_MISMATCH : LK_ERR_THROTTLED);
        }
    }
}

static void an_address_is_throttled_and_forgotten(void **state) {
    struct fixture *f = *state;
    char name[24];
    add_person(f, "ann");
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "nobody%d", i);
        assert_int_equal(log_in(f, name, "wrong"), LK_ERR_MISMATCH);
    }
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_THROTTLED);
    f->client = client_at(2, NOW);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    f->client = client_at(1, NOW + 3601);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
}

static void no_throttle_when_it_is_off(void **state) {
    struct fixture *f = *state;
    f->policy.throttle = false;
    set_policy(f);
    add_person(f, "ann");
    for (int i = 0; i < 30; i++) {
        assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    }
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
}

/* --- tokens --------------------------------------------------------------------------------------------- */

static char made[LK_JWT_SIZE_MAX];

/* A token with these claims, signed by a ring. */
static const char *token_of(const struct lk_keyring *ring, const char *claims) {
    struct lk_jwt_keys keys = lk_keyring_view(ring);
    int len = lk_jwt_sign(&keys, claims, strlen(claims), made, sizeof(made) - 1);
    assert_true(len > 0);
    made[len] = '\0';
    return made;
}

static const char *user_token(struct fixture *f, const char *format, ...) {
    char claims[700];
    va_list ap;
    va_start(ap, format);
    vsnprintf(claims, sizeof(claims), format, ap);
    va_end(ap);
    return token_of(&f->user_keys, claims);
}

static const char *uuid_text(const uint8_t id[LK_UUID_LEN]) {
    static char text[LK_UUID_TEXT_LEN + 1];
    struct lk_buf b;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_uuid(&b, id);
    lk_buf_end_cstr(&b);
    return text;
}

static void faults_are_those_of_simplejwt(void **state) {
    struct fixture *f = *state;
    enter(f, "ann");
    const char *id = uuid_text(f->account.id);
    static const char ok[] =
        "{\"token_type\":\"access\",\"exp\":%d,\"iat\":%d,\"jti\":\"a\",\"user_id\":\"%s\"}";
    assert_int_equal(fault_of(f, user_token(f, ok, NOW + 9, NOW, id)), LK_TOKEN_OK);
    assert_int_equal(fault_of(f, user_token(f, ok, NOW, NOW - 9, id)), LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, user_token(f, ok, NOW + 9, NOW + 5, id)), LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, "garbage"), LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, ""), LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, f->tokens.refresh), LK_TOKEN_WRONG_TYPE);
    assert_int_equal(fault_of(f, user_token(f, "{\"token_type\":\"access\",\"jti\":\"a\"}")),
                     LK_TOKEN_NO_EXP);
    assert_int_equal(fault_of(f, user_token(f, "{\"token_type\":\"access\",\"exp\":%d}", NOW + 9)),
                     LK_TOKEN_NO_ID);
    assert_int_equal(fault_of(f, user_token(f, "{\"exp\":%d,\"jti\":\"a\"}", NOW + 9)), LK_TOKEN_NO_TYPE);
    assert_int_equal(fault_of(f, user_token(f, "{\"token_type\":5,\"exp\":%d,\"jti\":\"a\"}", NOW + 9)),
                     LK_TOKEN_WRONG_TYPE);
    assert_int_equal(
        fault_of(f, user_token(f, "{\"token_type\":\"access\",\"exp\":%d,\"jti\":\"a\"}", NOW + 9)),
        LK_TOKEN_NO_USER);
    assert_int_equal(
        fault_of(
            f, user_token(f, "{\"token_type\":\"access\",\"exp\":%d,\"jti\":\"a\",\"user_id\":1}", NOW + 9)),
        LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, user_token(f, ok, NOW + 9, NOW, "00112233-4455-6677-8899-aabbccddeeff")),
                     LK_TOKEN_USER_UNKNOWN);
}

static void a_deleted_or_inactive_account_is_told_apart(void **state) {
    struct fixture *f = *state;
    uint8_t id[LK_UUID_LEN];
    enum lk_token_fault fault;
    enter(f, "ann");
    memcpy(id, f->account.id, sizeof(id));
    assert_int_equal(lk_account_set_active(f->svc, id, false, &f->client, NULL), 0);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_USER_INACTIVE);
    struct lk_tokens t;
    assert_int_equal(lk_token_refresh(f->svc, lk_str_from(f->tokens.refresh), NOW, &t, &fault),
                     LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_USER_INACTIVE);
    assert_int_equal(lk_account_delete(f->svc, id, &f->client, NULL), 0);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_USER_UNKNOWN);
    assert_int_equal(lk_token_refresh(f->svc, lk_str_from(f->tokens.refresh), NOW, &t, &fault),
                     LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_USER_UNKNOWN);
}

static void a_token_without_session_dies_with_a_revocation(void **state) {
    struct fixture *f = *state;
    add_person(f, "ann");
    char token[LK_JWT_SIZE_MAX];
    snprintf(token, sizeof(token), "%s",
             user_token(f,
                        "{\"token_type\":\"access\",\"exp\":%d,\"iat\":%d,\"jti\":\"a\",\"user_id\":\"%s\"}",
                        NOW + 9, NOW, uuid_text(f->account.id)));
    assert_int_equal(fault_of(f, token), LK_TOKEN_OK);
    f->v.count = 0;
    assert_int_equal(
        lk_account_set_password(f->svc, f->account.id, LK_STR("quite another one"), &f->client, &f->v), 0);
    assert_int_equal(fault_of(f, token), LK_TOKEN_INVALID);
}

static void a_session_belongs_to_one_account(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    enter(f, "ann");
    struct lk_caller ann = caller_of(f, f->tokens.access, &mem);
    char sid[LK_UUID_TEXT_LEN + 1];
    snprintf(sid, sizeof(sid), "%s", uuid_text(ann.session));
    enter(f, "bob");
    const char *stolen = user_token(
        f,
        "{\"token_type\":\"access\",\"exp\":%d,\"iat\":%d,\"jti\":\"a\",\"user_id\":\"%s\",\"sid\":\"%s\"}",
        NOW + 9, NOW, uuid_text(f->account.id), sid);
    assert_int_equal(fault_of(f, stolen), LK_TOKEN_INVALID);
}

static void internal_tokens_have_keys_and_rules_of_their_own(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    char token[LK_TOKEN_MAX];
    int len = lk_internal_token(&f->internal_keys, "backup", LK_SCOPE_READ | LK_SCOPE_DELETE, NOW, 300, token,
                                sizeof(token) - 1);
    assert_true(len > 0);
    token[len] = '\0';
    struct lk_caller c = caller_of(f, token, &mem);
    assert_int_equal(c.kind, LK_CALLER_INTERNAL);
    assert_string_equal(c.service, "backup");
    assert_true(lk_has_scope(&c, LK_SCOPE_READ) && lk_has_scope(&c, LK_SCOPE_DELETE));
    assert_false(lk_has_scope(&c, LK_SCOPE_WRITE));
    assert_true(lk_may_act_on(&c, LK_STR("whoever"), LK_SCOPE_READ));
    assert_false(lk_may_act_on(&c, LK_STR("whoever"), LK_SCOPE_WRITE));
    f->client.now = NOW + 300;
    assert_int_equal(fault_of(f, token), LK_TOKEN_INVALID);
    assert_int_equal(lk_internal_token(&f->internal_keys, "backup", 1, NOW, 301, token, sizeof(token)),
                     LK_ERR_INVALID);
    assert_int_equal(lk_internal_token(&f->internal_keys, "a\"b", 1, NOW, 60, token, sizeof(token)),
                     LK_ERR_INVALID);
    assert_int_equal(lk_internal_token(&f->internal_keys, "", 1, NOW, 60, token, sizeof(token)),
                     LK_ERR_INVALID);
    enum lk_token_fault fault;
    assert_int_equal(lk_token_verify(f->svc, lk_str_from(token), NOW, &fault), LK_ERR_DENIED);
}

static void forged_internal_tokens_are_refused(void **state) {
    struct fixture *f = *state;
    static const char good[] =
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"s\",\"aud\":\"auth-service\","
        "\"scope\":\"credentials:write\",\"iat\":1800000000,\"exp\":1800000300}";
    static const char *const bad[] = {
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"s\",\"aud\":\"auth-service\",\"iat\":"
        "1800000000,"
        "\"exp\":1800000301}",
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"t\",\"aud\":\"auth-service\",\"iat\":"
        "1800000000,"
        "\"exp\":1800000300}",
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"s\",\"aud\":\"other\",\"iat\":1800000000,"
        "\"exp\":1800000300}",
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"s\",\"iat\":1800000000,\"exp\":1800000300}",
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"s\",\"aud\":\"auth-service\",\"exp\":"
        "1800000300}",
        "{\"token_type\":\"internal\",\"iss\":\"s\",\"sub\":\"s\",\"aud\":\"auth-service\",\"iat\":"
        "1800000000}",
        "{\"token_type\":\"internal\",\"sub\":\"s\",\"aud\":\"auth-service\",\"iat\":1800000000,\"exp\":"
        "1800000300}",
        "{\"token_type\":\"access\",\"iss\":\"s\",\"sub\":\"s\",\"aud\":\"auth-service\",\"iat\":1800000000,"
        "\"exp\":1800000300,\"jti\":\"a\",\"user_id\":\"00112233-4455-6677-8899-aabbccddeeff\"}",
    };
    assert_int_equal(fault_of(f, token_of(&f->internal_keys, good)), LK_TOKEN_OK);
    assert_int_not_equal(fault_of(f, token_of(&f->user_keys, good)), LK_TOKEN_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_not_equal(fault_of(f, token_of(&f->internal_keys, bad[i])), LK_TOKEN_OK);
    }
}

static void verify_takes_both_kinds_and_validate_one(void **state) {
    struct fixture *f = *state;
    enum lk_token_fault fault;
    enter(f, "ann");
    struct lk_str access = lk_str_from(f->tokens.access);
    struct lk_str refresh = lk_str_from(f->tokens.refresh);
    assert_int_equal(lk_token_verify(f->svc, access, NOW, &fault), 0);
    assert_int_equal(lk_token_verify(f->svc, refresh, NOW, &fault), 0);
    assert_int_equal(lk_token_validate_access(f->svc, access, NOW, &fault), 0);
    assert_int_equal(lk_token_validate_access(f->svc, refresh, NOW, &fault), LK_ERR_DENIED);
    assert_int_equal(lk_logout_token(f->svc, refresh, &f->client), 0);
    assert_int_equal(lk_token_verify(f->svc, refresh, NOW, &fault), LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_REVOKED);
    assert_int_equal(lk_token_verify(f->svc, access, NOW, &fault), LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_INVALID);
}

/* --- refresh -------------------------------------------------------------------------------------------- */

static int refresh(struct fixture *f, const char *token, struct lk_tokens *out, enum lk_token_fault *fault) {
    return lk_token_refresh(f->svc, lk_str_from(token), f->client.now, out, fault);
}

static void without_rotation_a_refresh_writes_nothing(void **state) {
    struct fixture *f = *state;
    struct lk_tokens t;
    struct lk_store_usage before;
    struct lk_store_usage after;
    enum lk_token_fault fault;
    enter(f, "ann");
    assert_int_equal(lk_store_usage(f->store, &before), 0);
    assert_int_equal(refresh(f, f->tokens.refresh, &t, &fault), 0);
    assert_string_equal(t.refresh, "");
    assert_int_equal(fault_of(f, t.access), LK_TOKEN_OK);
    assert_int_equal(lk_store_usage(f->store, &after), 0);
    assert_int_equal(before.commits, after.commits);
    assert_int_equal(refresh(f, t.access, &t, &fault), LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_WRONG_TYPE);
    f->client.now = NOW + 86400;
    assert_int_equal(refresh(f, f->tokens.refresh, &t, &fault), LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_INVALID);
}

static void rotation_hands_out_a_successor(void **state) {
    struct fixture *f = *state;
    struct lk_tokens second;
    struct lk_tokens again;
    enum lk_token_fault fault;
    f->policy.refresh_rotation = true;
    set_policy(f);
    enter(f, "ann");
    assert_int_equal(refresh(f, f->tokens.refresh, &second, &fault), 0);
    assert_string_not_equal(second.refresh, "");
    /* Its answer was lost: within the grace the first one gives a good successor again. */
    f->client.now = NOW + 10;
    assert_int_equal(refresh(f, f->tokens.refresh, &again, &fault), 0);
    assert_int_equal(refresh(f, again.refresh, &again, &fault), 0);
    assert_int_equal(fault_of(f, again.access), LK_TOKEN_OK);
}

static void a_stale_refresh_token_ends_the_session(void **state) {
    struct fixture *f = *state;
    struct lk_tokens second;
    struct lk_tokens t;
    enum lk_token_fault fault;
    f->policy.refresh_rotation = true;
    set_policy(f);
    enter(f, "ann");
    assert_int_equal(refresh(f, f->tokens.refresh, &second, &fault), 0);
    f->client.now = NOW + 11;
    assert_int_equal(refresh(f, f->tokens.refresh, &t, &fault), LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_REVOKED);
    assert_int_equal(newest_audit(f).event, LK_AUDIT_SESSION_REUSED);
    assert_int_equal(refresh(f, second.refresh, &t, &fault), LK_ERR_DENIED);
    assert_int_equal(fault_of(f, second.access), LK_TOKEN_INVALID);
    assert_int_equal(counts(f).sessions, 0);
}

static void logout_ends_both_tokens(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    struct lk_tokens t;
    enum lk_token_fault fault;
    enter(f, "ann");
    assert_int_equal(lk_logout_token(f->svc, LK_STR("garbage"), &f->client), LK_ERR_DENIED);
    assert_int_equal(lk_logout_token(f->svc, lk_str_from(f->tokens.access), &f->client), LK_ERR_DENIED);
    assert_int_equal(lk_logout_token(f->svc, lk_str_from(f->tokens.refresh), &f->client), 0);
    assert_int_equal(newest_audit(f).event, LK_AUDIT_LOGOUT);
    assert_int_equal(lk_logout_token(f->svc, lk_str_from(f->tokens.refresh), &f->client), LK_ERR_DENIED);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_INVALID);
    assert_int_equal(refresh(f, f->tokens.refresh, &t, &fault), LK_ERR_DENIED);
    assert_int_equal(fault, LK_TOKEN_REVOKED);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    struct lk_caller c = caller_of(f, f->tokens.access, &mem);
    assert_int_equal(lk_logout_caller(f->svc, &c, &f->client), 0);
    assert_int_equal(lk_logout_caller(f->svc, &c, &f->client), LK_ERR_NOT_FOUND);
    memset(c.session, 0, sizeof(c.session));
    assert_int_equal(lk_logout_caller(f->svc, &c, &f->client), LK_ERR_NOT_FOUND);
}

static void the_sweep_takes_expired_sessions_alone(void **state) {
    struct fixture *f = *state;
    enter(f, "ann");
    f->client.now = NOW + 50000;
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    assert_int_equal(counts(f).sessions, 2);
    assert_int_equal(counts(f).links, 1); /* of the sign-up */
    for (int i = 0; i < 4; i++) {
        assert_true(lk_service_sweep(f->svc, NOW + 86399) >= 0);
    }
    assert_int_equal(counts(f).sessions, 2);
    int removed = 0;
    for (int i = 0; i < 4; i++) {
        removed += lk_service_sweep(f->svc, NOW + 86400);
    }
    assert_int_equal(removed, 1);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_OK);
    for (int i = 0; i < 4; i++) {
        removed += lk_service_sweep(f->svc, NOW + 4 * 86400);
    }
    assert_int_equal(removed, 3);
    assert_int_equal(counts(f).links, 0);
}

static void a_rotated_key_logs_nobody_out(void **state) {
    struct fixture *f = *state;
    struct lk_keyring next;
    struct lk_tokens t;
    enum lk_token_fault fault;
    enter(f, "ann");
    make_ring(&next, "next", 0x33);
    next.keys[1] = f->user_keys.keys[0];
    next.count = 2;
    lk_service_set_keys(f->svc, &next, &f->internal_keys);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_OK);
    assert_int_equal(refresh(f, f->tokens.refresh, &t, &fault), 0);
    assert_string_not_equal(t.access, "");
    next.count = 1; /* the old key is dropped at last */
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, t.access), LK_TOKEN_OK);
}

static void may_act_on_asks_for_owner_or_admin(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    enter(f, "ann");
    struct lk_caller c = caller_of(f, f->tokens.access, &mem);
    assert_true(lk_may_act_on(&c, LK_STR("ann"), LK_SCOPE_READ));
    assert_false(lk_may_act_on(&c, LK_STR("Ann"), LK_SCOPE_READ));
    assert_false(lk_may_act_on(&c, LK_STR("bob"), LK_SCOPE_READ));
    assert_false(lk_may_act_on(&c, LK_STR(""), LK_SCOPE_READ));
    assert_false(lk_is_admin(&c));
    assert_int_equal(
        lk_account_set_roles(f->svc, c.account.id, LK_ROLE_USER | LK_ROLE_ADMIN, &f->client, NULL), 0);
    c = caller_of(f, f->tokens.access, &mem);
    assert_true(lk_is_admin(&c));
    assert_true(lk_may_act_on(&c, LK_STR("bob"), LK_SCOPE_READ));
    struct lk_caller nobody = {.kind = LK_CALLER_NOBODY, .scopes = 7};
    assert_false(lk_may_act_on(&nobody, LK_STR(""), LK_SCOPE_READ));
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(login_opens_a_session),
        T(login_by_email_ignores_case),
        T(a_username_like_an_address_gets_no_login_by_email),
        T(all_refusals_look_the_same),
        T(login_rewrites_a_hash_of_another_count),
        T(the_oldest_session_gives_way),
        T(waits_grow_and_a_success_ends_them),
        T(an_unknown_name_is_throttled_like_a_known_one),
        T(the_hundredth_failure_locks_until_an_admin_comes),
        T(a_text_counts_as_one_name_both_ways),
        T(an_address_is_throttled_and_forgotten),
        T(no_throttle_when_it_is_off),
        T(faults_are_those_of_simplejwt),
        T(a_deleted_or_inactive_account_is_told_apart),
        T(a_token_without_session_dies_with_a_revocation),
        T(a_session_belongs_to_one_account),
        T(internal_tokens_have_keys_and_rules_of_their_own),
        T(forged_internal_tokens_are_refused),
        T(verify_takes_both_kinds_and_validate_one),
        T(without_rotation_a_refresh_writes_nothing),
        T(rotation_hands_out_a_successor),
        T(a_stale_refresh_token_ends_the_session),
        T(logout_ends_both_tokens),
        T(the_sweep_takes_expired_sessions_alone),
        T(a_rotated_key_logs_nobody_out),
        T(may_act_on_asks_for_owner_or_admin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
