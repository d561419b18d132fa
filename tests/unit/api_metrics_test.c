/* The numbers are for this machine and for services: what no client on the loopback network can try. */
#include "api/handlers.h"
#include "http_testing.h"

#include <string.h>

static int ask_from(const uint8_t address[16], enum lk_caller_kind kind) {
    struct testing t;
    struct lk_app app = {.service = NULL};
    testing_begin(&t, (const char *const[]){NULL}, LK_STR(""));
    memcpy(t.request.client.address, address, 16);
    t.request.caller.kind = kind;
    t.request.app = &app;
    lk_api_metrics(&t.request, &t.response);
    int status = t.response.status;
    lk_arena_free(&t.arena);
    return status;
}

static void test_strangers(void **state) {
    (void)state;
    static const uint8_t strangers[][16] = {
        {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 1}, /* 192.0.2.1 */
        {[10] = 0xff, [11] = 0xff, [12] = 128, [15] = 1},                     /* 128.0.0.1 */
        {[10] = 0xff, [11] = 0xff, [12] = 126, [13] = 255, [14] = 255, [15] = 255},
        {[12] = 127, [15] = 1},             /* ::127.0.0.1, which is no mapped address */
        {[15] = 2},                         /* ::2 */
        {[0] = 0},                          /* :: */
        {[0] = 0xfe, [1] = 0x80, [15] = 1}, /* fe80::1 */
        {[0] = 0x20, [1] = 0x01, [2] = 0x0d, [3] = 0xb8, [15] = 1},
    };
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        assert_int_equal(ask_from(strangers[i], LK_CALLER_NOBODY), 403);
        assert_int_equal(ask_from(strangers[i], LK_CALLER_USER), 403);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
