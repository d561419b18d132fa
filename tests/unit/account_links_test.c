/*
 * Mailed links and the outbox they leave by.
 */
#include "account_testing.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "options.h"

/* The first mail that waits, as the sender would take it. */
struct taken {
    char mem[LK_OUTBOX_RECORD_MAX];
    struct lk_outbox_mail mail;
};

static int next_mail(struct fixture *f, struct taken *t) {
    int64_t next;
    return lk_outbox_next(f->svc, f->client.now, t->mem, &t->mail, &next);
}

/* Takes the mails before the one of `kind` out, and gives that one. */
static void take(struct fixture *f, enum lk_mail_kind kind, struct taken *t) {
    assert_int_equal(next_mail(f, t), 0);
    while (t->mail.kind != kind) {
        assert_int_equal(lk_outbox_done(f->svc, t->mail.sequence), 0);
        assert_int_equal(next_mail(f, t), 0);
    }
    assert_int_equal(lk_outbox_done(f->svc, t->mail.sequence), 0);
}

static int confirm(struct fixture *f, const struct taken *t, const char *one, const char *two) {
    f->v.count = 0;
    return lk_reset_confirm(f->svc, t->mail.uidb64, t->mail.token, lk_str_from(one), lk_str_from(two),
                            &f->client, &f->v);
}

static bool verified(struct fixture *f, const char *username) {
    assert_int_equal(lk_account_by_username(f->svc, lk_str_from(username), &f->account, &f->mem), 0);
    return f->account.email_verified;
}

static void a_verification_link_works_once(void **state) {
    struct fixture *f = *state;
    struct taken t;
    add_person(f, "ann");
    take(f, LK_MAIL_VERIFY, &t);
    assert_true(lk_str_eq(t.mail.to, LK_STR("ann@x.io")));
    assert_true(lk_str_eq(t.mail.username, LK_STR("ann")));
    assert_false(verified(f, "ann"));
    assert_false(lk_reset_link_good(f->svc, t.mail.uidb64, t.mail.token, NOW));
    assert_int_equal(lk_verify_email(f->svc, t.mail.uidb64, t.mail.token, &f->client), 0);
    assert_true(verified(f, "ann"));
    assert_int_equal(lk_verify_email(f->svc, t.mail.uidb64, t.mail.token, &f->client), LK_ERR_NOT_FOUND);
}

static void a_verification_link_expires_after_three_days(void **state) {
    struct fixture *f = *state;
    struct taken t;
    add_person(f, "ann");
    take(f, LK_MAIL_VERIFY, &t);
    f->client.now = NOW + 3 * 86400;
    assert_int_equal(lk_verify_email(f->svc, t.mail.uidb64, t.mail.token, &f->client), LK_ERR_NOT_FOUND);
    f->client.now--;
    assert_int_equal(lk_verify_email(f->svc, t.mail.uidb64, t.mail.token, &f->client), 0);
}

static void a_wrong_link_is_refused(void **state) {
    struct fixture *f = *state;
    struct taken ann;
    struct taken bob;
    add_person(f, "ann");
    take(f, LK_MAIL_VERIFY, &ann);
    add_person(f, "bob");
    take(f, LK_MAIL_VERIFY, &bob);
    struct lk_str none = LK_STR("");
    assert_int_equal(lk_verify_email(f->svc, bob.mail.uidb64, ann.mail.token, &f->client), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_verify_email(f->svc, none, ann.mail.token, &f->client), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_verify_email(f->svc, ann.mail.uidb64, none, &f->client), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_verify_email(f->svc, LK_STR("MQ"), LK_STR("abc-123"), &f->client), LK_ERR_NOT_FOUND);
    ann.mem[ann.mail.token.ptr - ann.mem] ^= 1;
    assert_int_equal(lk_verify_email(f->svc, ann.mail.uidb64, ann.mail.token, &f->client), LK_ERR_NOT_FOUND);
}

static void links_die_with_the_address(void **state) {
    struct fixture *f = *state;
    struct taken verify;
    struct taken reset;
    add_person(f, "ann");
    take(f, LK_MAIL_VERIFY, &verify);
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    take(f, LK_MAIL_RESET, &reset);
    assert_true(lk_reset_link_good(f->svc, reset.mail.uidb64, reset.mail.token, NOW));
    struct lk_update in = {.email = LK_STR("new@x.io")};
    uint8_t id[LK_UUID_LEN];
    memcpy(id, f->account.id, sizeof(id));
    assert_int_equal(lk_account_update(f->svc, id, &in, &f->client, &f->v, &f->account, &f->mem), 0);
    assert_false(lk_reset_link_good(f->svc, reset.mail.uidb64, reset.mail.token, NOW));
    assert_int_equal(lk_verify_email(f->svc, verify.mail.uidb64, verify.mail.token, &f->client),
                     LK_ERR_NOT_FOUND);
    take(f, LK_MAIL_VERIFY, &verify);
    assert_true(lk_str_eq(verify.mail.to, LK_STR("new@x.io")));
    assert_int_equal(lk_verify_email(f->svc, verify.mail.uidb64, verify.mail.token, &f->client), 0);
}

