/* The body readers: what each takes, what each refuses and in which words, and that nothing crashes them. */
#include "http_testing.h"

#include <string.h>

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=b"

static struct testing T;
static struct lk_body *B;

static int read_body(const char *type, struct lk_str body) {
    const char *fields[] = {"Host", "x", "Content-Type", type, NULL};
    if (type == NULL) {
        fields[2] = NULL;
    }
    B = NULL;
    testing_begin(&T, fields, body);
    return lk_body_read(&T.request, &T.response, &B);
}

static void assert_refused(const char *type, struct lk_str body, int status, const char *answer) {
    assert_true(read_body(type, body) < 0);
    assert_answer(&T, status, answer);
    testing_end(&T);
}

/* The text of field "f" by the rules of a string field, or what is wrong with it. */
static void assert_field(const char *type, struct lk_str body, unsigned flags, const char *text,
                         const char *answer) {
    struct lk_violations v = {.count = 0};
    struct lk_str out;
    assert_int_equal(read_body(type, body), 0);
    bool good = lk_body_text(B, "f", LK_FIELD_USERNAME, flags, &v, &out);
    assert_int_equal(good, text != NULL);
    if (text != NULL) {
        assert_str(out, text);
    }
    if (answer != NULL) {
        lk_res_violations(&T.response, &v, LK_MOUNT_AUTH);
        assert_answer(&T, 400, answer);
    } else {
        assert_int_equal(v.count, 0);
    }
    testing_end(&T);
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

struct text_case {
    const char *json; /* the value of "f" */
    const char *text;
};

static void test_json_texts(void **state) {
    static const struct text_case cases[] = {
        {"\"a\"", "a"},
        {"\" a\\t\"", "a"},
        {"\"\\u00e9\\ud83d\\ude00\"", "\xC3\xA9\xF0\x9F\x98\x80"},
        {"\"\\u3000a\\u2028\"", "a"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\tx\"", "\"\\/\b\f\n\r\tx"},
        {"12345", "12345"},
        {"-0", "0"},
        {"-7", "-7"},
        {"123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"},
        {"1.5", "1.5"},
        {"1.0", "1.0"},
        {"1.50", "1.5"},
        {"-1.5e0", "-1.5"},
        {"0.0", "0.0"},
        {"-0.0", "-0.0"},
        {"1e5", "100000.0"},
        {"1E+15", "1000000000000000.0"},
        {"1e16", "1e+16"},
        {"1.25e16", "1.25e+16"},
        {"12345678901234568.0", "1.2345678901234568e+16"},
        {"0.0001", "0.0001"},
        {"0.00001", "1e-05"},
        {"123e-7", "1.23e-05"},
        {"0.1", "0.1"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"0.300000000000000044408920985", "0.30000000000000004"},
        {"9.9999999999999999", "10.0"},
        {"1e400", "inf"},
        {"-1e400", "-inf"},
        {"1e-400", "0.0"},
        {"1e99999999999999", "inf"},
        {"5e-324", "5e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char json[256];
        struct lk_buf b;
        lk_buf_init(&b, json, sizeof(json));
        lk_buf_put_cstr(&b, "{\"f\":");
        lk_buf_put_cstr(&b, cases[i].json);
        lk_buf_put_cstr(&b, "}");
        assert_field(JSON, lk_buf_str(&b), LK_FIELD_TRIM, cases[i].text, NULL);
    }
}

static void test_json_fields(void **state) {
    (void)state;
    assert_field(JSON, LK_STR("{}"), 0, NULL, "{\"username\":[\"This field is required.\"]}");
    assert_field(JSON, LK_STR("{}"), LK_FIELD_OPTIONAL, NULL, NULL);
    assert_field(JSON, LK_STR("{\"f\":null}"), 0, NULL, "{\"username\":[\"This field may not be null.\"]}");
    assert_field(JSON, LK_STR("{\"f\":null}"), LK_FIELD_NULLABLE, NULL, NULL);
    assert_field(JSON, LK_STR("{\"f\":\"\"}"), 0, NULL, "{\"username\":[\"This field may not be blank.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\" \\u00a0 \"}"), 0, NULL,
                 "{\"username\":[\"This field may not be blank.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\" p \"}"), 0, " p ", NULL);
    assert_field(JSON, LK_STR("{\"f\":true}"), 0, NULL, "{\"username\":[\"Not a valid string.\"]}");
    assert_field(JSON, LK_STR("{\"f\":[\"a\"]}"), 0, NULL, "{\"username\":[\"Not a valid string.\"]}");
    assert_field(JSON, LK_STR("{\"f\":{\"a\":1}}"), 0, NULL, "{\"username\":[\"Not a valid string.\"]}");
    assert_field(JSON, LK_STR("{\"f\":false}"), LK_FIELD_EMAIL_KIND, NULL,
                 "{\"username\":[\"Enter a valid email address.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"a\\u0000b\"}"), 0, NULL,
                 "{\"username\":[\"Null characters are not allowed.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"a\\u0000b\"}"), LK_FIELD_USERNAME_KIND, NULL,
                 "{\"username\":[\"Enter a valid username. This value may contain only letters, numbers, and "
                 "@/./+/-/_ characters.\",\"Null characters are not allowed.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"a\\u0000b\"}"), LK_FIELD_EMAIL_KIND, NULL,
                 "{\"username\":[\"Null characters are not allowed.\",\"Enter a valid email address.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"a\\ud800b\"}"), 0, NULL,
                 "{\"username\":[\"Surrogate characters are not allowed: U+D800.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"\\uDC01\\ud801\"}"), 0, NULL,
                 "{\"username\":[\"Surrogate characters are not allowed: U+DC01.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"\\ud800\\ud800\\udc00\"}"), 0, NULL,
                 "{\"username\":[\"Surrogate characters are not allowed: U+D800.\"]}");
    assert_field(JSON, LK_STR("{\"f\":\"a\",\"f\":\"b\"}"), 0, "b", NULL);
    assert_field(JSON, LK_STR("{\"f\":\"a\",\"g\":{\"f\":\"c\"},\"h\":[{\"f\":\"d\"}]}"), 0, "a", NULL);
    assert_field(JSON, LK_STR("{\"f\\u0000x\":\"a\"}"), LK_FIELD_OPTIONAL, NULL, NULL);
    assert_field(JSON, LK_STR("{\"g\":\"\\u0000\\ud800\",\"f\":\"a\"}"), 0, "a", NULL);
    assert_field(JSON, LK_STR(" \r\n\t{ \"f\" : \"a\" } \n"), 0, "a", NULL);
    assert_field("Application/JSON; charset=latin-1", LK_STR("{\"f\":\"a\"}"), 0, "a", NULL);
}

