/* What the files of the firmware share. */
#ifndef LK_FIRMWARE_H
#define LK_FIRMWARE_H

#include "server/server.h"
#include "settings.h"

struct firmware {
    struct settings settings; /* as stored; the server may have smaller bounds (bounds.h) */
    struct lk_server *server; /* NULL: it did not start */
    bool mounted;             /* the storage can be used */
};
extern struct firmware firmware;

#endif
