/*
 * wolfSSL's configuration: what Latchkey uses of it and nothing else. A target adds its own half,
 * wolfssl_target.h: its assembly, its word sizes, its memory.
 */
#ifndef LK_WOLFSSL_USER_SETTINGS_H
#define LK_WOLFSSL_USER_SETTINGS_H

#include "options.h"

#include "wolfssl_target.h"

/* --- big numbers: single precision code for P-256; the target says what serves the rest ---------------- */
#define WOLFSSL_HAVE_SP_ECC
#define ECC_TIMING_RESISTANT
#define TFM_TIMING_RESISTANT

/* --- public keys ---------------------------------------------------------------------------------------- */
#define HAVE_ECC
#define ECC_SHAMIR
#define HAVE_SUPPORTED_CURVES

/* --- ciphers and hashes: AEAD alone, no CBC, no SHA-1, no MD5 ------------------------------------------- */
#define HAVE_AESGCM
#define NO_AES_CBC
#define HAVE_CHACHA
#define HAVE_POLY1305
#define HAVE_HKDF
#define HAVE_HASHDRBG
#define HAVE_PBKDF2
#define GCM_TABLE_4BIT
#define NO_DES3
#define NO_RC4
#define NO_MD4
#define NO_MD5
#define NO_SHA
#define NO_DSA
#define NO_DH
#define NO_PSK

/* --- TLS 1.3 and 1.2, resumed by ticket ----------------------------------------------------------------- */
#define WOLFSSL_TLS13
#define NO_OLD_TLS
#if !LK_TLS12
#define WOLFSSL_NO_TLS12
#endif
#if !LK_SMTP
#define NO_WOLFSSL_CLIENT
#endif
#define HAVE_TLS_EXTENSIONS
#define HAVE_SNI
#define HAVE_EXTENDED_MASTER
/* A session lives in its ticket alone: no table of sessions, and no lock around one. */
#define HAVE_SESSION_TICKET
#define NO_SESSION_CACHE
/* The tickets' keys are ours (src/serve/tickets.h). */
#define WOLFSSL_NO_DEF_TICKET_ENC_CB
/* OpenSSL 3 clients refuse TLS 1.2 without it; renegotiation itself stays out. */
#define HAVE_SERVER_RENEGOTIATION_INFO

/* --- the certificate made at first start ---------------------------------------------------------------- */
#define WOLFSSL_CERT_GEN
#define WOLFSSL_CERT_EXT
#define WOLFSSL_ALT_NAMES
#define WOLFSSL_KEY_GEN
#define WOLFSSL_DER_TO_PEM
#define WOLFSSL_PEM_TO_DER
#define WOLFSSL_BASE64_ENCODE

#endif