static void test_json_refused(void **state) {
    static const struct {
        struct lk_str body;
        const char *why;
    } cases[] = {
        {{"{'a':1}", 7}, "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
        {{"{\"a\":1} x", 9}, "Extra data: line 1 column 9 (char 8)"},
        {{"{\"a\":\n1,\n}", 11},
         "Expecting property name enclosed in double quotes: line 3 column 1 (char 9)"},
        {{"{\"username\": \"x\",", 17},
         "Expecting property name enclosed in double quotes: line 1 column 18 (char 17)"},
        {{"{\"\xC3\xA9\" 1}", 8}, "Expecting ':' delimiter: line 1 column 6 (char 5)"},
        {{"[1 2]", 5}, "Expecting ',' delimiter: line 1 column 4 (char 3)"},
        {{"[1,]", 4}, "Expecting value: line 1 column 4 (char 3)"},
        {{" ", 1}, "Expecting value: line 1 column 2 (char 1)"},
        {{"\0", 1}, "Expecting value: line 1 column 1 (char 0)"},
        {{"{\"a\":\"b", 7}, "Unterminated string starting at: line 1 column 6 (char 5)"},
        {{"\"\\", 2}, "Unterminated string starting at: line 1 column 1 (char 0)"},
        {{"\"a\nb\"", 5}, "Invalid control character at: line 1 column 3 (char 2)"},
        {{"\"\0\"", 3}, "Invalid control character at: line 1 column 2 (char 1)"},
        {{"\"\\x\"", 4}, "Invalid \\\\escape: line 1 column 2 (char 1)"},
        {{"\"\\u12g4\"", 8}, "Invalid \\\\uXXXX escape: line 1 column 2 (char 1)"},
        {{"\"\\u12", 5}, "Invalid \\\\uXXXX escape: line 1 column 2 (char 1)"},
        {{"01", 2}, "Extra data: line 1 column 2 (char 1)"},
        {{"-", 1}, "Expecting value: line 1 column 1 (char 0)"},
        {{"+1", 2}, "Expecting value: line 1 column 1 (char 0)"},
        {{"1.", 2}, "Expecting value: line 1 column 1 (char 0)"},
        {{"1e", 2}, "Expecting value: line 1 column 1 (char 0)"},
        {{".5", 2}, "Expecting value: line 1 column 1 (char 0)"},
        {{"0x10", 4}, "Extra data: line 1 column 2 (char 1)"},
        {{"nul", 3}, "Expecting value: line 1 column 1 (char 0)"},
        {{"nullx", 5}, "Extra data: line 1 column 5 (char 4)"},
        {{"NaN", 3}, "Out of range float values are not JSON compliant: line 1 column 1 (char 0)"},
        {{"[-Infinity]", 11}, "Out of range float values are not JSON compliant: line 1 column 2 (char 1)"},
        {{"\xEF\xBB\xBF{}", 5}, "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"},
        {{"{\"a\":\"\xFF\"}", 9}, "the text is not UTF-8"},
        {{"{\"a\":\"\xED\xA0\x80\"}", 11}, "the text is not UTF-8"},
        {{"{\"a\":\"\xC0\x80\"}", 10}, "the text is not UTF-8"},
        {{"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 35}, "Nested too deeply: line 1 column 17 (char 16)"},
        {{"// x\n{}", 7}, "Expecting value: line 1 column 1 (char 0)"},
        {{"{} \0", 4}, "Extra data: line 1 column 4 (char 3)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char want[256];
        struct lk_buf b;
        lk_buf_init(&b, want, sizeof(want));
        lk_buf_put_cstr(&b, "{\"detail\":\"JSON parse error - ");
        lk_buf_put_cstr(&b, cases[i].why);
        lk_buf_put_cstr(&b, "\"}");
        assert_int_equal(lk_buf_end_cstr(&b), 0);
        assert_refused(JSON, cases[i].body, 400, want);
    }
}

static void test_json_no_object(void **state) {
    static const struct {
        const char *body;
        const char *kind;
    } cases[] = {{"[]", "list"},   {"[{\"a\":1}]", "list"}, {"\"hello\"", "str"}, {" 5 ", "int"},
                 {"5.0", "float"}, {"true", "bool"},        {"false", "bool"}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char want[128];
        struct lk_buf b;
        lk_buf_init(&b, want, sizeof(want));
        lk_buf_put_cstr(&b, "{\"non_field_errors\":[\"Invalid data. Expected a dictionary, but got ");
        lk_buf_put_cstr(&b, cases[i].kind);
        lk_buf_put_cstr(&b, ".\"]}");
        assert_int_equal(lk_buf_end_cstr(&b), 0);
        assert_refused(JSON, lk_str_from(cases[i].body), 400, want);
    }
    assert_refused(JSON, LK_STR("null"), 400, "{\"non_field_errors\":[\"No data provided\"]}");
}

/* `item` repeated between `open` and `close`, in memory that the next call reuses. */
static struct lk_str repeated(const char *open, const char *item, const char *comma, const char *close,
                              size_t count) {
    static char mem[64 * 1024];
    struct lk_buf b;
    lk_buf_init(&b, mem, sizeof(mem));
    lk_buf_put_cstr(&b, open);
    for (size_t i = 0; i < count; i++) {
        lk_buf_put_cstr(&b, i == 0 ? "" : comma);
        lk_buf_put_cstr(&b, item);
    }
    lk_buf_put_cstr(&b, close);
    assert_int_equal(b.err, 0);
    return lk_buf_str(&b);
}

static void test_json_bounds(void **state) {
    (void)state;
    assert_int_equal(read_body(JSON, repeated("{", "\"a\":1", ",", "}", 128)), 0);
    testing_end(&T);
    assert_true(read_body(JSON, repeated("{", "\"a\":1", ",", "}", 129)) < 0);
    assert_int_equal(T.response.status, 400);
    testing_end(&T);
    assert_int_equal(read_body(JSON, repeated("{\"a\":[", "1", ",", "]}", 1022)), 0);
    testing_end(&T);
    assert_true(read_body(JSON, repeated("{\"a\":[", "1", ",", "]}", 1023)) < 0);
    testing_end(&T);
    assert_int_equal(read_body(JSON, repeated("{\"a\":", "9", "", "}", 4300)), 0);
    testing_end(&T);
    assert_true(read_body(JSON, repeated("{\"a\":", "9", "", "}", 4301)) < 0);
    testing_end(&T);
    assert_true(read_body(JSON, repeated("", "[", "", "", 60000)) < 0);
    testing_end(&T);
    assert_int_equal(read_body(JSON, repeated("{\"f\":\"", "\\u0001", "", "\"}", 10000)), 0);
    testing_end(&T);
}

static void test_json_lists(void **state) {
    struct lk_str items[3];
    (void)state;
    assert_int_equal(
        read_body(JSON, LK_STR("{\"r\":[\"a\",\"b\"],\"n\":[1],\"z\":[\"\\u0000\"],\"e\":[],\"s\":\"a\"}")),
        0);
    assert_int_equal(lk_body_list(B, "r", items, 3), 2);
    assert_str(items[0], "a");
    assert_str(items[1], "b");
    assert_int_equal(lk_body_list(B, "r", items, 1), LK_ERR_TOO_LARGE);
    assert_int_equal(lk_body_list(B, "n", items, 3), LK_ERR_INVALID);
    assert_int_equal(lk_body_list(B, "z", items, 3), LK_ERR_INVALID);
    assert_int_equal(lk_body_list(B, "s", items, 3), LK_ERR_INVALID);
    assert_int_equal(lk_body_list(B, "e", items, 3), 0);
    assert_int_equal(lk_body_list(B, "absent", items, 3), 0);
    testing_end(&T);
    assert_int_equal(read_body(FORM, LK_STR("r=a&x=1&r=b")), 0);
    assert_int_equal(lk_body_list(B, "r", items, 3), 2);
    assert_str(items[1], "b");
    assert_int_equal(lk_body_list(B, "r", items, 1), LK_ERR_TOO_LARGE);
    testing_end(&T);
}

/* --- forms ---------------------------------------------------------------------------------------------- */

static void test_form(void **state) {
    static const char bad[] = "{\"detail\":\"Form parse error - bad escape or bad UTF-8\"}";
    (void)state;
    assert_field(FORM, LK_STR("f=a+b%40%C3%A9"), 0, "a b@\xC3\xA9", NULL);
    assert_field(FORM, LK_STR("&&g=1&f=a&f=b&"), 0, "b", NULL);
    assert_field(FORM, LK_STR("%66=x=y"), 0, "x=y", NULL);
    assert_field(FORM, LK_STR("f"), 0, NULL, "{\"username\":[\"This field may not be blank.\"]}");
    assert_field(FORM, LK_STR("="), 0, NULL, "{\"username\":[\"This field is required.\"]}");
    assert_field(FORM, LK_STR("f=a%00b"), 0, NULL, "{\"username\":[\"Null characters are not allowed.\"]}");
    assert_field(FORM, (struct lk_str){"f=a\0b", 5}, 0, NULL,
                 "{\"username\":[\"Null characters are not allowed.\"]}");
    assert_refused(FORM, LK_STR("f=%"), 400, bad);
    assert_refused(FORM, LK_STR("f=%4"), 400, bad);
    assert_refused(FORM, LK_STR("f=%zz"), 400, bad);
    assert_refused(FORM, LK_STR("f=%ff"), 400, bad);
    assert_refused(FORM, LK_STR("f=\xC3"), 400, bad);
    assert_refused(FORM, LK_STR("f=%ED%A0%80"), 400, bad);
    assert_refused(FORM, LK_STR("%=1"), 400, bad);
    assert_int_equal(read_body(FORM, repeated("", "a=1", "&", "", 128)), 0);
    testing_end(&T);
    assert_refused(FORM, repeated("", "a=1", "&", "", 129), 400,
                   "{\"detail\":\"Form parse error - too many fields\"}");
    assert_refused(FORM, repeated("", "&", "", "", 60000), 400,
                   "{\"detail\":\"Form parse error - too many fields\"}");
}

/* --- multipart ------------------------------------------------------------------------------------------ */

#define FIELD(name, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"

static void test_multipart(void **state) {
    (void)state;
    assert_field(MULTIPART, LK_STR(FIELD("f", "a") "--b--\r\n"), 0, "a", NULL);
    assert_field(MULTIPART, LK_STR(FIELD("f", "a") FIELD("f", "c") "--b--"), 0, "c", NULL);
    assert_field(MULTIPART, LK_STR("preamble\r\n" FIELD("f", "a") "--b--\r\nepilogue"), 0, "a", NULL);
    assert_field(MULTIPART, LK_STR(FIELD("f", "x\r\n--bb\r\n--c\r\n-") "--b--"), 0, "x\r\n--bb\r\n--c\r\n-",
                 NULL);
    assert_field(MULTIPART, LK_STR("--b \t\r\ncontent-disposition:form-data;NAME=f\r\n\r\nv\r\n--b--  \r\n"),
                 0, "v", NULL);
    assert_field(MULTIPART, LK_STR(FIELD("f", "") "--b--"), 0, NULL,
                 "{\"username\":[\"This field may not be blank.\"]}");
    assert_field(MULTIPART, LK_STR("garbage"), 0, NULL, "{\"username\":[\"This field is required.\"]}");
    assert_field(MULTIPART, LK_STR("--b--\r\n"), 0, NULL, "{\"username\":[\"This field is required.\"]}");
    assert_field(MULTIPART, LK_STR("--b\r\nX-Other: 1\r\n\r\nv\r\n--b--"), 0, NULL,
                 "{\"username\":[\"This field is required.\"]}");
    assert_field("multipart/form-data; charset=x; boundary=\"a b:c\"",
                 LK_STR("--a b:c\r\nContent-Disposition: form-data; name=f\r\n\r\nv\r\n--a b:c--"), 0, "v",
                 NULL);
    assert_field(MULTIPART,
                 (struct lk_str){FIELD("f", "a\0b") "--b--", sizeof(FIELD("f", "a\0b") "--b--") - 1}, 0, NULL,
                 "{\"username\":[\"Null characters are not allowed.\"]}");
}

static void test_multipart_files(void **state) {
    static const struct {
        const char *disposition;
        const char *name; /* NULL: not a file */
    } cases[] = {
        {"filename=\"pic.png\"", "pic.png"},
        {"filename=pic.png", "pic.png"},
        {"filename=\"../../etc/evil.png\"", "evil.png"},
        {"filename=\"C:\\Users\\x\\pic.png\"", "pic.png"},
        {"filename=\"a\\\"b.png\"", "a\"b.png"},
        {"filename=\"\xC3\xA9;.png\"", "\xC3\xA9;.png"},
        {"filename=\"\"", NULL},
        {"filename=\"dir/\"", NULL},
        {"filename=\"..\"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char mem[256];
        struct lk_buf b;
        lk_buf_init(&b, mem, sizeof(mem));
        lk_buf_put_cstr(&b, "--b\r\nContent-Disposition: form-data; name=\"f\"; ");
        lk_buf_put_cstr(&b, cases[i].disposition);
        lk_buf_put_cstr(&b, "\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n");
        assert_int_equal(read_body(MULTIPART, lk_buf_str(&b)), 0);
        struct lk_value value = lk_body_get(B, "f");
        assert_int_equal(value.kind, cases[i].name != NULL ? LK_VALUE_FILE : LK_VALUE_STRING);
        if (cases[i].name != NULL) {
            assert_str(value.file_name, cases[i].name);
            assert_str(value.media_type, "image/png");
            assert_str(value.text, "\x89PNG");
        } else {
            assert_true(value.text.len > 0 && lk_utf8_valid(value.text));
        }
        testing_end(&T);
    }
}

static void test_multipart_refused(void **state) {
#define REFUSED(why) "{\"detail\":\"Multipart form parse error - " why "\"}"
    static const struct {
        const char *body;
        const char *answer;
    } cases[] = {
        {"--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nv",
         REFUSED("The body ends within a part")},
        {"--b\r\n", REFUSED("The body ends within a part")},
        {FIELD("f", "v") "--b", REFUSED("The body ends within a part")},
        {"--b\r\nContent-Disposition: form-data; name=\"f\"\r\nv\r\n--b--", REFUSED("Bad header in a part")},
        {"--b\r\nnocolon\r\n\r\nv\r\n--b--", REFUSED("Bad header in a part")},
        {"--b\r\nA: b\r\n folded\r\n\r\nv\r\n--b--", REFUSED("Bad header in a part")},
        {"--b\r\nA : b\r\n\r\nv\r\n--b--", REFUSED("Bad header in a part")},
        {"--b\r\n: b\r\n\r\nv\r\n--b--", REFUSED("Bad header in a part")},
        {"--b\r\nA:1\r\nA:1\r\nA:1\r\nA:1\r\nA:1\r\nA:1\r\nA:1\r\nA:1\r\nA:1\r\n\r\nv\r\n--b--",
         REFUSED("Bad header in a part")},
        {"--b\r\nContent-Disposition: attachment; name=\"f\"\r\n\r\nv\r\n--b--",
         REFUSED("Bad Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=\"f\r\n\r\nv\r\n--b--",
         REFUSED("Bad Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=\"f\" x\r\n\r\nv\r\n--b--",
         REFUSED("Bad Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=\"f\"; name=\"g\"\r\n\r\nv\r\n--b--",
         REFUSED("Bad Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=f\r\nContent-Disposition: form-data; "
         "name=g\r\n\r\nv\r\n--b--",
         REFUSED("Bad Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=\r\n\r\nv\r\n--b--",
         REFUSED("Bad Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=\"\xFF\"\r\n\r\nv\r\n--b--",
         REFUSED("Bad characters in Content-Disposition")},
        {"--b\r\nContent-Disposition: form-data; name=f\r\nContent-Transfer-Encoding: "
         "base64\r\n\r\nv\r\n--b--",
         REFUSED("Content-Transfer-Encoding is not supported")},
        {FIELD("f", "\xFF") "--b--", REFUSED("a field is not UTF-8")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(MULTIPART, lk_str_from(cases[i].body), 400, cases[i].answer);
    }
    assert_refused("multipart/form-data", LK_STR("x"), 400, REFUSED("Invalid boundary in multipart: None"));
    assert_refused("multipart/form-data; boundary=", LK_STR("x"), 400,
                   REFUSED("Invalid boundary in multipart: "));
    assert_refused("multipart/form-data; boundary=\"x \"", LK_STR("x"), 400,
                   REFUSED("Invalid boundary in multipart: x "));
    assert_refused("multipart/form-data; boundary=\xE9", LK_STR("x"), 400,
                   REFUSED("Invalid boundary in multipart: \xC3\xA9"));
    assert_int_equal(read_body(MULTIPART, repeated("", FIELD("f", "v"), "", "--b--", 64)), 0);
    testing_end(&T);
    assert_refused(MULTIPART, repeated("", FIELD("f", "v"), "", "--b--", 65), 400, REFUSED("Too many parts"));
}

/* --- media types ---------------------------------------------------------------------------------------- */

static void test_media_types(void **state) {
    (void)state;
    assert_refused("text/plain", LK_STR("hello"), 415,
                   "{\"detail\":\"Unsupported media type \\\"text/plain\\\" in request.\"}");
    assert_refused("application/vnd.api+json", LK_STR("{}"), 415,
                   "{\"detail\":\"Unsupported media type \\\"application/vnd.api+json\\\" in request.\"}");
    assert_refused(NULL, LK_STR("{}"), 415, "{\"detail\":\"Unsupported media type \\\"\\\" in request.\"}");
    assert_refused("text/\xE9\"", LK_STR("{}"), 415,
                   "{\"detail\":\"Unsupported media type \\\"text/\xC3\xA9\\\"\\\" in request.\"}");
    assert_field(NULL, LK_STR(""), 0, NULL, "{\"username\":[\"This field is required.\"]}");
    assert_field("text/plain", LK_STR(""), 0, NULL, "{\"username\":[\"This field is required.\"]}");
    const char *twice[] = {"Content-Type", JSON, "content-type", FORM, NULL};
    testing_begin(&T, twice, LK_STR("{}"));
    assert_true(lk_body_read(&T.request, &T.response, &B) < 0);
    assert_answer(&T, 400, "{\"detail\":\"More than one Content-Type.\"}");
    testing_end(&T);
}

/* --- damage and shortage -------------------------------------------------------------------------------- */

static const struct {
    const char *type;
    const char *body;
} SEEDS[] = {
    {JSON, "{\"f\":\"a\\u00e9\\ud83d\\ude00\",\"n\":[1.5e3,-2,true,null,{\"x\":\"\\u0000\"}],\"f\":"
           "\"\xE2\x82\xAC\"}"},
    {FORM, "f=a+b%40%C3%A9&g=1&f=%E2%82%AC&h"},
    {MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nv\r\n--b\r\nContent-Disposition: form-data; "
     "name=\"p\"; filename=\"C:\\x\\p.png\"\r\nContent-Type: image/png\r\n\r\nbytes\r\n--b--\r\n"},
};

/* The body lies in memory of its exact size, so that a read past its end is caught. */
static void read_damaged(size_t seed, uint32_t *random) {
    char damaged[512];
    size_t len = strlen(SEEDS[seed].body);
    memcpy(damaged, SEEDS[seed].body, len);
    len = testing_mutate(damaged, len, random);
    char *exact = test_malloc(len + 1);
    memcpy(exact, damaged, len);
    exact = test_realloc(exact, len == 0 ? 1 : len);
    int err = read_body(SEEDS[seed].type, (struct lk_str){exact, len});
    if (err == 0) {
        struct lk_violations v = {.count = 0};
        struct lk_str out;
        struct lk_str items[4];
        if (lk_body_text(B, "f", LK_FIELD_USERNAME, LK_FIELD_TRIM, &v, &out)) {
            assert_true(lk_utf8_valid(out) && out.len > 0);
        } else {
            assert_true(v.count > 0);
        }
        (void)lk_body_list(B, "n", items, 4);
    } else {
        assert_true(T.response.status == 400);
        assert_true(lk_utf8_valid(lk_buf_str(&T.response.body)));
    }
    testing_end(&T);
    test_free(exact);
}

static void test_damage(void **state) {
    (void)state;
    for (size_t seed = 0; seed < sizeof(SEEDS) / sizeof(SEEDS[0]); seed++) {
        for (uint32_t i = 1; i <= 4000; i++) {
            uint32_t random = i * 2654435761U + (uint32_t)seed;
            read_damaged(seed, &random);
        }
    }
}

static void test_cut_short(void **state) {
    (void)state;
    for (size_t seed = 0; seed < sizeof(SEEDS) / sizeof(SEEDS[0]); seed++) {
        for (size_t len = 1; len < strlen(SEEDS[seed].body); len++) {
            char *exact = test_malloc(len);
            memcpy(exact, SEEDS[seed].body, len);
            (void)read_body(SEEDS[seed].type, (struct lk_str){exact, len});
            testing_end(&T);
            test_free(exact);
        }
    }
}

static void test_no_memory(void **state) {
    const char *fields[] = {"Content-Type", NULL, NULL};
    (void)state;
    for (size_t seed = 0; seed < sizeof(SEEDS) / sizeof(SEEDS[0]); seed++) {
        fields[1] = SEEDS[seed].type;
        size_t refusals = 0;
        for (size_t bound = 0; bound < 24000; bound += 512) {
            testing_begin(&T, fields, lk_str_from(SEEDS[seed].body));
            lk_arena_reset(&T.arena, bound);
            int err = lk_body_read(&T.request, &T.response, &B);
            assert_true(err == 0 || err == LK_ERR_NO_MEMORY || seed == 2);
            refusals += err != 0 ? 1 : 0;
            testing_end(&T);
        }
        assert_true(refusals > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_texts),
        cmocka_unit_test(test_json_fields),
        cmocka_unit_test(test_json_refused),
        cmocka_unit_test(test_json_no_object),
        cmocka_unit_test(test_json_bounds),
        cmocka_unit_test(test_json_lists),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_multipart),
        cmocka_unit_test(test_multipart_files),
        cmocka_unit_test(test_multipart_refused),
        cmocka_unit_test(test_media_types),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
