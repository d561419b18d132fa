/*
 * A medium that flips bits: one byte of data.mdb at a time, anywhere. Whatever it hits, nothing crashes, nobody gets in
 * who should not, and what `check` calls sound is what it was. The seed is printed; as the first argument it runs one
 * series again, and a second one is how many flips.
 */
#include "account_testing.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEOPLE 60
#define FLIPS 200
#define FILE_MAX (4u << 20)

enum verdict { REFUSED = 10, FOUND, SOUND, LET_IN, CHANGED };

static unsigned long long seed = 20261129;
static unsigned flips = FLIPS;
static char original[FILE_MAX];
static size_t original_len;
static char path[64];
static char ended[LK_TOKEN_MAX]; /* an access token whose session was ended */
static uint64_t all_accounts;    /* a sum of everything that accounts say */

static uint64_t next_random(void) { /* xorshift64*, Vigna 2016 */
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 2685821657736338717u;
}

/* --- a store with some of everything -------------------------------------------------------------------- */

static void name_of(char out[24], int i) {
    snprintf(out, 24, "person%02d", i);
}

static void fill(struct fixture *f) {
    char name[24];
    char text[3000];
    memset(text, 'b', sizeof(text));
    f->policy.throttle = false;
    set_policy(f);
    for (int i = 0; i < PEOPLE; i++) {
        name_of(name, i);
        enter(f, name);
        if (i % 3 == 0) {
            struct lk_str biography = {text, (size_t)(40 * i + 1)};
            assert_int_equal(lk_profile_create(f->svc, lk_str_from(name), biography, &f->client, NULL), 0);
        }
        if (i % 4 == 3) {
            assert_int_equal(lk_account_delete(f->svc, f->account.id, &f->client, NULL), 0);
        }
    }
    enter(f, "gone");
    struct lk_account_mem mem;
    struct lk_caller gone = caller_of(f, f->tokens.access, &mem);
    memcpy(ended, f->tokens.access, sizeof(ended));
    assert_int_equal(lk_logout_caller(f->svc, &gone, &f->client), 0);
    add_person(f, "disabled");
    assert_int_equal(lk_account_set_active(f->svc, f->account.id, false, &f->client, NULL), 0);
}

static int add_to_sum(const struct lk_account *a, void *arg) {
    uint64_t *sum = arg;
    const struct lk_str texts[] = {a->username, a->email, a->password, a->full_name, a->picture};
    *sum = *sum * 31 + a->roles + 2u * a->is_active + 4u * a->email_verified + (uint64_t)a->created;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        for (size_t k = 0; k < texts[i].len; k++) {
            *sum = *sum * 31 + (uint8_t)texts[i].ptr[k];
        }
    }
    return 0;
}

/* --- what a program sees of a damaged one ----------------------------------------------------------------- */

static void ignore(const char *what, struct lk_str key, void *arg) {
    (void)what;
    (void)key;
    (void)arg;
}

/* Whether somebody gets in who should not. */
static bool lets_in(struct fixture *f) {
    struct lk_caller caller;
    struct lk_account_mem mem;
    char name[24];
    int err = 0;
    bool in = log_in(f, "disabled", GOOD_PASSWORD) == 0 ||
              lk_authenticate(f->svc, lk_str_from(ended), f->client.now, &caller, &mem, &err) == LK_TOKEN_OK;
    for (int i = (int)(seed % 7); i < PEOPLE && !in; i += 13) {
        name_of(name, i);
        in = log_in(f, name, "wrong password") == 0;
        bool right = log_in(f, name, GOOD_PASSWORD) == 0;
        in = in || (right && (i % 4 == 3 || f->account.roles != LK_ROLE_USER));
    }
    return in;
}

/* Writes go where they go, or fail. */
static void change_things(struct fixture *f) {
    char name[24];
    f->policy.throttle = true;
    set_policy(f);
    (void)sign_up(f, "newcomer", "newcomer@x.io", GOOD_PASSWORD);
    (void)log_in(f, "person01", "wrong password");
    (void)lk_reset_request(f->svc, LK_STR("person02@x.io"), &f->client);
    for (int i = 0; i < PEOPLE; i += 20) {
        name_of(name, i);
        if (lk_account_by_username(f->svc, lk_str_from(name), &f->account, &f->mem) == 0) {
            (void)lk_account_delete(f->svc, f->account.id, &f->client, NULL);
        }
    }
}

