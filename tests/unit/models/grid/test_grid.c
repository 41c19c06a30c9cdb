/* models/grid: the published figures, the exact simplex on the same programs, certificates and
 * plans that were changed, hours with storage and load that is cut, grids that cannot be served,
 * and files that cannot be read. */
#include "cm.h"

#include "gen.h"
#include "models/grid/grid_desk.h"

#include <math.h>
#include <stdlib.h>

static struct cy_desk desk_;
static struct cy_desk_fault fault_;

struct made {
    struct cy_grid_case grid;
    struct cy_grid_rules rules;
    struct cy_grid_program program;
    struct cy_grid_plan plan;
};

static cy_err read_case(const char *text, struct cy_grid_case *out)
{
    cy_desk_end(&desk_);
    desk_ = (struct cy_desk){.out = stdout, .err = stderr, .json = true};
    fault_ = (struct cy_desk_fault){0};
    return cy_matpower_read(&desk_, cy_span_text(text), CY_GRID_SUSCEPTANCE, out, &fault_);
}

static void plan_case(const char *text, const char *charter, struct made *m)
{
    assert_ok(read_case(text, &m->grid));
    assert_ok(cy_grid_rules_plain(&desk_, &m->grid, &m->rules));
    if (charter != NULL)
        assert_ok(cy_grid_charter_read(&m->grid, cy_span_text(charter), &m->rules, &fault_));
    cy_grid_program_make(&m->grid, &m->rules, &m->program);
    assert_ok(cy_grid_plan_find(&m->program, &m->plan));
}

static void drop(struct made *m)
{
    cy_grid_plan_free(&m->plan);
    cy_grid_program_free(&m->program);
    cy_grid_case_free(&m->grid);
}

/* --- a small grid --- */

/* Buses 1, 2, 3 in a triangle; `a` and `b` MW can be had at 1 and 2, the load stands at 3. */
static const char *triangle(const char *costs, double load, double rate)
{
    static char text[2048];

    (void)snprintf(text, sizeof text,
                   "function mpc = triangle\nmpc.version = '2';\nmpc.baseMVA = 100;\n"
                   "mpc.bus = [\n1 3 0 0 0 0 1 1 0 1 1 1 1;\n2 1 0 0 0 0 1 1 0 1 1 1 1;\n"
                   "3 1 %.3f 0 0 0 1 1 0 1 1 1 1;\n];\n"
                   "mpc.gen = [\n1 0 0 0 0 1 1 1 100 0;\n2 0 0 0 0 1 1 1 100 0;\n];\n"
                   "mpc.gencost = [\n%s\n];\n"
                   "mpc.branch = [\n1 2 0 0.1 0 0 0 0 0 0 1 0 0;\n1 3 0 0.1 0 %.3f 0 0 0 0 1 0 0;\n"
                   "2 3 0 0.1 0 0 0 0 0 0 1 0 0;\n];\n",
                   load, costs, rate);
    return text;
}

static double near_of(mpq_srcptr v)
{
    return mpq_get_d(v);
}

static void is_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-4 * (1 + fabs(want))))
        fail_msg("%.9g instead of %.9g", got, want);
}

/* 90 MW at bus 3, 50 on the line from 1: flow 1-3 is (2 a + b) / 3, so a = 60, b = 30. */
static void a_full_line_splits_prices(void **state)
{
    struct made m;

    (void)state;
    plan_case(triangle("2 0 0 2 10 0 0 0;\n2 0 0 2 40 5 0 0;", 90, 50), NULL, &m);
    assert_true(m.plan.found);
    is_near(near_of(m.plan.value), 60 * 10 + 30 * 40 + 5);
    is_near(near_of(m.plan.y[cy_grid_balance(&m.program, 0, 0)]), 10);
    is_near(near_of(m.plan.y[cy_grid_balance(&m.program, 0, 1)]), 40);
    is_near(near_of(m.plan.y[cy_grid_balance(&m.program, 0, 2)]), 70);
    assert_true(m.plan.strain_w < 1);
    drop(&m);
}

