#include "base/text.h"
#include "jwt/hs256.h"
#include "jwt/json.h"
#include "jwt/latchkey_jwt.h"

static void put_escape(struct lk_buf *b, uint8_t c) {
    const struct lk_str special = LK_STR("\"\\\b\f\n\r\t");
    size_t which = lk_str_find(special, (char)c);
    lk_buf_put_char(b, '\\');
    if (which < special.len) {
        lk_buf_put_char(b, "\"\\bfnrt"[which]);
    } else {
        lk_buf_put_cstr(b, "u00");
        lk_buf_put_hex(b, &c, 1);
    }
}

static int put_quoted(struct lk_buf *b, struct lk_str s) {
    lk_buf_put_char(b, '"');
    while (s.len > 0) {
        struct lk_str at = s;
        int32_t point = lk_utf8_next(&s);
        if (point <= 0) {
            return LK_JWT_MALFORMED;
        }
        if (point < 0x20 || point == '"' || point == '\\') {
            put_escape(b, (uint8_t)point);
        } else {
            lk_buf_put(b, at.ptr, at.len - s.len);
        }
    }
    lk_buf_put_char(b, '"');
    return b->err == 0 ? 0 : LK_JWT_TOO_LARGE;
}

int lk_jwt_quote(const char *text, size_t len, char *out, size_t cap) {
    struct lk_buf b;
    lk_buf_init(&b, out, cap);
    int err = put_quoted(&b, (struct lk_str){text, len});
    return err == 0 ? (int)b.len : err;
}

/* Appends the base64url of the token's header. */
static int put_header(struct lk_buf *token, const struct lk_jwt_key *key) {
    /* Every byte of a kid may take six as an escape. */
    char text[40 + 6 * LK_JWT_KID_MAX];
    struct lk_buf b;
    int err = 0;
    lk_buf_init(&b, text, sizeof(text));
    lk_buf_put_cstr(&b, "{\"alg\":\"HS256\",\"typ\":\"JWT\"");
    if (key->kid[0] != '\0') {
        lk_buf_put_cstr(&b, ",\"kid\":");
        err = put_quoted(&b, lk_str_from(key->kid));
    }
    lk_buf_put_char(&b, '}');
    if (err != 0 || b.err != 0) {
        return LK_JWT_BAD_KEY;
    }
    lk_buf_put_base64url(token, text, b.len);
    return 0;
}

int lk_jwt_sign(const struct lk_jwt_keys *keys, const char *claims, size_t claims_len, char *out,
                size_t cap) {
    uint8_t mac[LK_HS256_LEN];
    struct lk_buf b;
    if (keys->count == 0) {
        return LK_JWT_BAD_KEY;
    }
    if (claims_len > LK_JWT_SIZE_MAX) {
        return LK_JWT_TOO_LARGE;
    }
    int err = lk_json_check_object((struct lk_str){claims, claims_len});
    lk_buf_init(&b, out, cap < LK_JWT_SIZE_MAX ? cap : LK_JWT_SIZE_MAX);
    if (err == 0) {
        err = put_header(&b, &keys->keys[0]);
    }
    if (err != 0) {
        return err;
    }
    lk_buf_put_char(&b, '.');
    lk_buf_put_base64url(&b, claims, claims_len);
    if (b.err != 0) {
        return LK_JWT_TOO_LARGE;
    }
    err = lk_hs256_sign(&keys->keys[0], lk_buf_str(&b), mac);
    if (err != 0) {
        return err;
    }
    lk_buf_put_char(&b, '.');
    lk_buf_put_base64url(&b, mac, sizeof(mac));
    return b.err == 0 ? (int)b.len : LK_JWT_TOO_LARGE;
}
