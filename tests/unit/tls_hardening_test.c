/*
 * wolfSSL against a hand-made TLS 1.3 client that breaks the rules: the cases of our patches in
 * ports/patches/wolfssl. The client speaks X25519 and AES-128-GCM (RFC 8446) and knows just enough to get as
 * far as the record that matters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/kdf.h>

enum { HASH = 32, SHARE = 32, GROUP_X25519 = 29, RECORD_HEADER = 5 };

struct bytes {
    uint8_t data[16384];
    size_t len;
    size_t read; /* how far the reader has come */
};

struct fixture {
    WOLFSSL_CTX *ctx;
    WC_RNG rng;
    curve25519_key key;
    struct bytes to_server;
    struct bytes to_client;
};

static void put(struct bytes *b, const void *data, size_t len) {
    assert_true(len <= sizeof(b->data) - b->len);
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

static void put_u8(struct bytes *b, unsigned value) {
    const uint8_t byte = (uint8_t)value;
    put(b, &byte, 1);
}

static void put_u16(struct bytes *b, unsigned value) {
    put_u8(b, value >> 8);
    put_u8(b, value & 0xff);
}

/* Fills in the 16-bit length that stands at `at` with what was put after it. */
static void close_length(struct bytes *b, size_t at) {
    const size_t len = b->len - at - 2;
    b->data[at] = (uint8_t)(len >> 8);
    b->data[at + 1] = (uint8_t)len;
}

static int server_recv(WOLFSSL *ssl, char *out, int cap, void *arg) {
    struct fixture *f = arg;
    const size_t left = f->to_server.len - f->to_server.read;
    const size_t len = left < (size_t)cap ? left : (size_t)cap;
    (void)ssl;
    if (len == 0) {
        return WOLFSSL_CBIO_ERR_WANT_READ;
    }
    memcpy(out, f->to_server.data + f->to_server.read, len);
    f->to_server.read += len;
    return (int)len;
}

static int server_send(WOLFSSL *ssl, char *data, int len, void *arg) {
    struct fixture *f = arg;
    (void)ssl;
    put(&f->to_client, data, (size_t)len);
    return len;
}

static void load_certificate(struct fixture *f) {
    ecc_key key;
    Cert cert;
    byte der[1024];
    byte key_der[256];
    assert_int_equal(wc_ecc_init(&key), 0);
    assert_int_equal(wc_ecc_make_key_ex(&f->rng, 32, &key, ECC_SECP256R1), 0);
    assert_int_equal(wc_InitCert(&cert), 0);
    memcpy(cert.subject.commonName, "test", 5);
    cert.sigType = CTC_SHA256wECDSA;
    assert_true(wc_MakeCert(&cert, der, sizeof(der), NULL, &key, &f->rng) > 0);
    const int der_len = wc_SignCert(cert.bodySz, cert.sigType, der, sizeof(der), NULL, &key, &f->rng);
    const int key_len = wc_EccKeyToDer(&key, key_der, sizeof(key_der));
    assert_true(der_len > 0 && key_len > 0);
    assert_int_equal(wolfSSL_CTX_use_certificate_buffer(f->ctx, der, der_len, WOLFSSL_FILETYPE_ASN1),
                     WOLFSSL_SUCCESS);
    assert_int_equal(wolfSSL_CTX_use_PrivateKey_buffer(f->ctx, key_der, key_len, WOLFSSL_FILETYPE_ASN1),
                     WOLFSSL_SUCCESS);
    wc_ecc_free(&key);
}

static int set_up(void **state) {
    static struct fixture fixture;
    struct fixture *f = &fixture;
    memset(f, 0, sizeof(*f));
    assert_int_equal(wolfSSL_Init(), WOLFSSL_SUCCESS);
    assert_int_equal(wc_InitRng(&f->rng), 0);
    f->ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
    assert_non_null(f->ctx);
    load_certificate(f);
    wolfSSL_CTX_SetIORecv(f->ctx, server_recv);
    wolfSSL_CTX_SetIOSend(f->ctx, server_send);
    assert_int_equal(wc_curve25519_init(&f->key), 0);
    assert_int_equal(wc_curve25519_make_key(&f->rng, SHARE, &f->key), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    wc_curve25519_free(&f->key);
    wolfSSL_CTX_free(f->ctx);
    wc_FreeRng(&f->rng);
    wolfSSL_Cleanup();
    return 0;
}

/* Sends a ClientHello whose key_share extension holds the client's one public key under each of `groups`. */
static void send_client_hello(struct fixture *f, const uint16_t *groups, size_t count) {
    struct bytes *b = &f->to_server;
    uint8_t share[SHARE];
    word32 share_len = sizeof(share);
    assert_int_equal(wc_curve25519_export_public_ex(&f->key, share, &share_len, EC25519_LITTLE_ENDIAN), 0);

    put(b, "\x16\x03\x01\0\0", RECORD_HEADER);
    put(b, "\x01\0\0\0\x03\x03", 6); /* client_hello, 24-bit length, legacy_version */
    for (unsigned i = 0; i < 32; i++) {
        put_u8(b, i); /* random */
    }
    put(b, "\0\0\x02\x13\x01\x01\0", 7); /* no session id, TLS_AES_128_GCM_SHA256, no compression */
    const size_t extensions = b->len;
    put_u16(b, 0);
    put(b, "\0\x2b\0\x03\x02\x03\x04", 7);   /* supported_versions: TLS 1.3 */
    put(b, "\0\x0a\0\x04\0\x02\0\x1d", 8);   /* supported_groups: x25519 */
    put(b, "\0\x0d\0\x04\0\x02\x04\x03", 8); /* signature_algorithms: ecdsa_secp256r1_sha256 */
    put(b, "\0\x33", 2);                     /* key_share */
    const size_t key_share = b->len;
    put_u16(b, 0);
    put_u16(b, 0);
    for (size_t i = 0; i < count; i++) {
        put_u16(b, groups[i]);
        put_u16(b, SHARE);
        put(b, share, SHARE);
    }
    close_length(b, key_share + 2);
    close_length(b, key_share);
    close_length(b, extensions);
    close_length(b, RECORD_HEADER + 2);
    close_length(b, 3);
}

/* Lets the server read what was sent; returns its error, WOLFSSL_ERROR_WANT_READ when it is content so
   far. */
static int server_goes_on(WOLFSSL *ssl) {
    const int ret = wolfSSL_accept(ssl);
    return ret == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(ssl, ret);
}

static WOLFSSL *server_new(struct fixture *f) {
    WOLFSSL *ssl = wolfSSL_new(f->ctx);
    assert_non_null(ssl);
    wolfSSL_SetIOReadCtx(ssl, f);
    wolfSSL_SetIOWriteCtx(ssl, f);
    return ssl;
}

static int answer_to_shares(struct fixture *f, const uint16_t *groups, size_t count) {
    WOLFSSL *ssl = server_new(f);
    send_client_hello(f, groups, count);
    const int err = server_goes_on(ssl);
    wolfSSL_free(ssl);
    return err;
}

/* The control: without it the refusals below could be for any other fault of our ClientHello. */
static void test_one_key_share_is_accepted(void **state) {
    const uint16_t groups[] = {GROUP_X25519};
    assert_int_equal(answer_to_shares(*state, groups, 1), WOLFSSL_ERROR_WANT_READ);
}

static void test_distinct_key_shares_are_accepted(void **state) {
    const uint16_t groups[] = {0x0a0a, GROUP_X25519, 30};
    assert_int_equal(answer_to_shares(*state, groups, 3), WOLFSSL_ERROR_WANT_READ);
}

static void test_duplicate_key_share_is_refused(void **state) {
    const uint16_t groups[] = {GROUP_X25519, GROUP_X25519};
    assert_int_equal(answer_to_shares(*state, groups, 2), BAD_KEY_SHARE_DATA);
}

static void test_endless_key_shares_are_refused(void **state) {
    uint16_t groups[17];
    for (size_t i = 0; i < 17; i++) {
        groups[i] = (uint16_t)(0x5000 + i);
    }
    groups[16] = GROUP_X25519;
    assert_int_equal(answer_to_shares(*state, groups, 17), BAD_KEY_SHARE_DATA);
}

static void expand(uint8_t *out, word32 len, const uint8_t *secret, const char *label, const uint8_t *hash) {
    assert_int_equal(wc_Tls13_HKDF_Expand_Label(out, len, secret, HASH, (const byte *)"tls13 ", 6,
                                                (const byte *)label, (word32)strlen(label), hash,
                                                hash ? HASH : 0, WC_SHA256),
                     0);
}

/* The X25519 secret that the client and the server, whose public key is `share`, have in common. */
static void agree(struct fixture *f, const uint8_t *share, uint8_t secret[SHARE]) {
    curve25519_key peer;
    word32 len = SHARE;
    assert_int_equal(wc_curve25519_init(&peer), 0);
    assert_int_equal(wc_curve25519_import_public_ex(share, SHARE, &peer, EC25519_LITTLE_ENDIAN), 0);
    assert_int_equal(wc_curve25519_shared_secret_ex(&f->key, &peer, secret, &len, EC25519_LITTLE_ENDIAN), 0);
    wc_curve25519_free(&peer);
}

/* Finds the server's key share in its ServerHello, and the ServerHello's length (without the record
   header). */
static const uint8_t *find_server_share(const struct fixture *f, size_t *hello_len) {
    const uint8_t *record = f->to_client.data;
    static const uint8_t head[] = {0, 0x33, 0, 36, 0, GROUP_X25519, 0, SHARE};
    assert_true(f->to_client.len > RECORD_HEADER && record[0] == 22);
    *hello_len = (size_t)record[3] << 8 | record[4];
    assert_true(*hello_len + RECORD_HEADER <= f->to_client.len);
    for (size_t i = RECORD_HEADER; i + sizeof(head) + SHARE <= *hello_len + RECORD_HEADER; i++) {
        if (memcmp(record + i, head, sizeof(head)) == 0) {
            return record + i + sizeof(head);
        }
    }
    fail_msg("no key share in the ServerHello");
    return NULL;
}

/* The client's handshake traffic secret (RFC 8446 7.1), from both hellos. */
static void client_secret(struct fixture *f, uint8_t secret[HASH]) {
    uint8_t hash[HASH];
    uint8_t empty_hash[HASH];
    uint8_t zeros[HASH] = {0};
    uint8_t shared[SHARE];
    uint8_t work[HASH];
    size_t hello_len;
    wc_Sha256 sha;

    const uint8_t *share = find_server_share(f, &hello_len);
    agree(f, share, shared);
    assert_int_equal(wc_InitSha256(&sha), 0);
    assert_int_equal(
        wc_Sha256Update(&sha, f->to_server.data + RECORD_HEADER, (word32)(f->to_server.len - RECORD_HEADER)),
        0);
    assert_int_equal(wc_Sha256Update(&sha, f->to_client.data + RECORD_HEADER, (word32)hello_len), 0);
    assert_int_equal(wc_Sha256Final(&sha, hash), 0);
    assert_int_equal(wc_Sha256Hash((const byte *)"", 0, empty_hash), 0);

    assert_int_equal(wc_Tls13_HKDF_Extract(secret, zeros, HASH, zeros, HASH, WC_SHA256), 0);
    expand(work, HASH, secret, "derived", empty_hash);
    assert_int_equal(wc_Tls13_HKDF_Extract(secret, work, HASH, shared, SHARE, WC_SHA256), 0);
    expand(work, HASH, secret, "c hs traffic", hash);
    memcpy(secret, work, HASH);
}

/* A correctly sealed record with `len` bytes of inner plaintext; an honest one has at least its content
   type. */
static void send_sealed(struct fixture *f, const uint8_t *plain, size_t len) {
    uint8_t secret[HASH];
    uint8_t key[16];
    uint8_t iv[12];
    uint8_t tag[16];
    uint8_t sealed[16];
    const uint8_t header[RECORD_HEADER] = {23, 3, 3, 0, (uint8_t)(len + sizeof(tag))};
    Aes aes;

    client_secret(f, secret);
    expand(key, sizeof(key), secret, "key", NULL);
    expand(iv, sizeof(iv), secret, "iv", NULL);
    assert_int_equal(wc_AesInit(&aes, NULL, INVALID_DEVID), 0);
    assert_int_equal(wc_AesGcmSetKey(&aes, key, sizeof(key)), 0);
    assert_int_equal(wc_AesGcmEncrypt(&aes, sealed, plain, (word32)len, iv, sizeof(iv), tag, sizeof(tag),
                                      header, sizeof(header)),
                     0);
    wc_AesFree(&aes);
    put(&f->to_server, header, sizeof(header));
    put(&f->to_server, sealed, len);
    put(&f->to_server, tag, sizeof(tag));
}

static int answer_to_sealed(struct fixture *f, const uint8_t *plain, size_t len) {
    const uint16_t groups[] = {GROUP_X25519};
    WOLFSSL *ssl = server_new(f);
    send_client_hello(f, groups, 1);
    assert_int_equal(server_goes_on(ssl), WOLFSSL_ERROR_WANT_READ);
    send_sealed(f, plain, len);
    const int err = server_goes_on(ssl);
    wolfSSL_free(ssl);
    return err;
}

/* The control: the server opens our record and reads the alert in it, a fatal handshake_failure. */
static void test_sealed_alert_is_read(void **state) {
    const uint8_t alert[] = {2, 40, 21};
    assert_int_equal(answer_to_sealed(*state, alert, sizeof(alert)), FATAL_ERROR);
}

static void test_empty_record_is_refused(void **state) {
    assert_int_equal(answer_to_sealed(*state, NULL, 0), BUFFER_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_key_share_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_distinct_key_shares_are_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_duplicate_key_share_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_endless_key_shares_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sealed_alert_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty_record_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
