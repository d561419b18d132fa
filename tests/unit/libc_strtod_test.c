/* A board's strtod against this machine's, which is exact. */
#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROUNDS 200000

double board_strtod(const char *text, char **end);

static uint64_t any(void) {
    static uint64_t seed = 88172645463325252U;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* The same bits, and as much read. */
static void check(const char *text) {
    char *end, *ours_end;
    double value = strtod(text, &end);
    double ours = board_strtod(text, &ours_end);
    if (memcmp(&value, &ours, sizeof(value)) != 0 || end != ours_end) {
        fail_msg("%s: %.17g, not %.17g; read %d, not %d", text, ours, value, (int)(ours_end - text),
                 (int)(end - text));
    }
}

static void test_edges(void **state) {
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        " 2",
        "+3",
        "5.",
        ".5",
        "-.5e-3",
        "",
        ".",
        "-",
        "e1",
        "1e",
        "1e+",
        "1e-x",
        "abc",
        "1.5.2",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        "1e400",
        "1e401",
        "1e99999999999",
        "0e99999999999",
        "1e-400",
        "1e-401",
        "1e-99999999999",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-323",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "9007199254740991",
        "9007199254740992.5",
        "9007199254740993",
        "9007199254740993.00000000000000000000001",
        "9007199254740995",
        "1e22",
        "1e23",
        "8.5e23",
        "123456789012345678901234567890123456789012345678901234567890",
        "0.0000000000000000000000000000000000000000000000000000000000123",
        "00000000000000000000000000000000000000000000000000000000000001.5",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        check(texts[i]);
    }
}

static void test_many(void **state) {
    char text[80];
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t bits = any();
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
            continue;
        }
        (void)snprintf(text, sizeof(text), "%.*e", (int)(any() % 30), value);
        check(text);
        (void)snprintf(text, sizeof(text), "%llu.%llue%d", (unsigned long long)any(),
                       (unsigned long long)(any() % 1000), (int)(any() % 700) - 350);
        check(text);
        /* Half-way between two doubles. */
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)((bits >> 10) | 1U << 30 | 1));
        check(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
