/*
 * Accounts from sign-up to deletion, profiles, pictures, import, the first admin, audit.
 */
#include "account_testing.h"

#include "account/import.h"
#include "options.h"

static const uint8_t png[] = {
    0x89, 'P',  'N',  'G',  '\r', '\n', 0x1a, '\n', 0,    0,    0,   13,  'I',  'H',  'D',  'R',  0,
    0,    0,    1,    0,    0,    0,    1,    8,    6,    0,    0,   0,   0x1f, 0x15, 0xc4, 0x89, 0,
    0,    0,    13,   'I',  'D',  'A',  'T',  0x78, 0x9c, 0x63, 0,   1,   0,    0,    5,    0,    1,
    0x0d, 0x0a, 0x2d, 0xb4, 0,    0,    0,    0,    'I',  'E',  'N', 'D', 0xae, 0x42, 0x60, 0x82};

/* --- sign-up -------------------------------------------------------------------------------------------- */

static void signup_makes_account_profile_and_mail(void **state) {
    struct fixture *f = *state;
    char text[LK_BIOGRAPHY_MAX];
    struct lk_str biography;
    add_person(f, "ann");
    struct lk_service_counts c = counts(f);
    assert_int_equal(c.accounts, 1);
    assert_int_equal(c.profiles, 1);
    assert_int_equal(c.links, 1);
    assert_int_equal(c.mails, 1);
    assert_int_equal(c.audits, 1);
    assert_true(f->account.is_active && !f->account.email_verified);
    assert_int_equal(f->account.created, NOW);
    assert_int_equal(f->account.last_login, 0);
    assert_int_equal(lk_profile_get(f->svc, LK_STR("ann"), text, sizeof(text), &biography), 0);
    assert_true(lk_str_eq(biography, LK_STR("Default biography")));
    struct lk_account_mem mem;
    struct lk_account found;
    assert_int_equal(lk_account_by_id(f->svc, f->account.id, &found, &mem), 0);
    assert_true(lk_str_eq(found.email, LK_STR("ann@x.io")));
    assert_int_equal(lk_account_by_email(f->svc, LK_STR("Ann@X.io"), &found, &mem), 0);
    assert_int_equal(lk_account_by_username(f->svc, LK_STR("Ann"), &found, &mem), LK_ERR_NOT_FOUND);
}

static void names_are_kept_in_their_form_and_are_unique(void **state) {
    struct fixture *f = *state;
    assert_int_equal(sign_up(f, "\xef\xac\x81-lig", "Caps@Domain.IO", GOOD_PASSWORD), 0); /* U+FB01 */
    assert_true(lk_str_eq(f->account.username, LK_STR("fi-lig")));
    assert_true(lk_str_eq(f->account.email, LK_STR("Caps@domain.io")));
    assert_int_equal(sign_up(f, "fi-lig", "other@x.io", GOOD_PASSWORD), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_USERNAME, LK_RULE_USERNAME_TAKEN));
    assert_int_equal(f->v.count, 1);
    assert_int_equal(sign_up(f, "other", "caps@DOMAIN.io", GOOD_PASSWORD), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_EMAIL, LK_RULE_EMAIL_TAKEN));
    assert_int_equal(sign_up(f, "fi-lig", "caps@domain.io", "12345"), LK_ERR_INVALID);
    assert_int_equal(f->v.count, 4); /* both taken, too short, too common */
    assert_int_equal(sign_up(f, "Fi-lig", "third@x.io", GOOD_PASSWORD), 0);
    assert_int_equal(counts(f).accounts, 2);
}

static void the_longest_names_fit(void **state) {
    struct fixture *f = *state;
    char username[4 * 150 + 1];
    char email[255];
    for (int i = 0; i < 150; i++) {
        memcpy(username + 4 * i, "\xf0\xa0\x80\x80", 4); /* U+20000, four bytes a letter */
    }
    username[600] = '\0';
    memset(email, 'a', 254);
    memcpy(email + 249, "@x.io", 6);
    assert_int_equal(sign_up(f, username, email, GOOD_PASSWORD), 0);
    assert_int_equal(log_in(f, username, GOOD_PASSWORD), 0);
    assert_int_equal(sign_up(f, username, "other@x.io", GOOD_PASSWORD), LK_ERR_INVALID);
    assert_int_equal(lk_account_delete(f->svc, f->account.id, &f->client, NULL), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_by_username(f->svc, lk_str_from(username), &f->account, &f->mem), 0);
    assert_int_equal(lk_account_delete(f->svc, f->account.id, &f->client, NULL), 0);
    assert_int_equal(sign_up(f, NULL, email, GOOD_PASSWORD), 0);
    assert_true(lk_str_eq(f->account.username, f->account.email));
}

