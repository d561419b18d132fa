/* Sessions of the pages, the list of sessions, and what an administrator does from a page. */
#include "account_testing.h"

#include "account/db.h"
#include "account/device.h"
#include "account/manage.h"
#include "account/page.h"
#include "account/sessions.h"

static struct lk_page page;
static struct lk_caller caller; /* as the last sign_in or authenticate filled it */
static struct lk_account_mem caller_mem;

static enum lk_token_fault authenticate(struct fixture *f, const char *cookie) {
    char csrf[LK_CSRF_LEN + 1];
    int err = -1;
    enum lk_token_fault fault =
        lk_page_authenticate(f->svc, lk_str_from(cookie), f->client.now, &caller, &caller_mem, csrf, &err);
    assert_int_equal(err, 0);
    if (fault == LK_TOKEN_OK) {
        assert_string_equal(csrf, page.csrf);
    }
    return fault;
}

static void sign_in(struct fixture *f, const char *name) {
    assert_int_equal(lk_page_login(f->svc, lk_str_from(name), LK_STR(GOOD_PASSWORD), &f->client, &f->account,
                                   &f->mem, &page, &f->retry_after),
                     0);
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_OK);
}

static void enter_page(struct fixture *f, const char *name) {
    add_person(f, name);
    sign_in(f, name);
}

static void give_roles(struct fixture *f, const char *name, uint8_t roles) {
    assert_int_equal(lk_account_by_username(f->svc, lk_str_from(name), &f->account, &f->mem), 0);
    assert_int_equal(lk_account_set_roles(f->svc, f->account.id, roles, &f->client, NULL), 0);
}

static void enter_admin(struct fixture *f, const char *name) {
    add_person(f, name);
    give_roles(f, name, LK_ROLE_USER | LK_ROLE_ADMIN);
    sign_in(f, name);
}

/* An account as a version made it that had reserved fewer words. */
static int write_old(struct lk_txn *txn, void *arg) {
    struct fixture *f = arg;
    struct lk_account a;
    enum lk_table taken;
    int err = lk_db_account_copy(txn, f->account.id, &a, &f->mem);
    if (err == 0) {
        err = lk_db_account_delete(txn, &a);
    }
    a.username = LK_STR("audit");
    if (err == 0) {
        err = lk_db_account_add(f->svc, txn, &a, &taken);
    }
    return err != 0 ? err : lk_db_profile_put(txn, a.id, false, (struct lk_str){NULL, 0});
}

static void a_name_that_is_reserved_since_still_logs_in(void **state) {
    struct fixture *f = *state;
    assert_int_equal(sign_up(f, "audit", "audit@x.io", GOOD_PASSWORD), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_USERNAME, LK_RULE_USERNAME_RESERVED));
    add_person(f, "ann");
    assert_int_equal(lk_store_write(f->store, write_old, f), 0);
    assert_int_equal(log_in(f, "audit", GOOD_PASSWORD), 0);
    sign_in(f, "audit");
    assert_true(lk_str_eq(caller.account.username, LK_STR("audit")));
}

/* --- the page's session --------------------------------------------------------------------------------- */

static void types_exclude_one_another(void **state) {
    struct fixture *f = *state;
    enum lk_token_fault fault;
    enter_page(f, "ann");
    assert_int_equal(fault_of(f, page.cookie), LK_TOKEN_WRONG_TYPE);
    assert_int_equal(lk_token_refresh(f->svc, lk_str_from(page.cookie), NOW, &f->tokens, &fault),
                     LK_ERR_DENIED);
    assert_int_equal(lk_token_verify(f->svc, lk_str_from(page.cookie), NOW, &fault), LK_ERR_DENIED);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    assert_int_equal(authenticate(f, f->tokens.access), LK_TOKEN_WRONG_TYPE);
    assert_int_equal(authenticate(f, f->tokens.refresh), LK_TOKEN_WRONG_TYPE);
    assert_int_equal(authenticate(f, ""), LK_TOKEN_INVALID);
    assert_int_equal(caller.kind, LK_CALLER_NOBODY);
}

