#include "base/buf.h"
#include "serve/serve.h"

static const char *phrase(int status) {
    switch (status) {
    case 400:
        return "Bad Request";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Internal Server Error";
    }
}

size_t lk_serve_refusal(int status, const char *detail, char *out, size_t cap) {
    struct lk_str text = lk_str_from(detail);
    struct lk_buf b;

    lk_buf_init(&b, out, cap);
    lk_buf_put_cstr(&b, "HTTP/1.1 ");
    lk_buf_put_u64(&b, (uint64_t)status);
    lk_buf_put_char(&b, ' ');
    lk_buf_put_cstr(&b, phrase(status));
    lk_buf_put_cstr(&b, "\r\nContent-Type: application/json\r\nContent-Length: ");
    lk_buf_put_u64(&b, text.len + sizeof("{\"detail\":\"\"}") - 1);
    lk_buf_put_cstr(&b, status == 503 ? "\r\nRetry-After: 1" : "");
    lk_buf_put_cstr(&b, "\r\nConnection: close\r\nVary: Accept\r\nX-Content-Type-Options: nosniff\r\n"
                        "Referrer-Policy: same-origin\r\nX-Frame-Options: DENY\r\n\r\n{\"detail\":\"");
    lk_buf_put_str(&b, text);
    lk_buf_put_cstr(&b, "\"}");
    return b.err == 0 ? b.len : 0;
}
