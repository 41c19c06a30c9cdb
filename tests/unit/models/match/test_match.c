/* models/match and models/flow: plans against the exact simplex and against every assignment; what
 * is changed is refused; after a change the plan costs what a new one would; distances. */
#include "cm.h"

#include "gen.h"
#include "models/flow/assignment.h"
#include "models/flow/flow_simplex.h"
#include "models/lp/lp_answer.h"
#include "models/match/match_desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- assignment --- */

enum { SMALL = 6 };

static int64_t least_of(const int32_t *cost, uint32_t n, uint32_t row, unsigned taken)
{
    int64_t best = INT64_MAX / 2;

    if (row == n)
        return 0;
    for (uint32_t j = 0; j < n; j++) {
        int64_t at = 0;

        if ((taken >> j & 1) != 0)
            continue;
        at = cost[row * n + j] + least_of(cost, n, row + 1, taken | 1u << j);
        best = at < best ? at : best;
    }
    return best;
}

static cy_i128 assigned(const int32_t *cost, uint32_t n)
{
    uint32_t *column_of = calloc(n, sizeof *column_of);
    int64_t *row_price = calloc(n, sizeof *row_price);
    int64_t *column_price = calloc(n, sizeof *column_price);
    uint64_t *one = calloc(n, sizeof *one);
    uint64_t *left = calloc(2 * (size_t)n, sizeof *left);
    struct cy_transport_leg *legs = calloc(n, sizeof *legs);
    const struct cy_transport t = {n, n, cost, one, one};
    cy_i128 total = 0;

    assert_true(cy_assignment_find(cost, n, column_of, row_price, column_price));
    for (uint32_t i = 0; i < n; i++) {
        one[i] = 1;
        legs[i] = (struct cy_transport_leg){i, column_of[i], 1};
    }
    assert_ok(cy_transport_check(&t, legs, n, row_price, column_price, left, &total));
    free(column_of);
    free(row_price);
    free(column_price);
    free(one);
    free(left);
    free(legs);
    return total;
}

static void assignments_cost_least(void **state)
{
    struct gen gen = gen_on(47, NULL);
    int32_t cost[SMALL * SMALL];
    int32_t *large = malloc(sizeof *large * 300 * 300);

    (void)state;
    for (unsigned k = 0; k < 300; k++) {
        const uint32_t n = 1 + (uint32_t)gen_draw(&gen, SMALL);

        for (unsigned i = 0; i < n * n; i++)
            cost[i] = (int32_t)gen_draw(&gen, k % 3 == 0 ? 4 : 1000) - (int32_t)(k % 7);
        assert_true(assigned(cost, n) == least_of(cost, n, 0, 0));
    }
    for (unsigned i = 0; i < 300 * 300; i++)
        large[i] = (int32_t)gen_draw(&gen, 50); /* many ties */
    assert_true(assigned(large, 300) >= 0);
    free(large);
}

/* --- transport --- */

enum { ROWS = 5, COLUMNS = 6, CELLS = ROWS * COLUMNS };

struct drawn {
    int32_t cost[CELLS];
    uint64_t supply[ROWS];
    uint64_t demand[COLUMNS];
    uint64_t carried[CELLS];
    int64_t row_price[ROWS];
    int64_t column_price[COLUMNS];
    struct cy_transport t;
    struct cy_transport_plan plan;
    struct cy_transport_leg legs[CELLS];
    uint32_t n_legs;
};

/* The last row and column balance. */
static void balance(struct drawn *d)
{
    d->supply[ROWS - 1] = d->demand[COLUMNS - 1] = 0;
    for (unsigned j = 0; j + 1 < COLUMNS; j++)
        d->supply[ROWS - 1] += d->demand[j];
    for (unsigned i = 0; i + 1 < ROWS; i++)
        d->demand[COLUMNS - 1] += d->supply[i];
}

static void draw(struct drawn *d, struct gen *gen)
{
    *d = (struct drawn){.n_legs = 0};
    for (unsigned i = 0; i < CELLS; i++)
        d->cost[i] = (int32_t)gen_draw(gen, 30);
    for (unsigned i = 0; i < ROWS; i++)
        d->supply[i] = gen_draw(gen, 20);
    for (unsigned j = 0; j < COLUMNS; j++)
        d->demand[j] = gen_draw(gen, 20);
    balance(d);
    d->t = (struct cy_transport){ROWS, COLUMNS, d->cost, d->supply, d->demand};
    d->plan = (struct cy_transport_plan){d->carried, d->row_price, d->column_price};
}

