#include "account/tokens.h"

#include "account/state.h"
#include "base/buf.h"
#include "crypto/crypto.h"

#include <string.h>

enum { JTI, TYPE, USER, SESSION, READ };

static const char *const claim_names[READ] = {
    [JTI] = "jti", [TYPE] = "token_type", [USER] = "user_id", [SESSION] = "sid"};

/* What a string claim says; empty for anything else, also for one that is too long. */
static struct lk_str text_of(const struct lk_jwt_value *v) {
    return (struct lk_str){v->text, v->text_len};
}

/* token_type, after exp and jti: the order in which SimpleJWT's Token.verify looks at them. */
static enum lk_token_fault read_type(const struct lk_jwt_value *v, enum lk_token_want want, bool *refresh) {
    if (v->type == LK_JWT_ABSENT) {
        return LK_TOKEN_NO_TYPE;
    }
    struct lk_str type = text_of(v);
    static const char *const names[] = {
        [LK_WANT_ACCESS] = "access", [LK_WANT_REFRESH] = "refresh", [LK_WANT_PAGE] = "page"};
    *refresh = lk_str_eq(type, LK_STR("refresh"));
    bool wanted = want == LK_WANT_EITHER ? *refresh || lk_str_eq(type, LK_STR("access"))
                                         : lk_str_eq(type, lk_str_from(names[want]));
    return wanted ? LK_TOKEN_OK : LK_TOKEN_WRONG_TYPE;
}

static enum lk_token_fault read_user(const struct lk_jwt_value *v, struct lk_claims *c) {
    if (v->type == LK_JWT_ABSENT) {
        return LK_TOKEN_NO_USER;
    }
    return lk_uuid_parse(text_of(v), c->user) == 0 ? LK_TOKEN_OK : LK_TOKEN_INVALID;
}

static enum lk_token_fault read_session(const struct lk_jwt_value *v, struct lk_claims *c) {
    if (v->type == LK_JWT_ABSENT) {
        return c->refresh ? LK_TOKEN_INVALID : LK_TOKEN_OK;
    }
    c->has_session = lk_uuid_parse(text_of(v), c->session) == 0;
    return c->has_session ? LK_TOKEN_OK : LK_TOKEN_INVALID;
}

static enum lk_token_fault read_claims(const struct lk_jwt *jwt, enum lk_token_want want,
                                       struct lk_claims *c) {
    struct lk_jwt_value values[READ];
    if (!jwt->has_exp) {
        return LK_TOKEN_NO_EXP;
    }
    /* A claim that is too long reads as an empty text, which none of these may be. */
    (void)lk_jwt_claims(jwt, claim_names, values, READ);
    if (values[JTI].type == LK_JWT_ABSENT) {
        return LK_TOKEN_NO_ID;
    }
    c->has_jti = lk_hex_decode(text_of(&values[JTI]), c->jti, sizeof(c->jti)) == 0;
    enum lk_token_fault fault = read_type(&values[TYPE], want, &c->refresh);
    if (fault == LK_TOKEN_OK) {
        fault = read_user(&values[USER], c);
    }
    if (fault == LK_TOKEN_OK) {
        fault = read_session(&values[SESSION], c);
    }
    if (fault == LK_TOKEN_OK && c->refresh && !c->has_jti) {
        fault = LK_TOKEN_INVALID;
    }
    c->iat = jwt->iat;
    return fault;
}

enum lk_token_fault lk_claims_read(struct lk_service *svc, struct lk_str token, int64_t now,
                                   enum lk_token_want want, struct lk_claims *claims, bool *unsigned_here) {
    char payload[LK_TOKEN_PAYLOAD_MAX];
    struct lk_jwt jwt;
    struct lk_jwt_keys keys = lk_keyring_view(lk_service_user_keys(svc));
    struct lk_jwt_options options = {.now = now, .leeway = lk_service_policy(svc).leeway};
    memset(claims, 0, sizeof(*claims));
    *unsigned_here = false;
    int err = lk_jwt_verify(&keys, token.ptr, token.len, &options, payload, sizeof(payload), &jwt);
    if (err != 0) {
        *unsigned_here = err == LK_JWT_BAD_KEY || err == LK_JWT_BAD_SIGNATURE;
        return LK_TOKEN_INVALID;
    }
    return read_claims(&jwt, want, claims);
}

/* The claims in the order in which SimpleJWT writes them, then ours. */
static int make_token(struct lk_service *svc, const char *type, const uint8_t user[LK_UUID_LEN],
                      const uint8_t session[LK_UUID_LEN], const uint8_t jti[16], int64_t now, int64_t expires,
                      char out[LK_TOKEN_MAX]) {
    char claims[320];
    struct lk_buf b;
    struct lk_jwt_keys keys = lk_keyring_view(lk_service_user_keys(svc));
    lk_buf_init(&b, claims, sizeof(claims));
    lk_buf_put_cstr(&b, "{\"token_type\":\"");
    lk_buf_put_cstr(&b, type);
    lk_buf_put_cstr(&b, "\",\"exp\":");
    lk_buf_put_i64(&b, expires);
    lk_buf_put_cstr(&b, ",\"iat\":");
    lk_buf_put_i64(&b, now);
    lk_buf_put_cstr(&b, ",\"jti\":\"");
    lk_buf_put_hex(&b, jti, 16);
    lk_buf_put_cstr(&b, "\",\"user_id\":\"");
    lk_buf_put_uuid(&b, user);
    lk_buf_put_cstr(&b, "\",\"sid\":\"");
    lk_buf_put_uuid(&b, session);
    lk_buf_put_cstr(&b, "\"}");
    int len = b.err == 0 ? lk_jwt_sign(&keys, claims, b.len, out, LK_TOKEN_MAX - 1) : b.err;
    if (len < 0) {
        return LK_ERR_INVALID;
    }
    out[len] = '\0';
    return 0;
}

int lk_tokens_make(struct lk_service *svc, const uint8_t user[LK_UUID_LEN],
                   const uint8_t session[LK_UUID_LEN], const uint8_t *jti, int64_t now, int64_t expires,
                   struct lk_tokens *tokens) {
    uint8_t own[16];
    tokens->access[0] = '\0';
    tokens->refresh[0] = '\0';
    tokens->access_lifetime = lk_service_policy(svc).access_lifetime;
    int err = lk_random_uuid(own);
    if (err == 0) {
        err =
            make_token(svc, "access", user, session, own, now, now + tokens->access_lifetime, tokens->access);
    }
    if (err == 0 && jti != NULL) {
        err = make_token(svc, "refresh", user, session, jti, now, expires, tokens->refresh);
    }
    return err;
}

int lk_tokens_make_page(struct lk_service *svc, const uint8_t user[LK_UUID_LEN],
                        const uint8_t session[LK_UUID_LEN], const uint8_t jti[16], int64_t now,
                        int64_t expires, char out[LK_TOKEN_MAX]) {
    return make_token(svc, "page", user, session, jti, now, expires, out);
}
