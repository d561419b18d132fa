/*
 * Submits one mail, for tests that bring the server: the configuration of the mailer and the envelope come as
 * arguments, the message from standard input.
 *
 *     mail_tool smtp|smtps TARGET FROM TO CA-FILE FINGERPRINT PATIENCE-MS
 *
 * Prints "RESULT STAGE CODE SERVER-WIDE TEXT"; RESULT is ok, later, never or the plain text of another error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/ssl.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "mail/smtp.h"

static char message[65536];

static int fill(struct lk_smtp_server *server, char *argv[]) {
    struct lk_str pin = lk_str_from(argv[6]);
    uint64_t patience;

    if (lk_smtp_parse_target(server, strcmp(argv[1], "smtps") == 0, lk_str_from(argv[2])) < 0 ||
        lk_str_to_u64(lk_str_from(argv[7]), 600000, &patience) < 0 ||
        strlen(argv[5]) >= sizeof(server->trust.ca_file)) {
        return LK_ERR_INVALID;
    }
    server->patience_ms = (int64_t)patience;
    memcpy(server->hello, "localhost", sizeof "localhost");
    memcpy(server->trust.ca_file, argv[5], strlen(argv[5]) + 1);
    server->trust.pinned = pin.len > 0;
    return pin.len > 0 ? lk_hex_decode(pin, server->trust.fingerprint, LK_SHA256_LEN) : 0;
}

int main(int argc, char *argv[]) {
    static struct lk_smtp_server server;
    struct lk_smtp_report report;

    if (argc != 8 || fill(&server, argv) < 0 || lk_crypto_init() < 0 || wolfSSL_Init() != WOLFSSL_SUCCESS) {
        fputs("mail_tool: bad arguments\n", stderr);
        return 2;
    }
    size_t len = fread(message, 1, sizeof(message), stdin);
    int err = lk_smtp_send(&server, NULL, lk_str_from(argv[3]), lk_str_from(argv[4]),
                           (struct lk_str){message, len}, &report);
    const char *result = err == 0               ? "ok"
                         : err == LK_ERR_AGAIN  ? "later"
                         : err == LK_ERR_DENIED ? "never"
                                                : lk_err_text(err);
    printf("%s %s %d %d %s\n", result, report.stage, report.code, report.server_wide ? 1 : 0, report.text);
    wolfSSL_Cleanup();
    lk_crypto_free();
    return 0;
}
