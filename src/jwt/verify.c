#include "base/err.h"
#include "base/text.h"
#include "jwt/hs256.h"
#include "jwt/json.h"
#include "jwt/latchkey_jwt.h"

/* The three parts of a compact serialisation, and the first two with their dot: what is signed. */
struct parts {
    struct lk_str header, payload, signature, input;
};

static bool split(struct lk_str token, struct parts *p) {
    size_t first = lk_str_find(token, '.');
    struct lk_str rest = lk_str_sub(token, first + 1, token.len);
    size_t second = lk_str_find(rest, '.');
    if (first == token.len || second == rest.len) {
        return false;
    }
    p->header = lk_str_sub(token, 0, first);
    p->payload = lk_str_sub(rest, 0, second);
    p->signature = lk_str_sub(rest, second + 1, rest.len);
    p->input = lk_str_sub(token, 0, first + 1 + second);
    return true; /* a further dot is no digit of base64url */
}

/* Decodes one part and checks that it is a JSON object. */
static int decode_object(struct lk_str part, char *mem, size_t cap, struct lk_str *object) {
    size_t len = 0;
    int err = lk_base64url_decode(part, mem, cap, &len);
    if (err != 0) {
        return err == LK_ERR_TOO_LARGE ? LK_JWT_TOO_LARGE : LK_JWT_MALFORMED;
    }
    *object = (struct lk_str){mem, len};
    return lk_json_check_object(*object);
}

/* The key that the header asks for: the one of its kid, or without a kid the first. */
static int choose_key(const struct lk_jwt_keys *keys, const struct lk_json_value *kid, size_t *index) {
    if (kid->type == LK_JWT_ABSENT && keys->count > 0) {
        *index = 0;
        return 0;
    }
    for (size_t i = 0; i < keys->count && kid->type == LK_JWT_STRING && kid->raw.len > 0; i++) {
        if (lk_json_text_is(kid->raw, lk_str_from(keys->keys[i].kid))) {
            *index = i;
            return 0;
        }
    }
    return LK_JWT_BAD_KEY;
}

static int check_header(const struct lk_jwt_keys *keys, struct lk_str header, size_t *index) {
    const struct lk_str names[] = {LK_STR("alg"), LK_STR("typ"), LK_STR("crit"), LK_STR("kid")};
    enum { ALG, TYP, CRIT, KID };
    struct lk_json_value found[4] = {{.type = LK_JWT_ABSENT}};
    struct lk_json_walk w = lk_json_walk_start(header);
    struct lk_str name;
    struct lk_json_value value;
    while (lk_json_walk_next(&w, &name, &value) == 1) {
        for (size_t i = 0; i < 4; i++) {
            found[i] = lk_json_text_is(name, names[i]) ? value : found[i];
        }
    }
    if (found[ALG].type != LK_JWT_STRING || !lk_json_text_is(found[ALG].raw, LK_STR("HS256")) ||
        found[CRIT].type != LK_JWT_ABSENT) {
        return LK_JWT_BAD_ALGORITHM;
    }
    if (found[TYP].type != LK_JWT_ABSENT && found[TYP].type != LK_JWT_STRING) {
        return LK_JWT_MALFORMED;
    }
    return choose_key(keys, &found[KID], index);
}

static int check_signature(const struct lk_jwt_key *key, const struct parts *p) {
    uint8_t mac[LK_HS256_LEN];
    size_t len = 0;
    int err = lk_base64url_decode(p->signature, mac, sizeof(mac), &len);
    if (err == LK_ERR_INVALID) {
        return LK_JWT_MALFORMED;
    }
    if (err != 0 || len != sizeof(mac)) {
        return LK_JWT_BAD_SIGNATURE;
    }
    return lk_hs256_verify(key, p->input, mac);
}

/* --- claims --------------------------------------------------------------------------------------------- */

/* `aud` is one string or an array of strings, RFC 7519 §4.1.3. */
static bool is_audience(const struct lk_json_value *v) {
    if (v->type != LK_JWT_ARRAY) {
        return v->type == LK_JWT_STRING;
    }
    struct lk_json_walk w = lk_json_walk_start(v->raw);
    struct lk_str unnamed;
    struct lk_json_value item;
    while (lk_json_walk_next(&w, &unnamed, &item) == 1) {
        if (item.type != LK_JWT_STRING) {
            return false;
        }
    }
    return true;
}

struct dates {
    bool has_iat, has_nbf;
};

/* A date is a number of whole seconds. */
static bool take_date(const struct lk_json_value *v, int64_t *date, bool *present) {
    *present = true;
    return v->type == LK_JWT_INTEGER && lk_json_integer(v->raw, date);
}

/* Keeps a claim if it is a date. False when a registered claim has the wrong type. */
static bool take_claim(struct lk_jwt *jwt, struct dates *dates, struct lk_str name,
                       const struct lk_json_value *v) {
    if (lk_json_text_is(name, LK_STR("exp"))) {
        return take_date(v, &jwt->exp, &jwt->has_exp);
    }
    if (lk_json_text_is(name, LK_STR("iat"))) {
        return take_date(v, &jwt->iat, &dates->has_iat);
    }
    if (lk_json_text_is(name, LK_STR("nbf"))) {
        return take_date(v, &jwt->nbf, &dates->has_nbf);
    }
    if (lk_json_text_is(name, LK_STR("iss")) || lk_json_text_is(name, LK_STR("sub")) ||
        lk_json_text_is(name, LK_STR("jti"))) {
        return v->type == LK_JWT_STRING;
    }
    return !lk_json_text_is(name, LK_STR("aud")) || is_audience(v);
}

