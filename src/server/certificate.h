/*
 * The server's TLS key and certificate: the owner's, or made at the first start.
 */
#ifndef LK_SERVER_CERTIFICATE_H
#define LK_SERVER_CERTIFICATE_H

#include "base/str.h"

#include <stdint.h>

#define SERVER_CERTIFICATE_MAX 16384 /* bytes of a PEM chain */
#define SERVER_KEY_MAX 4096          /* bytes of a PEM key */

/* Names of the files in the data folder. */
#define SERVER_CERTIFICATE_FILE "tls.crt"
#define SERVER_KEY_FILE "tls.key"

#define SERVER_CERTIFICATE_NEVER INT64_MAX

struct server_certificate {
    char certificate[SERVER_CERTIFICATE_MAX];
    size_t certificate_len;
    char key[SERVER_KEY_MAX];
    size_t key_len;
    int64_t
        renew_at; /* the second from which on it is to be made anew; SERVER_CERTIFICATE_NEVER: the owner's */
};

/*
 * Reads the chain and the key from these paths. Returns 0 or an error with `why`, one sentence.
 */
int server_certificate_read(struct server_certificate *c, const char *certificate_path, const char *key_path,
                            char *why, size_t why_len);

/*
 * Reads those of the data folder, and makes them where there are none or `now` (seconds since 1970) is less than a
 * month before their end: good for localhost, the loopback addresses and `host` (a DNS name or a numeric address;
 * empty: none), for 820 days. What was made is told in the log. Returns 0 or an error with `why`.
 */
int server_certificate_own(struct server_certificate *c, const char *dir, struct lk_str host, int64_t now,
                           char *why, size_t why_len);

#endif