static enum verdict look(struct fixture *f) {
    struct lk_store_options options = {
        .dir = f->dir, .map_size = 64u << 20, .max_readers = 64, .exclusive = true};
    const char *why = NULL;
    uint64_t sum = 0;
    if (lk_store_open(&f->store, &options, &why) != 0) {
        return why != NULL && why[0] != '\0' ? REFUSED : CHANGED;
    }
    struct lk_service_options service = {.store = f->store,
                                         .user_keys = &f->user_keys,
                                         .internal_keys = &f->internal_keys,
                                         .policy = f->policy};
    if (lk_service_init(f->svc, &service) != 0) {
        return REFUSED;
    }
    int broken = lk_service_check(f->svc, ignore, NULL);
    int err = lk_account_walk(f->svc, NULL, SIZE_MAX, add_to_sum, &sum);
    if (lets_in(f)) {
        return LET_IN;
    }
    change_things(f);
    if (broken != 0) {
        return FOUND;
    }
    return err == 0 && sum == all_accounts ? SOUND : CHANGED;
}

/* In a process of its own, which may die of it. */
static int look_apart(struct fixture *f) {
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0) { /* LMDB complains */
            dup2(null, STDERR_FILENO);
        }
        _exit((int)look(f));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* --- the series ------------------------------------------------------------------------------------------- */

static void read_original(void) {
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, original, sizeof(original));
    close(fd);
    assert_in_range(n, 100000, FILE_MAX - 1);
    original_len = (size_t)n;
}

static void write_flipped(size_t at, unsigned char mask) {
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    original[at] = (char)(original[at] ^ mask);
    assert_int_equal(write(fd, original, original_len), original_len);
    original[at] = (char)(original[at] ^ mask);
    close(fd);
}

static void a_flipped_byte_lets_nobody_in(void **state) {
    struct fixture *f = *state;
    unsigned count[CHANGED + 1] = {0};
    fill(f);
    assert_int_equal(lk_account_walk(f->svc, NULL, SIZE_MAX, add_to_sum, &all_accounts), 0);
    lk_service_end(f->svc);
    lk_store_close(f->store);
    snprintf(path, sizeof(path), "%s/data.mdb", f->dir);
    read_original();
    write_flipped(0, 0);
    assert_int_equal(look_apart(f), SOUND);
    for (unsigned i = 0; i < flips; i++) {
        size_t at = next_random() % original_len;
        unsigned char mask = (unsigned char)(i % 2 == 0 ? 1u << next_random() % 8 : 1u + next_random() % 255);
        write_flipped(at, mask);
        int verdict = look_apart(f);
        if (verdict != REFUSED && verdict != FOUND && verdict != SOUND) {
            print_error("flip %u: byte %zu, mask %02x: %d\n", i, at, mask, verdict);
        }
        assert_in_range(verdict, REFUSED, SOUND);
        count[verdict]++;
    }
    print_message("%u flips of %zu bytes: %u refused, %u found by check, %u of no consequence\n", flips,
                  original_len, count[REFUSED], count[FOUND], count[SOUND]);
    assert_true(count[REFUSED] > 0 && count[FOUND] > 0 && count[SOUND] > 0);
    write_flipped(0, 0);
    f->store = open_store(f->dir);
    assert_non_null(f->store);
    struct lk_service_options options = {.store = f->store,
                                         .user_keys = &f->user_keys,
                                         .internal_keys = &f->internal_keys,
                                         .policy = f->policy};
    assert_int_equal(lk_service_init(f->svc, &options), 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_flipped_byte_lets_nobody_in, open_fixture, close_fixture),
    };
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    }
    if (argc > 2) {
        flips = (unsigned)strtoul(argv[2], NULL, 10);
    }
    print_message("seed %llu\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