/* a - b and a + b for b >= 0, held within int64_t. */
static int64_t earlier(int64_t a, int64_t b) {
    return a < INT64_MIN + b ? INT64_MIN : a - b;
}

static int64_t later(int64_t a, int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static int check_claims(struct lk_jwt *jwt, const struct lk_jwt_options *options) {
    struct lk_json_walk w = lk_json_walk_start((struct lk_str){jwt->payload, jwt->payload_len});
    struct dates dates = {false, false};
    struct lk_str name;
    struct lk_json_value value;
    while (lk_json_walk_next(&w, &name, &value) == 1) {
        if (!take_claim(jwt, &dates, name, &value)) {
            return LK_JWT_BAD_CLAIM;
        }
    }
    int64_t leeway = options->leeway > 0 ? options->leeway : 0;
    if (jwt->has_exp && jwt->exp <= earlier(options->now, leeway)) {
        return LK_JWT_EXPIRED;
    }
    int64_t latest = later(options->now, leeway);
    return (dates.has_iat && jwt->iat > latest) || (dates.has_nbf && jwt->nbf > latest) ? LK_JWT_NOT_YET : 0;
}

int lk_jwt_verify(const struct lk_jwt_keys *keys, const char *token, size_t token_len,
                  const struct lk_jwt_options *options, char *mem, size_t cap, struct lk_jwt *jwt) {
    struct parts p;
    struct lk_str header, payload;
    *jwt = (struct lk_jwt){0};
    if (token_len > LK_JWT_SIZE_MAX) {
        return LK_JWT_TOO_LARGE;
    }
    if (!split((struct lk_str){token, token_len}, &p)) {
        return LK_JWT_MALFORMED;
    }
    int err = decode_object(p.header, mem, cap, &header);
    if (err == 0) {
        err = check_header(keys, header, &jwt->key_index);
    }
    if (err == 0) {
        err = check_signature(&keys->keys[jwt->key_index], &p);
    }
    if (err == 0) {
        err = decode_object(p.payload, mem, cap, &payload);
    }
    if (err != 0) {
        return err;
    }
    jwt->payload = payload.ptr;
    jwt->payload_len = payload.len;
    return check_claims(jwt, options);
}

static int read_value(const struct lk_json_value *v, struct lk_jwt_value *value) {
    value->type = v->type;
    value->integer = v->type == LK_JWT_BOOL && v->raw.ptr[0] == 't';
    if (v->type == LK_JWT_INTEGER) {
        (void)lk_json_integer(v->raw, &value->integer);
    } else if (v->type == LK_JWT_STRING) {
        int len = lk_json_text(v->raw, value->text, LK_JWT_CLAIM_MAX);
        value->text_len = len < 0 ? 0 : (size_t)len;
        value->text[value->text_len] = '\0';
        return len < 0 ? LK_JWT_BAD_CLAIM : 0;
    }
    return 0;
}

int lk_jwt_claims(const struct lk_jwt *jwt, const char *const names[], struct lk_jwt_value values[],
                  size_t count) {
    struct lk_json_walk w = lk_json_walk_start((struct lk_str){jwt->payload, jwt->payload_len});
    struct lk_str name;
    struct lk_json_value v;
    int err = 0;
    for (size_t i = 0; i < count; i++) {
        values[i].type = LK_JWT_ABSENT;
        values[i].text[0] = '\0';
        values[i].text_len = 0;
        values[i].integer = 0;
    }
    while (lk_json_walk_next(&w, &name, &v) == 1) {
        for (size_t i = 0; i < count; i++) {
            if (lk_json_text_is(name, lk_str_from(names[i])) && read_value(&v, &values[i]) != 0) {
                err = LK_JWT_BAD_CLAIM;
            }
        }
    }
    return err;
}

int lk_jwt_claim(const struct lk_jwt *jwt, const char *name, struct lk_jwt_value *value) {
    return lk_jwt_claims(jwt, &name, value, 1);
}

bool lk_jwt_claim_has(const struct lk_jwt *jwt, const char *name, const char *expect) {
    struct lk_json_value v = lk_json_find((struct lk_str){jwt->payload, jwt->payload_len}, lk_str_from(name));
    struct lk_str wanted = lk_str_from(expect);
    if (v.type != LK_JWT_ARRAY) {
        return v.type == LK_JWT_STRING && lk_json_text_is(v.raw, wanted);
    }
    struct lk_json_walk w = lk_json_walk_start(v.raw);
    struct lk_str unnamed;
    struct lk_json_value item;
    while (lk_json_walk_next(&w, &unnamed, &item) == 1) {
        if (item.type == LK_JWT_STRING && lk_json_text_is(item.raw, wanted)) {
            return true;
        }
    }
    return false;
}

const char *lk_jwt_err_text(int err) {
    switch (err) {
    case LK_JWT_OK:
        return "no error";
    case LK_JWT_MALFORMED:
        return "not a token";
    case LK_JWT_TOO_LARGE:
        return "token too large";
    case LK_JWT_BAD_ALGORITHM:
        return "algorithm not allowed";
    case LK_JWT_BAD_KEY:
        return "no such key";
    case LK_JWT_BAD_SIGNATURE:
        return "signature does not match";
    case LK_JWT_EXPIRED:
        return "token has expired";
    case LK_JWT_NOT_YET:
        return "token is not valid yet";
    case LK_JWT_BAD_CLAIM:
        return "a claim has the wrong form";
    default:
        return "unknown error";
    }
}
