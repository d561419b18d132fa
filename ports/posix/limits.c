#include "cli.h"

#include <sys/resource.h>

unsigned cli_raise_descriptors(unsigned wanted) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    if (limit.rlim_cur < wanted) {
        struct rlimit higher = limit;
        higher.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &higher) == 0) {
            limit = higher;
        }
    }
    return limit.rlim_cur < wanted ? (unsigned)limit.rlim_cur : wanted;
}