static cy_err judge(struct drawn *d, cy_i128 *total)
{
    uint64_t left[ROWS + COLUMNS];

    return cy_transport_check(&d->t, d->legs, d->n_legs, d->row_price, d->column_price, left,
                              total);
}

static cy_i128 found(struct drawn *d)
{
    cy_i128 total = 0;

    assert_true(cy_transport_find(&d->t, &d->plan));
    d->n_legs = 0;
    for (uint32_t j = 0; j < COLUMNS; j++) {
        for (uint32_t i = 0; i < ROWS; i++) {
            if (d->carried[j * ROWS + i] > 0)
                d->legs[d->n_legs++] = (struct cy_transport_leg){i, j, d->carried[j * ROWS + i]};
        }
    }
    assert_ok(judge(d, &total));
    return total;
}

/* The same question as a linear program, by a solver that shares nothing with this one. */
static int64_t by_simplex(const struct drawn *d)
{
    struct cy_lp_program *lp = cy_lp_program_new();
    const struct cy_lp_wish wish = {.any = true};
    struct cy_lp_answer answer;
    const char *place = NULL;
    int64_t out = 0;
    char name[16];
    mpq_t v;

    mpq_init(v);
    for (unsigned r = 0; r < ROWS + COLUMNS; r++) {
        (void)snprintf(name, sizeof name, "r%u", r);
        (void)cy_lp_row_add(lp, name);
        mpq_set_ui(v, r < ROWS ? d->supply[r] : d->demand[r - ROWS], 1);
        cy_lp_bound_set(&lp->rows[r].lower, v);
        cy_lp_bound_set(&lp->rows[r].upper, v);
    }
    for (unsigned c = 0; c < CELLS; c++) {
        (void)snprintf(name, sizeof name, "x%u", c);
        (void)cy_lp_column_add(lp, name);
        mpq_set_si(lp->columns[c].cost, d->cost[c], 1);
        mpq_set_si(v, 1, 1);
        assert_true(cy_lp_term_add(lp, c / COLUMNS, c, v));
        assert_true(cy_lp_term_add(lp, ROWS + c % COLUMNS, c, v));
    }
    assert_true(cy_lp_scale(lp, &place));
    assert_ok(cy_lp_answer_find(lp, &wish, &answer));
    assert_int_equal(answer.outcome, CY_LP_FOUND);
    out = mpz_get_si(mpq_numref(answer.value));
    cy_lp_answer_free(&answer);
    cy_lp_program_free(lp);
    mpq_clear(v);
    return out;
}

static void plans_cost_least_also_after_a_change(void **state)
{
    struct gen gen = gen_on(53, NULL);

    (void)state;
    for (unsigned k = 0; k < 60; k++) {
        struct drawn d;

        draw(&d, &gen);
        cy_transport_begin(&d.t, &d.plan);
        assert_true(found(&d) == by_simplex(&d));
        for (unsigned change = 0; change < 4; change++) {
            switch (gen_draw(&gen, 3)) {
            case 0: d.supply[gen_draw(&gen, ROWS - 1)] = gen_draw(&gen, 30); break;
            case 1: d.demand[gen_draw(&gen, COLUMNS - 1)] = gen_draw(&gen, 30); break;
            default: d.cost[gen_draw(&gen, CELLS)] = (int32_t)gen_draw(&gen, 30); break;
            }
            balance(&d);
            assert_true(found(&d) == by_simplex(&d));
        }
    }
}

/* Whatever one number of a plan or its prices is changed by, it is refused, or it is another plan
 * that costs the same. */
static void changed_plans_are_refused(void **state)
{
    struct gen gen = gen_on(59, NULL);
    unsigned refused = 0;

    (void)state;
    for (unsigned k = 0; k < 100; k++) {
        struct drawn d;
        cy_i128 want = 0;
        cy_i128 total = 0;

        draw(&d, &gen);
        cy_transport_begin(&d.t, &d.plan);
        want = found(&d);
        for (uint32_t i = 0; i < d.n_legs; i++) {
            for (int by = -1; by <= 1; by += 2) {
                d.legs[i].amount += (uint64_t)by;
                assert_false(cy_ok(judge(&d, &total)));
                d.legs[i].amount -= (uint64_t)by;
                refused++;
            }
            d.legs[i].column += COLUMNS;
            assert_code(judge(&d, &total), CERT_FORM);
            d.legs[i].column -= COLUMNS;
            refused++;
        }
        for (unsigned p = 0; p < ROWS + COLUMNS; p++) {
            int64_t *price = p < ROWS ? &d.row_price[p] : &d.column_price[p - ROWS];

            for (int by = -1; by <= 1; by += 2) {
                *price += by; /* off by one: only where other prices prove as much */
                if (cy_ok(judge(&d, &total)))
                    assert_true(total == want);
                else
                    refused++;
                *price -= by;
            }
        }
        d.row_price[0] = INT64_MAX;
        assert_code(judge(&d, &total), CERT_WRONG);
    }
    assert_true(refused > 4000);
}

