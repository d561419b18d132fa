/* Where a board's random bytes come from: its generator, a provisioned seed, or both. */
#ifndef LK_RTOS_PORT_ENTROPY_H
#define LK_RTOS_PORT_ENTROPY_H

#include <stddef.h>

/* Bytes of a provisioned seed, made outside by a good generator. */
#define LK_SEED_LEN 48

/*
 * Gathers what there is, after lk_storage_mount and before lk_crypto_init. The stored seed, if there is one, is
 * replaced by its successor before a byte of it is used: no two starts give the same bytes, whatever happens to
 * the power. Returns 0, or LK_ERR_ENTROPY when there is neither generator nor seed, or the successor could not be
 * stored: lk_port_entropy then fails for good.
 */
int lk_entropy_start(void);

/* Stores a seed for the next start. Returns 0 or as lk_port_file_write. */
int lk_entropy_provision(const unsigned char seed[LK_SEED_LEN]);

#endif