static void without_mail_there_is_no_link(void **state) {
    struct fixture *f = *state;
    f->policy.mail = false;
    set_policy(f);
    add_person(f, "ann");
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    assert_int_equal(counts(f).links, 0);
    assert_int_equal(counts(f).mails, 0);
}

/* --- update --------------------------------------------------------------------------------------------- */

static int update(struct fixture *f, const struct lk_update *in) {
    uint8_t id[LK_UUID_LEN];
    memcpy(id, f->account.id, sizeof(id));
    f->v.count = 0;
    return lk_account_update(f->svc, id, in, &f->client, &f->v, &f->account, &f->mem);
}

static void an_update_moves_the_email(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    struct lk_account found;
    add_person(f, "bob");
    add_person(f, "ann");
    struct lk_update in = {.email = LK_STR("bob@x.io"), .full_name = LK_STR("Ann")};
    assert_int_equal(update(f, &in), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_EMAIL, LK_RULE_EMAIL_TAKEN));
    in.email = LK_STR("ann@new.io");
    assert_int_equal(update(f, &in), 0);
    assert_true(lk_str_eq(f->account.email, LK_STR("ann@new.io")));
    assert_true(lk_str_eq(f->account.full_name, LK_STR("Ann")));
    assert_true(lk_str_eq(f->account.username, LK_STR("ann")));
    assert_int_equal(lk_account_by_email(f->svc, LK_STR("ann@x.io"), &found, &mem), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_by_email(f->svc, LK_STR("ANN@new.io"), &found, &mem), 0);
    in.email = LK_STR("ANN@new.io");
    assert_int_equal(update(f, &in), 0);
    assert_true(lk_str_eq(f->account.email, LK_STR("ANN@new.io")));
    assert_int_equal(counts(f).links, 2); /* bob's, and ann's for her new address */
    assert_int_equal(counts(f).mails, 2);
}

static void a_username_that_is_the_email_follows_it(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    struct lk_account found;
    assert_int_equal(sign_up(f, NULL, "ann@x.io", GOOD_PASSWORD), 0);
    struct lk_update in = {.email = LK_STR("ann@new.io")};
    assert_int_equal(update(f, &in), 0);
    assert_true(lk_str_eq(f->account.username, LK_STR("ann@new.io")));
    assert_int_equal(lk_account_by_username(f->svc, LK_STR("ann@x.io"), &found, &mem), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_by_username(f->svc, LK_STR("ann@new.io"), &found, &mem), 0);
    assert_int_equal(sign_up(f, NULL, "ann@x.io", GOOD_PASSWORD), 0);
}

static void a_new_password_ends_the_other_sessions(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    char other[LK_TOKEN_MAX];
    enter(f, "ann");
    memcpy(other, f->tokens.access, sizeof(other));
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), 0);
    struct lk_caller c = caller_of(f, f->tokens.access, &mem);
    struct lk_update in = {.password = LK_STR(GOOD_PASSWORD), .keep_session = c.session};
    assert_int_equal(update(f, &in), 0);
    assert_int_equal(fault_of(f, other), LK_TOKEN_OK); /* the same password changes nothing */
    in.password = LK_STR("a wholly new one");
    assert_int_equal(update(f, &in), 0);
    assert_int_equal(fault_of(f, other), LK_TOKEN_INVALID);
    assert_int_equal(fault_of(f, f->tokens.access), LK_TOKEN_OK);
    assert_int_equal(log_in(f, "ann", GOOD_PASSWORD), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "ann", "a wholly new one"), 0);
    in.password = LK_STR("short");
    assert_int_equal(update(f, &in), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_PASSWORD, LK_RULE_PASSWORD_SHORT));
}

