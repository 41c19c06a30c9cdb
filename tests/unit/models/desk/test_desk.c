/* What the command of a model is given: options, files, failures; and drawings. */
#include "cm.h"

#include "models/desk/desk.h"
#include "models/desk/svg.h"

#include <stdlib.h>
#include <unistd.h>

static struct cy_desk desk_;

static void anew(void)
{
    cy_desk_end(&desk_);
    desk_ = (struct cy_desk){.out = stdout, .err = stderr};
}

static void option(const char *name, const char *value)
{
    desk_.options[desk_.n_options++] = (struct cy_desk_option){name, value, NULL};
}

static void options(void **state)
{
    uint64_t number = 5;
    size_t at = 0;

    (void)state;
    anew();
    option("as-of", "2020-01-01");
    option("name", "a");
    option("name", "b");
    option("loud", NULL);
    assert_string_equal(cy_desk_option(&desk_, "as_of"), "2020-01-01");
    assert_string_equal(cy_desk_option(&desk_, "name"), "b");
    assert_string_equal(cy_desk_next(&desk_, "name", &at), "a");
    assert_string_equal(cy_desk_next(&desk_, "name", &at), "b");
    assert_null(cy_desk_next(&desk_, "name", &at));
    assert_true(cy_desk_on(&desk_, "loud"));
    assert_false(cy_desk_on(&desk_, "lou"));
    assert_null(cy_desk_option(&desk_, "loud"));
    assert_ok(cy_desk_number(&desk_, "none", 1, 9, &number));
    assert_int_equal(number, 5);
    assert_code(cy_desk_number(&desk_, "name", 1, 9, &number), USAGE);
    assert_int_equal(cy_desk_code(&desk_), CY_DESK_USAGE);
    assert_string_equal(desk_.why, "--name must be a whole number from 1 to 9, not 'b'");
    assert_code(cy_desk_note(&desk_, cy_fail(CY_E_NO_MEMORY, 0), "later"), NO_MEMORY);
    assert_int_equal(desk_.failed.code, CY_E_USAGE); /* the first one stands */
}

static void codes(void **state)
{
    (void)state;
    anew();
    assert_int_equal(cy_desk_code(&desk_), CY_DESK_DONE);
    assert_int_equal(cy_desk_fail(&desk_, cy_fail(CY_E_MODEL_INPUT, 0), "x"), CY_DESK_NEGATIVE);
    anew();
    assert_int_equal(cy_desk_fail(&desk_, cy_fail(CY_E_DISK_FAILED, 0), "x"), CY_DESK_TROUBLE);
    anew();
    assert_int_equal(cy_desk_wrong(&desk_, "%s", "x"), CY_DESK_USAGE);
}

/* A file of its own with these bytes. */
static const char *file_of(const char *bytes, size_t n)
{
    static char path[64];
    FILE *out = NULL;
    int fd = -1;

    strcpy(path, "/tmp/cy-desk-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    out = fdopen(fd, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
    return path;
}

static void files(void **state)
{
    char *large = calloc(1, 200001);
    struct cy_desk_text text;
    const char *path = NULL;

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 200000);
    anew();
    path = file_of(large, 200000);
    assert_ok(cy_desk_read(&desk_, path, 200000, &text));
    assert_int_equal(text.n, 200000);
    assert_string_equal(text.at, large);
    assert_code(cy_desk_read(&desk_, path, 199999, &text), TOO_LARGE);
    unlink(path);
    anew();
    assert_code(cy_desk_read(&desk_, path, 10, &text), NO_FILE);
    anew();
    assert_code(cy_desk_read(&desk_, "/tmp", 10, &text), DISK_FAILED);
    free(large);
}

static cy_err table(const char *words, size_t n, struct cy_csv *out)
{
    const char *path = file_of(words, n);
    cy_err err = CY_OK;

    anew();
    err = cy_desk_csv(&desk_, path, 1 << 20, out);
    unlink(path);
    return err;
}
#define TABLE(words, out) table(words, sizeof(words) - 1, out)

static void tables(void **state)
{
    struct cy_csv csv;

    (void)state;
    assert_ok(TABLE("\xef\xbb\xbf"
                    "a,b\r\n1,\"2,\n3\"\r\n",
                    &csv));
    assert_int_equal(csv.n_rows, 1);
    assert_int_equal(cy_csv_column(&csv, "a"), 0);
    assert_string_equal(cy_csv_cell(&csv, 0, 1), "2,\n3");
    assert_code(TABLE("a,b\n1,2\n3\n", &csv), MODEL_INPUT);
    assert_non_null(strstr(desk_.why, ", line 3, column 2: "));
    assert_code(TABLE("a,b\n1,\x80\n", &csv), MODEL_INPUT);
    assert_non_null(strstr(desk_.why, ", line 2: not plain UTF-8"));
    assert_code(TABLE("a,b\x01\n1,2\n", &csv), MODEL_INPUT);
    assert_code(TABLE("a,\"b\n\",c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z", &csv),
                MODEL_INPUT);
    assert_non_null(strstr(desk_.why, "the heading must stand in one line"));
    assert_code(TABLE("a,b\n1,2\0\n", &csv), MODEL_INPUT);
    assert_ok(TABLE("a\n", &csv));
    assert_int_equal(csv.n_rows, 0);
}

static void drawings(void **state)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&bytes, &n);
    struct cy_svg svg;

    (void)state;
    cy_svg_begin(&svg, out, 1000, 500, "A & B", "<all> \"said\"");
    cy_svg_line(&svg, "plus", -5, 0, 105, 9);
    cy_svg_text(&svg, "fg", 10, 20, CY_SVG_END, "x < y\x01");
    cy_svg_group(&svg, "one");
    cy_svg_circle(&svg, "a", 1, 2, 3);
    cy_svg_group_end(&svg);
    assert_true(cy_svg_end(&svg));
    fclose(out);
    assert_non_null(strstr(bytes, "viewBox=\"0 0 100 50\" role=\"img\""));
    assert_non_null(strstr(bytes, "<title id=\"t\">A &amp; B</title>"));
    assert_non_null(strstr(bytes, "&lt;all&gt; &quot;said&quot;"));
    assert_non_null(strstr(bytes, "x1=\"-0.5\" y1=\"0.0\" x2=\"10.5\" y2=\"0.9\""));
    assert_non_null(strstr(bytes, ">x &lt; y </text>"));
    assert_non_null(strstr(bytes, "prefers-color-scheme:dark"));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options), cmocka_unit_test(codes),    cmocka_unit_test(files),
        cmocka_unit_test(tables),  cmocka_unit_test(drawings),
    };
    const int code = cmocka_run_group_tests(tests, NULL, NULL);

    cy_desk_end(&desk_);
    return code;
}
