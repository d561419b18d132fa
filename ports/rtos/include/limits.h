/* newlib's, and what POSIX adds to it. CivetWeb keeps a path on its stack, although it serves no files here. */
#ifndef LK_RTOS_LIMITS_H
#define LK_RTOS_LIMITS_H

#include_next <limits.h>

#define PATH_MAX 64
#ifndef SSIZE_MAX
#define SSIZE_MAX INT_MAX
#endif

#endif
