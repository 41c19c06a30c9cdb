/* problem: errors as RFC 9457 documents, there and back. */
#include "host/http/problem.h"

#include <jansson.h>
#include <stdlib.h>

#include "cm.h"

static void document(void **s)
{
    struct cy_problem p;
    size_t n = 0;
    char *text = NULL;

    (void)s;
    cy_problem_of(cy_fail(CY_E_NO_ROOM, 4096), "passports are full", "/v1/acts", &p);
    text = cy_problem_print(&p, &n);
    assert_string_equal(
        text,
        "{\"type\":\"/problems/NO_ROOM\",\"title\":\"a configured limit is reached\","
        "\"status\":503,\"code\":\"operator.limit.full\",\"name\":\"NO_ROOM\",\"number\":2,"
        "\"detail\":\"passports are full\",\"remedy\":\"raise the limit in the configuration, "
        "or remove what is no longer needed\",\"limit\":4096,\"instance\":\"/v1/acts\"}");
    assert_int_equal(n, strlen(text));
    free(text);
}

static void every_code_makes_the_round_trip(void **s)
{
    const struct cy_err_info *info = NULL;

    (void)s;
    for (unsigned i = 1; (info = cy_err_at(i)) != NULL; i++) {
        struct cy_problem a;
        struct cy_problem b;
        size_t n = 0;
        char *text = NULL;
        const unsigned status = cy_problem_status(info->code);

        cy_problem_of(cy_fail(info->code, 7), "d\xc3\xa9tail \"x\"", "/p", &a);
        text = cy_problem_print(&a, &n);
        assert_ok(cy_problem_read(cy_span_of(text, n), &b));
        free(text);
        assert_int_equal(b.err.code, info->code);
        assert_string_equal(b.code, info->path);
        assert_string_equal(b.remedy, info->remedy);
        assert_string_equal(b.detail, a.detail);
        assert_string_equal(b.title, info->text);
        assert_int_equal(b.status, status);
        assert_true(status >= 400 && status < 600);
        if (info->kind != CY_ERR_refusal)
            assert_true(status >= 500);
    }
}

static char why[256];

static void others_documents(void **s)
{
    struct cy_problem p;

    (void)s;
    assert_ok(cy_problem_read(cy_span_text("{\"title\":\"new\",\"name\":\"FROM_THE_FUTURE\","
                                           "\"status\":99,\"remedy\":\"wait\"}"),
                              &p));
    assert_int_equal(p.err.code, CY_E_UNKNOWN_CODE);
    assert_string_equal(p.remedy, "wait");
    assert_int_equal(p.status, 0);
    assert_code(cy_problem_read(cy_span_text("{\"a\":1}"), &p), BAD_JSON);
    assert_code(cy_problem_read(cy_span_text("[]"), &p), BAD_JSON);
    assert_code(cy_problem_read(cy_span_text("<html>"), &p), BAD_JSON);
    cy_problem_of(cy_fail(CY_E_BAD_JSON, 1), "\xff\xfe", NULL, &p); /* never invalid UTF-8 */
    assert_string_equal(p.detail, "??");
    assert_code(cy_problem_read(cy_span_text("{\"title\":\"\"}"), &p), BAD_JSON);
}

/* Words of others: what is no text is shown as '?', and what is too long ends with a character. */

static void others_words(void **s)
{
    struct cy_problem p;
    char long_field[80];

    (void)s;
    assert_ok(cy_problem_read(cy_span_text("{\"title\":\"a\\u001b[2Jb\"}"), &p));
    assert_string_equal(p.title, "a?[2Jb");
    memset(long_field, 'x', sizeof long_field);
    memcpy(long_field + sizeof p.field - 2, "\xc3\xa9", 3);
    snprintf(why, sizeof why, "{\"title\":\"a\",\"field\":\"%s\"}", long_field);
    assert_ok(cy_problem_read(cy_span_text(why), &p));
    assert_int_equal(strlen(p.field), sizeof p.field - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document),
        cmocka_unit_test(every_code_makes_the_round_trip),
        cmocka_unit_test(others_documents),
        cmocka_unit_test(others_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
