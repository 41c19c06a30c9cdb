/* models/lp: published optima to every digit, random programs against their certificates, whole
 * numbers against counting, and one answer whatever the advice. */
#include "cm.h"

#include "gen.h"
#include "models/lp/lp_words.h"
#include "models/lp/mps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER CY_SHARED "/data/lp/"

static struct cy_lp_program *read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = NULL;
    struct cy_mps_fault fault;
    struct cy_lp_program *lp = NULL;
    const char *place = NULL;
    size_t n = 0;

    if (in == NULL)
        return NULL;
    text = cy_lp_alloc(1 << 20, 1);
    n = fread(text, 1, (1 << 20) - 1, in);
    (void)fclose(in);
    lp = cy_mps_read(text, n, &fault);
    free(text);
    assert_non_null(lp);
    assert_true(cy_lp_scale(lp, &place));
    return lp;
}

static void published_optima(void **state)
{
    FILE *table = fopen(FOLDER "optimal_values.csv", "r");
    char line[256];
    unsigned count = 0;

    (void)state;
    if (table == NULL)
        skip();
    assert_non_null(fgets(line, sizeof line, table));
    while (fgets(line, sizeof line, table) != NULL) {
        char path[512];
        char digits[64];
        char want[64];
        const struct cy_lp_wish wish = {0};
        struct cy_lp_answer answer;
        struct cy_lp_program *lp = NULL;

        (void)snprintf(path, sizeof path, FOLDER "%.*s", (int)strcspn(line, ","), line);
        line[strcspn(line, "\r\n")] = 0;
        (void)snprintf(want, sizeof want, "%s", strrchr(line, ',') + 1);
        lp = read_file(path);
        assert_non_null(lp);
        assert_ok(cy_lp_answer_find(lp, &wish, &answer));
        assert_int_equal(answer.outcome, CY_LP_FOUND);
        /* the eleven digits that were published */
        (void)snprintf(digits, sizeof digits, "%.10E", mpq_get_d(answer.value));
        if (strcmp(digits, want) != 0)
            fail_msg("%s: %s, published %s", path, digits, want);
        assert_true(answer.settled);
        cy_lp_answer_free(&answer);
        cy_lp_program_free(lp);
        count++;
    }
    (void)fclose(table);
    assert_int_equal(count, 12);
}

/* Bad advice of every kind: the same value and the same point. */
static void advice_cannot_change_the_answer(void **state)
{
    struct gen gen = gen_on(3, NULL);
    struct cy_lp_program *lp = read_file(FOLDER "sc50a.mps");
    struct cy_lp_wish wish = {0};
    struct cy_lp_answer first;
    enum cy_lp_place *places = NULL;

    (void)state;
    if (lp == NULL)
        skip();
    assert_ok(cy_lp_answer_find(lp, &wish, &first));
    places = cy_lp_alloc(lp->n_columns + lp->n_rows, sizeof *places);
    for (unsigned k = 0; k < 12; k++) {
        struct cy_lp_answer again;

        for (uint32_t j = 0; j < lp->n_columns + lp->n_rows; j++)
            places[j] = (enum cy_lp_place)gen_draw(&gen, 4);
        wish.advice = places;
        assert_ok(cy_lp_answer_find(lp, &wish, &again));
        assert_int_equal(again.outcome, CY_LP_FOUND);
        assert_true(mpq_equal(first.value, again.value));
        for (uint32_t j = 0; j < lp->n_columns; j++)
            assert_true(mpq_equal(first.x[j], again.x[j]));
        cy_lp_answer_free(&again);
    }
    free(places);
    cy_lp_answer_free(&first);
    cy_lp_program_free(lp);
}

static void set(struct cy_lp_bound *bound, long v, unsigned long below)
{
    mpq_t q;

    mpq_init(q);
    mpq_set_si(q, v, below);
    mpq_canonicalize(q);
    cy_lp_bound_set(bound, q);
    mpq_clear(q);
}

/* A small random program; bounds and coefficients are fractions. */
static struct cy_lp_program *draw_program(struct gen *gen, bool whole, uint32_t rows,
                                          uint32_t columns)
{
    struct cy_lp_program *lp = cy_lp_program_new();
    const char *place = NULL;
    char name[16];
    mpq_t v;

    mpq_init(v);
    lp->most = gen_one_in(gen, 2);
    for (uint32_t i = 0; i < rows; i++) {
        const long at = (long)gen_draw(gen, 30);

        (void)snprintf(name, sizeof name, "r%u", i);
        assert_int_equal(cy_lp_row_add(lp, name), i);
        if (!gen_one_in(gen, 3))
            set(&lp->rows[i].upper, at + 5, whole ? 1 : 2);
        if (gen_one_in(gen, 3))
            set(&lp->rows[i].lower, at - 10, whole ? 1 : 3);
    }
    for (uint32_t j = 0; j < columns; j++) {
        (void)snprintf(name, sizeof name, "x%u", j);
        assert_int_equal(cy_lp_column_add(lp, name), j);
        mpq_set_si(lp->columns[j].cost, (long)gen_draw(gen, 19) - 9, whole ? 1 : 4);
        mpq_canonicalize(lp->columns[j].cost);
        lp->columns[j].integer = whole;
        if (whole)
            set(&lp->columns[j].upper, 3, 1);
        else if (gen_one_in(gen, 4))
            cy_lp_bound_drop(&lp->columns[j].lower);
        for (uint32_t i = 0; i < rows; i++) {
            mpq_set_si(v, gen_one_in(gen, 3) ? 0 : (long)gen_draw(gen, 15) - 5, whole ? 1 : 3);
            mpq_canonicalize(v);
            assert_true(cy_lp_term_add(lp, i, j, v));
        }
    }
    mpq_clear(v);
    assert_true(cy_lp_scale(lp, &place));
    return lp;
}

