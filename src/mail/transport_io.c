/* What a wait on a mail server's socket is made of. */
#include "mail/transport_io.h"

#include "base/buf.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>

#define STOP_LOOK 100 /* milliseconds between two looks at `stopping` */

int64_t lk_mail_clock(void) {
    return (int64_t)lk_time_mono_ms();
}

bool lk_mail_stopping(struct lk_mail_stop *stop) {
    if (stop == NULL) {
        return false;
    }
    pthread_mutex_lock(&stop->lock);
    bool stopping = stop->stopping;
    pthread_mutex_unlock(&stop->lock);
    return stopping;
}

void lk_transport_set_why(struct lk_transport *t, const char *why) {
    struct lk_buf b;

    lk_buf_init(&b, t->why, sizeof(t->why));
    lk_buf_put_str(&b, lk_str_sub(lk_str_from(why), 0, sizeof(t->why) - 1));
    lk_buf_put_char(&b, '\0');
}

int lk_transport_wait(struct lk_transport *t, bool for_write) {
    for (;;) {
        int64_t left = t->deadline - lk_mail_clock();
        if (lk_mail_stopping(t->stop)) {
            return LK_ERR_CLOSED;
        }
        if (left <= 0) {
            lk_transport_set_why(t, "the server did not answer in time");
            return LK_ERR_TIMEOUT;
        }
        struct pollfd p = {.fd = t->fd, .events = for_write ? POLLOUT : POLLIN};
        int n = poll(&p, 1, left < STOP_LOOK ? (int)left : STOP_LOOK);
        if (n > 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return LK_ERR_IO;
        }
    }
}