static void updating_nobody_is_not_found(void **state) {
    struct fixture *f = *state;
    struct lk_update in = {.full_name = LK_STR("A")};
    assert_int_equal(update(f, &in), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_set_password(f->svc, f->account.id, LK_STR(GOOD_PASSWORD), &f->client, &f->v),
                     LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_set_active(f->svc, f->account.id, true, &f->client, NULL), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_set_roles(f->svc, f->account.id, 1, &f->client, NULL), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_account_delete(f->svc, f->account.id, &f->client, NULL), LK_ERR_NOT_FOUND);
}

/* --- pictures ------------------------------------------------------------------------------------------- */

static int same_png(struct lk_str type, struct lk_str bytes, void *arg) {
    (void)arg;
    bool same = lk_str_eq(type, LK_STR("image/png")) && bytes.len == sizeof(png) &&
                memcmp(bytes.ptr, png, sizeof(png)) == 0;
    return same ? 7 : -1;
}

static void a_picture_comes_and_goes(void **state) {
    struct fixture *f = *state;
    char name[LK_PICTURE_NAME_MAX + 1];
    add_person(f, "ann");
    struct lk_update in = {.change_picture = true,
                           .picture = {(const char *)png, sizeof(png)},
                           .picture_type = LK_STR("image/png")};
    assert_int_equal(update(f, &in), 0);
    snprintf(name, sizeof(name), "%.*s", (int)f->account.picture.len, f->account.picture.ptr);
    assert_int_equal(strlen(name), 36);
    assert_string_equal(name + 32, ".png");
    assert_int_equal(lk_picture_get(f->svc, lk_str_from(name), same_png, NULL), 7);
    assert_int_equal(update(f, &in), 0);
    assert_int_equal(lk_picture_get(f->svc, lk_str_from(name), same_png, NULL), LK_ERR_NOT_FOUND);
    assert_int_equal(counts(f).pictures, 1);
    in.picture = LK_STR("");
    assert_int_equal(update(f, &in), 0);
    assert_int_equal(f->account.picture.len, 0);
    assert_int_equal(counts(f).pictures, 0);
    in.picture = (struct lk_str){(const char *)png, sizeof(png)};
    f->policy.max_picture = sizeof(png) - 1;
    set_policy(f);
    assert_int_equal(update(f, &in), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_PROFILE_PIC, LK_RULE_FILE_TOO_LARGE));
    assert_int_equal(lk_picture_get(f->svc, LK_STR("../x"), same_png, NULL), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_picture_get(f->svc, LK_STR(""), same_png, NULL), LK_ERR_NOT_FOUND);
}

/* --- profiles ------------------------------------------------------------------------------------------- */

static void the_first_profile_fills_and_a_later_one_is_refused(void **state) {
    struct fixture *f = *state;
    static char text[LK_BIOGRAPHY_MAX + 1];
    struct lk_str biography;
    struct lk_str ann = LK_STR("ann");
    add_person(f, "ann");
    assert_int_equal(lk_profile_create(f->svc, LK_STR("bob"), LK_STR("b"), &f->client, NULL),
                     LK_ERR_NOT_FOUND);
    memset(text, 'b', sizeof(text));
    assert_int_equal(lk_profile_create(f->svc, ann, (struct lk_str){text, sizeof(text)}, &f->client, NULL),
                     LK_ERR_TOO_LARGE);
    assert_int_equal(
        lk_profile_create(f->svc, ann, (struct lk_str){text, LK_BIOGRAPHY_MAX}, &f->client, NULL), 0);
    assert_int_equal(lk_profile_create(f->svc, ann, LK_STR("c"), &f->client, NULL), LK_ERR_EXISTS);
    assert_int_equal(lk_profile_get(f->svc, ann, text, sizeof(text), &biography), 0);
    assert_int_equal(biography.len, LK_BIOGRAPHY_MAX);
    assert_int_equal(counts(f).profiles, 1);
    assert_int_equal(lk_profile_delete(f->svc, ann, &f->client, NULL), 0);
    assert_int_equal(lk_profile_delete(f->svc, ann, &f->client, NULL), LK_ERR_NOT_FOUND);
    assert_int_equal(lk_profile_get(f->svc, ann, text, sizeof(text), &biography), LK_ERR_NOT_FOUND);
    assert_int_equal(counts(f).accounts, 1);
    assert_int_equal(lk_profile_create(f->svc, ann, (struct lk_str){NULL, 0}, &f->client, NULL), 0);
    assert_int_equal(lk_profile_get(f->svc, ann, text, sizeof(text), &biography), 0);
    assert_true(lk_str_eq(biography, LK_STR("Default biography")));
}

