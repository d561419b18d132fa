/*
 * Encodings of text: base64 and base64url (RFC 4648), hexadecimal, UTF-8 (RFC 3629), NFKC, UUID text (RFC
 * 9562).
 */
#ifndef LK_BASE_TEXT_H
#define LK_BASE_TEXT_H

#include "base/buf.h"

#define LK_UUID_LEN 16      /* bytes of an id */
#define LK_UUID_TEXT_LEN 36 /* characters of its text form, without NUL */

/* Base64url without padding, RFC 4648 §5. */
void lk_buf_put_base64url(struct lk_buf *b, const void *data, size_t len);
/* Base64 with padding, RFC 4648 §4. */
void lk_buf_put_base64(struct lk_buf *b, const void *data, size_t len);

/*
 * Canonical decoding: no white space, no padding (base64url) or exact padding (base64), unused bits zero.
 * `out` takes at most `cap` bytes; *out_len says how many. Returns 0, LK_ERR_INVALID or LK_ERR_TOO_LARGE.
 */
int lk_base64url_decode(struct lk_str text, void *out, size_t cap, size_t *out_len);
int lk_base64_decode(struct lk_str text, void *out, size_t cap, size_t *out_len);

/* The value of one hexadecimal digit of either case, or -1. */
int lk_hex_value(char c);
/* Decodes exactly 2 * len hexadecimal digits of either case. Returns 0 or LK_ERR_INVALID. */
int lk_hex_decode(struct lk_str text, void *out, size_t len);

/* 8-4-4-4-12 lower-case text of a 16-byte id. */
void lk_buf_put_uuid(struct lk_buf *b, const uint8_t id[LK_UUID_LEN]);
/* Reads the same form, hexadecimal of either case. Returns 0 or LK_ERR_INVALID. */
int lk_uuid_parse(struct lk_str text, uint8_t id[LK_UUID_LEN]);

/* An IPv6 address as RFC 5952 writes it, or an IPv4-mapped one as IPv4; all zero: nothing. */
#define LK_ADDRESS_TEXT_MAX 39
void lk_buf_put_address(struct lk_buf *b, const uint8_t address[16]);
/* A numeric address, IPv6 with or without brackets; IPv4 becomes an IPv4-mapped one. Returns 0 or LK_ERR_INVALID. */
int lk_address_parse(struct lk_str text, uint8_t address[16]);

/* The addresses whose first `bits` bits are those of `address`. */
struct lk_network {
    uint8_t address[16];
    uint8_t bits; /* 0..128 */
};
/* ADDRESS or ADDRESS/BITS. Returns 0 or LK_ERR_INVALID. */
int lk_network_parse(struct lk_str text, struct lk_network *network);
bool lk_network_has(const struct lk_network *network, const uint8_t address[16]);

/* True when `s` is ASCII alone, control characters among it or not. */
bool lk_is_ascii(struct lk_str s);
/* True when `s` is well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
bool lk_utf8_valid(struct lk_str s);
/* The number of code points of well-formed UTF-8. */
size_t lk_utf8_length(struct lk_str s);
/*
 * Takes the first code point off *s. Returns it, or LK_ERR_INVALID (negative) on bad UTF-8 or the empty
 * string.
 */
int32_t lk_utf8_next(struct lk_str *s);

/*
 * Writes `s`, well-formed UTF-8, normalised to NFKC (UAX #15). A build without Unicode tables (LK_UNICODE 0
 * in options.h) takes ASCII alone and returns LK_ERR_UNSUPPORTED for anything else. Returns 0,
 * LK_ERR_INVALID, LK_ERR_TOO_LARGE, LK_ERR_NO_MEMORY or LK_ERR_UNSUPPORTED.
 */
int lk_nfkc(struct lk_buf *b, struct lk_str s);
/* The same, and case folded with what is not seen left out: NFKC_Casefold (Unicode §3.13, D147). */
int lk_casefold(struct lk_buf *b, struct lk_str s);
/* True for letters, digits and underscore of any script: \w of Python's re on str (no combining marks). */
bool lk_is_word(int32_t code_point);

#define LK_DISTANCE_MAX 32 /* bytes of the texts compared */
/* The number of letters to change, add or drop between two texts (Levenshtein); SIZE_MAX for longer ones. */
size_t lk_text_distance(struct lk_str a, struct lk_str b);

#endif