static void costs_in_pieces_and_curves(void **state)
{
    struct made m;

    (void)state;
    /* 0-20 at 10, 20-100 at 30; the other at 20: 20 + 70 of 90 */
    plan_case(triangle("1 0 0 3 0 7 20 207 100 2607;\n2 0 0 2 20 0 0 0 0 0;", 90, 0), NULL, &m);
    is_near(near_of(m.plan.value), 7 + 20 * 10 + 70 * 20);
    drop(&m);
    /* 0.1 p^2 + 10 p and 0.2 p^2 + 10 p: 60 and 30 */
    plan_case(triangle("2 0 0 3 0.1 10 0;\n2 0 0 3 0.2 10 1;", 90, 0), NULL, &m);
    is_near(near_of(m.plan.value), 0.1 * 3600 + 600 + 0.2 * 900 + 300 + 1);
    assert_true(near_of(m.plan.value) - near_of(m.plan.bound) < 1e-3);
    assert_true(mpq_cmp(m.plan.bound, m.plan.value) <= 0);
    assert_int_equal(mpq_cmp(m.plan.money, m.plan.value), 0);
    drop(&m);
}

static void what_cannot_be_served(void **state)
{
    struct made m;

    (void)state;
    plan_case(triangle("2 0 0 2 10 0;\n2 0 0 2 40 0;", 230, 0), NULL, &m);
    assert_false(m.plan.found);
    is_near(near_of(m.plan.missing), 30);
    drop(&m);
    plan_case(triangle("2 0 0 2 10 0;\n2 0 0 2 40 0;", 230, 0),
              "comity grid charter 1\noffice o\nshed all 500\n", &m);
    assert_true(m.plan.found);
    is_near(near_of(m.plan.value), 1000 + 4000 + 30 * 500);
    is_near(near_of(m.plan.money), 5000);
    drop(&m);
}

static void the_order_of_merit(void **state)
{
    const char *costs = "2 0 0 2 10 0;\n2 0 0 2 40 0;";
    struct made m;

    (void)state;
    plan_case(triangle(costs, 90, 0),
              "comity grid charter 1\noffice o\nclass x 1\nclass y 2\nmerit y x step 50\n", &m);
    assert_true(m.plan.x[1] > 89 * CY_GRID_POWER); /* second though dearer */
    is_near(near_of(m.plan.money), 90 * 40);
    drop(&m);
    plan_case(triangle(costs, 90, 0),
              "comity grid charter 1\noffice o\nclass x 1\nclass y 2\nmerit y x step 20\n", &m);
    assert_true(m.plan.x[0] > 89 * CY_GRID_POWER); /* it would save more than 20 */
    drop(&m);
}

/* --- hours and storage --- */

static void a_lake_carries_over(void **state)
{
    char periods[] = "period,hours,load,gen:1\nnight,10,0.2,1\nday,5,1,0.1\n";
    char stores[] = "storage,bus,energy,charge,discharge,efficiency,start,end\n"
                    "lake,2,1000,100,100,0.8,50,50\n";
    struct made m;
    struct cy_csv csv;

    (void)state;
    assert_ok(read_case(triangle("2 0 0 2 1 0;\n2 0 0 2 90 0;", 90, 0), &m.grid));
    assert_ok(cy_grid_rules_plain(&desk_, &m.grid, &m.rules));
    assert_ok(
        cy_desk_csv_text(&desk_, (struct cy_desk_text){periods, strlen(periods)}, &csv, &fault_));
    assert_ok(cy_grid_periods_read(&desk_, &m.grid, &csv, &m.rules, &fault_));
    assert_ok(
        cy_desk_csv_text(&desk_, (struct cy_desk_text){stores, strlen(stores)}, &csv, &fault_));
    assert_ok(cy_grid_stores_read(&desk_, &m.grid, &csv, &m.rules, &fault_));
    cy_grid_program_make(&m.grid, &m.rules, &m.program);
    assert_ok(cy_grid_plan_find(&m.program, &m.plan));
    assert_true(m.plan.found);
    /* the day needs 80 MW beyond generator 1's 10: 400 MWh out, 500 in; all of generator 1 */
    is_near(near_of(m.plan.value), (180 + 500 + 50) * 1.0);
    drop(&m);
}

/* --- against the exact simplex --- */

