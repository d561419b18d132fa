#include "serve/framing.h"

#include "base/text.h"

#include <string.h>

/* The characters of a token, RFC 9110 §5.6.2: one bit a character, 32 to a word. */
static const uint32_t token_bits[8] = {0, 0x03FF6CFA, 0xC7FFFFFE, 0x57FFFFFF, 0, 0, 0, 0};

static bool is_token_char(char c) {
    unsigned char u = (unsigned char)c;
    return (token_bits[u >> 5] >> (u & 31)) & 1;
}

static bool is_token(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (!is_token_char(s.ptr[i])) {
            return false;
        }
    }
    return s.len > 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

long lk_framing_head_end(const char *data, size_t len, size_t *scanned) {
    size_t start = len >= 2 && data[0] == '\r' && data[1] == '\n' ? 2 : 0;

    if (start == 0 && len > 0 && !is_token_char(data[0]) && !(len == 1 && data[0] == '\r')) {
        return LK_HEAD_BAD;
    }
    if (*scanned < start) {
        *scanned = start;
    }
    while (*scanned < len) {
        const char *lf = memchr(data + *scanned, '\n', len - *scanned);
        if (lf == NULL) {
            *scanned = len;
            break;
        }
        size_t at = (size_t)(lf - data);
        if (at == start || data[at - 1] != '\r') {
            return LK_HEAD_BAD;
        }
        *scanned = at + 1;
        if (at == start + 1) {
            return LK_HEAD_BAD;
        }
        if (data[at - 2] == '\n') {
            return (long)(at + 1);
        }
    }
    return LK_HEAD_MORE;
}

/* Takes one line off *block, without its CR LF. A CR elsewhere stays in and fails the checks of the line. */
static struct lk_str next_line(struct lk_str *block) {
    size_t lf = lk_str_find(*block, '\n');
    struct lk_str line = lk_str_sub(*block, 0, lf);

    *block = lk_str_sub(*block, lf + 1, block->len);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static bool is_target(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' || c == 127 || c == '#') {
            return false;
        }
    }
    return s.len > 0;
}

/* A host with an optional port, RFC 9110 §4.2: a name, an IPv4 address, or an IPv6 address in brackets. */
static bool is_host(struct lk_str s) {
    size_t i = 0;

    if (s.len > 0 && s.ptr[0] == '[') {
        for (i = 1; i < s.len && (lk_hex_value(s.ptr[i]) >= 0 || s.ptr[i] == ':' || s.ptr[i] == '.'); i++) {
        }
        if (i < 3 || i >= s.len || s.ptr[i] != ']') {
            return false;
        }
        i++;
    } else {
        while (i < s.len &&
               (is_alpha(s.ptr[i]) || is_digit(s.ptr[i]) || strchr("-._~%!$&'()*+,;=", s.ptr[i]))) {
            if (s.ptr[i] == '\0') {
                return false;
            }
            i++;
        }
        if (i == 0) {
            return false;
        }
    }
    if (i == s.len) {
        return true;
    }
    uint64_t port;
    struct lk_str digits = lk_str_sub(s, i + 1, s.len);
    return s.ptr[i] == ':' && (digits.len == 0 || lk_str_to_u64(digits, 65535, &port) == 0);
}

/* The authority of an absolute-form target, or an empty string; *rest is what follows it. */
static struct lk_str take_authority(struct lk_str target, struct lk_str *rest) {
    size_t colon = lk_str_find(target, ':');
    struct lk_str scheme = lk_str_sub(target, 0, colon);
    struct lk_str after = lk_str_sub(target, colon, target.len);
    size_t end = 0;

    if ((!lk_str_eq_nocase(scheme, LK_STR("http")) && !lk_str_eq_nocase(scheme, LK_STR("https"))) ||
        !lk_str_starts(after, LK_STR("://"))) {
        return (struct lk_str){NULL, 0};
    }
    after = lk_str_sub(after, 3, after.len);
    while (end < after.len && after.ptr[end] != '/' && after.ptr[end] != '?') {
        end++;
    }
    *rest = lk_str_sub(after, end, after.len);
    return lk_str_sub(after, 0, end);
}

