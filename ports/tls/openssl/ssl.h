/*
 * What CivetWeb takes for OpenSSL. Its SSL object is our connection: a request that was read, checked and
 * decrypted before CivetWeb was lent the connection (src/serve). It reads a request line of ours, calls the
 * handler, which answers through the connection itself, and gives the connection back with SSL_free.
 * Contexts, certificates and handshakes are none of its business; the calls that its source holds for them do
 * nothing.
 */
#ifndef LK_TLS_OPENSSL_SSL_H
#define LK_TLS_OPENSSL_SSL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct lk_conn;
typedef struct lk_conn SSL;
typedef struct lk_tls SSL_CTX;
typedef struct lk_x509 X509;
typedef struct lk_x509_name X509_NAME;
typedef struct lk_asn1_integer ASN1_INTEGER;
typedef struct lk_bignum BIGNUM;
typedef struct lk_evp_md EVP_MD;

/* --- what ports/patches/civetweb/0001 calls; made by src/serve/civetweb.c ------------------------------- */

#define MG_EXTERNAL_CONNECTIONS
void mg_external_accepted(void *user_data, int fd, const struct sockaddr *remote,
                          const struct sockaddr *local, int is_ssl);
/* accept() failed; errno says why. */
void mg_external_accept_failed(void *user_data);
struct lk_conn *mg_external_next(void *user_data, int thread);

int lk_civetweb_read(struct lk_conn *conn, void *out, int cap);
int lk_civetweb_pending(const struct lk_conn *conn);
int lk_civetweb_write(struct lk_conn *conn, const void *data, int len);
void lk_civetweb_done(struct lk_conn *conn);

/* --- the live calls ------------------------------------------------------------------------------------- */

#define SSL_ERROR_SSL 1
#define SSL_ERROR_WANT_READ 2
#define SSL_ERROR_WANT_WRITE 3
#define SSL_ERROR_WANT_X509_LOOKUP 4
#define SSL_ERROR_SYSCALL 5
#define SSL_ERROR_WANT_CONNECT 7
#define SSL_ERROR_WANT_ACCEPT 8

#define SSL_read(ssl, out, cap) lk_civetweb_read((ssl), (out), (cap))
#define SSL_pending(ssl) lk_civetweb_pending(ssl)
#define SSL_write(ssl, data, len) lk_civetweb_write((ssl), (data), (len))
#define SSL_free(ssl) lk_civetweb_done(ssl)
#define SSL_get_error(ssl, n) ((void)(ssl), (void)(n), SSL_ERROR_SSL)
#define SSL_shutdown(ssl) ((void)(ssl))

/* --- the dead ones -------------------------------------------------------------------------------------- */

#define OPENSSL_VERSION_NUMBER 0x30000000L

#define SSL_VERIFY_NONE 0
#define SSL_VERIFY_PEER 1
#define SSL_VERIFY_FAIL_IF_NO_PEER_CERT 2
#define SSL_OP_ALL 0
#define SSL_OP_NO_SSLv2 0
#define SSL_OP_NO_SSLv3 0
#define SSL_OP_NO_TLSv1 0
#define SSL_OP_NO_TLSv1_1 0
#define SSL_OP_NO_TLSv1_2 0
#define SSL_OP_NO_TLSv1_3 0
#define SSL_OP_SINGLE_DH_USE 0
#define SSL_OP_CIPHER_SERVER_PREFERENCE 0
#define SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION 0
#define SSL_OP_NO_COMPRESSION 0
#define SSL_OP_NO_RENEGOTIATION 0
#define SSL_SESS_CACHE_BOTH 0
#define SSL_CB_HANDSHAKE_START 0
#define SSL_CB_HANDSHAKE_DONE 0
#define SSL_TLSEXT_ERR_OK 0
#define SSL_TLSEXT_ERR_NOACK 3
#define TLSEXT_NAMETYPE_host_name 0

#define SSL_library_init() ((void)0)
#define SSL_load_error_strings() ((void)0)
#define CONF_modules_unload(all) ((void)0)
#define OPENSSL_free(p) ((void)(p))
#define ERR_get_error() 0UL
#define ERR_error_string(code, out) ((void)(code), "")
#define ERR_clear_error() ((void)0)
#define SSLv23_server_method() NULL
#define SSLv23_client_method() NULL