/* A small grid of six buses; the same seed gives the same. */
static void random_case(struct gen *gen, char *out, size_t cap)
{
    int n = snprintf(out, cap,
                     "function mpc = r\nmpc.version = '2';\nmpc.baseMVA = 100;\nmpc.bus = [\n");
    const unsigned lines = 5 + (unsigned)gen_draw(gen, 5);

    for (unsigned b = 1; b <= 6; b++)
        n += snprintf(out + n, cap - (size_t)n, "%u %u %u 0 %u 0 1 1 0 1 1 1 1;\n", b,
                      b == 2 ? 3u : 1u, (unsigned)gen_draw(gen, 60), (unsigned)gen_draw(gen, 3));
    n += snprintf(out + n, cap - (size_t)n, "];\nmpc.gen = [\n");
    for (unsigned g = 0; g < 4; g++)
        n += snprintf(out + n, cap - (size_t)n, "%u 0 0 0 0 1 1 1 %u %u;\n",
                      1 + (unsigned)gen_draw(gen, 6), 40 + (unsigned)gen_draw(gen, 80),
                      (unsigned)gen_draw(gen, 20));
    n += snprintf(out + n, cap - (size_t)n, "];\nmpc.gencost = [\n");
    for (unsigned g = 0; g < 4; g++)
        n += snprintf(out + n, cap - (size_t)n, "2 0 0 2 %u 3;\n", (unsigned)gen_draw(gen, 50));
    n += snprintf(out + n, cap - (size_t)n, "];\nmpc.branch = [\n");
    for (unsigned l = 0; l < lines; l++) {
        const unsigned to = l < 5 ? l + 2 : 1 + (unsigned)gen_draw(gen, 6);
        unsigned from = 1 + (unsigned)gen_draw(gen, l < 5 ? l + 1 : 6);

        from = from == to ? to % 6 + 1 : from;
        n += snprintf(out + n, cap - (size_t)n, "%u %u 0.0%u 0.%u 0 %u 0 0 0 0 1 -30 30;\n", from,
                      to, (unsigned)gen_draw(gen, 9), 1 + (unsigned)gen_draw(gen, 9),
                      10 + (unsigned)gen_draw(gen, 70));
    }
    (void)snprintf(out + n, cap - (size_t)n, "];\n");
}

/* bound <= exact optimum <= value, and no plan exactly where there is none. */
static void as_the_exact_simplex(void **state)
{
    struct gen gen = gen_on(6, NULL);
    unsigned found = 0;

    (void)state;
    for (unsigned k = 0; k < 120; k++) {
        const struct cy_lp_wish wish = {.any = true};
        struct cy_lp_program *lp = NULL;
        struct cy_lp_answer answer;
        struct made m;
        char text[4096];

        random_case(&gen, text, sizeof text);
        plan_case(text, NULL, &m);
        lp = cy_grid_program_exact(&m.program, NULL);
        assert_non_null(lp);
        assert_ok(cy_lp_answer_find(lp, &wish, &answer));
        assert_int_equal(answer.outcome == CY_LP_FOUND, m.plan.found);
        if (m.plan.found) {
            assert_true(mpq_cmp(m.plan.bound, answer.value) <= 0);
            assert_true(mpq_cmp(answer.value, m.plan.value) <= 0);
            assert_true(near_of(m.plan.value) - near_of(m.plan.bound) < 1e-2);
        } else
            assert_true(mpq_sgn(m.plan.missing) > 0);
        found += m.plan.found;
        cy_lp_answer_free(&answer);
        cy_lp_program_free(lp);
        drop(&m);
    }
    assert_true(found > 20 && found < 100);
}

/* A certificate that was changed is refused, or proves something true: never a better bound than
 * the value. */