/* Splits the target into path and query. Returns 0 or 400. */
static int parse_target(struct lk_request_head *head, const char **reason) {
    struct lk_str rest = head->target;

    *reason = "The request target is not valid.";
    if (!is_target(head->target)) {
        return 400;
    }
    if (lk_str_eq(head->target, LK_STR("*"))) {
        head->path = head->target;
        return lk_str_eq(head->method, LK_STR("OPTIONS")) ? 0 : 400;
    }
    if (head->target.ptr[0] != '/') {
        struct lk_str authority = take_authority(head->target, &rest);
        if (!is_host(authority)) {
            return 400;
        }
    }
    size_t mark = lk_str_find(rest, '?');
    head->path = lk_str_sub(rest, 0, mark);
    head->query = lk_str_sub(rest, mark + 1, rest.len);
    if (head->path.len == 0) {
        head->path = LK_STR("/");
    }
    return 0;
}

static int parse_version(struct lk_str version, struct lk_request_head *head, const char **reason) {
    *reason = "The request line is not valid.";
    if (version.len != 8 || !lk_str_starts(version, LK_STR("HTTP/")) || !is_digit(version.ptr[5]) ||
        version.ptr[6] != '.' || !is_digit(version.ptr[7])) {
        return 400;
    }
    if (version.ptr[5] != '1') {
        *reason = "Only HTTP/1.1 and HTTP/1.0 are spoken here.";
        return 505;
    }
    head->http_1_0 = version.ptr[7] == '0';
    head->keep_alive = !head->http_1_0;
    return 0;
}

static int parse_request_line(struct lk_str line, struct lk_request_head *head, const char **reason) {
    size_t first = lk_str_find(line, ' ');
    struct lk_str rest = lk_str_sub(line, first + 1, line.len);
    size_t second = lk_str_find(rest, ' ');

    *reason = "The request line is not valid.";
    head->method = lk_str_sub(line, 0, first);
    head->target = lk_str_sub(rest, 0, second);
    if (first == line.len || second == rest.len || !is_token(head->method)) {
        return 400;
    }
    int status = parse_version(lk_str_sub(rest, second + 1, rest.len), head, reason);
    return status != 0 ? status : parse_target(head, reason);
}

static bool is_field_value(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < ' ' && c != '\t') || c == 127) {
            return false;
        }
    }
    return true;
}

static int parse_field(struct lk_str line, struct lk_header_field *field, const char **reason) {
    size_t colon = lk_str_find(line, ':');

    if (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t')) {
        *reason = "A header field is folded over two lines.";
        return 400;
    }
    field->name = lk_str_sub(line, 0, colon);
    if (colon == line.len || !is_token(field->name)) {
        *reason = "A header field's name is not valid.";
        return 400;
    }
    field->value = lk_str_sub(line, colon + 1, line.len);
    if (!is_field_value(field->value)) {
        *reason = "A header field's value holds control characters.";
        return 400;
    }
    field->value = lk_str_trim(field->value);
    return 0;
}

struct lk_str lk_head_field(const struct lk_request_head *head, struct lk_str name) {
    for (size_t i = 0; i < head->field_count; i++) {
        if (lk_str_eq_nocase(head->fields[i].name, name)) {
            return head->fields[i].value;
        }
    }
    return (struct lk_str){NULL, 0};
}

/* True when the comma-separated list holds `token`, ASCII case ignored. */
static bool list_has(struct lk_str list, struct lk_str token) {
    while (list.len > 0) {
        size_t comma = lk_str_find(list, ',');
        if (lk_str_eq_nocase(lk_str_trim(lk_str_sub(list, 0, comma)), token)) {
            return true;
        }
        list = lk_str_sub(list, comma + 1, list.len);
    }
    return false;
}

/* What the fields that frame and route the message were seen to say. */
struct seen {
    bool length;
    bool coding;
    bool host;
};

