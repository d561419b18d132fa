/* TCP_NODELAY and its kind stand beside lwIP's sockets. */
#include <lwip/sockets.h>
