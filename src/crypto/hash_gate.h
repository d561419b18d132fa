/*
 * The bounded gate before password hashing. A few background threads hash, so that a flood of logins leaves
 * the other routes answering; callers wait their turn in a queue of fixed length, and over it they are told
 * at once.
 */
#ifndef LK_CRYPTO_HASH_GATE_H
#define LK_CRYPTO_HASH_GATE_H

#include "crypto/password.h"

struct lk_hash_gate;

/*
 * `workers` threads (1..64, background priority) and at most `waiting` callers (1..4096) in the queue
 * besides. There is one gate a process. Returns NULL when there is one already, a number is out of its
 * bounds, or a thread could not start.
 */
struct lk_hash_gate *lk_hash_gate_new(unsigned workers, unsigned waiting);
/* Waits for the hashes under way, then frees. No caller may be inside or enter. */
void lk_hash_gate_free(struct lk_hash_gate *g);

/* lk_password_make and lk_password_check through the gate, first come first served; they block
   (lk_blocking_begin/end) until done. LK_ERR_BUSY besides their own answers, when the queue is full. */
int lk_hash_gate_make(struct lk_hash_gate *g, struct lk_str password, uint32_t iterations,
                      char out[LK_PASSWORD_HASH_MAX + 1]);
int lk_hash_gate_check(struct lk_hash_gate *g, struct lk_str password, struct lk_str encoded);
/* Spends the time of a check at `iterations`; returns LK_ERR_MISMATCH or LK_ERR_BUSY. */
int lk_hash_gate_check_nobody(struct lk_hash_gate *g, struct lk_str password, uint32_t iterations);

/* Callers waiting or being served now, for the metrics. */
unsigned lk_hash_gate_depth(struct lk_hash_gate *g);

#endif
