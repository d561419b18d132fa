#include "workload.h"
#include "account/audit.h"
#include "account/outbox.h"
#include "base/err.h"
#include "device.h"
#include "port.h"
#include "rtos/storage/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3
#define PASSWORD "correct horse battery"

/* --- marks ---------------------------------------------------------------------------------------------- */

static struct recording *recording;

static void mark(void) {
    struct recording *r = recording;

    if (r == NULL) {
        return;
    }
    if (r->mark_count == r->mark_room) {
        r->mark_room = r->mark_room * 2 + 256;
        r->marks = realloc(r->marks, r->mark_room * sizeof(*r->marks));
        if (r->marks == NULL) {
            perror("memory");
            exit(1);
        }
    }
    r->marks[r->mark_count++] = (struct mark){.steps = r->nor.step_count, .state = device_state()};
}

/* Whatever a rule writes is acknowledged here. */
int __real_lk_store_write(struct lk_store *s, int (*fn)(struct lk_txn *txn, void *arg), void *arg);
int __wrap_lk_store_write(struct lk_store *s, int (*fn)(struct lk_txn *txn, void *arg), void *arg);
int __wrap_lk_store_write(struct lk_store *s, int (*fn)(struct lk_txn *txn, void *arg), void *arg) {
    int rc = __real_lk_store_write(s, fn, arg);

    if (rc == 0) {
        mark();
    }
    return rc;
}

int __real_lk_storage_file_write(const char *name, const void *data, size_t len);
int __wrap_lk_storage_file_write(const char *name, const void *data, size_t len);
int __wrap_lk_storage_file_write(const char *name, const void *data, size_t len) {
    int rc = __real_lk_storage_file_write(name, data, len);

    if (rc == 0) {
        mark();
    }
    return rc;
}

int __real_lk_storage_file_remove(const char *name);
int __wrap_lk_storage_file_remove(const char *name);
int __wrap_lk_storage_file_remove(const char *name) {
    int rc = __real_lk_storage_file_remove(name);

    if (rc == 0) {
        mark();
    }
    return rc;
}

/* --- one thing after another ---------------------------------------------------------------------------- */

static bool failed;

/* What any step of a workload returned; `line` says which. */
static void expect(int rc, int want, int line) {
    if (rc != want && !failed) {
        printf("workload.c:%d: %s, not %s\n", line, lk_err_text(rc), lk_err_text(want));
        failed = true;
    }
}
#define GOOD(call) expect((call), 0, __LINE__)
#define ERR(call, want) expect((call), (want), __LINE__)

static struct lk_account account;
static struct lk_account_mem mem;
static struct lk_tokens tokens;

static struct lk_client client(void) {
    return (struct lk_client){.address = {[10] = 0xFF, [11] = 0xFF, [12] = 10, [15] = 1},
                              .now = device_now_ms / 1000};
}

static int log_in(const char *name, const char *password) {
    struct lk_client c = client();
    uint32_t retry_after;

    return lk_account_login(device.svc, LK_BY_USERNAME, lk_str_from(name), lk_str_from(password), &c,
                            &account, &mem, &tokens, &retry_after);
}

static void sign_up(const char *name) {
    char email[64];
    struct lk_client c = client();
    struct lk_violations v = {.count = 0};
    struct lk_signup in = {.username = lk_str_from(name),
                           .password = LK_STR(PASSWORD),
                           .full_name = LK_STR("Somebody of that name"),
                           .roles = LK_ROLE_USER};

    snprintf(email, sizeof(email), "%s@example.org", name);
    in.email = lk_str_from(email);
    GOOD(lk_account_signup(device.svc, &in, &c, &v, &account, &mem));
}

static void update(struct lk_update in) {
    uint8_t id[LK_UUID_LEN];
    struct lk_client c = client();
    struct lk_violations v = {.count = 0};

    memcpy(id, account.id, sizeof(id));
    GOOD(lk_account_update(device.svc, id, &in, &c, &v, &account, &mem));
}

static void fill(char *text, size_t len, uint64_t seed) {
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)('a' + next_random(&seed) % 26);
    }
}

/* The next mail that waits: put off once, then sent, and its link used. A reset ends the mail by itself. */
static void deliver(void) {
    char bytes[LK_OUTBOX_RECORD_MAX];
    struct lk_client c = client();
    struct lk_violations v = {.count = 0};
    struct lk_outbox_mail mail;
    int64_t next;

    GOOD(lk_outbox_next(device.svc, c.now, bytes, &mail, &next));
    GOOD(lk_outbox_retry(device.svc, mail.sequence, c.now));
    if (mail.kind == LK_MAIL_VERIFY) {
        GOOD(lk_outbox_done(device.svc, mail.sequence));
        GOOD(lk_verify_email(device.svc, mail.uidb64, mail.token, &c));
    } else if (mail.kind == LK_MAIL_RESET) {
        GOOD(lk_reset_confirm(device.svc, mail.uidb64, mail.token, LK_STR(PASSWORD "2"), LK_STR(PASSWORD "2"),
                              &c, &v));
    }
}

