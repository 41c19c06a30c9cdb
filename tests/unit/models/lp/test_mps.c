/* models/lp/mps: what is read, and the line and column of what is not. */
#include "cm.h"

#include "models/lp/mps.h"

#include <stdlib.h>

static struct cy_mps_fault fault_;

static struct cy_lp_program *read_text(const char *text)
{
    char *copy = strdup(text);
    struct cy_lp_program *lp = cy_mps_read(copy, strlen(text), &fault_);

    free(copy);
    return lp;
}

static void is(const struct cy_lp_bound *bound, long above, unsigned long below)
{
    assert_true(bound->has);
    assert_int_equal(mpq_cmp_si(bound->at, above, below), 0);
}

static void every_section_is_read(void **state)
{
    struct cy_lp_program *lp = read_text("* a comment\n"
                                         "NAME          ANY NAME AT ALL\n"
                                         "OBJSENSE\n    MAX\n"
                                         "ROWS\n N worth\n L a\n G b\n E c\n N ignored\n"
                                         "COLUMNS\n"
                                         " x worth 1.5 a -2e-1\n x b 1/3\n x ignored 7\n"
                                         " M1 'MARKER' 'INTORG'\n"
                                         " y a 1 c 2\n"
                                         " M2 'MARKER' 'INTEND'\n"
                                         " z c 1\n"
                                         "RHS\n set a 10 b 2\n c 4\n set worth -7\n"
                                         "RANGES\n set a 3 b 5\n set c -1\n"
                                         "BOUNDS\n UP set x 4.5\n FR z\n FX set y 2\n"
                                         "ENDATA\n");

    (void)state;
    assert_non_null(lp);
    assert_true(lp->most);
    assert_int_equal(lp->n_rows, 3);
    assert_int_equal(lp->n_columns, 3);
    assert_int_equal(mpq_cmp_si(lp->constant, 7, 1), 0);
    assert_int_equal(mpq_cmp_si(lp->columns[0].cost, 3, 2), 0);
    assert_int_equal(lp->columns[0].n_terms, 2);
    assert_int_equal(mpq_cmp_si(lp->columns[0].terms[0].by, -1, 5), 0);
    assert_int_equal(mpq_cmp_si(lp->columns[0].terms[1].by, 1, 3), 0);
    assert_false(lp->columns[0].integer);
    assert_true(lp->columns[1].integer);
    assert_false(lp->columns[2].integer);
    is(&lp->rows[0].lower, 7, 1);
    is(&lp->rows[0].upper, 10, 1);
    is(&lp->rows[1].lower, 2, 1);
    is(&lp->rows[1].upper, 7, 1);
    is(&lp->rows[2].lower, 3, 1);
    is(&lp->rows[2].upper, 4, 1);
    is(&lp->columns[0].upper, 9, 2);
    is(&lp->columns[1].lower, 2, 1);
    is(&lp->columns[1].upper, 2, 1);
    assert_false(lp->columns[2].lower.has);
    assert_false(lp->columns[2].upper.has);
    cy_lp_program_free(lp);
}

#define HEAD "NAME\nROWS\n N o\n L a\nCOLUMNS\n x o 1 a 1\n"

static void faults_have_a_place(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t column;
    } rows[] = {
        {"",                                          1, 1 },
        {"NAME\nROWS\n N o\n Q a\n",                  4, 2 },
        {"NAME\nROWS\n N o\n L a\n L a\n",            5, 4 },
        {"NAME\nROWS\n L a\nCOLUMNS\n",               4, 1 },
        {HEAD " x a 2\n",                             7, 4 },
        {HEAD " y b 2\n",                             7, 4 },
        {HEAD " y a 2,5\n",                           7, 6 },
        {HEAD " y a NaN\n",                           7, 6 },
        {HEAD " y a 1e999\n",                         7, 6 },
        {HEAD " y a\n",                               7, 2 },
        {HEAD " y a 1\n x o 2\n",                     8, 2 },
        {HEAD "RHS\n r b 1\n",                        8, 4 },
        {HEAD "BOUNDS\n UP b y 1\n",                  8, 7 },
        {HEAD "BOUNDS\n UP b x -1\n",                 8, 9 },
        {HEAD "BOUNDS\n UP b x\n",                    8, 5 },
        {HEAD "BOUNDS\n XX b x 1\n",                  8, 2 },
        {HEAD "RANGES\n r a 1\n r a 1\n",             9, 4 },
        {HEAD "BOUNDS\nRHS\n",                        8, 1 },
        {HEAD "WHAT\n",                               7, 1 },
        {HEAD " y a 1 o 1 a 1\n",                     7, 14},
        {"NAME\nROWS\n N o\n L a\nCOLUMNS\nENDATA\n", 6, 1 },
        {HEAD "RHS\n",                                8, 1 },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        assert_null(read_text(rows[i].text));
        if (fault_.line != rows[i].line || fault_.column != rows[i].column)
            fail_msg("case %zu: at %u:%u (%s), not %u:%u", i, fault_.line, fault_.column,
                     fault_.what, rows[i].line, rows[i].column);
        assert_true(strlen(fault_.what) > 10);
    }
}

static void crossed_bounds_are_named(void **state)
{
    struct cy_lp_program *lp = read_text(HEAD "BOUNDS\n LO b x 3\n UP b x 2\nENDATA\n");
    const char *place = NULL;

    (void)state;
    assert_non_null(lp);
    assert_false(cy_lp_scale(lp, &place));
    assert_string_equal(place, "x");
    cy_lp_program_free(lp);
}

static void numbers_are_exact(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* NULL: refused */
    } rows[] = {
        {"0",                                         "0"   },
        {"-0.0",                                      "0"   },
        {"12.50",                                     "25/2"},
        {".5",                                        "1/2" },
        {"5.",                                        "5"   },
        {"1e3",                                       "1000"},
        {"+2.5E-2",                                   "1/40"},
        {"4/6",                                       "2/3" },
        {"-7/3",                                      "-7/3"},
        {"1/0",                                       NULL  },
        {"1.5/2",                                     NULL  },
        {"1/2.5",                                     NULL  },
        {".",                                         NULL  },
        {"",                                          NULL  },
        {"1e",                                        NULL  },
        {"1e61",                                      NULL  },
        {"0x10",                                      NULL  },
        {"inf",                                       NULL  },
        {"1 ",                                        NULL  },
        {"--1",                                       NULL  },
        {"12345678901234567890123456789012345678901", NULL  },
    };
    mpq_t v;

    (void)state;
    mpq_init(v);
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        const bool good = cy_lp_read_number(rows[i].text, v);
        char *text = NULL;

        if (good != (rows[i].want != NULL))
            fail_msg("'%s'", rows[i].text);
        if (!good)
            continue;
        text = mpq_get_str(NULL, 10, v);
        assert_string_equal(text, rows[i].want);
        free(text);
    }
    mpq_clear(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_section_is_read),
        cmocka_unit_test(faults_have_a_place),
        cmocka_unit_test(crossed_bounds_are_named),
        cmocka_unit_test(numbers_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
