/* json: strict reading, with places; and the nearest known name. */
#include "base/text.h"
#include "host/json/json.h"
#include "host/json/nearest.h"

#include <stdio.h>
#include <stdlib.h>

#include "cm.h"

static const struct cy_json_limits limits = {256, 4, false};

static cy_err parse(const char *text, struct cy_json_fault *fault)
{
    json_t *json = NULL;
    const cy_err e = cy_json_parse(cy_span_text(text), &limits, &json, fault);

    assert_true(cy_ok(e) == (json != NULL));
    json_decref(json);
    return e;
}

static void refusals_have_places(void **s)
{
    struct cy_json_fault f;
    char big[300];

    (void)s;
    assert_ok(parse("{\"a\": [1, {\"b\": \"]]]{{{\\\"[[[[[\"}]}", &f));
    assert_code(parse("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", &f), BAD_JSON); /* twice */
    assert_int_equal(f.line, 3);
    assert_non_null(strstr(f.why, "duplicate"));
    assert_code(parse("[[[[[1]]]]]", &f), BAD_JSON);
    assert_int_equal(f.column, 5);
    assert_int_equal(f.position, 4);
    assert_ok(parse("[[[[1]]]]", &f));
    assert_code(parse("{\"a\": 1.5}", &f), BAD_JSON);
    assert_code(parse("{\"a\": [{\"b\": 1e3}]}", &f), BAD_JSON);
    assert_code(parse("{} {}", &f), BAD_JSON);
    assert_code(parse("", &f), BAD_JSON);
    assert_code(parse("7", &f), BAD_JSON);
    assert_code(parse("{\"a\": \"\\u0000\"}", &f), BAD_JSON);
    assert_code(parse("{\"a\": \"\xff\"}", &f), BAD_JSON);
    assert_code(parse("{\"a\": 99999999999999999999}", &f), BAD_JSON);
    memset(big, ' ', sizeof big);
    memcpy(big, "[]", 2);
    big[257] = 0;
    assert_code(parse(big, &f), TOO_LARGE);
    big[256] = 0;
    assert_ok(parse(big, &f));
}

static void members(void **s)
{
    static const char *const known[] = {"amount", "asset", "to"};
    const char *text = "{\"amount\": \"340282366920938463463374607431768211455\", \"n\": 7,"
                       "\"to\": \"00ff\", \"yes\": true, \"list\": [1,2], \"none\": null}";
    struct cy_json_fault f;
    json_t *j = NULL;
    const json_t *inner = NULL;
    const char *words = NULL;
    uint8_t bytes[2];
    cy_u128 amount = 0;
    uint64_t n = 0;
    bool yes = false;

    (void)s;
    assert_ok(cy_json_parse(cy_span_text(text), &limits, &j, &f));
    assert_code(cy_json_only(j, known, CY_COUNT(known), &f), BAD_JSON);
    assert_ok(cy_json_get_u128(j, "amount", true, &amount, &f));
    assert_true(amount == ~(cy_u128)0);
    assert_code(cy_json_get_u64(j, "amount", true, UINT64_MAX, &n, &f), BAD_JSON);
    assert_ok(cy_json_get_u64(j, "n", true, 7, &n, &f));
    assert_int_equal(n, 7);
    assert_code(cy_json_get_u64(j, "n", true, 6, &n, &f), BAD_JSON);
    assert_string_equal(f.path, "n");
    assert_ok(cy_json_get_hex(j, "to", true, bytes, 2, &f));
    assert_memory_equal(bytes, "\x00\xff", 2);
    assert_code(cy_json_get_hex(j, "to", true, bytes, 1, &f), BAD_JSON);
    assert_ok(cy_json_get_text(j, "to", true, 4, &words, &f));
    assert_code(cy_json_get_text(j, "to", true, 3, &words, &f), BAD_JSON);
    assert_ok(cy_json_get_bool(j, "yes", true, &yes, &f));
    assert_true(yes);
    assert_code(cy_json_get_bool(j, "n", true, &yes, &f), BAD_JSON);
    assert_ok(cy_json_get_array(j, "list", true, 2, &inner, &f));
    assert_code(cy_json_get_array(j, "list", true, 1, &inner, &f), BAD_JSON);
    assert_code(cy_json_get_object(j, "list", true, &inner, &f), BAD_JSON);
    assert_code(cy_json_get_text(j, "none", true, 4, &words, &f), MISSING_FIELD);
    assert_ok(cy_json_get_text(j, "none", false, 4, &words, &f));
    json_decref(j);
}

static void unknown_key_names_the_nearest(void **s)
{
    static const char *const known[] = {"amount", "asset", "to"};
    struct cy_json_fault f;
    json_t *j = NULL;

    (void)s;
    assert_ok(cy_json_parse(cy_span_text("{\"amuont\": 1}"), &limits, &j, &f));
    assert_code(cy_json_only(j, known, CY_COUNT(known), &f), BAD_JSON);
    assert_non_null(strstr(f.why, "did you mean \"amount\""));
    json_decref(j);
    /* a key is shown as text, also when it is none, or cut inside a character */
    assert_ok(cy_json_parse(
        cy_span_text("{\"\\u001b[2Jxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3\xa9xxxxx\": 1}"), &limits,
        &j, &f));
    assert_code(cy_json_only(j, known, CY_COUNT(known), &f), BAD_JSON);
    assert_ok(cy_utf8_check(cy_span_text(f.why)));
    assert_ok(cy_utf8_check(cy_span_text(f.path)));
    json_decref(j);
    assert_string_equal(cy_nearest("Asset", known, 3), "asset");
    assert_null(cy_nearest("zzzzzz", known, 3));
    assert_null(cy_nearest("", known, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_have_places),
        cmocka_unit_test(members),
        cmocka_unit_test(unknown_key_names_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
