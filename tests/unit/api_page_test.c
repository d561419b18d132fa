/* Pages: gaps are filled, what is put in is escaped, and nothing of the template shows. */
#include "api/page.h"
#include "http_testing.h"

#include <string.h>

static bool page_holds(const struct lk_response *res, const char *part) {
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= res->body.len; i++) {
        if (memcmp(res->body.ptr + i, part, len) == 0) {
            return true;
        }
    }
    return false;
}

static void test_escaping(void **state) {
    (void)state;
    struct testing t;
    testing_begin(&t, (const char *const[]){NULL}, LK_STR(""));
    const struct lk_page_gap gaps[] = {
        {.name = "title", .text = LK_STR("<b>\"Tom\" & 'Jerry'</b>")},
        {.name = "text", .text = LK_STR("{{title}} }} {{")},
    };
    lk_api_page(&t.response, 200, "message.html", gaps, 2);
    assert_int_equal(t.response.status, 200);
    assert_int_equal(t.response.body.err, 0);
    assert_true(page_holds(&t.response, "<h1>&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;</h1>"));
    /* What fills a gap is not looked at for gaps again. */
    assert_true(page_holds(&t.response, "<p>{{title}} }} {{</p>"));
    assert_non_null(t.response.csp);
    lk_arena_free(&t.arena);
}

static void test_markup(void **state) {
    (void)state;
    struct testing t;
    testing_begin(&t, (const char *const[]){NULL}, LK_STR(""));
    const struct lk_page_gap gap = {.name = "errors", .text = LK_STR("<ul><li>x</li></ul>"), .markup = true};
    lk_api_page(&t.response, 400, "reset.html", &gap, 1);
    assert_int_equal(t.response.status, 400);
    assert_true(page_holds(&t.response, "<ul><li>x</li></ul>"));
    lk_arena_free(&t.arena);
}

static void test_empty_gap(void **state) {
    (void)state;
    struct testing t;
    testing_begin(&t, (const char *const[]){NULL}, LK_STR(""));
    lk_api_page(&t.response, 200, "reset.html", NULL, 0);
    assert_false(page_holds(&t.response, "{{"));
    assert_false(page_holds(&t.response, "}}"));
    assert_true(page_holds(&t.response, "</html>"));
    lk_arena_free(&t.arena);
}

static void test_no_such_page(void **state) {
    (void)state;
    struct testing t;
    testing_begin(&t, (const char *const[]){NULL}, LK_STR(""));
    lk_api_page(&t.response, 200, "none.html", NULL, 0);
    assert_int_equal(t.response.status, 404);
    lk_arena_free(&t.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_markup),
        cmocka_unit_test(test_empty_gap),
        cmocka_unit_test(test_no_such_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
