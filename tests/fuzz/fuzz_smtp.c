/* Lines of a mail server's replies, the address of one, and the mail that a letter becomes. */
#include "fuzz.h"

#include "base/buf.h"
#include "mail/compose.h"
#include "mail/smtp.h"

static void fuzz_reply(struct lk_str line) {
    struct lk_smtp_features features = {.size = 0};
    struct lk_str text;
    int code;
    bool more;
    if (lk_smtp_reply_line(line, &code, &more, &text) == 0) {
        MUST(code >= 200 && code <= 599 && text.len <= line.len);
        lk_smtp_feature(&features, text);
    }
    lk_smtp_feature(&features, line);
}

static void fuzz_target(struct lk_str target) {
    struct lk_smtp_server server = {.port = 0};
    if (lk_smtp_parse_target(&server, false, target) == 0) {
        MUST(server.host[0] != '\0' && server.port != 0);
        MUST(strpbrk(server.host, "\r\n") == NULL && strpbrk(server.user, "\r\n") == NULL);
    }
}

static int put(void *arg, struct lk_str piece) {
    lk_buf_put_str(arg, piece);
    return 0;
}

/* Only the last line of what DATA carries may be a lone dot. */
static void check_data(struct lk_str message) {
    static char data[2 * LK_MAIL_MAX];
    struct lk_buf b;
    lk_buf_init(&b, data, sizeof(data));
    MUST(lk_smtp_put_data(message, put, &b) == 0);
    struct lk_str out = lk_buf_str(&b);
    for (size_t i = 0; i + 5 < out.len; i++) {
        MUST(memcmp(out.ptr + i, "\r\n.\r\n", 5) != 0);
    }
}

/* Whoever chose the names: the header has our fields, no more, and no line that is not ended by CR LF. */
static void fuzz_letter(struct lk_str text) {
    static char mem[LK_MAIL_MAX];
    struct lk_buf b;
    size_t half = text.len / 2;
    struct lk_letter letter = {.kind = LK_MAIL_RESET,
                               .from = LK_STR("Login <login@x.io>"),
                               .to = lk_str_sub(text, 0, half),
                               .username = lk_str_sub(text, half, text.len),
                               .uidb64 = LK_STR("a"),
                               .token = LK_STR("b"),
                               .public_url = LK_STR("https://x.io"),
                               .id = LK_STR("1"),
                               .now = 1700000000};
    lk_buf_init(&b, mem, sizeof(mem));
    if (lk_letter_write(&b, &letter) < 0) {
        return;
    }
    size_t fields = 0;
    size_t start = 0;
    for (size_t i = 0; i < b.len && mem[start] != '\r'; i++) {
        if (mem[i] == '\n') {
            MUST(i > 0 && mem[i - 1] == '\r');
            fields += mem[start] != ' ';
            start = i + 1;
        }
    }
    MUST(fields == 10 && lk_str_find((struct lk_str){mem, b.len}, '\0') == b.len);
    check_data((struct lk_str){mem, b.len});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = fuzz_copy(data, size);
    struct lk_str text = {copy, size};
    fuzz_reply(text);
    fuzz_target(text);
    fuzz_letter(text);
    free(copy);
    return 0;
}
