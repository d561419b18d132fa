/* A mail: its body and the headers around it. */
#include "mail/compose.h"

#include "base/text.h"
#include "base/time.h"
#include "mail/wording.h"

#define BODY_MAX 3072      /* bytes of a body before its encoding */
#define PLAIN_LINE_MAX 990 /* RFC 5322 §2.1.1 allows 998 */

static bool has_control(struct lk_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < ' ' || c == 0x7F) {
            return true;
        }
    }
    return false;
}

/* True for an address that can stand between < and >: one @ at least, no space, control character, < or >. */
static bool address_ok(struct lk_str address) {
    size_t at = lk_str_find(address, '@');

    if (at == 0 || at + 1 >= address.len || address.len > 320 || has_control(address) ||
        !lk_utf8_valid(address)) {
        return false;
    }
    for (size_t i = 0; i < address.len; i++) {
        char c = address.ptr[i];
        if (c == ' ' || c == '<' || c == '>' || c == ',' || c == ';') {
            return false;
        }
    }
    return true;
}

int lk_mailbox_parse(struct lk_str text, struct lk_str *name, struct lk_str *address) {
    text = lk_str_trim(text);
    size_t open = lk_str_find(text, '<');

    if (open == text.len) {
        *name = lk_str_sub(text, 0, 0);
        *address = text;
    } else {
        if (text.ptr[text.len - 1] != '>') {
            return LK_ERR_INVALID;
        }
        *name = lk_str_trim(lk_str_sub(text, 0, open));
        *address = lk_str_sub(text, open + 1, text.len - open - 2);
        if (name->len >= 2 && name->ptr[0] == '"' && name->ptr[name->len - 1] == '"') {
            *name = lk_str_sub(*name, 1, name->len - 2);
        }
    }
    if (has_control(*name) || !lk_utf8_valid(*name) || name->len > 256 || !address_ok(*address)) {
        return LK_ERR_INVALID;
    }
    return 0;
}

static const char *path_of(const struct lk_letter *letter) {
    return letter->kind == LK_MAIL_VERIFY ? "/auth/verify-email/" : "/auth/password_reset_confirm/";
}

static struct lk_str site_of(const struct lk_letter *letter) {
    return letter->site.len > 0 ? letter->site : lk_url_host(letter->public_url);
}

void lk_letter_link(struct lk_buf *b, const struct lk_letter *letter) {
    lk_buf_put_str(b, letter->public_url);
    lk_buf_put_cstr(b, path_of(letter));
    lk_buf_put_str(b, letter->uidb64);
    lk_buf_put_char(b, '/');
    lk_buf_put_str(b, letter->token);
    lk_buf_put_char(b, '/');
}

void lk_letter_subject(struct lk_buf *b, const struct lk_letter *letter) {
    lk_buf_put_cstr(b, lk_wording(letter->kind, letter->language)->subject);
    lk_buf_put_str(b, site_of(letter));
}

static void put_body(struct lk_buf *b, const struct lk_letter *letter) {
    const struct lk_wording *w = lk_wording(letter->kind, letter->language);
    const struct lk_wording_end *end = lk_wording_end(letter->language);
    struct lk_str site = site_of(letter);

    lk_buf_put_cstr(b, w->reason);
    lk_buf_put_str(b, site);
    lk_buf_put_cstr(b, ".\n\n");
    lk_buf_put_cstr(b, w->request);
    lk_buf_put_cstr(b, "\n\n");
    lk_letter_link(b, letter);
    lk_buf_put_cstr(b, "\n\n");
    lk_buf_put_cstr(b, w->closing);
    lk_buf_put_str(b, letter->username);
    lk_buf_put_cstr(b, end->before_site);
    lk_buf_put_str(b, site);
    lk_buf_put_cstr(b, end->behind_site);
}

/* ASCII in lines that every server carries: sent as it is, so that the link stays in one piece. */
static bool fits_7bit(struct lk_str body) {
    size_t start = 0;

    for (size_t i = 0; i < body.len; i++) {
        if (body.ptr[i] == '\n') {
            start = i + 1;
        } else if (i - start > PLAIN_LINE_MAX) {
            return false;
        }
    }
    return lk_is_ascii(body);
}