/* --- networks --- */

enum { PARTIES = 7, ARCS = 20 };

/* What the flow costs by the exact simplex; found says whether there is one. */
static int64_t network_by_simplex(const struct cy_flow_arc *arcs, const int64_t *wants, bool *there)
{
    struct cy_lp_program *lp = cy_lp_program_new();
    const struct cy_lp_wish wish = {.any = true};
    struct cy_lp_answer answer;
    const char *place = NULL;
    int64_t out = 0;
    char name[16];
    mpq_t v;

    mpq_init(v);
    for (unsigned p = 0; p < PARTIES; p++) {
        (void)snprintf(name, sizeof name, "p%u", p);
        (void)cy_lp_row_add(lp, name);
        mpq_set_si(v, wants[p], 1);
        cy_lp_bound_set(&lp->rows[p].lower, v);
        cy_lp_bound_set(&lp->rows[p].upper, v);
    }
    for (unsigned i = 0; i < ARCS; i++) {
        (void)snprintf(name, sizeof name, "x%u", i);
        (void)cy_lp_column_add(lp, name);
        mpq_set_ui(v, arcs[i].amount, 1);
        cy_lp_bound_set(&lp->columns[i].upper, v);
        mpq_set_si(lp->columns[i].cost, -arcs[i].weight, 1);
        mpq_set_si(v, 1, 1);
        assert_true(cy_lp_term_add(lp, arcs[i].debtor, i, v));
        mpq_set_si(v, -1, 1);
        assert_true(cy_lp_term_add(lp, arcs[i].creditor, i, v));
    }
    assert_true(cy_lp_scale(lp, &place));
    assert_ok(cy_lp_answer_find(lp, &wish, &answer));
    *there = answer.outcome == CY_LP_FOUND;
    if (*there)
        out = mpz_get_si(mpq_numref(answer.value));
    cy_lp_answer_free(&answer);
    cy_lp_program_free(lp);
    mpq_clear(v);
    return out;
}

static void networks_cost_least(void **state)
{
    struct gen gen = gen_on(61, NULL);
    unsigned impossible = 0;

    (void)state;
    for (unsigned k = 0; k < 200; k++) {
        struct cy_flow_arc arcs[ARCS];
        int64_t wants[PARTIES] = {0};
        int64_t potentials[PARTIES];
        cy_u128 balances[PARTIES];
        cy_i128 worth = 0;
        int64_t cost = 0;
        bool there = false;

        for (unsigned i = 0; i < ARCS; i++) {
            arcs[i] = (struct cy_flow_arc){.debtor = (uint32_t)gen_draw(&gen, PARTIES),
                                           .amount = gen_draw(&gen, 30),
                                           .weight = 8 - (int32_t)gen_draw(&gen, 40)};
            arcs[i].creditor =
                (arcs[i].debtor + 1 + (uint32_t)gen_draw(&gen, PARTIES - 1)) % PARTIES;
        }
        for (unsigned i = 0; i < 3; i++) {
            const int64_t by = (int64_t)gen_draw(&gen, 20);

            wants[gen_draw(&gen, PARTIES)] += by;
            wants[gen_draw(&gen, PARTIES)] -= by;
        }
        cost = network_by_simplex(arcs, wants, &there);
        if (cy_flow_simplex(arcs, ARCS, wants, PARTIES, potentials) == CY_FLOW_IMPOSSIBLE) {
            assert_false(there);
            impossible++;
            continue;
        }
        assert_true(there);
        assert_ok(cy_flow_check(arcs, ARCS, potentials, wants, PARTIES, balances, &worth));
        assert_true(-worth == cost);
        wants[0]++;
        wants[1]--;
        assert_code(cy_flow_check(arcs, ARCS, potentials, wants, PARTIES, balances, &worth),
                    CERT_WRONG);
    }
    assert_in_range(impossible, 5, 150);
}