/* Every outcome comes with a certificate that the checker takes: cy_lp_answer_find fails otherwise.
 */
static void random_programs_are_proved(void **state)
{
    struct gen gen = gen_on(17, NULL);
    unsigned seen[4] = {0};

    (void)state;
    for (unsigned k = 0; k < 400; k++) {
        struct cy_lp_program *lp = draw_program(&gen, false, 1 + (uint32_t)gen_draw(&gen, 8),
                                                1 + (uint32_t)gen_draw(&gen, 8));
        const struct cy_lp_wish wish = {0};
        struct cy_lp_answer answer;

        assert_ok(cy_lp_answer_find(lp, &wish, &answer));
        seen[answer.outcome]++;
        assert_true(answer.certificate.n > 0);
        cy_lp_answer_free(&answer);
        cy_lp_program_free(lp);
    }
    assert_true(seen[CY_LP_FOUND] > 50);
    assert_true(seen[CY_LP_NO_POINT] > 10);
    assert_true(seen[CY_LP_NO_LIMIT] > 50);
    assert_int_equal(seen[CY_LP_STOPPED], 0);
}

/* All points of 0..3 in each column, counted. */
static bool count_best(const struct cy_lp_program *lp, long *best)
{
    const uint32_t n = lp->n_columns;
    bool any = false;

    for (uint32_t code = 0; code < 1u << (2 * n); code++) {
        long value = 0;
        bool good = true;

        for (uint32_t j = 0; j < n; j++)
            value += (long)(code >> (2 * j) & 3) * mpz_get_si(mpq_numref(lp->columns[j].cost));
        for (uint32_t i = 0; i < lp->n_rows && good; i++) {
            long sum = 0;

            for (uint32_t j = 0; j < n; j++) {
                for (uint32_t t = 0; t < lp->columns[j].n_terms; t++) {
                    if (lp->columns[j].terms[t].row == i)
                        sum += (long)(code >> (2 * j) & 3) *
                               mpz_get_si(mpq_numref(lp->columns[j].terms[t].by));
                }
            }
            good = (!lp->rows[i].lower.has || mpq_cmp_si(lp->rows[i].lower.at, sum, 1) <= 0) &&
                   (!lp->rows[i].upper.has || mpq_cmp_si(lp->rows[i].upper.at, sum, 1) >= 0);
        }
        if (good && (!any || value < *best))
            *best = value;
        any = any || good;
    }
    return any;
}

static void whole_numbers_are_counted_again(void **state)
{
    struct gen gen = gen_on(23, NULL);
    unsigned branched = 0;
    unsigned none = 0;

    (void)state;
    for (unsigned k = 0; k < 200; k++) {
        struct cy_lp_program *lp = draw_program(&gen, true, 1 + (uint32_t)gen_draw(&gen, 4),
                                                1 + (uint32_t)gen_draw(&gen, 5));
        const struct cy_lp_wish wish = {0};
        struct cy_lp_answer answer;
        long best = 0;
        const bool any = count_best(lp, &best);

        assert_ok(cy_lp_answer_find(lp, &wish, &answer));
        assert_int_equal(answer.outcome, any ? CY_LP_FOUND : CY_LP_NO_POINT);
        if (any)
            assert_int_equal(mpq_cmp_si(answer.value, lp->most ? -best : best, 1), 0);
        branched += answer.leaves > 1;
        none += !any;
        cy_lp_answer_free(&answer);
        cy_lp_program_free(lp);
    }
    assert_true(branched > 20);
    assert_true(none > 5);
}

static void decimals(void **state)
{
    static const struct {
        const char *number;
        unsigned digits;
        const char *want;
    } rows[] = {
        {"0",      6, "0"             },
        {"5/2",    6, "2.5"           },
        {"-1/8",   6, "-0.125"        },
        {"2/3",    6, "about 0.666667"},
        {"-2/3",   2, "about -0.67"   },
        {"1/1000", 2, "about 0"       },
        {"199/2",  0, "about 100"     },
        {"1200",   6, "1200"          },
    };
    mpq_t v;

    (void)state;
    mpq_init(v);
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        char text[CY_LP_DECIMAL_MAX];

        assert_true(cy_lp_read_number(rows[i].number, v));
        cy_lp_decimal(v, rows[i].digits, true, text);
        assert_string_equal(text, rows[i].want);
    }
    mpq_clear(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_optima),
        cmocka_unit_test(advice_cannot_change_the_answer),
        cmocka_unit_test(random_programs_are_proved),
        cmocka_unit_test(whole_numbers_are_counted_again),
        cmocka_unit_test(decimals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
