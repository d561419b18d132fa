/* What header fields mean: cookies, credentials, what is accepted, whom a proxy forwards for. The input is one field's
   value a line. */
#include "fuzz.h"

#include "base/text.h"
#include "http/headers.h"
#include "serve/framing.h"

static void inside(struct lk_str part, struct lk_str whole) {
    MUST(part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

static void fuzz_value(struct lk_str value) {
    static const char *const languages[] = {"en", "fr"};
    struct lk_str token = {NULL, 0};
    struct lk_media_type type = lk_media_type_parse(value);
    MUST(lk_accept_quality(value, LK_STR("application"), LK_STR("json")) <= 1000);
    MUST(lk_accept_language(value, languages, 2) < 2);
    (void)lk_accept_gzip(value, true);
    (void)lk_etag_listed(value, LK_STR("\"tag\""));
    inside(type.essence, value);
    inside(lk_media_type_param(&type, LK_STR("boundary")), value);
    if (lk_credentials_parse(value, &token) == LK_CREDENTIALS_TOKEN) {
        MUST(token.len > 0 && lk_str_find(token, ' ') == token.len && lk_str_find(token, '\t') == token.len);
        inside(token, value);
    }
}

/* A cookie of that name that stands in two places is none. */
static void fuzz_cookies(const struct lk_request_head *head, struct lk_str all) {
    struct lk_request_head twice = *head;
    struct lk_str found = lk_cookie_find(head, LK_STR("a"));
    inside(found, all);
    if (found.ptr != NULL && head->field_count < LK_HEADER_FIELDS_MAX) {
        twice.fields[twice.field_count++] = (struct lk_header_field){LK_STR("cookie"), LK_STR("b=1;a=")};
        MUST(lk_cookie_find(&twice, LK_STR("a")).ptr == NULL);
    }
}

/* Who is no proxy is the client, whatever is said; and who is one cannot be made to name somebody behind the last that
   is none. */
static void fuzz_forwarded(const struct lk_request_head *head) {
    static const uint8_t peer[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1};
    static const uint8_t last[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 7};
    struct lk_network proxies[1];
    struct lk_request_head more = *head;
    uint8_t client[16];
    MUST(lk_network_parse(LK_STR("10.0.0.0/8"), proxies) == 0);
    lk_forwarded_client(head, peer, proxies, 0, client);
    MUST(memcmp(client, peer, sizeof(peer)) == 0);
    lk_forwarded_client(head, peer, proxies, 1, client);
    if (head->field_count < LK_HEADER_FIELDS_MAX) {
        more.fields[more.field_count++] =
            (struct lk_header_field){LK_STR("X-Forwarded-For"), LK_STR("x, 192.0.2.7, 10.1.1.1")};
        lk_forwarded_client(&more, peer, proxies, 1, client);
        MUST(memcmp(client, last, sizeof(last)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"Cookie", "X-Forwarded-For"};
    struct lk_request_head head = {.field_count = 0};
    char *copy = fuzz_copy(data, size);
    struct lk_str rest = {copy, size};
    while (rest.len > 0 && head.field_count < LK_HEADER_FIELDS_MAX) {
        size_t end = lk_str_find(rest, '\n');
        struct lk_str value = lk_str_trim(lk_str_sub(rest, 0, end));
        head.fields[head.field_count] =
            (struct lk_header_field){lk_str_from(names[head.field_count % 2]), value};
        head.field_count++;
        fuzz_value(value);
        rest = lk_str_sub(rest, end + 1, rest.len);
    }
    fuzz_cookies(&head, (struct lk_str){copy, size});
    fuzz_forwarded(&head);
    free(copy);
    return 0;
}