static void changed_certificates(void **state)
{
    struct gen gen = gen_on(60, NULL);
    struct made m;
    unsigned refused = 0;

    (void)state;
    plan_case(triangle("2 0 0 3 0.1 10 0;\n2 0 0 3 0.2 10 1;", 90, 50), NULL, &m);
    for (unsigned k = 0; k < 2000; k++) {
        uint8_t bytes[1024];
        size_t n = m.plan.certificate.n;
        struct cy_grid_plan again;
        cy_err e;

        memcpy(bytes, m.plan.certificate.at, n);
        gen_mutate(&gen, bytes, &n, sizeof bytes);
        e = cy_grid_plan_judge(&m.program, m.plan.x, cy_span_of(bytes, n), &again);
        if (cy_ok(e)) {
            assert_true(again.found);
            assert_true(mpq_cmp(again.bound, m.plan.value) <= 0);
            assert_true(mpq_cmp(again.value, m.plan.bound) >= 0);
        } else
            refused++;
        cy_grid_plan_free(&again);
    }
    assert_true(refused > 1500);
    m.plan.x[0] += 1; /* another plan: the straight line touches the curve elsewhere */
    {
        struct cy_grid_plan again;

        assert_code(cy_grid_plan_judge(&m.program, m.plan.x,
                                       cy_span_of(m.plan.certificate.at, m.plan.certificate.n),
                                       &again),
                    CERT_OTHER);
        cy_grid_plan_free(&again);
    }
    drop(&m);
}

/* --- the published figures --- */

static char *file_of(const char *name)
{
    char path[512];
    char *text = calloc(1, 1 << 20);
    FILE *file = NULL;

    (void)snprintf(path, sizeof path, CY_SHARED "/data/grid/%s", name);
    file = fopen(path, "rb");
    if (file == NULL || fread(text, 1, (1 << 20) - 1, file) == 0) {
        free(text);
        text = NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    return text;
}

static void published_objectives(void **state)
{
    char *table = file_of("dc_objective.csv");
    unsigned count = 0;

    (void)state;
    if (table == NULL)
        skip();
    for (char *line = strchr(table, '\n'); line != NULL && line[1] != 0;
         line = strchr(line + 1, '\n')) {
        char name[64];
        char want[32];
        char got[32];
        char path[80];
        struct made m;
        char *text = NULL;

        assert_int_equal(sscanf(line + 1, "%63[^,],%*[^,],%*[^,],%31s", name, want), 2);
        (void)snprintf(path, sizeof path, "%s.m", name);
        text = file_of(path);
        assert_non_null(text);
        plan_case(text, NULL, &m);
        assert_true(m.plan.found);
        (void)snprintf(got, sizeof got, "%.4e", near_of(m.plan.value));
        assert_string_equal(got, want);
        (void)snprintf(got, sizeof got, "%.4e", near_of(m.plan.bound));
        assert_string_equal(got, want);
        drop(&m);
        free(text);
        count++;
    }
    assert_int_equal(count, 8);
    free(table);
}

/* --- what cannot be read --- */

#define HEAD "function mpc = x\nmpc.version = '2';\nmpc.baseMVA = 100;\n"
#define BUSES "mpc.bus = [\n1 3 0 0 0 0 1 1 0 1 1 1 1;\n2 1 5 0 0 0 1 1 0 1 1 1 1;\n];\n"
#define GENS "mpc.gen = [\n1 0 0 0 0 1 1 1 100 0;\n];\nmpc.gencost = [\n2 0 0 2 10 0;\n];\n"
#define LINES "mpc.branch = [\n1 2 0 0.1 0 0 0 0 0 0 1;\n];\n"

static void what_cannot_be_read(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t column;
        const char *words;
    } rows[] = {
        {"",                                                                                             1,  1,  "begins with"       },
        {"function mpc = x\nmpc.version = '1';\n",                                                       2,  18, "version 2"         },
        {HEAD "mpc.bus = [1 2; 3];\n",                                                                   4,  18, "not as long"       },
        {HEAD "mpc.bus = [1 x];\n",                                                                      4,  14, "numbers only"      },
        {HEAD "mpc.bus = [1 2",                                                                          4,  15, "ends inside"       },
        {HEAD "mpc.bus = ones(3);\n",                                                                    4,  11, "numbers only"      },
        {HEAD "delete('all');\n",                                                                        4,  7,  "only assignments"  },
        {HEAD BUSES,                                                                                     0,  0,  "mpc.gen is missing"},
        {HEAD BUSES BUSES,                                                                               8,  12, "stands twice"      },
        {HEAD BUSES
         "mpc.gen = [\n9 0 0 0 0 1 1 1 1 0;\n];\nmpc.gencost = [\n2 0 0 2 1 0;\n];\n" LINES,
         9,                                                                                                  1,  "no bus of this"    },
        {HEAD BUSES
         "mpc.gen = [\n1 0 0 0 0 1 1 1 NaN 0;\n];\nmpc.gencost = [\n2 0 0 2 1 0;\n];\n" LINES,
         9,                                                                                                  17, "finite decimal"    },
        {HEAD BUSES
         "mpc.gen = [\n1 0 0 0 0 1 1 1 1 2;\n];\nmpc.gencost = [\n2 0 0 2 1 0;\n];\n" LINES,
         9,                                                                                                  19, "above the most"    },
        {HEAD BUSES
         "mpc.gen = [\n1 0 0 0 0 1 1 1 1 0;\n];\nmpc.gencost = [\n2 0 0 3 -1 1 0;\n];\n" LINES,
         12,                                                                                                 9,  "falls with"        },
        {HEAD BUSES "mpc.gen = [\n1 0 0 0 0 1 1 1 9 0;\n];\n"
                    "mpc.gencost = [\n1 0 0 3 0 0 5 50 9 60;\n];\n" LINES,
         12,                                                                                                 18, "becomes flatter"   },
        {HEAD BUSES GENS "mpc.branch = [\n1 2 0 0 0 0 0 0 0 0 1;\n];\n",                                 15, 7,  "not 0"             },
        {HEAD BUSES GENS "mpc.branch = [\n1 2 0 0.1 0 0 0 0 0 0 0;\n];\n",                               0,  0,  "2 islands"         },
        {HEAD BUSES GENS "mpc.branch = [\n1 1 0 0.1 0 0 0 0 0 0 1;\n];\n",                               15, 3,  "another bus"       },
        {HEAD BUSES GENS LINES "mpc.dcline = [1 2 1];\n",                                                0,  0,  "direct current"    },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        struct cy_grid_case grid;

        assert_code(read_case(rows[i].text, &grid), MODEL_INPUT);
        if (strstr(fault_.why, rows[i].words) == NULL || fault_.line != rows[i].line ||
            fault_.column != rows[i].column)
            fail_msg("%zu: %u:%u %s", i, fault_.line, fault_.column, fault_.why);
        cy_grid_case_free(&grid);
    }
}

