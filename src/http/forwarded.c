/* The client behind reverse proxies. */
#include "base/text.h"
#include "http/headers.h"
#include "serve/framing.h"

#include <string.h>

static bool is_proxy(const struct lk_network *proxies, size_t count, const uint8_t address[16]) {
    for (size_t i = 0; i < count; i++) {
        if (lk_network_has(&proxies[i], address)) {
            return true;
        }
    }
    return false;
}

/* Cuts the last item off a list. */
static struct lk_str last_item(struct lk_str *list) {
    size_t start = list->len;
    while (start > 0 && list->ptr[start - 1] != ',') {
        start--;
    }
    struct lk_str item = lk_str_trim(lk_str_sub(*list, start, list->len));
    *list = lk_str_sub(*list, 0, start > 0 ? start - 1 : 0);
    return item;
}

void lk_forwarded_client(const struct lk_request_head *head, const uint8_t peer[16],
                         const struct lk_network *proxies, size_t count, uint8_t client[16]) {
    memcpy(client, peer, 16);
    if (!is_proxy(proxies, count, peer)) {
        return;
    }
    for (size_t i = head->field_count; i-- > 0;) {
        struct lk_str list = head->fields[i].value;
        if (!lk_str_eq_nocase(head->fields[i].name, LK_STR("X-Forwarded-For"))) {
            continue;
        }
        while (list.len > 0) {
            if (lk_address_parse(last_item(&list), client) != 0 || !is_proxy(proxies, count, client)) {
                return;
            }
        }
    }
}