/* --- who was thrown out meanwhile ------------------------------------------------------------------------ */

/* A change that was let in and waits for its hash, while the account's owner resets the password. */
static void a_change_does_not_outlive_the_right_to_it(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    struct lk_account_mem other_mem;
    enter(f, "ann");
    struct lk_caller thief = caller_of(f, f->tokens.access, &mem);
    struct lk_caller elsewhere = thief; /* with a token of another service, which names no session */
    memset(elsewhere.session, 0, sizeof(elsewhere.session));
    struct lk_update in = {
        .password = LK_STR("the thief's choice"), .keep_session = thief.session, .by = &thief};
    assert_int_equal(
        lk_account_set_password(f->svc, thief.account.id, LK_STR("the owner's choice"), &f->client, &f->v),
        0);
    assert_int_equal(
        lk_account_update(f->svc, thief.account.id, &in, &f->client, &f->v, &f->account, &other_mem),
        LK_ERR_DENIED);
    in.by = &elsewhere;
    assert_int_equal(
        lk_account_update(f->svc, thief.account.id, &in, &f->client, &f->v, &f->account, &other_mem),
        LK_ERR_DENIED);
    assert_int_equal(lk_account_delete(f->svc, thief.account.id, &f->client, &thief), LK_ERR_DENIED);
    assert_int_equal(log_in(f, "ann", "the thief's choice"), LK_ERR_MISMATCH);
    assert_int_equal(log_in(f, "ann", "the owner's choice"), 0);
    struct lk_caller owner = caller_of(f, f->tokens.access, &mem);
    in = (struct lk_update){.full_name = LK_STR("Ann"), .by = &owner};
    assert_int_equal(
        lk_account_update(f->svc, owner.account.id, &in, &f->client, &f->v, &f->account, &other_mem), 0);
    f->client.now += 2;
    elsewhere.issued = f->client.now;
    in.by = &elsewhere;
    assert_int_equal(
        lk_account_update(f->svc, owner.account.id, &in, &f->client, &f->v, &f->account, &other_mem), 0);
}

/* --- deletion ------------------------------------------------------------------------------------------- */

static void a_deletion_leaves_nothing(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    add_person(f, "bob");
    enter(f, "ann");
    struct lk_update in = {.change_picture = true,
                           .picture = {(const char *)png, sizeof(png)},
                           .picture_type = LK_STR("image/png")};
    assert_int_equal(update(f, &in), 0);
    assert_int_equal(lk_profile_create(f->svc, LK_STR("ann"), LK_STR("me"), &f->client, NULL), 0);
    assert_int_equal(log_in(f, "ann", "wrong"), LK_ERR_MISMATCH);
    f->client.now += 61;
    assert_int_equal(lk_reset_request(f->svc, LK_STR("ann@x.io"), &f->client), 0);
    struct lk_caller ann = caller_of(f, f->tokens.access, &mem);
    assert_int_equal(lk_account_delete(f->svc, ann.account.id, &f->client, &ann), 0);
    struct newest n = newest_audit(f);
    assert_int_equal(n.event, LK_AUDIT_DELETED);
    assert_string_equal(n.actor, "");
    struct lk_service_counts c = counts(f);
    assert_int_equal(c.accounts, 1);
    assert_int_equal(c.profiles, 1);
    assert_int_equal(c.pictures, 0);
    assert_int_equal(c.sessions, 0);
    assert_int_equal(c.links, 1); /* bob's */
    assert_int_equal(c.mails, 1);
    add_person(f, "ann"); /* both names are free again */
}

