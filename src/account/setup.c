/*
 * The first admin: guesses at the code are throttled, the right one is used up by the sign-up itself.
 */
#include "account/setup.h"

#include "account/state.h"

/* A guess counts against the address and against all guesses together. With throttle=off there is no
   limit: the code's 100 bits stand alone. */
static int guess(struct lk_service *svc, struct lk_str code, const struct lk_client *client,
                 uint8_t hash[LK_SHA256_LEN], uint32_t *retry_after) {
    struct lk_throttle *t = &svc->throttle;
    if (!lk_service_policy(svc).throttle) {
        return lk_setup_check(svc, code, hash);
    }
    uint64_t address = lk_throttle_address_key(t, LK_THROTTLE_SETUP, client->address);
    uint64_t all = lk_throttle_key(t, LK_THROTTLE_SETUP_ALL, LK_STR(""));
    int err = lk_throttle_begin(t, LK_THROTTLE_SETUP, address, client->now, retry_after);
    if (err != 0) {
        return err;
    }
    err = lk_throttle_begin(t, LK_THROTTLE_SETUP_ALL, all, client->now, retry_after);
    if (err != 0) {
        lk_throttle_settle(t, address, LK_THROTTLE_SPARED);
        return err;
    }
    err = lk_setup_check(svc, code, hash);
    enum lk_throttle_end how = err == LK_ERR_DENIED ? LK_THROTTLE_FAILED : LK_THROTTLE_SPARED;
    lk_throttle_settle(t, address, how);
    lk_throttle_settle(t, all, how);
    return err;
}

int lk_setup_claim(struct lk_service *svc, struct lk_str code, const struct lk_signup *in,
                   const struct lk_client *client, struct lk_violations *v, struct lk_account *account,
                   struct lk_account_mem *mem, uint32_t *retry_after) {
    uint8_t hash[LK_SHA256_LEN];
    struct lk_signup admin = *in;
    *retry_after = 0;
    int err = guess(svc, code, client, hash, retry_after);
    if (err != 0) {
        return err;
    }
    admin.roles = LK_ROLE_USER | LK_ROLE_ADMIN;
    return lk_signup_run(svc, &admin, hash, client, v, account, mem);
}