static void a_reset_changes_the_password_once(void **state) {
    struct fixture *f = *state;
    struct taken t;
    enter(f, "ann");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    }
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ANN@x.io"), &f->client), 0);
    take(f, LK_MAIL_RESET, &t);
    assert_int_equal(confirm(f, &t, "one long password", "two long password"), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_NEW_PASSWORD2, LK_RULE_PASSWORD_MISMATCH));
    assert_int_equal(confirm(f, &t, "short", "short"), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_NEW_PASSWORD2, LK_RULE_PASSWORD_SHORT));
    assert_int_equal(confirm(f, &t, "one long password", "one long password"), 0);
    assert_int_equal(newest_audit(f).event, LK_AUDIT_RESET_DONE);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_INVALID);
    assert_true(verified(f, "ann"));
    assert_int_equal(log_in(f, "ann", "one long password"), 0); /* the throttle is clear, too */
    assert_false(lk_reset_link_good(f->svc, t.mail.uidb64, t.mail.token, NOW));
    assert_int_equal(confirm(f, &t, "one long password", "one long password"), LK_ERR_NOT_FOUND);
}

static void a_reset_link_lives_an_hour_and_gives_way_to_the_next(void **state) {
    struct fixture *f = *state;
    struct taken first;
    struct taken second;
    add_person(f, "ann");
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    take(f, LK_MAIL_RESET, &first);
    assert_true(lk_reset_link_good(f->svc, first.mail.uidb64, first.mail.token, NOW + 3599));
    assert_false(lk_reset_link_good(f->svc, first.mail.uidb64, first.mail.token, NOW + 3600));
    f->client.now = NOW + 59; /* within a minute nothing new is mailed, and the first one stays good */
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    assert_true(lk_reset_link_good(f->svc, first.mail.uidb64, first.mail.token, f->client.now));
    f->client.now = NOW + 60;
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    take(f, LK_MAIL_RESET, &second);
    assert_false(lk_reset_link_good(f->svc, first.mail.uidb64, first.mail.token, f->client.now));
    assert_true(lk_reset_link_good(f->svc, second.mail.uidb64, second.mail.token, f->client.now));
}

static void an_unknown_address_costs_the_same_and_mails_nothing(void **state) {
    struct fixture *f = *state;
    struct taken t;
    assert_int_equal(lk_reset_request(f->svc, LK_STR("nobody@x.io"), &f->client), 0);
    assert_int_equal(lk_reset_request(f->svc, LK_STR("not an address"), &f->client), 0);
    assert_int_equal(counts(f).mails, 1); /* the later one took the former's place */
    assert_int_equal(counts(f).links, 1);
    assert_int_equal(next_mail(f, &t), 0);
    assert_int_equal(t.mail.kind, LK_MAIL_NOTHING);
    assert_int_equal(t.mail.to.len, 0);
    assert_false(lk_reset_link_good(f->svc, t.mail.uidb64, t.mail.token, NOW));
    assert_int_equal(confirm(f, &t, GOOD_PASSWORD, GOOD_PASSWORD), LK_ERR_NOT_FOUND);
}

static void an_inactive_account_gets_no_reset(void **state) {
    struct fixture *f = *state;
    struct taken t;
    add_person(f, "ann");
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    take(f, LK_MAIL_RESET, &t);
    assert_int_equal(lk_account_set_active(f->svc, f->account.id, false, &f->client, NULL), 0);
    assert_false(lk_reset_link_good(f->svc, t.mail.uidb64, t.mail.token, NOW));
    f->client.now += 61;
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    assert_int_equal(next_mail(f, &t), 0);
    assert_int_equal(t.mail.kind, LK_MAIL_NOTHING);
}

static void a_flood_of_requests_from_one_address_stops(void **state) {
    struct fixture *f = *state;
    char name[24];
    char email[40];
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        add_person(f, name);
    }
    for (int i = 0; i < 12; i++) {
        snprintf(email, sizeof(email), "p%d@x.io", i);
        assert_int_equal(lk_reset_request(f->svc, lk_str_from(email), &f->client), 0);
    }
    assert_int_equal(counts(f).mails, 12 + 10);
}