static void the_audit_names_who_did_it(void **state) {
    struct fixture *f = *state;
    struct lk_account_mem mem;
    uint8_t ann[LK_UUID_LEN];
    add_person(f, "ann");
    memcpy(ann, f->account.id, sizeof(ann));
    assert_int_equal(lk_account_set_active(f->svc, ann, false, &f->client, NULL), 0);
    assert_string_equal(newest_audit(f).actor, "console");
    enter(f, "root");
    struct lk_caller root = caller_of(f, f->tokens.access, &mem);
    assert_int_equal(lk_account_set_active(f->svc, ann, true, &f->client, &root), 0);
    assert_string_equal(newest_audit(f).actor, "root");
    struct lk_caller service = {.kind = LK_CALLER_INTERNAL, .service = "backup"};
    struct lk_signup in = {
        .email = LK_STR("carl@x.io"), .password = LK_STR(GOOD_PASSWORD), .roles = LK_ROLE_USER};
    in.by = &root;
    assert_int_equal(lk_account_signup(f->svc, &in, &f->client, &f->v, &f->account, &f->mem), 0);
    assert_string_equal(newest_audit(f).actor, "root");
    in.email = LK_STR("dora@x.io");
    in.by = &service;
    assert_int_equal(lk_account_signup(f->svc, &in, &f->client, &f->v, &f->account, &f->mem), 0);
    assert_string_equal(newest_audit(f).actor, "service:backup");
    assert_int_equal(lk_profile_create(f->svc, LK_STR("dora@x.io"), LK_STR("d"), &f->client, &service), 0);
    assert_string_equal(newest_audit(f).actor, "service:backup");
    assert_int_equal(lk_account_set_active(f->svc, root.account.id, false, &f->client, NULL), 0);
    in = (struct lk_signup){.email = LK_STR("eve@x.io"), .password = LK_STR(GOOD_PASSWORD), .by = &root};
    assert_int_equal(lk_account_signup(f->svc, &in, &f->client, &f->v, &f->account, &f->mem), LK_ERR_DENIED);
    assert_int_equal(lk_account_delete(f->svc, ann, &f->client, &service), 0);
    assert_string_equal(newest_audit(f).actor, "service:backup");
    assert_string_equal(lk_audit_event_name(LK_AUDIT_LOGIN_FAILED), "login_failed");
    assert_string_equal(lk_audit_event_name((enum lk_audit_event)99), "unknown");
}

static int count_audit(const struct lk_audit_record *r, void *arg) {
    uint64_t *expect = arg;
    assert_int_equal(r->sequence, *expect);
    (*expect)--;
    return 0;
}

static void the_audit_ring_is_walked_backwards(void **state) {
    struct fixture *f = *state;
    add_person(f, "a1");
    add_person(f, "a2");
    add_person(f, "a3");
    uint64_t expect = 3;
    assert_int_equal(lk_audit_walk(f->svc, 0, 2, count_audit, &expect), 0);
    assert_int_equal(expect, 1);
    assert_int_equal(lk_audit_walk(f->svc, 2, 9, count_audit, &expect), 0);
    assert_int_equal(expect, 0);
}

/* --- walking and import --------------------------------------------------------------------------------- */

struct seen {
    uint8_t last[LK_UUID_LEN];
    int count;
    int stop_at;
};

static int see(const struct lk_account *a, void *arg) {
    struct seen *s = arg;
    assert_true(memcmp(a->id, s->last, LK_UUID_LEN) > 0);
    memcpy(s->last, a->id, LK_UUID_LEN);
    s->count++;
    return s->count == s->stop_at ? LK_ERR_CLOSED : 0;
}

static void a_walk_sees_each_account_once(void **state) {
    struct fixture *f = *state;
    char name[24];
    struct seen s = {.stop_at = 0};
    for (int i = 0; i < 130; i++) { /* more than two pages */
        snprintf(name, sizeof(name), "person%d", i);
        add_person(f, name);
    }
    assert_int_equal(lk_account_walk(f->svc, NULL, SIZE_MAX, see, &s), 0);
    assert_int_equal(s.count, 130);
    s = (struct seen){.stop_at = 0};
    assert_int_equal(lk_account_walk(f->svc, NULL, 70, see, &s), 0);
    assert_int_equal(s.count, 70);
    assert_int_equal(lk_account_walk(f->svc, s.last, 70, see, &s), 0);
    assert_int_equal(s.count, 130);
    s = (struct seen){.stop_at = 5};
    assert_int_equal(lk_account_walk(f->svc, NULL, SIZE_MAX, see, &s), LK_ERR_CLOSED);
    assert_int_equal(s.count, 5);
}

