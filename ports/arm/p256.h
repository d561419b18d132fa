/*
 * Products for P-256 that wolfSSL's curve code calls instead of its own (ports/patches/wolfssl/0003), which do
 * without UMAAL: on a Cortex-M4 or M7, twice the handshakes and less flash.
 *
 * Numbers are 8 words, least significant first, each below 2^256. Montgomery form is that of R = 2^256. The
 * result may stand where an operand does. Constant time.
 */
#ifndef LK_ARM_P256_H
#define LK_ARM_P256_H

#include <stdint.h>

/* r = a * b, 16 words. */
void lk_p256_product(uint32_t r[16], const uint32_t a[8], const uint32_t b[8]);

/* r = a * b / R modulo the curve's prime, below 2^256 but perhaps not below the prime. */
void lk_p256_mul(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]);

/* The same modulo the curve's order. */
void lk_p256_mul_order(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]);

#endif