static void one_signs_in_by_either_name(void **state) {
    struct fixture *f = *state;
    add_person(f, "ann");
    sign_in(f, "ann");
    sign_in(f, "ANN@x.io");
    move_in(f, "bob@x.io", "other@x.io");
    sign_in(f, "bob@x.io");
    assert_true(lk_str_eq(caller.account.email, LK_STR("other@x.io")));
    assert_int_equal(sign_up(f, "bobby", "bob@x.io", GOOD_PASSWORD), 0); /* the address comes first */
    sign_in(f, "bob@x.io");
    assert_true(lk_str_eq(caller.account.username, LK_STR("bobby")));
}

static void a_session_that_ended_is_none(void **state) {
    struct fixture *f = *state;
    enter_page(f, "ann");
    assert_int_equal(lk_logout_caller(f->svc, &caller, &f->client), 0);
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_INVALID);
    sign_in(f, "ann");
    assert_int_equal(lk_account_set_active(f->svc, f->account.id, false, &f->client, NULL), 0);
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_USER_INACTIVE);
    assert_int_equal(lk_account_set_active(f->svc, f->account.id, true, &f->client, NULL), 0);
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_INVALID);
    sign_in(f, "ann");
    f->client.now += f->policy.refresh_lifetime;
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_INVALID);
    f->client.now = NOW;
    sign_in(f, "ann");
    assert_int_equal(lk_account_delete(f->svc, f->account.id, &f->client, NULL), 0);
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_USER_UNKNOWN);
}

static void use_moves_the_end(void **state) {
    struct fixture *f = *state;
    enter_page(f, "ann");
    f->client.now += LK_PAGE_RENEW_AFTER - 1;
    assert_int_equal(lk_page_renew(f->svc, &caller, f->client.now, &page), 0);
    f->client.now = NOW + f->policy.refresh_lifetime - 1;
    assert_int_equal(lk_page_renew(f->svc, &caller, f->client.now, &page), 1);
    assert_int_equal(page.lifetime, f->policy.refresh_lifetime);
    f->client.now += f->policy.refresh_lifetime - 1;
    assert_int_equal(authenticate(f, page.cookie), LK_TOKEN_OK); /* and the same second value */
    assert_int_equal(lk_logout_caller(f->svc, &caller, &f->client), 0);
    assert_int_equal(lk_page_renew(f->svc, &caller, f->client.now, &page), LK_ERR_NOT_FOUND);
}

/* --- the list of sessions ------------------------------------------------------------------------------- */

/* In no order: two sessions of one millisecond come as they like. */
struct seen {
    unsigned count;
    uint8_t unnamed[LK_UUID_LEN]; /* the session that names no device */
    char device[LK_DEVICE_MAX + 1];
};

static int note(const struct lk_session_view *s, void *arg) {
    struct seen *seen = arg;
    seen->count++;
    if (s->device[0] == '\0') {
        memcpy(seen->unnamed, s->id, sizeof(seen->unnamed));
    } else {
        memcpy(seen->device, s->device, strlen(s->device) + 1);
    }
    return 0;
}

static struct seen sessions_of(struct fixture *f) {
    struct seen seen = {0};
    assert_int_equal(lk_sessions_walk(f->svc, caller.account.id, f->client.now, note, &seen), 0);
    return seen;
}