static void an_import_keeps_what_it_brings(void **state) {
    struct fixture *f = *state;
    static const char hash[] =
        "pbkdf2_sha256$1000$seasalt1234567890abcde$+mrJV1or3sXqbh2FU5v/LZJzsH54qMk5WG2EvU9SH7s=";
    struct lk_account a = {.username = LK_STR("john"),
                           .email = LK_STR("john@Example.com"),
                           .password = lk_str_from(hash),
                           .roles = LK_ROLE_USER | LK_ROLE_ADMIN,
                           .is_active = true,
                           .created = 5,
                           .last_login = 6};
    f->v.count = 0;
    assert_int_equal(lk_account_import(f->svc, &a, LK_STR("hello"), &f->v), 0);
    assert_int_equal(lk_account_import(f->svc, &a, LK_STR("hello"), &f->v), LK_ERR_EXISTS);
    assert_int_equal(log_in(f, "john", "password123"), 0);
    assert_int_equal(f->account.created, 5);
    assert_false(lk_setup_open(f->svc));
    a.username = LK_STR("jane");
    a.email = LK_STR("jane@x.io");
    memcpy(a.id, f->account.id, sizeof(a.id));
    assert_int_equal(lk_account_import(f->svc, &a, (struct lk_str){NULL, 0}, &f->v), LK_ERR_EXISTS);
    memset(a.id, 0, sizeof(a.id));
    a.password = LK_STR("!unusable");
    assert_int_equal(lk_account_import(f->svc, &a, (struct lk_str){NULL, 0}, &f->v), 0);
    assert_int_equal(log_in(f, "jane", "!unusable"), LK_ERR_MISMATCH);
    a.username = LK_STR("jim");
    a.email = LK_STR("");
    a.password = LK_STR("argon2$x");
    assert_int_equal(lk_account_import(f->svc, &a, (struct lk_str){NULL, 0}, &f->v), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_EMAIL, LK_RULE_BLANK));
    assert_true(violated(&f->v, LK_FIELD_PASSWORD, LK_RULE_INVALID));
}

static void a_refused_import_keeps_no_other_out(void **state) {
    struct fixture *f = *state;
    static struct lk_import many[5];
    static const char *const names[] = {"ann", "bob", "b b", "bob", "eve"};
    static const char *const emails[] = {"ann@x.io", "bob@x.io", "c@x.io", "d@x.io", "ANN@x.io"};
    const int expect[] = {0, 0, LK_ERR_INVALID, LK_ERR_EXISTS, LK_ERR_EXISTS};
    struct lk_service_counts counts;
    for (size_t i = 0; i < 5; i++) {
        many[i].account = (struct lk_account){.username = lk_str_from(names[i]),
                                              .email = lk_str_from(emails[i]),
                                              .password = LK_STR("!unusable"),
                                              .roles = LK_ROLE_USER};
    }
    lk_account_import_many(f->svc, many, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(many[i].result, expect[i]);
    }
    assert_true(lk_violation_has(&many[2].violations, LK_FIELD_USERNAME));
    assert_int_equal(lk_service_count(f->svc, &counts), 0);
    assert_int_equal(counts.accounts, 2);
    assert_int_equal(counts.profiles, 2);
    lk_account_import_many(f->svc, many, 1); /* its id is taken now */
    assert_int_equal(many[0].result, LK_ERR_EXISTS);
}

/* --- first admin ---------------------------------------------------------------------------------------- */

static int claim(struct fixture *f, const char *code) {
    struct lk_signup in = {
        .username = LK_STR("root"), .email = LK_STR("root@x.io"), .password = LK_STR(GOOD_PASSWORD)};
    f->v.count = 0;
    return lk_setup_claim(f->svc, lk_str_from(code), &in, &f->client, &f->v, &f->account, &f->mem,
                          &f->retry_after);
}

