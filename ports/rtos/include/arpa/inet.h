/* inet_ntop and inet_pton are lwIP's. */
#include <netinet/in.h>
