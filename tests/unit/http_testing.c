#include "serve/framing.h"

const struct lk_request_head *testing_head(const char *const *fields);

const struct lk_request_head *testing_head(const char *const *fields) {
    static struct lk_request_head head;
    head.field_count = 0;
    for (; fields != NULL && fields[0] != NULL; fields += 2) {
        head.fields[head.field_count].name = lk_str_from(fields[0]);
        head.fields[head.field_count].value = lk_str_from(fields[1]);
        head.field_count++;
    }
    return &head;
}