static void sessions_are_listed_and_ended(void **state) {
    struct fixture *f = *state;
    unsigned ended = 9;
    enter(f, "bob");
    struct lk_caller bob = caller_of(f, f->tokens.access, &caller_mem);
    uint8_t of_bob[LK_UUID_LEN];
    memcpy(of_bob, bob.session, sizeof(of_bob));
    enter(f, "ann");
    f->client.user_agent = LK_STR("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
    sign_in(f, "ann");
    assert_int_equal(sessions_of(f).count, 2);
    assert_string_equal(sessions_of(f).device, "Firefox, Linux");
    assert_int_equal(lk_session_end(f->svc, &caller, of_bob, &f->client), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_session_end(f->svc, &caller, sessions_of(f).unnamed, &f->client), 0);
    assert_int_equal(newest_audit(f).event, LK_AUDIT_LOGOUT);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_INVALID);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    assert_int_equal(lk_sessions_end_others(f->svc, &caller, &f->client, &ended), 0);
    assert_int_equal(ended, 1);
    assert_int_equal(sessions_of(f).count, 1);
    assert_int_equal(lk_session_end(f->svc, &caller, caller.session, &f->client), 0);
    assert_int_equal(lk_sessions_end_others(f->svc, &caller, &f->client, &ended), LK_ERR_DENIED);
}

static void a_user_agent_becomes_a_few_words(void **state) {
    static const char *const cases[][2] = {
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Safari/537.36 Edg/126.0",
         "Edge, Windows"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/17.5 Mobile/15E148 Safari/604.1",
         "Safari, iPhone"},
        {"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
         "Chrome, Android"},
        {"curl/8.9.1", "curl"},
        {"python-requests/2.28", "python-requests"},
        {"a\x01\xff<b>c d/1", "a<b>c"},
        {"", ""},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    };
    char label[LK_DEVICE_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        lk_device_label(lk_str_from(cases[i][0]), label);
        assert_string_equal(label, cases[i][1]);
    }
}

/* --- administrators ------------------------------------------------------------------------------------- */

static int change(struct fixture *f, const uint8_t *id, struct lk_change c) {
    f->v.count = 0;
    return lk_manage_change(f->svc, id, &c, &f->client, &caller, &f->v, &f->account, &f->mem);
}

static const struct lk_change disable = {.change_active = true, .active = false};
static const struct lk_change demote = {.change_roles = true, .roles = LK_ROLE_USER};

static void several_fields_change_at_once(void **state) {
    struct fixture *f = *state;
    uint8_t id[LK_UUID_LEN];
    add_person(f, "bob");
    memcpy(id, f->account.id, sizeof(id));
    enter_admin(f, "chief");
    struct lk_change all = {.change_active = true,
                            .change_roles = true,
                            .roles = LK_ROLE_USER | LK_ROLE_ADMIN,
                            .full_name = LK_STR("Bob B.")};
    assert_int_equal(change(f, id, all), 0);
    assert_false(f->account.is_active);
    assert_true((f->account.roles & LK_ROLE_ADMIN) != 0 && lk_str_eq(f->account.full_name, LK_STR("Bob B.")));
    assert_string_equal(newest_audit(f).actor, "chief");
    all.full_name = LK_STR("\0");
    assert_int_equal(change(f, id, all), LK_ERR_INVALID);
    memset(id, 7, sizeof(id));
    assert_int_equal(change(f, id, disable), LK_ERR_NOT_FOUND);
}

static void an_active_admin_remains(void **state) {
    struct fixture *f = *state;
    uint8_t own[LK_UUID_LEN];
    uint8_t other[LK_UUID_LEN];
    enter_admin(f, "chief");
    memcpy(own, caller.account.id, sizeof(own));
    assert_int_equal(change(f, own, disable), LK_ERR_CONFLICT);
    assert_int_equal(change(f, own, demote), LK_ERR_CONFLICT);
    assert_int_equal(lk_manage_delete(f->svc, own, &f->client, &caller), LK_ERR_CONFLICT);
    add_person(f, "deputy");
    memcpy(other, f->account.id, sizeof(other));
    give_roles(f, "deputy", LK_ROLE_USER | LK_ROLE_ADMIN);
    assert_int_equal(change(f, other, disable), 0);
    assert_int_equal(change(f, own, demote), LK_ERR_CONFLICT); /* the other one is an admin, but not active */
    assert_int_equal(change(f, other, (struct lk_change){.change_active = true, .active = true}), 0);
    assert_int_equal(change(f, own, demote), 0);
    assert_int_equal(change(f, other, disable), LK_ERR_DENIED); /* and is no admin from then on */
    assert_int_equal(lk_manage_delete(f->svc, other, &f->client, &caller), LK_ERR_DENIED);
}