static void the_first_admin_is_made_once(void **state) {
    struct fixture *f = *state;
    char old[25];
    char code[25];
    assert_false(lk_setup_open(f->svc));
    assert_int_equal(claim(f, "00000-00000-00000-00000"), LK_ERR_EXISTS);
    assert_int_equal(lk_setup_code(f->svc, old), 0);
    assert_int_equal(lk_setup_code(f->svc, code), 0);
    assert_true(lk_setup_open(f->svc));
    assert_int_equal(strlen(code), 23);
    assert_int_equal(claim(f, old), LK_ERR_DENIED);
    assert_int_equal(claim(f, ""), LK_ERR_DENIED);
    for (char *c = code; *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c == '-' ? ' ' : *c;
    }
    assert_int_equal(claim(f, code), 0);
    assert_int_equal(f->account.roles, LK_ROLE_USER | LK_ROLE_ADMIN);
    assert_int_equal(newest_audit(f).event, LK_AUDIT_SETUP_CLAIMED);
    assert_false(lk_setup_open(f->svc));
    assert_int_equal(claim(f, code), LK_ERR_EXISTS);
    assert_int_equal(lk_setup_code(f->svc, code), LK_ERR_EXISTS);
}

/* Anyone's sign-up. Returns what lk_account_signup_open does; *wait is what it asked for. */
static int sign_up_open(struct fixture *f, const char *name, uint32_t *wait) {
    char email[40];
    struct lk_signup in = {
        .username = lk_str_from(name), .password = LK_STR(GOOD_PASSWORD), .roles = LK_ROLE_USER};
    snprintf(email, sizeof(email), "%s@x.io", name);
    in.email = lk_str_from(email);
    f->v.count = 0;
    return lk_account_signup_open(f->svc, &in, &f->client, &f->v, &f->account, &f->mem, wait);
}

static void sign_ups_from_one_address_are_throttled(void **state) {
    struct fixture *f = *state;
    uint32_t wait = 0;
    char name[16];
    for (int i = 0; i < 19; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        assert_int_equal(sign_up_open(f, name, &wait), 0);
    }
    assert_int_equal(sign_up_open(f, "bad name", &wait), LK_ERR_INVALID); /* costs nothing */
    assert_int_equal(sign_up_open(f, "p3", &wait), LK_ERR_INVALID);       /* told that p3 is here */
    assert_int_equal(sign_up_open(f, "late", &wait), LK_ERR_THROTTLED);
    assert_int_equal(wait, 1);
    assert_int_equal(sign_up(f, "late", "late@x.io", GOOD_PASSWORD), 0); /* an admin's hand */
    f->client.now += 1;
    assert_int_equal(sign_up_open(f, "later", &wait), 0);
    assert_int_equal(sign_up_open(f, "latest", &wait), LK_ERR_THROTTLED);
    assert_int_equal(wait, 2);
    f->client.address[15] ^= 1;
    assert_int_equal(sign_up_open(f, "elsewhere", &wait), 0);
    f->client.address[15] ^= 1;
    f->client.now += 3601; /* forgotten */
    assert_int_equal(sign_up_open(f, "again", &wait), 0);
    f->policy.throttle = false;
    set_policy(f);
    for (int i = 20; i < 45; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        assert_int_equal(sign_up_open(f, name, &wait), 0);
    }
}

static void a_username_is_no_other_persons_address(void **state) {
    struct fixture *f = *state;
    assert_int_equal(sign_up(f, "eve@x.io", "mallory@x.io", GOOD_PASSWORD), LK_ERR_INVALID);
    assert_true(violated(&f->v, LK_FIELD_USERNAME, LK_RULE_USERNAME_FOREIGN));
    assert_int_equal(sign_up(f, "Eve@x.io", "eve@X.io", GOOD_PASSWORD), 0);
    assert_int_equal(sign_up(f, "eve@home", "home@x.io", GOOD_PASSWORD),
                     0); /* no address: "home" is no domain */
    assert_int_equal(sign_up(f, NULL, "ann@x.io", GOOD_PASSWORD), 0);
}

static void guesses_at_the_setup_code_are_throttled(void **state) {
    struct fixture *f = *state;
    char code[25];
    assert_int_equal(lk_setup_code(f->svc, code), 0);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(claim(f, "0"), LK_ERR_DENIED);
    }
    assert_int_equal(claim(f, code), LK_ERR_THROTTLED);
    assert_int_equal(f->retry_after, 1);
    f->client = client_at(2, NOW);
    assert_int_equal(claim(f, code), 0);
}

