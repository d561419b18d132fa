#include "account/internal.h"

#include "account/tokens.h"
#include "base/buf.h"
#include "crypto/crypto.h"

#define AUDIENCE "auth-service"
#define LIFETIME_MAX 300 /* seconds */

static const struct {
    enum lk_scope scope;
    const char *name;
} scope_names[] = {
    {LK_SCOPE_READ, "credentials:read"},
    {LK_SCOPE_WRITE, "credentials:write"},
    {LK_SCOPE_DELETE, "credentials:delete"},
};

#define SCOPES (sizeof(scope_names) / sizeof(*scope_names))

/* 1 to 64 characters of [A-Za-z0-9._-]. */
static bool name_valid(struct lk_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return name.len >= 1 && name.len <= 64;
}

/* --- minting -------------------------------------------------------------------------------------------- */

static void put_scopes(struct lk_buf *b, uint8_t scopes) {
    const char *space = "";
    for (size_t i = 0; i < SCOPES; i++) {
        if ((scopes & scope_names[i].scope) != 0) {
            lk_buf_put_cstr(b, space);
            lk_buf_put_cstr(b, scope_names[i].name);
            space = " ";
        }
    }
}

int lk_internal_token(const struct lk_keyring *ring, const char *service, uint8_t scopes, int64_t now,
                      int64_t ttl, char *out, size_t cap) {
    char claims[512];
    uint8_t jti[16];
    struct lk_buf b;
    struct lk_jwt_keys keys = lk_keyring_view(ring);
    if (!name_valid(lk_str_from(service)) || ttl < 1 || ttl > LIFETIME_MAX) {
        return LK_ERR_INVALID;
    }
    int err = lk_random_uuid(jti);
    if (err != 0) {
        return err;
    }
    lk_buf_init(&b, claims, sizeof(claims));
    lk_buf_put_cstr(&b, "{\"token_type\":\"internal\",\"exp\":");
    lk_buf_put_i64(&b, now + ttl);
    lk_buf_put_cstr(&b, ",\"iat\":");
    lk_buf_put_i64(&b, now);
    lk_buf_put_cstr(&b, ",\"jti\":\"");
    lk_buf_put_hex(&b, jti, sizeof(jti));
    lk_buf_put_cstr(&b, "\",\"iss\":\"");
    lk_buf_put_cstr(&b, service);
    lk_buf_put_cstr(&b, "\",\"sub\":\"");
    lk_buf_put_cstr(&b, service);
    lk_buf_put_cstr(&b, "\",\"aud\":\"" AUDIENCE "\",\"scope\":\"");
    put_scopes(&b, scopes);
    lk_buf_put_cstr(&b, "\"}");
    int len = b.err == 0 ? lk_jwt_sign(&keys, claims, b.len, out, cap) : b.err;
    return len < 0 ? LK_ERR_INVALID : len;
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* The scopes that the claim lists, between spaces; those that nobody here knows are passed over. */
static uint8_t read_scopes(struct lk_str text) {
    uint8_t scopes = 0;
    while (text.len > 0) {
        size_t space = lk_str_find(text, ' ');
        struct lk_str word = lk_str_sub(text, 0, space);
        for (size_t i = 0; i < SCOPES; i++) {
            if (lk_str_eq(word, lk_str_from(scope_names[i].name))) {
                scopes = (uint8_t)(scopes | scope_names[i].scope);
            }
        }
        text = lk_str_sub(text, space + 1, text.len);
    }
    return scopes;
}

/* The string claim of that name, in `v`; empty when it is absent or something else. */
static struct lk_str string_claim(const struct lk_jwt *jwt, const char *name, struct lk_jwt_value *v) {
    bool good = lk_jwt_claim(jwt, name, v) == 0 && v->type == LK_JWT_STRING;
    return good ? (struct lk_str){v->text, v->text_len} : LK_STR("");
}

static enum lk_token_fault read_claims(const struct lk_jwt *jwt, struct lk_caller *caller) {
    struct lk_jwt_value v;
    struct lk_buf b;
    if (!lk_str_eq(string_claim(jwt, "token_type", &v), LK_STR("internal"))) {
        return LK_TOKEN_WRONG_TYPE;
    }
    if (!jwt->has_exp) {
        return LK_TOKEN_NO_EXP;
    }
    /* Both are positive here, so that the difference cannot overflow. */
    if (jwt->iat <= 0 || jwt->exp <= 0 || jwt->exp - jwt->iat > LIFETIME_MAX) {
        return LK_TOKEN_INVALID;
    }
    struct lk_str service = string_claim(jwt, "iss", &v);
    if (!name_valid(service)) {
        return LK_TOKEN_INVALID;
    }
    lk_buf_init(&b, caller->service, sizeof(caller->service));
    lk_buf_put_str(&b, service);
    lk_buf_end_cstr(&b);
    bool same = lk_str_eq(string_claim(jwt, "sub", &v), lk_str_from(caller->service));
    if (!same || !lk_jwt_claim_has(jwt, "aud", AUDIENCE)) {
        return LK_TOKEN_INVALID;
    }
    caller->scopes = read_scopes(string_claim(jwt, "scope", &v));
    caller->kind = LK_CALLER_INTERNAL;
    return LK_TOKEN_OK;
}

enum lk_token_fault lk_internal_read(const struct lk_keyring *ring, struct lk_str token, int64_t now,
                                     int64_t leeway, struct lk_caller *caller) {
    char payload[LK_TOKEN_PAYLOAD_MAX];
    struct lk_jwt jwt;
    struct lk_jwt_keys keys = lk_keyring_view(ring);
    struct lk_jwt_options options = {.now = now, .leeway = leeway};
    int err = lk_jwt_verify(&keys, token.ptr, token.len, &options, payload, sizeof(payload), &jwt);
    return err == 0 ? read_claims(&jwt, caller) : LK_TOKEN_INVALID;
}