static void rights_are_looked_at_again(void **state) {
    struct fixture *f = *state;
    uint8_t id[LK_UUID_LEN];
    struct lk_handed_link link = {.mail = false};
    add_person(f, "bob");
    memcpy(id, f->account.id, sizeof(id));
    enter_admin(f, "chief");
    assert_int_equal(lk_logout_caller(f->svc, &caller, &f->client), 0);
    assert_int_equal(change(f, id, disable), LK_ERR_DENIED);
    assert_int_equal(lk_manage_delete(f->svc, id, &f->client, &caller), LK_ERR_DENIED);
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &link), LK_ERR_DENIED);
    sign_in(f, "chief");
    assert_int_equal(lk_manage_delete(f->svc, id, &f->client, &caller), 0);
    assert_int_equal(lk_manage_delete(f->svc, id, &f->client, &caller), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &link), LK_ERR_NOT_FOUND);
}

static int invite(struct fixture *f, const char *name, const char *email, struct lk_handed_link *link) {
    struct lk_signup in = {.username = lk_str_from(name), .email = lk_str_from(email), .roles = LK_ROLE_USER};
    f->v.count = 0;
    return lk_manage_invite(f->svc, &in, &f->client, &caller, &f->v, &f->account, &f->mem, link);
}

static int use(struct fixture *f, const char *path) {
    struct lk_str whole = lk_str_from(path);
    size_t slash = lk_str_find(whole, '/');
    f->v.count = 0;
    return lk_reset_confirm(f->svc, lk_str_sub(whole, 0, slash), lk_str_sub(whole, slash + 1, whole.len),
                            LK_STR(GOOD_PASSWORD), LK_STR(GOOD_PASSWORD), &f->client, &f->v);
}

static void an_invitation_is_shown(void **state) {
    struct fixture *f = *state;
    struct lk_handed_link link = {.mail = false};
    enter_admin(f, "chief");
    assert_int_equal(invite(f, "ann", "ann@x.io", &link), 0);
    assert_int_equal(link.expires, NOW + 7 * 86400);
    assert_true(lk_password_unset(&f->account));
    assert_int_equal(counts(f).mails, 1); /* the admin's own: to verify the address */
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_MISMATCH);
    assert_int_equal(invite(f, "ann", "ann2@x.io", &link), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_USERNAME, LK_RULE_USERNAME_TAKEN));
    f->client.now += 6 * 86400;
    assert_int_equal(use(f, link.path), 0);
    assert_int_equal(use(f, link.path), LK_ERR_NOT_FOUND);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    assert_false(f->account.email_verified); /* the link proved nothing of the address */
}

static void an_invitation_is_mailed(void **state) {
    struct fixture *f = *state;
    struct lk_handed_link link = {.mail = true};
    char mem[LK_OUTBOX_RECORD_MAX];
    struct lk_outbox_mail mail = {.sequence = 0};
    int64_t next;
    enter_admin(f, "chief");
    assert_int_equal(lk_outbox_next(f->svc, NOW, mem, &mail, &next), 0);
    assert_int_equal(lk_outbox_done(f->svc, mail.sequence), 0);
    assert_int_equal(invite(f, "ann", "ann@x.io", &link), 0);
    assert_string_equal(link.path, "");
    assert_int_equal(lk_outbox_next(f->svc, NOW, mem, &mail, &next), 0);
    assert_int_equal(mail.kind, LK_MAIL_INVITE);
    f->client.now += 6 * 86400;
    f->v.count = 0;
    assert_int_equal(lk_reset_confirm(f->svc, mail.uidb64, mail.token, LK_STR(GOOD_PASSWORD),
                                      LK_STR(GOOD_PASSWORD), &f->client, &f->v),
                     0);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    assert_true(f->account.email_verified);
    f->policy.mail = false;
    set_policy(f);
    f->client.now = NOW;
    sign_in(f, "chief");
    assert_int_equal(invite(f, "bob", "bob@x.io", &link), LK_ERR_UNSUPPORTED);
    assert_int_equal(counts(f).accounts, 2);
}

