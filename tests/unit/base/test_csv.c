/* Comma-separated tables. */
#include "cm.h"

#include "base/csv.h"

static _Alignas(16) uint8_t memory[1 << 16];
static char text[1024];
static struct cy_csv csv;

static cy_err parse(const char *words)
{
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);

    strcpy(text, words);
    return cy_csv_read(text, strlen(words), &arena, &csv);
}

static void plain(void **state)
{
    (void)state;
    assert_ok(parse("a,b,c\n1,2,3\n4,,6\n"));
    assert_int_equal(csv.n_columns, 3);
    assert_int_equal(csv.n_rows, 2);
    assert_string_equal(cy_csv_cell(&csv, 0, cy_csv_column(&csv, "b")), "2");
    assert_string_equal(cy_csv_cell(&csv, 1, 1), "");
    assert_string_equal(cy_csv_cell(&csv, 1, 2), "6");
    assert_int_equal(csv.lines[1], 3);
    assert_true(cy_csv_column(&csv, "d") == SIZE_MAX);
    assert_ok(parse("a,b\r\n1,2\r\n3,4")); /* CRLF, no end of the last line */
    assert_int_equal(csv.n_rows, 2);
    assert_string_equal(cy_csv_cell(&csv, 1, 1), "4");
    assert_ok(parse("a\n"));
    assert_int_equal(csv.n_rows, 0);
}

static void quoted(void **state)
{
    (void)state;
    assert_ok(parse("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n\"\",z\n"));
    assert_int_equal(csv.n_rows, 2);
    assert_string_equal(cy_csv_cell(&csv, 0, 0), "x, \"y\"");
    assert_string_equal(cy_csv_cell(&csv, 0, 1), "two\nlines");
    assert_string_equal(cy_csv_cell(&csv, 1, 0), "");
    assert_string_equal(cy_csv_cell(&csv, 1, 1), "z");
    assert_int_equal(csv.lines[1], 4);
}

static void refused(void **state)
{
    (void)state;
    assert_code(parse("a,b\n1\n"), BAD_TEXT);
    assert_code(parse("a,b\n1,2,3\n"), BAD_TEXT);
    assert_code(parse("a,b\n1,\"2\n"), BAD_TEXT);    /* the quote does not end */
    assert_code(parse("a,b\n1,2\"3\n"), BAD_TEXT);   /* a quote inside */
    assert_code(parse("a,b\n\"1\"x,2\n"), BAD_TEXT); /* something after it */
    assert_code(parse("a,b\n1,\xff\n"), BAD_UTF8);
    assert_int_equal(parse("a,b\n1,2\n3\n").detail, 3);
    assert_int_equal(csv.column, 2);
    assert_int_equal(parse("a,b\n1,2\"3\n").detail, 2);
    assert_int_equal(csv.column, 4);
    assert_int_equal(parse("a,b\n\"1\n2\"x,2\n").detail, 3); /* the line within quotes */
    assert_int_equal(csv.column, 3);
    assert_int_equal(parse("a,b\n1,\"2\n").detail, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(quoted),
        cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
