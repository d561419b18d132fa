/*
 * The same thing done by many at once.
 */
#include "account_testing.h"

#define THREADS 8

struct runner {
    struct fixture *f;
    int number;
    int result;
    struct lk_tokens tokens;
    const char *token;
};

static void run_all(struct runner *runners, struct fixture *f, void *(*fn)(void *arg)) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){.f = f, .number = i, .token = runners[i].token};
        assert_int_equal(pthread_create(&threads[i], NULL, fn, &runners[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static int count_result(const struct runner *runners, int result) {
    int count = 0;
    for (int i = 0; i < THREADS; i++) {
        count += runners[i].result == result;
    }
    return count;
}

static void *sign_up_same(void *arg) {
    struct runner *r = arg;
    char email[24];
    struct lk_violations v = {.count = 0};
    struct lk_account a;
    struct lk_account_mem mem;
    snprintf(email, sizeof(email), "a%d@x.io", r->number);
    struct lk_signup in = {.username = LK_STR("ann"),
                           .email = lk_str_from(email),
                           .password = LK_STR(GOOD_PASSWORD),
                           .roles = LK_ROLE_USER};
    r->result = lk_account_signup(r->f->svc, &in, &r->f->client, &v, &a, &mem);
    if (r->result == LK_ERR_INVALID && !violated(&v, LK_FIELD_USERNAME, LK_RULE_USERNAME_TAKEN)) {
        r->result = LK_ERR_CORRUPT;
    }
    return NULL;
}

static void one_of_many_gets_the_name(void **state) {
    static struct runner runners[THREADS];
    run_all(runners, *state, sign_up_same);
    assert_int_equal(count_result(runners, 0), 1);
    assert_int_equal(count_result(runners, LK_ERR_INVALID), THREADS - 1);
    assert_int_equal(counts(*state).accounts, 1);
}

static void *refresh_same(void *arg) {
    struct runner *r = arg;
    enum lk_token_fault fault;
    r->result = lk_token_refresh(r->f->svc, lk_str_from(r->token), NOW, &r->tokens, &fault);
    return NULL;
}

static void a_race_of_refreshes_ends_in_one_successor(void **state) {
    struct fixture *f = *state;
    static struct runner runners[THREADS];
    struct lk_tokens t;
    enum lk_token_fault fault;
    f->policy.refresh_rotation = true;
    set_policy(f);
    enter(f, "ann");
    for (int i = 0; i < THREADS; i++) {
        runners[i].token = f->tokens.refresh;
    }
    run_all(runners, f, refresh_same);
    assert_int_equal(count_result(runners, 0), THREADS);
    for (int i = 0; i < THREADS; i++) { /* every answer's token works: they all name the same generation */
        assert_int_equal(fault_of(f, runners[i].tokens.access), LK_TOKEN_OK);
        assert_string_equal(runners[i].tokens.refresh, runners[0].tokens.refresh);
    }
    assert_int_equal(lk_token_refresh(f->svc, lk_str_from(runners[0].tokens.refresh), NOW, &t, &fault), 0);
}

static void *log_in_or_delete(void *arg) {
    struct runner *r = arg;
    struct lk_account a;
    struct lk_account_mem mem;
    uint32_t wait;
    if (r->number == 3) {
        r->result = lk_account_delete(r->f->svc, r->f->account.id, &r->f->client, NULL);
        return NULL;
    }
    r->result = lk_account_login(r->f->svc, LK_BY_USERNAME, LK_STR("ann"), LK_STR(GOOD_PASSWORD),
                                 &r->f->client, &a, &mem, &r->tokens, &wait);
    return NULL;
}

/* The invariants of `check`, which close_fixture asks for, are the point here: no session outlives its
   account. */
static void a_deletion_wins_over_logins(void **state) {
    struct fixture *f = *state;
    static struct runner runners[THREADS];
    f->policy.throttle = false;
    set_policy(f);
    for (int round = 0; round < 20; round++) {
        add_person(f, "ann");
        run_all(runners, f, log_in_or_delete);
        assert_int_equal(runners[3].result, 0);
        assert_int_equal(count_result(runners, 0) + count_result(runners, LK_ERR_MISMATCH), THREADS);
        assert_int_equal(counts(f).sessions, 0);
        for (int i = 0; i < THREADS; i++) {
            if (i != 3 && runners[i].result == 0) {
                assert_int_equal(fault_of(f, runners[i].tokens.access), LK_TOKEN_USER_UNKNOWN);
            }
        }
    }
}

static void *log_in_right(void *arg) {
    struct runner *r = arg;
    struct lk_account a;
    struct lk_account_mem mem;
    uint32_t wait;
    r->result = lk_account_login(r->f->svc, LK_BY_USERNAME, LK_STR("ann"), LK_STR(GOOD_PASSWORD),
                                 &r->f->client, &a, &mem, &r->tokens, &wait);
    return NULL;
}

static void logins_that_rewrite_the_hash_all_succeed(void **state) {
    struct fixture *f = *state;
    static struct runner runners[THREADS];
    f->policy.throttle = false;
    add_person(f, "ann");
    for (uint32_t count = 3; count < 20; count++) {
        f->policy.pbkdf2_iterations = count;
        set_policy(f);
        run_all(runners, f, log_in_right);
        assert_int_equal(count_result(runners, 0), THREADS);
    }
}

static void *log_in_wrong(void *arg) {
    struct runner *r = arg;
    struct lk_account a;
    struct lk_account_mem mem;
    uint32_t wait = 0;
    r->result = lk_account_login(r->f->svc, LK_BY_USERNAME, LK_STR("ann"), LK_STR("wrong"), &r->f->client, &a,
                                 &mem, &r->tokens, &wait);
    return NULL;
}

static void attempts_at_once_do_not_slip_past_the_throttle(void **state) {
    struct fixture *f = *state;
    static struct runner runners[THREADS];
    add_person(f, "ann");
    run_all(runners, f, log_in_wrong);
    int tried = count_result(runners, LK_ERR_MISMATCH);
    assert_in_range(tried, 1, 5);
    assert_int_equal(count_result(runners, LK_ERR_THROTTLED), THREADS - tried);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(one_of_many_gets_the_name),
        T(a_race_of_refreshes_ends_in_one_successor),
        T(a_deletion_wins_over_logins),
        T(logins_that_rewrite_the_hash_all_succeed),
        T(attempts_at_once_do_not_slip_past_the_throttle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