static int use_length(struct lk_request_head *head, struct lk_str value, struct seen *seen,
                      const char **reason) {
    int err = lk_str_to_u64(value, INT64_MAX, &head->content_length);

    if (seen->length) {
        *reason = "Content-Length is given twice.";
        return 400;
    }
    seen->length = true;
    if (err != 0) {
        *reason = "Content-Length is not a number.";
        return 400;
    }
    return 0;
}

static int use_coding(struct lk_request_head *head, struct lk_str value, struct seen *seen,
                      const char **reason) {
    if (seen->coding || head->http_1_0) {
        *reason =
            seen->coding ? "Transfer-Encoding is given twice." : "Transfer-Encoding is not part of HTTP/1.0.";
        return 400;
    }
    seen->coding = true;
    if (!lk_str_eq_nocase(value, LK_STR("chunked"))) {
        *reason = "The only transfer coding understood is chunked.";
        return 501;
    }
    head->chunked = true;
    return 0;
}

static int use_host(struct lk_str value, struct seen *seen, const char **reason) {
    if (seen->host || !is_host(value)) {
        *reason = seen->host ? "Host is given twice." : "Host is not valid.";
        return 400;
    }
    seen->host = true;
    return 0;
}

static int use_field(struct lk_request_head *head, const struct lk_header_field *field, struct seen *seen,
                     const char **reason) {
    struct lk_str name = field->name;

    if (lk_str_eq_nocase(name, LK_STR("content-length"))) {
        return use_length(head, field->value, seen, reason);
    }
    if (lk_str_eq_nocase(name, LK_STR("transfer-encoding"))) {
        return use_coding(head, field->value, seen, reason);
    }
    if (lk_str_eq_nocase(name, LK_STR("host"))) {
        return use_host(field->value, seen, reason);
    }
    if (lk_str_eq_nocase(name, LK_STR("connection"))) {
        if (list_has(field->value, LK_STR("close"))) {
            head->keep_alive = false;
        } else if (head->http_1_0 && list_has(field->value, LK_STR("keep-alive"))) {
            head->keep_alive = true;
        }
    }
    if (lk_str_eq_nocase(name, LK_STR("expect"))) {
        if (!lk_str_eq_nocase(field->value, LK_STR("100-continue"))) {
            *reason = "The only expectation understood is 100-continue.";
            return 417;
        }
        head->expect_continue = !head->http_1_0;
    }
    return 0;
}

static int check_whole(const struct lk_request_head *head, const struct seen *seen, const char **reason) {
    if (seen->length && seen->coding) {
        *reason = "Both Content-Length and Transfer-Encoding are given.";
        return 400;
    }
    if (!seen->host && !head->http_1_0) {
        *reason = "Host is missing.";
        return 400;
    }
    return 0;
}

int lk_framing_parse(struct lk_str block, struct lk_request_head *head, const char **reason) {
    struct seen seen = {false, false, false};
    /* A refusal of the message's framing outweighs any other: the first field to be wrong must not hide
       that a later one contradicts it. */
    int worst = 0;

    if (lk_str_starts(block, LK_STR("\r\n"))) {
        block = lk_str_sub(block, 2, block.len);
    }
    *head = (struct lk_request_head){.field_count = 0};
    int status = parse_request_line(next_line(&block), head, reason);
    if (status != 0) {
        return status;
    }
    while (block.len > 0) {
        struct lk_header_field field;
        const char *why = NULL;
        struct lk_str line = next_line(&block);
        if (line.len == 0) {
            break;
        }
        status = parse_field(line, &field, reason);
        if (status != 0) {
            return status;
        }
        status = use_field(head, &field, &seen, &why);
        if (status == 400 || (status != 0 && worst == 0)) {
            worst = status;
            *reason = why;
        }
        if (status == 400) {
            return 400;
        }
        if (head->field_count == LK_HEADER_FIELDS_MAX) {
            *reason = "There are too many header fields.";
            return 431;
        }
        head->fields[head->field_count++] = field;
    }
    const char *why = NULL;
    status = check_whole(head, &seen, &why);
    if (status != 0) {
        *reason = why;
        return status;
    }
    return worst;
}