/* --- distances --- */

static void distances(void **state)
{
    static const struct {
        struct cy_match_place a;
        struct cy_match_place b;
        uint32_t km; /* great circle */
        uint32_t off;
    } rows[] = {
        {{0, 0},                 {0, 1000000},           111, 1 },
        {{52520000, 13405000},   {48857000, 2352000},    878, 5 }, /* Berlin, Paris */
        {{-33869000, 151209000}, {-37814000, 144963000}, 714, 4 }, /* Sydney, Melbourne */
        {{-18124000, 178450000},
         {-13833000, -171767000},
         1146,                                                12}, /* Suva, Apia: over the date line */
        {{60000000, 10000000},   {60000000, 11000000},   55,  1 },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        const uint32_t km = cy_match_km(rows[i].a, rows[i].b);

        assert_int_equal(km, cy_match_km(rows[i].b, rows[i].a));
        assert_in_range(km, rows[i].km - rows[i].off, rows[i].km + rows[i].off);
    }
}

/* --- tables --- */

static struct cy_desk desk_;
static char files_[2][32];

static const char *file_of(unsigned i, const char *text)
{
    FILE *out = fopen(files_[i], "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return files_[i];
}

static cy_err read_both(const char *offers, const char *needs, struct cy_match_table *table)
{
    cy_desk_end(&desk_);
    desk_ = (struct cy_desk){.out = stdout, .err = stderr};
    return cy_match_read(&desk_, file_of(0, offers), file_of(1, needs), table);
}

static void tables_become_kinds(void **state)
{
    struct cy_match_table table;

    (void)state;
    assert_ok(read_both("id,kind,amount,lat,lon\nb,beds,5,52.52,13.405\na,beds,3,48.857,2.352\n"
                        "w,water,9,0,0\n",
                        "id,kind,amount,lat,lon,weight\nx,beds,6,52.5,13.4,2\ny,milk,1,0,-0.5,1\n",
                        &table));
    assert_int_equal(table.n_kinds, 3);
    assert_string_equal(table.kinds[0].kind, "beds");
    assert_string_equal(table.kinds[0].offers[0].id, "a");
    assert_int_equal(table.kinds[1].n_offers, 0);
    assert_int_equal(table.kinds[2].n_needs, 0);
    assert_true(cy_transport_find(&table.kinds[0].transport, &table.kinds[0].plan));
    assert_int_equal(table.kinds[0].plan.carried[0], 1); /* a helps with one, b is near */
    assert_int_equal(table.kinds[0].plan.carried[1], 5);
}

static void tables_that_cannot_be_read(void **state)
{
    static const char *const texts[] = {
        "id,kind,amount,lat\na,k,1,0\n",
        "id,kind,amount,lat,lon\na,k,1,0,0\na,k,1,0,0\n",
        "id,kind,amount,lat,lon\na,k,-1,0,0\n",
        "id,kind,amount,lat,lon\na,k,NaN,0,0\n",
        "id,kind,amount,lat,lon\na,k,1.5,0,0\n",
        "id,kind,amount,lat,lon\na,k,1000000001,0,0\n",
        "id,kind,amount,lat,lon\na,k,1,91,0\n",
        "id,kind,amount,lat,lon\na,k,1,0,180.1\n",
        "id,kind,amount,lat,lon\na,k,1,0,\n",
        "id,kind,amount,lat,lon\n,k,1,0,0\n",
        "id,kind,amount,lat,lon,weight\na,k,1,0,0,0\n",
        "id,kind,amount,lat,lon,weight\na,k,1,0,0,1001\n",
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(texts); i++) {
        struct cy_match_table table;

        assert_code(read_both("id,kind,amount,lat,lon\n", texts[i], &table), MODEL_INPUT);
        assert_true(desk_.why[0] != 0);
    }
}

static int set_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(files_[i], sizeof files_[i], "/tmp/cy-match-XXXXXX");
        if (close(mkstemp(files_[i])) != 0)
            return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cy_desk_end(&desk_);
    return unlink(files_[0]) + unlink(files_[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assignments_cost_least),
        cmocka_unit_test(plans_cost_least_also_after_a_change),
        cmocka_unit_test(changed_plans_are_refused),
        cmocka_unit_test(networks_cost_least),
        cmocka_unit_test(distances),
        cmocka_unit_test(tables_become_kinds),
        cmocka_unit_test(tables_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
