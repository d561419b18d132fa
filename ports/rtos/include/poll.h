/* poll() is lwIP's: of sockets alone. */
#include <lwip/sockets.h>