#define SSL_new(ctx) ((void)(ctx), (SSL *)NULL)
#define SSL_set_fd(ssl, fd) ((void)(ssl), (void)(fd), 0)
#define SSL_set_app_data(ssl, data) ((void)(ssl), (void)(data))
#define SSL_get_app_data(ssl) ((void)(ssl), (void *)NULL)
#define SSL_set_tlsext_host_name(ssl, name) ((void)(ssl), (void)(name))
#define SSL_get_servername(ssl, type) ((void)(ssl), (const char *)NULL)
#define SSL_set_SSL_CTX(ssl, ctx) ((void)(ssl), (void)(ctx), (SSL_CTX *)NULL)
#define SSL_get_peer_certificate(ssl) ((void)(ssl), (X509 *)NULL)
static inline int SSL_accept(SSL *ssl) {
    (void)ssl;
    return 0;
}
static inline int SSL_connect(SSL *ssl) {
    (void)ssl;
    return 0;
}

#define SSL_CTX_new(method) ((SSL_CTX *)(method))
#define SSL_CTX_free(ctx) ((void)(ctx))
#define SSL_CTX_clear_options(ctx, options) ((void)(ctx), (void)(options))
#define SSL_CTX_set_options(ctx, options) ((void)(ctx), (void)(options))
#define SSL_CTX_set_ecdh_auto(ctx, on) ((void)(ctx))
#define SSL_CTX_set_info_callback(ctx, f) ((void)(ctx), (void)(f))
#define SSL_CTX_set_tlsext_servername_callback(ctx, f) ((void)(ctx), (void)(f))
#define SSL_CTX_set_alpn_protos(ctx, list, len) ((void)(ctx), (void)(list), 0)
#define SSL_CTX_set_alpn_select_cb(ctx, f, arg) ((void)(ctx), (void)(f), (void)(arg))
#define SSL_CTX_set_next_protos_advertised_cb(ctx, f, arg) ((void)(ctx), (void)(f), (void)(arg))
#define SSL_CTX_set_session_id_context(ctx, id, len) ((void)(ctx), (void)(id), (void)(len))
#define SSL_CTX_load_verify_locations(ctx, file, path) ((void)(ctx), (void)(file), (void)(path), 0)
#define SSL_CTX_set_default_verify_paths(ctx) ((void)(ctx), 0)
#define SSL_CTX_set_verify(ctx, mode, f) ((void)(ctx), (void)(mode))
#define SSL_CTX_set_verify_depth(ctx, depth) ((void)(ctx), (void)(depth))
#define SSL_CTX_set_cipher_list(ctx, list) ((void)(ctx), (void)(list), 0)
#define SSL_CTX_set_session_cache_mode(ctx, mode) ((void)(ctx))
#define SSL_CTX_set_timeout(ctx, seconds) ((void)(ctx), (void)(seconds))
#define SSL_CTX_use_certificate_file(ctx, file, type) ((void)(ctx), (void)(file), 0)
#define SSL_CTX_use_certificate_chain_file(ctx, file) ((void)(ctx), (void)(file), 0)
#define SSL_CTX_use_PrivateKey_file(ctx, file, type) ((void)(ctx), (void)(file), 0)
#define SSL_CTX_check_private_key(ctx) ((void)(ctx), 0)

#define X509_get_subject_name(cert) ((void)(cert), (X509_NAME *)NULL)
#define X509_get_issuer_name(cert) ((void)(cert), (X509_NAME *)NULL)
#define X509_get_serialNumber(cert) ((void)(cert), (ASN1_INTEGER *)NULL)
#define X509_NAME_oneline(name, out, len) ((void)(name), (void)(out), (void)(len))
#define X509_free(cert) ((void)(cert))
#define ASN1_INTEGER_to_BN(i, n) ((void)(i), (BIGNUM *)NULL)
#define BN_bn2hex(n) ((void)(n), (char *)NULL)
#define BN_free(n) ((void)(n))
#define i2d_X509(cert, out) ((void)(cert), (void)(out), 0)
#define EVP_get_digestbyname(name) ((void)(name), (const EVP_MD *)NULL)
#define EVP_Digest(data, len, out, out_len, md, e) ((void)(data), (void)(out), (void)(md), 0)

#endif