static void roles_keep_the_count_of_admins(void **state) {
    struct fixture *f = *state;
    char code[25];
    add_person(f, "ann");
    assert_int_equal(lk_account_set_roles(f->svc, f->account.id, 8, &f->client, NULL), LK_ERR_INVALID);
    assert_int_equal(
        lk_account_set_roles(f->svc, f->account.id, LK_ROLE_USER | LK_ROLE_ADMIN, &f->client, NULL), 0);
    assert_int_equal(lk_setup_code(f->svc, code), LK_ERR_EXISTS);
    assert_int_equal(lk_account_set_roles(f->svc, f->account.id, LK_ROLE_USER, &f->client, NULL), 0);
    assert_int_equal(lk_setup_code(f->svc, code), 0);
}

/* --- check ---------------------------------------------------------------------------------------------- */

static int break_index(struct lk_txn *txn, void *arg) {
    (void)arg;
    return lk_del(txn, LK_TABLE_BY_EMAIL, LK_STR("ann@x.io"));
}

static int mend_index(struct lk_txn *txn, void *arg) {
    struct fixture *f = arg;
    return lk_put(txn, LK_TABLE_BY_EMAIL, LK_STR("ann@x.io"),
                  (struct lk_str){(const char *)f->account.id, 16});
}

static int break_record(struct lk_txn *txn, void *arg) {
    (void)arg;
    return lk_put(txn, LK_TABLE_LINK, LK_STR("short"), LK_STR("x"));
}

static int mend_record(struct lk_txn *txn, void *arg) {
    (void)arg;
    return lk_del(txn, LK_TABLE_LINK, LK_STR("short"));
}

static void note_broken(const char *what, struct lk_str key, void *arg) {
    assert_true(strlen(what) > 0 && key.len > 0);
    (*(int *)arg)++;
}

static void check_finds_what_is_broken(void **state) {
    struct fixture *f = *state;
    int found = 0;
    add_person(f, "ann");
    assert_int_equal(lk_store_write(f->store, break_index, NULL), 0);
    assert_int_equal(lk_service_check(f->svc, note_broken, &found), 1);
    assert_int_equal(lk_store_write(f->store, break_record, NULL), 0);
    found = 0;
    assert_int_equal(lk_service_check(f->svc, note_broken, &found), 2);
    assert_int_equal(found, 2);
    assert_int_equal(lk_store_write(f->store, mend_index, f), 0);
    assert_int_equal(lk_store_write(f->store, mend_record, NULL), 0);
}

static void a_bad_policy_is_refused(void **state) {
    struct fixture *f = *state;
    struct lk_service_options options = {.store = f->store,
                                         .user_keys = &f->user_keys,
                                         .internal_keys = &f->internal_keys,
                                         .policy = f->policy};
    struct lk_service *other = malloc(lk_service_size());
    assert_non_null(other);
    options.policy.access_lifetime = 0;
    assert_int_equal(lk_service_init(other, &options), LK_ERR_INVALID);
    options.policy = f->policy;
    options.policy.pbkdf2_iterations = 0;
    assert_int_equal(lk_service_init(other, &options), LK_ERR_INVALID);
    options.policy = f->policy;
    options.store = NULL;
    assert_int_equal(lk_service_init(other, &options), LK_ERR_INVALID);
    free(other);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(signup_makes_account_profile_and_mail),
        T(names_are_kept_in_their_form_and_are_unique),
        T(the_longest_names_fit),
        T(without_mail_there_is_no_link),
        T(an_update_moves_the_email),
        T(a_username_that_is_the_email_follows_it),
        T(a_new_password_ends_the_other_sessions),
        T(updating_nobody_is_not_found),
        T(a_picture_comes_and_goes),
        T(the_first_profile_fills_and_a_later_one_is_refused),
        T(a_change_does_not_outlive_the_right_to_it),
        T(a_deletion_leaves_nothing),
        T(the_audit_names_who_did_it),
        T(the_audit_ring_is_walked_backwards),
        T(a_walk_sees_each_account_once),
        T(an_import_keeps_what_it_brings),
        T(a_refused_import_keeps_no_other_out),
        T(the_first_admin_is_made_once),
        T(guesses_at_the_setup_code_are_throttled),
        T(sign_ups_from_one_address_are_throttled),
        T(a_username_is_no_other_persons_address),
        T(roles_keep_the_count_of_admins),
        T(check_finds_what_is_broken),
        T(a_bad_policy_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
