/* What the two halves of the transport share. */
#ifndef LK_MAIL_TRANSPORT_IO_H
#define LK_MAIL_TRANSPORT_IO_H

#include "mail/transport.h"

/* Keeps the first sizeof(t->why) - 1 bytes of `why`. */
void lk_transport_set_why(struct lk_transport *t, const char *why);
/* Waits for the socket. Returns 0, LK_ERR_TIMEOUT, LK_ERR_CLOSED (stopping) or LK_ERR_IO. */
int lk_transport_wait(struct lk_transport *t, bool for_write);

int lk_transport_tls_read(struct lk_transport *t, char *out, size_t cap);
int lk_transport_tls_write(struct lk_transport *t, struct lk_str data);
void lk_transport_tls_free(struct lk_transport *t);

#endif
