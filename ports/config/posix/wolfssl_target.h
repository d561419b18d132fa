/*
 * wolfSSL on a desktop or a Linux appliance: the compiler's word sizes, files, RSA for the owner's
 * certificate and for the chains of mail servers, and on x86-64 the assembly (LK_WOLFSSL_X86_64, set by the
 * build that compiles it).
 */
#ifndef LK_WOLFSSL_TARGET_H
#define LK_WOLFSSL_TARGET_H

#define SIZEOF_LONG __SIZEOF_LONG__
#define SIZEOF_LONG_LONG __SIZEOF_LONG_LONG__
#ifdef __SIZEOF_INT128__
#define HAVE___UINT128_T 1
#endif
#define HAVE_SYS_TIME_H
#define HAVE_THREAD_LS
#define WOLFSSL_USE_ALIGN
/* Each session seeds a generator of its own: by a call that needs no descriptor, as there may be none left. */
#define WOLFSSL_GETRANDOM

#define WOLFSSL_SP_MATH_ALL
#define SP_INT_BITS 4096
/* Twice the handshakes a second with an RSA certificate, for 107 KB. */
#define WOLFSSL_HAVE_SP_RSA
#define WC_RSA_BLINDING
#define WC_RSA_PSS
#define HAVE_ECC384
#define HAVE_CURVE25519
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512

#ifdef LK_WOLFSSL_X86_64
/* Without it SHA-256 and Poly1305 stay in C, and say nothing. */
#ifndef WOLFSSL_X86_64_BUILD
#define WOLFSSL_X86_64_BUILD
#endif
#define USE_INTEL_SPEEDUP
#define WOLFSSL_AESNI
#define WOLFSSL_SP_X86_64
#define WOLFSSL_SP_X86_64_ASM
#define WOLFSSL_SP_ASM
#endif

#endif
