/* Rows as a table, as JSON and as CSV; nothing that a terminal or a parser would take for more. */
#include "cm.h"

#include "host/cli/cli_rows.h"

#include <stdlib.h>
#include <string.h>

static char *text;

static void print(enum cy_rows_form form, const char *const (*cells)[3], size_t n)
{
    static const char *const names[] = {"name", "n", "note"};
    static const bool numbers[] = {false, true, false};
    size_t bytes = 0;
    FILE *out = NULL;
    struct cy_rows *rows = NULL;

    free(text);
    text = NULL;
    out = open_memstream(&text, &bytes);
    rows = cy_rows_new(out, form);
    for (size_t i = 0; i < n; i++)
        assert_ok(cy_rows_row(rows, names, cells[i], numbers, 3));
    assert_int_equal(cy_rows_end(rows, true), n);
    fclose(out);
}

static const char *const cells[][3] = {
    {"Åland",       "7",                "a,\"b\"\n"          },
    {"x\x1b[31mred", "9007199254740993", NULL                 },
    {"",             "12",               "<script>alert()</s>"},
};

static void table(void **s)
{
    (void)s;
    print(CY_ROWS_TABLE, cells, 3);
    assert_string_equal(text, "name                      n  note\n"
                              "---------  ----------------  -------------------\n"
                              "Åland                     7  a,\"b\"?\n"
                              "x?[31mred  9007199254740993  \n"
                              "                         12  <script>alert()</s>\n"
                              "3 rows\n");
    print(CY_ROWS_TABLE, cells, 0);
    assert_string_equal(text, "0 rows\n");
}

static void json(void **s)
{
    (void)s;
    print(CY_ROWS_JSON, cells, 3);
    assert_string_equal(
        text,
        "[{\"name\":\"Åland\",\"n\":7,\"note\":\"a,\\\"b\\\"\\n\"},\n"
        " {\"name\":\"x\\u001b[31mred\",\"n\":\"9007199254740993\",\"note\":null},\n"
        " {\"name\":\"\",\"n\":12,\"note\":\"\\u003cscript\\u003ealert()\\u003c/s\\u003e\"}]\n");
    print(CY_ROWS_JSON, cells, 0);
    assert_string_equal(text, "[]\n");
}

static void csv(void **s)
{
    (void)s;
    print(CY_ROWS_CSV, cells, 1);
    assert_string_equal(text, "name,n,note\r\nÅland,7,\"a,\"\"b\"\"\n\"\r\n");
    print(CY_ROWS_CSV, cells + 1, 1);
    assert_string_equal(text, "name,n,note\r\nx\x1b[31mred,9007199254740993,\r\n");
}

/* Widths come from the first thousand rows; later ones flow. */
static void many(void **s)
{
    static const char *rows[1500][3];
    size_t lines = 0;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        rows[i][0] = i == 1400 ? "a very long name indeed" : "x";
        rows[i][1] = "1";
        rows[i][2] = "";
    }
    print(CY_ROWS_TABLE, (const char *const(*)[3])rows, CY_COUNT(rows));
    for (const char *c = text; *c != 0; c++)
        lines += *c == '\n' ? 1u : 0u;
    assert_int_equal(lines, 1500 + 3);
    assert_non_null(strstr(text, "a very long name indeed"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(json),
        cmocka_unit_test(csv),
        cmocka_unit_test(many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
