/*
 * wolfSSL on a Cortex-M: P-256 alone with the assembly for it, small tables, little stack, no files, and
 * seeds from the port. What a choice costs is in DESIGN.md, section "Size".
 */
#ifndef LK_WOLFSSL_TARGET_H
#define LK_WOLFSSL_TARGET_H

#include <stddef.h>

#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define WOLFSSL_SMALL_STACK
#define NO_FILESYSTEM
#define NO_WRITEV
#define NO_ERROR_STRINGS
#define WOLFSSL_ASN_TEMPLATE
#define WOLFSSL_NO_CLIENT_AUTH

/* AES-128-GCM, which only ever encrypts a block: half the tables, and no copy of the loop for each round. */
#define NO_AES_DECRYPT
#define HAVE_AESGCM_DECRYPT
#define NO_AES_192
#define NO_AES_256
#define WOLFSSL_AES_NO_UNROLL

/* Big numbers: those of P-256 and no others. */
#define WOLFSSL_SP_MATH
#define SP_WORD_SIZE 32
#define WOLFSSL_SP_SMALL
#define WOLFSSL_SP_ASM
#define WOLFSSL_SP_ARM_CORTEX_M_ASM
#ifdef __ARM_FEATURE_DSP
/* A Cortex-M4 or M7: the long products are ours. */
#include "arm/p256.h"
#define WOLFSSL_SP_256_PRODUCTS
#endif
#define NO_RSA

/* SHA-256 is ours on each of them. */
#include "arm/sha256.h"
#define WOLFSSL_SHA256_COMPRESS lk_sha256_compress

/* Each generator is seeded by the port: wolfCrypt knows no source of its own here. */
int lk_port_entropy(void *out, size_t len);
#define CUSTOM_RAND_GENERATE_SEED lk_port_entropy

#endif