static void put_lines(struct lk_buf *b, struct lk_str body) {
    while (body.len > 0) {
        size_t len = lk_str_find(body, '\n');
        lk_buf_put_str(b, lk_str_sub(body, 0, len));
        lk_buf_put_cstr(b, "\r\n");
        body = lk_str_sub(body, len + 1, body.len);
    }
}

/* A display name: bare when it is ASCII in a quoted string, else encoded words. */
static void put_display_name(struct lk_buf *b, struct lk_str name) {
    if (!lk_is_ascii(name)) {
        lk_buf_put_words(b, name);
        return;
    }
    lk_buf_put_char(b, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"' || name.ptr[i] == '\\') {
            lk_buf_put_char(b, '\\');
        }
        lk_buf_put_char(b, name.ptr[i]);
    }
    lk_buf_put_char(b, '"');
}

static void put_from(struct lk_buf *b, struct lk_str name, struct lk_str address) {
    lk_buf_put_cstr(b, "From: ");
    if (name.len > 0) {
        put_display_name(b, name);
        lk_buf_put_cstr(b, " <");
        lk_buf_put_str(b, address);
        lk_buf_put_char(b, '>');
    } else {
        lk_buf_put_str(b, address);
    }
    lk_buf_put_cstr(b, "\r\n");
}

static void put_headers(struct lk_buf *b, const struct lk_letter *letter, struct lk_str subject, bool plain) {
    struct lk_str host = lk_url_host(letter->public_url);

    lk_buf_put_cstr(b, "Date: ");
    lk_buf_put_mail_date(b, letter->now);
    lk_buf_put_cstr(b, "\r\nTo: ");
    lk_buf_put_str(b, letter->to);
    lk_buf_put_cstr(b, "\r\nSubject: ");
    lk_buf_put_words(b, subject);
    lk_buf_put_cstr(b, "\r\nMessage-ID: <");
    lk_buf_put_str(b, letter->id);
    lk_buf_put_char(b, '@');
    /* An IPv6 address and a non-ASCII name are no dot-atoms. */
    lk_buf_put_str(b, host.len > 0 && lk_is_ascii(host) && lk_str_find(host, ':') == host.len
                          ? host
                          : LK_STR("latchkey"));
    lk_buf_put_cstr(b, ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                       "Content-Type: text/plain; charset=utf-8\r\nContent-Language: ");
    lk_buf_put_cstr(b, lk_wording_end(letter->language)->tag);
    lk_buf_put_cstr(b, "\r\nContent-Transfer-Encoding: ");
    lk_buf_put_cstr(b, plain ? "7bit\r\n\r\n" : "quoted-printable\r\n\r\n");
}

/* The body is built at the far end of the buffer, then encoded behind the headers. */
int lk_letter_write(struct lk_buf *b, const struct lk_letter *letter) {
    char subject_mem[LK_MAIL_SUBJECT_MAX];
    struct lk_buf subject;
    struct lk_buf body;
    struct lk_str name;
    struct lk_str address;

    if (letter->kind == LK_MAIL_NOTHING || !address_ok(letter->to) || has_control(letter->username) ||
        has_control(letter->uidb64) || has_control(letter->token) || has_control(letter->public_url) ||
        has_control(letter->id) || has_control(letter->site) || letter->language >= LK_LANGUAGES) {
        return LK_ERR_INVALID;
    }
    if (lk_mailbox_parse(letter->from, &name, &address) < 0) {
        return LK_ERR_INVALID;
    }
    if (b->err != 0 || b->cap - b->len < BODY_MAX) {
        return LK_ERR_TOO_LARGE;
    }
    lk_buf_init(&subject, subject_mem, sizeof(subject_mem));
    lk_letter_subject(&subject, letter);
    lk_buf_init(&body, b->ptr + (b->cap - BODY_MAX), BODY_MAX);
    put_body(&body, letter);
    if (subject.err != 0 || body.err != 0) {
        return LK_ERR_TOO_LARGE;
    }
    bool plain = fits_7bit(lk_buf_str(&body));
    size_t whole = b->cap;
    b->cap -= BODY_MAX;
    put_from(b, name, address);
    put_headers(b, letter, lk_buf_str(&subject), plain);
    if (plain) {
        put_lines(b, lk_buf_str(&body));
    } else {
        lk_buf_put_quoted_printable(b, lk_buf_str(&body));
    }
    b->cap = whole;
    return b->err;
}