static void a_link_takes_the_place_of_former_ones(void **state) {
    struct fixture *f = *state;
    struct lk_handed_link first = {.mail = false};
    struct lk_handed_link second = {.mail = false};
    struct lk_handed_link mailed = {.mail = true};
    uint8_t id[LK_UUID_LEN];
    add_person(f, "ann");
    memcpy(id, f->account.id, sizeof(id));
    enter_admin(f, "chief");
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &first), 0);
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &second), 0);
    assert_int_equal(use(f, first.path), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &mailed), 0);
    assert_int_equal(mailed.expires, NOW + 3600);
    assert_int_equal(use(f, second.path), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &first), 0);
    assert_int_equal(change(f, id, disable), 0); /* ends what could set a password */
    assert_int_equal(use(f, first.path), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_manage_link(f->svc, id, &f->client, &caller, &first), LK_ERR_CONFLICT);
}

/* --- finding -------------------------------------------------------------------------------------------- */

static int count_one(const struct lk_account *a, void *arg) {
    size_t *count = arg;
    (void)a;
    (*count)++;
    return 0;
}

static int refuse(const struct lk_account *a, void *arg) {
    (void)a;
    (void)arg;
    return LK_ERR_TOO_LARGE;
}

/* Walks from page to page; *pages says how many there were. */
static size_t find(struct fixture *f, const char *text, size_t look_at, size_t count, unsigned *pages) {
    struct lk_search s = {.text = lk_str_from(text), .look_at = look_at, .count = count};
    size_t found = 0;
    *pages = 0;
    do {
        size_t before = found;
        assert_int_equal(lk_account_search(f->svc, &s, count_one, &found), 0);
        assert_true(found - before <= count);
        (*pages)++;
    } while (s.resume && *pages < 100);
    return found;
}

static void accounts_are_found(void **state) {
    struct fixture *f = *state;
    unsigned pages;
    char name[8] = "user00";
    for (int i = 0; i < 12; i++) {
        name[4] = (char)('0' + i / 10);
        name[5] = (char)('0' + i % 10);
        add_person(f, name);
    }
    assert_int_equal(find(f, "", 1000, 100, &pages), 12);
    assert_int_equal(pages, 1);
    assert_int_equal(find(f, "", 1000, 12, &pages), 12);
    assert_int_equal(pages, 1);
    assert_int_equal(find(f, "", 1000, 5, &pages), 12);
    assert_int_equal(pages, 3);
    assert_int_equal(find(f, "USER1", 1000, 5, &pages), 2);
    assert_int_equal(find(f, "r11@X", 5, 5, &pages), 1);
    assert_int_equal(pages, 3);
    assert_int_equal(find(f, "nobody", 1000, 5, &pages), 0);
    struct lk_search s = {.look_at = 10, .count = 10};
    assert_int_equal(lk_account_search(f->svc, &s, refuse, NULL), 0);
    assert_true(s.resume);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(a_name_that_is_reserved_since_still_logs_in),
        TEST(types_exclude_one_another),
        TEST(one_signs_in_by_either_name),
        TEST(a_session_that_ended_is_none),
        TEST(use_moves_the_end),
        TEST(sessions_are_listed_and_ended),
        TEST(a_user_agent_becomes_a_few_words),
        TEST(several_fields_change_at_once),
        TEST(an_active_admin_remains),
        TEST(rights_are_looked_at_again),
        TEST(an_invitation_is_shown),
        TEST(an_invitation_is_mailed),
        TEST(a_link_takes_the_place_of_former_ones),
        TEST(accounts_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
