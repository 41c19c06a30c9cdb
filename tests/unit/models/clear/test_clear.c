/* models/clear: the greatest set-off against the exact simplex, the order of rows, and tables that
 * cannot be read. */
#include "cm.h"

#include "gen.h"
#include "models/clear/clear_desk.h"
#include "models/lp/lp_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PARTIES = 7, ARCS = 18 };

/* The same question as a linear program, by a solver that shares nothing with this one. */
static int64_t greatest(const struct cy_flow_arc *arcs)
{
    struct cy_lp_program *lp = cy_lp_program_new();
    const struct cy_lp_wish wish = {.any = true};
    struct cy_lp_answer answer;
    const char *place = NULL;
    int64_t out = 0;
    char name[16];
    mpq_t v;

    mpq_init(v);
    lp->most = true;
    for (unsigned p = 0; p < PARTIES; p++) {
        (void)snprintf(name, sizeof name, "p%u", p);
        (void)cy_lp_row_add(lp, name);
        cy_lp_bound_set(&lp->rows[p].lower, v);
        cy_lp_bound_set(&lp->rows[p].upper, v);
    }
    for (unsigned i = 0; i < ARCS; i++) {
        (void)snprintf(name, sizeof name, "x%u", i);
        (void)cy_lp_column_add(lp, name);
        mpq_set_ui(v, arcs[i].amount, 1);
        cy_lp_bound_set(&lp->columns[i].upper, v);
        mpq_set_si(lp->columns[i].cost, arcs[i].weight, 1);
        mpq_set_si(v, 1, 1);
        assert_true(cy_lp_term_add(lp, arcs[i].debtor, i, v));
        mpq_set_si(v, -1, 1);
        assert_true(cy_lp_term_add(lp, arcs[i].creditor, i, v));
    }
    assert_true(cy_lp_scale(lp, &place));
    assert_ok(cy_lp_answer_find(lp, &wish, &answer));
    assert_int_equal(answer.outcome, CY_LP_FOUND);
    assert_int_equal(mpz_cmp_ui(mpq_denref(answer.value), 1), 0);
    out = mpz_get_si(mpq_numref(answer.value));
    cy_lp_answer_free(&answer);
    cy_lp_program_free(lp);
    mpq_clear(v);
    return out;
}

static void as_much_as_the_simplex(void **state)
{
    struct gen gen = gen_on(29, NULL);

    (void)state;
    for (unsigned k = 0; k < 150; k++) {
        struct cy_flow_arc arcs[ARCS];
        int64_t potentials[PARTIES];
        cy_u128 balances[PARTIES];
        cy_i128 total = 0;

        for (unsigned i = 0; i < ARCS; i++) {
            arcs[i] = (struct cy_flow_arc){.debtor = (uint32_t)gen_draw(&gen, PARTIES),
                                           .amount = gen_draw(&gen, 40),
                                           .weight = 1};
            if (k % 2 == 1) /* worth more, or at a cost */
                arcs[i].weight = (int32_t)gen_draw(&gen, 9) - 4;
            arcs[i].creditor =
                (arcs[i].debtor + 1 + (uint32_t)gen_draw(&gen, PARTIES - 1)) % PARTIES;
        }
        assert_true(cy_circulation_find(arcs, ARCS, PARTIES, potentials));
        assert_ok(cy_flow_check(arcs, ARCS, potentials, PARTIES, balances, &total));
        assert_true(total == greatest(arcs));
    }
}

static void large_ones_are_proved(void **state)
{
    struct gen gen = gen_on(31, NULL);
    enum { MANY = 12000, WHO = 900 };
    struct cy_flow_arc *arcs = calloc(MANY, sizeof *arcs);
    int64_t *potentials = calloc(WHO, sizeof *potentials);
    cy_u128 *balances = calloc(WHO, sizeof *balances);
    cy_i128 total = 0;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        arcs[i] = (struct cy_flow_arc){
            .debtor = (uint32_t)gen_draw(&gen, WHO), .amount = gen_bits(&gen) >> 24, .weight = 1};
        arcs[i].creditor = (arcs[i].debtor + 1 + (uint32_t)gen_draw(&gen, WHO - 1)) % WHO;
    }
    assert_true(cy_circulation_find(arcs, MANY, WHO, potentials));
    assert_ok(cy_flow_check(arcs, MANY, potentials, WHO, balances, &total));
    assert_true(total > 0);
    free(arcs);
    free(potentials);
    free(balances);
}

/* --- tables --- */

static struct cy_desk desk_;
static char path_[] = "/tmp/cy-clear-XXXXXX";

static cy_err read_text(const char *text, struct cy_clear_table *table)
{
    static const char *words[1];
    FILE *out = fopen(path_, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    cy_desk_end(&desk_);
    words[0] = path_;
    desk_ = (struct cy_desk){.out = stdout, .err = stderr, .words = words, .n_words = 1};
    return cy_clear_read(&desk_, path_, table);
}

static void tables_are_exact_and_sorted(void **state)
{
    struct cy_clear_table table;
    char text[CY_U128_TEXT + 16];

    (void)state;
    assert_ok(read_text("debtor,creditor,amount,currency\nb,a,2.5,EUR\na,b,10,EUR\nc,a,0.125,CHF\n",
                        &table));
    assert_int_equal(table.digits, 3);
    assert_int_equal(table.n_parts, 2);
    assert_string_equal(table.parts[0].currency, "CHF");
    assert_int_equal(table.parts[0].arcs[0].amount, 125);
    assert_int_equal(table.parts[1].n, 2);
    assert_string_equal(table.parts[1].parties[table.parts[1].arcs[0].debtor], "a");
    assert_int_equal(table.parts[1].arcs[0].amount, 10000);
    cy_clear_amount(&table, 125, text);
    assert_string_equal(text, "0.125");
    cy_clear_amount(&table, 10000, text);
    assert_string_equal(text, "10.000");
}

static void tables_that_cannot_be_read(void **state)
{
    static const char *const texts[] = {
        "debtor,creditor\na,b\n",
        "debtor,creditor,amount\n",
        "debtor,creditor,amount\na,b,-1\n",
        "debtor,creditor,amount\na,b,NaN\n",
        "debtor,creditor,amount\na,b,1e5\n",
        "debtor,creditor,amount\na,b,\n",
        "debtor,creditor,amount\na,b,.\n",
        "debtor,creditor,amount\na,b,1.0000000001\n",
        "debtor,creditor,amount\na,a,1\n",
        "debtor,creditor,amount\n,a,1\n",
        "debtor,creditor,amount\na,b,99999999999999999999\n",
        "debtor,creditor,amount\na,b,1000000000000\na,b,0.000000001\n",
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(texts); i++) {
        struct cy_clear_table table;

        assert_code(read_text(texts[i], &table), MODEL_INPUT);
        assert_true(desk_.why[0] != 0);
    }
}

static int set_up(void **state)
{
    (void)state;
    return close(mkstemp(path_));
}

static int tear_down(void **state)
{
    (void)state;
    cy_desk_end(&desk_);
    return unlink(path_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_much_as_the_simplex),
        cmocka_unit_test(large_ones_are_proved),
        cmocka_unit_test(tables_are_exact_and_sorted),
        cmocka_unit_test(tables_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
