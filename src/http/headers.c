#include "http/headers.h"

#include "serve/framing.h"

struct lk_str lk_header_find(const struct lk_request_head *head, struct lk_str name, size_t *count) {
    struct lk_str value = {NULL, 0};
    size_t found = 0;
    for (size_t i = 0; head != NULL && i < head->field_count; i++) {
        if (head->fields[i].name.len == name.len && lk_str_eq_nocase(head->fields[i].name, name)) {
            if (found++ == 0) {
                value = head->fields[i].value;
                value.ptr = value.ptr == NULL ? "" : value.ptr;
            }
            if (count == NULL) {
                break;
            }
        }
    }
    if (count != NULL) {
        *count = found;
    }
    return value;
}

/* Takes the part before `c` off *s; the separator goes too. */
static struct lk_str cut(struct lk_str *s, char c) {
    size_t at = lk_str_find(*s, c);
    struct lk_str part = lk_str_sub(*s, 0, at);
    *s = lk_str_sub(*s, at + 1, s->len);
    return lk_str_trim(part);
}

struct lk_str lk_cookie_find(const struct lk_request_head *head, struct lk_str name) {
    struct lk_str value = {NULL, 0};
    for (size_t i = 0; head != NULL && i < head->field_count; i++) {
        if (!lk_str_eq_nocase(head->fields[i].name, LK_STR("Cookie"))) {
            continue;
        }
        struct lk_str rest = head->fields[i].value;
        while (rest.len > 0) {
            struct lk_str pair = cut(&rest, ';');
            if (!lk_str_eq(cut(&pair, '='), name)) {
                continue;
            }
            if (value.ptr != NULL) {
                return (struct lk_str){NULL, 0}; /* which of two a reader takes must not matter */
            }
            value = lk_str_trim(pair);
            value.ptr = value.ptr == NULL ? "" : value.ptr;
        }
    }
    return value;
}

/* "1", "0.5" … as thousandths; anything else counts as 1. */
static unsigned parse_quality(struct lk_str q) {
    if (q.len == 0 || q.len > 5 || (q.ptr[0] != '0' && q.ptr[0] != '1') || (q.len > 1 && q.ptr[1] != '.')) {
        return 1000;
    }
    unsigned value = (unsigned)(q.ptr[0] - '0') * 1000;
    unsigned unit = 100;
    for (size_t i = 2; i < q.len; i++) {
        if (q.ptr[i] < '0' || q.ptr[i] > '9') {
            return 1000;
        }
        value += (unsigned)(q.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return value > 1000 ? 1000 : value;
}

/* The q of an item's parameters, which are used up; 1000 without one. */
static unsigned quality_of(struct lk_str params) {
    while (params.len > 0) {
        struct lk_str param = cut(&params, ';');
        if (lk_str_eq_nocase(cut(&param, '='), LK_STR("q"))) {
            return parse_quality(lk_str_trim(param));
        }
    }
    return 1000;
}

/* 3: the very type, 2: type/ *, 1: any, 0: another. */
static unsigned range_match(struct lk_str range, struct lk_str type, struct lk_str subtype) {
    struct lk_str rest = range;
    struct lk_str main = cut(&rest, '/');
    if (lk_str_eq(main, LK_STR("*"))) {
        return 1;
    }
    if (!lk_str_eq_nocase(main, type)) {
        return 0;
    }
    if (lk_str_eq(lk_str_trim(rest), LK_STR("*"))) {
        return 2;
    }
    return lk_str_eq_nocase(lk_str_trim(rest), subtype) ? 3 : 0;
}

unsigned lk_accept_quality(struct lk_str accept, struct lk_str type, struct lk_str subtype) {
    if (lk_str_trim(accept).len == 0) {
        return 1000;
    }
    unsigned best = 0;
    unsigned quality = 0;
    while (accept.len > 0) {
        struct lk_str item = cut(&accept, ',');
        unsigned match = range_match(cut(&item, ';'), type, subtype);
        unsigned q = quality_of(item);
        if (match > best || (match == best && match > 0 && q > quality)) {
            best = match;
            quality = q;
        }
    }
    return quality;
}

size_t lk_accept_language(struct lk_str accept, const char *const *languages, size_t count) {
    size_t best = 0;
    unsigned most = 0;
    while (accept.len > 0) {
        struct lk_str item = cut(&accept, ',');
        struct lk_str tag = cut(&item, ';');
        struct lk_str language = cut(&tag, '-');
        unsigned q = quality_of(item);
        for (size_t i = 0; i < count; i++) {
            if (q > most && lk_str_eq_nocase(language, lk_str_from(languages[i]))) {
                most = q;
                best = i;
            }
        }
    }
    return best;
}

bool lk_accept_gzip(struct lk_str accept, bool there) {
    unsigned any = there ? 0 : 1000;
    while (accept.len > 0) {
        struct lk_str item = cut(&accept, ',');
        struct lk_str coding = cut(&item, ';');
        unsigned q = quality_of(item);
        if (lk_str_eq_nocase(coding, LK_STR("gzip"))) {
            return q > 0;
        }
        any = lk_str_eq(coding, LK_STR("*")) ? q : any;
    }
    return any > 0;
}

bool lk_etag_listed(struct lk_str list, struct lk_str etag) {
    while (list.len > 0) {
        struct lk_str item = cut(&list, ',');
        if (lk_str_starts(item, LK_STR("W/"))) {
            item = lk_str_sub(item, 2, item.len);
        }
        if (lk_str_eq(item, LK_STR("*")) || (item.len > 0 && lk_str_eq(item, etag))) {
            return true;
        }
    }
    return false;
}

struct lk_media_type lk_media_type_parse(struct lk_str value) {
    struct lk_media_type type;
    type.rest = value;
    type.essence = cut(&type.rest, ';');
    return type;
}

struct lk_str lk_media_type_param(const struct lk_media_type *type, struct lk_str name) {
    struct lk_str rest = type->rest;
    while (rest.len > 0) {
        struct lk_str value = cut(&rest, ';');
        if (lk_str_eq_nocase(cut(&value, '='), name)) {
            value = lk_str_trim(value);
            if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"') {
                value = lk_str_sub(value, 1, value.len - 2);
            }
            value.ptr = value.ptr == NULL ? "" : value.ptr;
            return value;
        }
    }
    return (struct lk_str){NULL, 0};
}

/* Takes the next word off *s: what stands between white space. */
static struct lk_str next_word(struct lk_str *s) {
    *s = lk_str_trim(*s);
    size_t len = lk_str_find(*s, ' ');
    len = lk_str_find(lk_str_sub(*s, 0, len), '\t');
    struct lk_str word = lk_str_sub(*s, 0, len);
    *s = lk_str_sub(*s, len, s->len);
    return word;
}

enum lk_credentials lk_credentials_parse(struct lk_str value, struct lk_str *token) {
    struct lk_str scheme = next_word(&value);
    if (!lk_str_eq_nocase(scheme, LK_STR("Bearer")) && !lk_str_eq_nocase(scheme, LK_STR("JWT"))) {
        return LK_CREDENTIALS_NONE;
    }
    *token = next_word(&value);
    if (token->len == 0 || lk_str_trim(value).len != 0) {
        return LK_CREDENTIALS_BAD;
    }
    return LK_CREDENTIALS_TOKEN;
}