static void charters_that_cannot_be_read(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
        const char *words;
    } rows[] = {
        {"",                                                        1, "begins with"    },
        {"comity grid charter 2\n",                                 1, "begins with"    },
        {"comity grid charter 1\n",                                 0, "no office"      },
        {"comity grid charter 1\noffice o\nclass a 7\n",            3, "no generator"   },
        {"comity grid charter 1\noffice o\nclass a 1\nclass b 1\n", 4, "a class already"},
        {"comity grid charter 1\noffice o\nmerit a step 5\n",       3, "a class that"   },
        {"comity grid charter 1\noffice o\ngroup g 8\n",            3, "no bus"         },
        {"comity grid charter 1\noffice o\nshed g 5\n",             3, "a group that"   },
        {"comity grid charter 1\noffice o\nshed all -5\n",          3, "shed GROUP"     },
        {"comity grid charter 1\noffice o\nprefer me\n",            3, "begins with"    },
    };
    struct cy_grid_case grid;
    struct cy_grid_rules rules;

    (void)state;
    assert_ok(read_case(HEAD BUSES GENS LINES, &grid));
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        assert_ok(cy_grid_rules_plain(&desk_, &grid, &rules));
        assert_code(cy_grid_charter_read(&grid, cy_span_text(rows[i].text), &rules, &fault_),
                    MODEL_INPUT);
        if (strstr(fault_.why, rows[i].words) == NULL || fault_.line != rows[i].line)
            fail_msg("%zu: %u %s", i, fault_.line, fault_.why);
    }
    cy_grid_case_free(&grid);
}

static int end(void **state)
{
    (void)state;
    cy_desk_end(&desk_);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_line_splits_prices), cmocka_unit_test(costs_in_pieces_and_curves),
        cmocka_unit_test(what_cannot_be_served),     cmocka_unit_test(the_order_of_merit),
        cmocka_unit_test(a_lake_carries_over),       cmocka_unit_test(as_the_exact_simplex),
        cmocka_unit_test(changed_certificates),      cmocka_unit_test(published_objectives),
        cmocka_unit_test(what_cannot_be_read),       cmocka_unit_test(charters_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, end);
}
