#include "server/text.h"

#include "base/buf.h"
#include "base/err.h"

int server_say(char *why, size_t why_len, const char *subject, const char *problem, int err) {
    struct lk_buf b;
    lk_buf_init(&b, why, why_len - 1);
    lk_buf_put_cstr(&b, subject);
    lk_buf_put_cstr(&b, ": ");
    lk_buf_put_cstr(&b, problem);
    why[b.len] = '\0';
    return err;
}

int server_say_err(char *why, size_t why_len, const char *subject, int err) {
    switch (err) {
    case LK_ERR_DENIED:
        return server_say(why, why_len, subject, "others than its owner may open it; run chmod go= on it",
                          err);
    case LK_ERR_NOT_FOUND:
        return server_say(why, why_len, subject, "there is no such file; check the path in the configuration",
                          err);
    case LK_ERR_READ_ONLY:
        return server_say(why, why_len, subject, "it cannot be written; check its owner and mode", err);
    default:
        return server_say(why, why_len, subject, lk_err_text(err), err);
    }
}
