/* For wolfSSL's wolfio.c, which includes it and calls nothing of it here. */
#include <lwip/sockets.h>
