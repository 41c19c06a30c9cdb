/* uri: targets and patterns. */
#include "host/http/uri.h"

#include <stdlib.h>

#include "cm.h"

static struct cy_uri uri;
static struct cy_uri_params params;

static void targets(void **s)
{
    static const char *const bad[] = {
        "",        "*",     "acts",       "//",      "/a//b",     "/a/",     "/.",
        "/..",     "/a/..", "/%2e%2e",    "/%2E./x", "/a%2fb",    "/a%5cb",  "/a\\b",
        "/%00",    "/a%0a", "/%",         "/%4",     "/%zz",      "/%ff",    "/a?x=%",
        "/a?x=%1", "/a?=1", "/a?x=1&x=2", "/a\x01",  "/\xc0\xaf", "/..%00/", "/%252e/%2e%2e",
    };
    char *longer = NULL;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        if (cy_ok(cy_uri_parse(&uri, bad[i])))
            fail_msg("accepted: %s", bad[i]);
    }
    longer = malloc(CY_URI_MAX + 2);
    memset(longer, 'a', CY_URI_MAX + 1);
    longer[0] = '/';
    longer[CY_URI_MAX + 1] = 0;
    assert_code(cy_uri_parse(&uri, longer), URI_TOO_LONG);
    longer[CY_URI_MAX] = 0;
    assert_ok(cy_uri_parse(&uri, longer));
    free(longer);
    assert_ok(cy_uri_parse(&uri, "/"));
    assert_int_equal(uri.parts_n, 0);
    assert_ok(cy_uri_parse(&uri, "/a%20b/c+d/%C3%A9?x=1+2&y&&z=%26%3D&q=a=b"));
    assert_int_equal(uri.parts_n, 3);
    assert_string_equal(uri.parts[0], "a b");
    assert_string_equal(uri.parts[1], "c+d");
    assert_string_equal(uri.parts[2], "\xc3\xa9");
    assert_string_equal(cy_uri_query(&uri, "x"), "1 2");
    assert_string_equal(cy_uri_query(&uri, "y"), "");
    assert_string_equal(cy_uri_query(&uri, "z"), "&=");
    assert_string_equal(cy_uri_query(&uri, "q"), "a=b");
    assert_null(cy_uri_query(&uri, "w"));
    assert_ok(cy_uri_parse(&uri, "/%252e")); /* decoded once only */
    assert_string_equal(uri.parts[0], "%2e");
}

static uint64_t match(const char *pattern, const char *target)
{
    assert_ok(cy_uri_parse(&uri, target));
    return cy_uri_match(pattern, &uri, &params);
}

static void patterns(void **s)
{
    (void)s;
    assert_true(match("/", "/") > 0);
    assert_true(match("/", "/a") == 0);
    assert_true(match("/a/{id}/b", "/a/7/b") > 0);
    assert_string_equal(cy_uri_param(&params, "id"), "7");
    assert_null(cy_uri_param(&params, "i"));
    assert_true(match("/a/{id}/b", "/a/7") == 0);
    assert_true(match("/a/{id}/b", "/a/7/b/c") == 0);
    assert_true(match("/a/{id}", "/b/7") == 0);
    assert_true(match("/ab", "/a") == 0);
    assert_true(match("/a", "/ab") == 0);
    assert_true(match("/tile/{path...}", "/tile/0/x001/234") > 0);
    assert_string_equal(cy_uri_param(&params, "path"), "0/x001/234");
    assert_true(match("/tile/{path...}", "/tile") == 0);
    assert_true(match("/a/me", "/a/me") > match("/a/{id}", "/a/me"));
    assert_true(match("/a/{id}", "/a/me") > match("/a/{rest...}", "/a/me"));
    assert_true(match("/a/{id}/{b}", "/a/me/x") > match("/{a}/me/x", "/a/me/x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets),
        cmocka_unit_test(patterns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