static void live(const char *name, unsigned round) {
    char text[900];
    struct lk_client c;
    enum lk_token_fault fault;
    struct lk_str username = lk_str_from(name);

    sign_up(name);
    deliver();
    ERR(log_in(name, "another one"), LK_ERR_MISMATCH);
    GOOD(log_in(name, PASSWORD));
    GOOD(lk_token_refresh(device.svc, lk_str_from(tokens.refresh), device_now_ms / 1000, &tokens, &fault));
    c = client();
    fill(text, sizeof(text), round);
    GOOD(lk_profile_create(device.svc, username, (struct lk_str){text, 100 + 200 * round}, &c, NULL));
    update((struct lk_update){.full_name = LK_STR("Another name, in fact")});
    update((struct lk_update){
        .change_picture = true, .picture = {text, 300 + 250 * round}, .picture_type = LK_STR("image/png")});
    GOOD(lk_logout_token(device.svc, lk_str_from(tokens.refresh), &c));
    (void)lk_storage_tend();
    if (round == 1) {
        GOOD(lk_reset_request(device.svc, account.email, &c));
        deliver();
        GOOD(log_in(name, PASSWORD "2"));
        update((struct lk_update){.password = LK_STR(PASSWORD)});
        GOOD(lk_account_set_active(device.svc, account.id, false, &c, NULL));
        GOOD(lk_account_set_active(device.svc, account.id, true, &c, NULL));
        GOOD(lk_account_set_roles(device.svc, account.id, LK_ROLE_USER | LK_ROLE_ADMIN, &c, NULL));
    }
}

static void leave(const char *name, unsigned round) {
    struct lk_client c = client();

    GOOD(lk_account_by_username(device.svc, lk_str_from(name), &account, &mem));
    if (round == 0) {
        GOOD(lk_profile_delete(device.svc, lk_str_from(name), &c, NULL));
    }
    GOOD(lk_account_delete(device.svc, account.id, &c, NULL));
}

static void put_file(const char *name, size_t len, uint64_t seed) {
    char bytes[2048];

    fill(bytes, len, seed);
    GOOD(lk_port_file_write("/data", name, bytes, len));
}

static void set_up(void) {
    char code[25];
    struct lk_keyring ring;
    struct lk_client c = client();
    struct lk_violations v = {.count = 0};
    uint32_t retry_after;
    struct lk_signup in = {.username = LK_STR("admin"),
                           .email = LK_STR("admin@example.org"),
                           .password = LK_STR(PASSWORD),
                           .roles = LK_ROLE_USER | LK_ROLE_ADMIN};

    GOOD(lk_keyring_load(&ring, "/data", "jwt.key", true));
    put_file("tls.key", 121, 1);
    put_file("tls.crt", 700, 2);
    GOOD(lk_setup_code(device.svc, code));
    GOOD(lk_setup_claim(device.svc, lk_str_from(code), &in, &c, &v, &account, &mem, &retry_after));
    deliver();
}

/* Sessions and links that ran out, and the keys changed. */
static void tidy(unsigned round) {
    device_now_ms += INT64_C(90000) * 1000;
    for (int i = 0; i < 6; i++) {
        int rc = lk_service_sweep(device.svc, device_now_ms / 1000);

        expect(rc < 0 ? rc : 0, 0, __LINE__);
    }
    GOOD(lk_keyring_rotate("/data", "jwt.key"));
    put_file("latchkey.conf", 200 + 100 * round, round);
    if (round == 1) {
        GOOD(lk_port_file_remove("/data", "latchkey.conf"));
    }
}

static void long_workload(unsigned people) {
    char name[24];

    set_up();
    for (unsigned round = 0; round < ROUNDS && !failed; round++) {
        for (unsigned i = 0; i < people; i++) {
            snprintf(name, sizeof(name), "person%u", i);
            live(name, round);
        }
        tidy(round);
        for (unsigned i = 0; i < people; i++) {
            snprintf(name, sizeof(name), "person%u", i);
            leave(name, round);
        }
        /* What the sweeper's thread does, now and then in time and now and then too late. */
        for (int i = 0; round != 1 && i < 40 && lk_storage_tend() > 0; i++) {
        }
    }
}

bool short_workload(void) {
    failed = false;
    device_now_ms += INT64_C(3600) * 1000; /* past whatever the throttle still holds against an address */
    sign_up("newcomer");
    GOOD(log_in("newcomer", PASSWORD));
    put_file("next.conf", 300, 9);
    (void)lk_storage_tend();
    update((struct lk_update){.full_name = LK_STR("A newcomer")});
    GOOD(lk_port_file_remove("/data", "next.conf"));
    return !failed;
}

/* --- recorded ------------------------------------------------------------------------------------------- */

void record(struct recording *r, const struct geometry *g) {
    struct lk_storage_status status;

    *r = (struct recording){.mark_count = 0};
    nor_make(&r->nor, g);
    r->nor.noting = true;
    if (device_mount(&r->nor) != 0 || device_open() != 0) {
        printf("%s: a blank flash is not taken\n", g->name);
        exit(1);
    }
    recording = r;
    mark();
    r->marks[0].steps = 0; /* an empty store is what a start makes of anything less */
    failed = false;
    long_workload(g->people);
    lk_storage_status(&status);
    r->moves = status.sequence - 1;
    /* A factory reset: from one moment to the next it is the empty store. */
    device_close();
    GOOD(lk_storage_reset());
    GOOD(device_open());
    mark();
    expect(r->marks[r->mark_count - 1].state == r->marks[0].state ? 0 : LK_ERR_CORRUPT, 0, __LINE__);
    sign_up("somebody");
    recording = NULL;
    expect(device_check(), 0, __LINE__);
    device_close();
    r->nor.noting = false;
    if (failed) {
        exit(1);
    }
}

void recording_free(struct recording *r) {
    nor_free(&r->nor);
    free(r->marks);
}
