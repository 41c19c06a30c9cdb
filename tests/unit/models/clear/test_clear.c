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
        assert_ok(cy_flow_check(arcs, ARCS, potentials, NULL, PARTIES, balances, &total));
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
    assert_ok(cy_flow_check(arcs, MANY, potentials, NULL, WHO, balances, &total));
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

/* --- terms --- */

enum { FILES = 5 };

static char files_[FILES][32];

static const char *file_of(unsigned i, const char *text)
{
    FILE *out = fopen(files_[i], "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return files_[i];
}

/* A desk with options in pairs; its table read. */
static cy_err read_with(const char *text, const char *const *options, size_t n,
                        struct cy_clear_table *table)
{
    cy_desk_end(&desk_);
    desk_ = (struct cy_desk){.out = stdout, .err = stderr};
    for (size_t i = 0; i < n; i++)
        desk_.options[desk_.n_options++] =
            (struct cy_desk_option){options[2 * i], options[2 * i + 1], NULL};
    return cy_clear_read(&desk_, file_of(0, text), table);
}

static cy_u128 cleared_of(struct cy_clear_table *table)
{
    cy_u128 out = 0;

    for (uint32_t p = 0; p < table->n_parts; p++) {
        struct cy_clear_part *part = &table->parts[p];
        cy_u128 *balances = calloc(part->n_parties, sizeof *balances);
        cy_i128 worth = 0;

        assert_true(
            cy_circulation_find(part->arcs, part->n_arcs, part->n_parties, part->potentials));
        assert_ok(cy_flow_check(part->arcs, part->n_arcs, part->potentials, NULL, part->n_parties,
                                balances, &worth));
        for (uint32_t i = 0; i < part->n; i++)
            out += part->arcs[i].cleared;
        free(balances);
    }
    return out;
}

static const char mixed_[] = "debtor,creditor,amount,currency\na,b,10.25,EUR\nb,c,7,USD\n"
                             "c,a,9.50,EUR\na,c,5,USD\nd,e,3,EUR\ne,x,3,EUR\n";

static void across_currencies_with_funds_and_bars(void **state)
{
    const char *const rates = file_of(1, "currency,rate\nEUR,1\nUSD,0.913\n");
    const char *const funds = file_of(2, "party,amount,currency\nd,2.5,EUR\n");
    const char *const barred = file_of(3, "party,with\nx,\na,e\n");
    const char *const list =
        file_of(4, "{\"items\":[{\"label\":\"x\",\"value\":\"X1\",\"subject\":\"ab\"},"
                   "{\"label\":\"a\",\"eased\":true},{\"label\":\"b\",\"protect\":true}]}");
    const char *const options[] = {"rates", rates, "base", "EUR", "funds", funds, "barred", barred};
    const char *const listed[] = {"rates", rates, "base", "EUR", "funds", funds, "barred", list};
    struct cy_clear_table table;

    (void)state;
    assert_ok(read_with(mixed_, NULL, 0, &table));
    assert_true(cleared_of(&table) == 0);
    assert_ok(read_with(mixed_, options, 2, &table));
    assert_true(cleared_of(&table) == 2539);
    /* c pays a whole; a pays c in part: 3.40 USD are worth 3.11 */
    assert_int_equal(cy_clear_own(&table, &table.parts[0], 4), 340);
    assert_int_equal(table.parts[0].arcs[4].cleared, 311);
    assert_ok(read_with(mixed_, options, 3, &table)); /* a chain clears with cash */
    assert_true(cleared_of(&table) == 2539 + 500);
    assert_ok(read_with(mixed_, options, 4, &table)); /* what is owed to x stays */
    assert_true(cleared_of(&table) == 2539 + 250);
    assert_int_equal(table.parts[0].arcs[3].cleared, 0);
    assert_ok(read_with(mixed_, listed, 4, &table)); /* the same by what a ledger gives out */
    assert_true(cleared_of(&table) == 2539 + 250);
}

static void terms_that_cannot_be_read(void **state)
{
    static const struct {
        const char *option;
        const char *text;
    } rows[] = {
        {"rates",  "currency,rate\nEUR,1\n"                        }, /* none of USD */
        {"rates",  "currency,rate\nEUR,1\nUSD,0\n"                 },
        {"rates",  "currency,rate\nEUR,1\nUSD,2\nUSD,3\n"          },
        {"rates",  "currency,rate\nEUR,1.1\nUSD,2\n"               },
        {"rates",  "currency,rate\nEUR,1\nUSD,NaN\n"               },
        {"rates",  "currency\nEUR\n"                               },
        {"rates",  "currency,rate\nEUR,1\nUSD,900000000000000000\n"},
        {"funds",  "party\na\n"                                    },
        {"funds",  "party,amount\na,-1\n"                          },
        {"funds",  "party,amount\n,1\n"                            },
        {"barred", "who\na\n"                                      },
        {"barred", "party\n\"\"\n"                                 },
        {"barred", "{\"items\":1}"                                 },
        {"barred", "{"                                             },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        const char *const options[] = {rows[i].option, file_of(1, rows[i].text), "base", "EUR"};
        struct cy_clear_table table;

        assert_code(
            read_with(mixed_, options, strcmp(rows[i].option, "rates") == 0 ? 2 : 1, &table),
            MODEL_INPUT);
        assert_true(desk_.why[0] != 0);
    }
}

/* --- queues --- */

enum { WAIT = 9, PAYERS = 4 };

/* The most of the waiting payments that can go together, each party's first ones only, by trying
 * every way to cut the queues. */
static unsigned most_together(const struct cy_clear_payment *payments, const int64_t *balances)
{
    unsigned counts[PAYERS] = {0};
    unsigned cut[PAYERS] = {0};
    unsigned best = 0;

    for (unsigned i = 0; i < WAIT; i++)
        counts[payments[i].payer] += payments[i].way == CY_CLEAR_WAITING;
    for (;;) {
        int64_t ends[PAYERS];
        unsigned seen[PAYERS] = {0};
        unsigned all = 0;
        unsigned p = 0;
        bool good = true;

        memcpy(ends, balances, sizeof ends);
        for (unsigned i = 0; i < WAIT; i++) {
            if (payments[i].way != CY_CLEAR_WAITING ||
                seen[payments[i].payer]++ >= cut[payments[i].payer])
                continue;
            ends[payments[i].payer] -= (int64_t)payments[i].amount;
            ends[payments[i].payee] += (int64_t)payments[i].amount;
            all++;
        }
        for (unsigned k = 0; k < PAYERS; k++)
            good = good && ends[k] >= 0;
        best = good && all > best ? all : best;
        while (p < PAYERS && cut[p] == counts[p])
            cut[p++] = 0;
        if (p == PAYERS)
            return best;
        cut[p]++;
    }
}

/* Balances stay 0 or more and the same in sum; nothing that could go is left waiting, at any time:
 * a queue that ends after k payments has settled the same of them as the whole queue by then. */
static void queues_leave_nothing_that_could_go(void **state)
{
    struct gen gen = gen_on(43, NULL);
    unsigned together = 0;

    (void)state;
    for (unsigned k = 0; k < 400; k++) {
        struct cy_clear_payment payments[WAIT];
        struct cy_clear_payment part[WAIT];
        int64_t balances[PAYERS];
        int64_t begin[PAYERS];
        int64_t sum = 0;
        uint32_t resolved = 0;
        uint32_t again = 0;

        for (unsigned p = 0; p < PAYERS; p++)
            begin[p] = balances[p] = (int64_t)gen_draw(&gen, 4);
        for (unsigned i = 0; i < WAIT; i++) {
            payments[i] = (struct cy_clear_payment){.payer = (uint32_t)gen_draw(&gen, PAYERS),
                                                    .amount = gen_draw(&gen, 9)};
            payments[i].payee =
                (payments[i].payer + 1 + (uint32_t)gen_draw(&gen, PAYERS - 1)) % PAYERS;
        }
        memcpy(part, payments, sizeof part);
        assert_true(cy_clear_queue_run(payments, WAIT, balances, PAYERS, &resolved));
        for (unsigned p = 0; p < PAYERS; p++) {
            assert_true(balances[p] >= 0);
            sum += balances[p] - begin[p];
        }
        assert_true(sum == 0);
        assert_int_equal(most_together(payments, balances), 0);
        together += resolved;
        assert_true(cy_clear_queue_run(part, WAIT / 2, begin, PAYERS, &again));
        for (unsigned i = 0; i < WAIT / 2; i++)
            assert_int_equal(part[i].way != CY_CLEAR_WAITING,
                             payments[i].way != CY_CLEAR_WAITING && payments[i].step <= WAIT / 2);
    }
    assert_true(together > 50);
}

static int set_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(files_[i], sizeof files_[i], "/tmp/cy-clear-XXXXXX");
        if (close(mkstemp(files_[i])) != 0)
            return -1;
    }
    return close(mkstemp(path_));
}

static int tear_down(void **state)
{
    (void)state;
    cy_desk_end(&desk_);
    for (unsigned i = 0; i < FILES; i++)
        (void)unlink(files_[i]);
    return unlink(path_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_much_as_the_simplex),
        cmocka_unit_test(large_ones_are_proved),
        cmocka_unit_test(tables_are_exact_and_sorted),
        cmocka_unit_test(tables_that_cannot_be_read),
        cmocka_unit_test(across_currencies_with_funds_and_bars),
        cmocka_unit_test(terms_that_cannot_be_read),
        cmocka_unit_test(queues_leave_nothing_that_could_go),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