static void the_outbox_retries_later(void **state) {
    struct fixture *f = *state;
    struct taken t;
    int64_t next = 0;
    assert_int_equal(lk_outbox_next(f->svc, NOW, t.mem, &t.mail, &next), LK_ERR_NOT_FOUND);
    assert_true(next == INT64_MAX);
    add_person(f, "ann");
    assert_int_equal(next_mail(f, &t), 0);
    assert_int_equal(lk_outbox_retry(f->svc, t.mail.sequence, NOW + 60), 0);
    assert_int_equal(lk_outbox_next(f->svc, NOW, t.mem, &t.mail, &next), LK_ERR_NOT_FOUND);
    assert_int_equal(next, NOW + 60);
    assert_int_equal(lk_outbox_next(f->svc, NOW + 60, t.mem, &t.mail, &next), 0);
    assert_int_equal(t.mail.attempts, 1);
    assert_true(lk_str_eq(t.mail.to, LK_STR("ann@x.io")));
    assert_int_equal(lk_outbox_done(f->svc, t.mail.sequence), 0);
    assert_int_equal(lk_outbox_done(f->svc, t.mail.sequence), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_outbox_retry(f->svc, t.mail.sequence, NOW), LK_ERR_NOT_FOUND);
}

static void count_call(void *arg) {
    (*(int *)arg)++;
}

static void the_hook_hears_of_mails(void **state) {
    struct fixture *f = *state;
    int calls = 0;
    lk_outbox_set_hook(f->svc, count_call, &calls);
    add_person(f, "ann");
    assert_int_equal(calls, 1);
    assert_int_equal(sign_up(f, "ann", "ann@x.io", GOOD_PASSWORD), LK_ERR_INVALID);
    assert_int_equal(calls, 1);
    lk_outbox_set_hook(f->svc, NULL, NULL);
    add_person(f, "bob");
    assert_int_equal(calls, 1);
}

/* A hook that somebody is inside of until it is let go. */
struct slow {
    struct lk_service *svc;
    atomic_bool inside, go, left, left_when_taken;
};

static void stay_inside(void *arg) {
    struct slow *s = arg;
    atomic_store(&s->inside, true);
    while (!atomic_load(&s->go)) {
        sched_yield();
    }
    atomic_store(&s->left, true);
}

static void *take_hook_away(void *arg) {
    struct slow *s = arg;
    lk_outbox_set_hook(s->svc, NULL, NULL);
    atomic_store(&s->left_when_taken, atomic_load(&s->left));
    return NULL;
}

static void *queue_a_mail(void *arg) {
    struct fixture *f = arg;
    add_person(f, "ann");
    return NULL;
}

/* What the hook works on may be freed once the call that takes it away has returned. */
static void nobody_is_inside_a_hook_that_was_taken_away(void **state) {
    static const struct timespec chance = {0, 20000000}; /* for a call that does not wait, to be seen */
    struct fixture *f = *state;
    struct slow s = {.svc = f->svc};
    pthread_t mail, taker;
    lk_outbox_set_hook(f->svc, stay_inside, &s);
    assert_int_equal(pthread_create(&mail, NULL, queue_a_mail, f), 0);
    while (!atomic_load(&s.inside)) {
        sched_yield();
    }
    assert_int_equal(pthread_create(&taker, NULL, take_hook_away, &s), 0);
    nanosleep(&chance, NULL);
    atomic_store(&s.go, true);
    assert_int_equal(pthread_join(taker, NULL), 0);
    assert_int_equal(pthread_join(mail, NULL), 0);
    assert_true(atomic_load(&s.left_when_taken));
}

static void a_full_outbox_stops_no_signup(void **state) {
    struct fixture *f = *state;
    char name[24];
    for (int i = 0; i <= LK_OUTBOX_MAX / 2; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        add_person(f, name);
    }
    assert_int_equal(counts(f).mails, LK_OUTBOX_MAX / 2);
    assert_int_equal(counts(f).links, LK_OUTBOX_MAX / 2);
    assert_int_equal(counts(f).accounts, LK_OUTBOX_MAX / 2 + 1);
    /* The other half is for those who want to get in again. */
    assert_int_equal(lk_reset_request(f->svc, LK_STR("p7@x.io"), &f->client), 0);
    assert_int_equal(counts(f).mails, LK_OUTBOX_MAX / 2 + 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_verification_link_works_once),
        T(a_verification_link_expires_after_three_days),
        T(a_wrong_link_is_refused),
        T(links_die_with_the_address),
        T(a_reset_changes_the_password_once),
        T(a_reset_link_lives_an_hour_and_gives_way_to_the_next),
        T(an_unknown_address_costs_the_same_and_mails_nothing),
        T(an_inactive_account_gets_no_reset),
        T(a_flood_of_requests_from_one_address_stops),
        T(the_outbox_retries_later),
        T(the_hook_hears_of_mails),
        T(nobody_is_inside_a_hook_that_was_taken_away),
        T(a_full_outbox_stops_no_signup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
