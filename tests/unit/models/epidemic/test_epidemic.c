/* models/epidemic: the final size of an outbreak, what vaccines change, sharing by the charter to
 * the dose, the scenario's facts against the source, the story's numbers on every compiler, and
 * tables that cannot be read. */
#include "cm.h"

#include "models/epidemic/epidemic_desk.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCENARIO CY_SOURCE "/scenarios/pandemic"

static struct cy_desk desk_;
static struct cy_epidemic_scenario scenario_;
static struct cy_epidemic_doses doses_;

static void anew(void)
{
    cy_desk_end(&desk_);
    desk_ = (struct cy_desk){.out = stdout, .err = stderr, .json = true};
}

static void read_scenario(void)
{
    anew();
    assert_ok(cy_epidemic_read(&desk_, SCENARIO, &scenario_));
}

static double sum(const double *v, uint32_t n)
{
    double all = 0;

    for (uint32_t i = 0; i < n; i++)
        all += v[i];
    return all;
}

/* Without vaccines, variants, travel and caution the part z that is infected in the end solves
 * z = 1 - exp(-R z) (Kermack and McKendrick 1927). */
static void the_final_size(void **state)
{
    static const struct {
        double reproduction;
        double part;
    } rows[] = {
        {1.5, 0.5828},
        {2,   0.7968},
        {3,   0.9405},
    };

    (void)state;
    read_scenario();
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        struct cy_epidemic_world *world = &scenario_.world;
        struct cy_epidemic_course course;

        world->parameters.reproduction = rows[i].reproduction;
        world->parameters.caution_most = 0;
        world->parameters.travel = 0;
        world->parameters.variant_every = 1e15;
        world->parameters.fatality_old = world->parameters.fatality_young = 1e-9;
        world->n_countries = 1;
        world->countries[0].cases_before = 0;
        world->countries[0].cases = 100;
        world->countries[0].deaths = 0;
        memset(&doses_, 0, sizeof doses_);
        cy_epidemic_run(world, &doses_, &course);
        if (fabs(course.infections[0] / world->countries[0].population - rows[i].part) > 0.02)
            fail_msg("%g: %g", rows[i].reproduction,
                     course.infections[0] / world->countries[0].population);
    }
}

static void vaccines_save_lives(void **state)
{
    struct cy_epidemic_course none;
    struct cy_epidemic_course with;

    (void)state;
    read_scenario();
    scenario_.world.parameters.variant_every = 1e15;
    memset(&doses_, 0, sizeof doses_);
    cy_epidemic_run(&scenario_.world, &doses_, &none);
    cy_epidemic_hoard(&scenario_.world, &doses_);
    cy_epidemic_run(&scenario_.world, &doses_, &with);
    for (uint32_t c = 0; c < scenario_.world.n_countries; c++) {
        assert_true(with.deaths[c] <= none.deaths[c]);
        assert_true(with.vaccinated[c] <= scenario_.world.countries[c].population * 0.8 * 1.000001);
    }
    assert_int_equal(none.variants, 0);
}

/* All doses are given out, no lot twice; the first 40 % of each claim come in equal parts. */
static void shares_by_the_charter(void **state)
{
    const struct cy_epidemic_world *world = &scenario_.world;
    double given[CY_EPIDEMIC_COUNTRIES_MAX] = {0};
    double supply = 0;
    double claims = 0;
    uint32_t stages = 0;

    (void)state;
    read_scenario();
    for (uint32_t c = 0; c < world->n_countries; c++)
        claims += cy_epidemic_claim(world, c);
    assert_ok(cy_epidemic_share(&desk_, &scenario_, 0, NULL, NULL, &doses_, &stages));
    assert_true(stages >= world->n_months);
    for (uint32_t m = 0; m < 6; m++) {
        supply += world->supply[m];
        for (uint32_t c = 0; c < world->n_countries; c++)
            given[c] += doses_.of[m][c];
        assert_true(fabs(sum(given, world->n_countries) - supply) < 20000);
        for (uint32_t c = 0; c < world->n_countries; c++) {
            const double want = supply * cy_epidemic_claim(world, c) / claims;

            if (fabs(given[c] - want) > 3000 + want * 1e-3)
                fail_msg("month %u, %s: %g instead of %g", m, world->countries[c].code, given[c],
                         want);
        }
    }
}

/* The same on every compiler and machine: only + - * / are used. */
static void the_story(void **state)
{
    struct cy_epidemic_course hoarded;
    struct cy_epidemic_course shared;
    uint32_t stages = 0;

    (void)state;
    read_scenario();
    cy_epidemic_hoard(&scenario_.world, &doses_);
    cy_epidemic_run(&scenario_.world, &doses_, &hoarded);
    assert_ok(cy_epidemic_share(&desk_, &scenario_, 0, NULL, NULL, &doses_, &stages));
    cy_epidemic_run(&scenario_.world, &doses_, &shared);
    assert_int_equal(llround(sum(hoarded.deaths, 14)), 9551181);
    assert_int_equal(llround(sum(shared.deaths, 14)), 7234962);
    assert_int_equal(hoarded.variants, 4);
    assert_int_equal(shared.variants, 3);
    assert_int_equal(hoarded.hard_months, 13);
    assert_int_equal(shared.hard_months, 9);
}

/* Cases and deaths of the scenario are those of the source. */
static void facts_are_those_of_the_source(void **state)
{
    const char *path = CY_SHARED "/data/covid/countries-aggregated-2020.csv";
    const struct cy_epidemic_world *world = &scenario_.world;
    struct cy_csv csv;
    uint32_t found = 0;

    (void)state;
    read_scenario();
    if (access(path, R_OK) != 0)
        skip();
    assert_ok(cy_desk_csv(&desk_, path, 1 << 24, &csv));
    for (size_t row = 0; row < csv.n_rows; row++) {
        const bool last = strcmp(cy_csv_cell(&csv, row, 0), "2020-12-31") == 0;

        if (!last && strcmp(cy_csv_cell(&csv, row, 0), "2020-12-21") != 0)
            continue;
        for (uint32_t c = 0; c < world->n_countries; c++) {
            const struct cy_epidemic_country *country = &world->countries[c];

            if (strcmp(country->name, cy_csv_cell(&csv, row, 1)) != 0)
                continue;
            found++;
            assert_true(atof(cy_csv_cell(&csv, row, 2)) ==
                        (last ? country->cases : country->cases_before));
            assert_true(!last || atof(cy_csv_cell(&csv, row, 4)) == country->deaths);
        }
    }
    assert_int_equal(found, 2 * world->n_countries);
}

/* --- tables that cannot be read --- */

static void copy_with(const char *directory, const char *file, const char *name, const char *from,
                      const char *to)
{
    char path[512];
    struct cy_desk_text text;
    char *at = NULL;
    FILE *out = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", SCENARIO, name);
    assert_ok(cy_desk_read(&desk_, path, 1 << 20, &text));
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    out = fopen(path, "w");
    assert_non_null(out);
    at = strcmp(file, name) == 0 ? strstr(text.at, from) : NULL;
    if (at != NULL)
        (void)fprintf(out, "%.*s%s%s", (int)(at - text.at), text.at, to, at + strlen(from));
    else
        (void)fputs(text.at, out);
    (void)fclose(out);
}

static void tables_that_cannot_be_read(void **state)
{
    static const struct {
        const char *file;
        const char *from;
        const char *to;
        const char *words;
    } rows[] = {
        {"countries.csv",    ",164689383,",      ",-5,",            "line 2: population"},
        {"countries.csv",    "BRA,",             "BGD,",            "stands twice"      },
        {"countries.csv",    "\"as above\"",     "",                "source"            },
        {"parameters.csv",   "latent,3.3",       "latent,NaN",      "line 3: value"     },
        {"parameters.csv",   "latent,3.3",       "talent,3.3",      "not known"         },
        {"parameters.csv",   "hoard,200",        "travel,0",        "stands twice"      },
        {"parameters.csv",   "vaccine_death,90", "vaccine_death,9", "includes the one"  },
        {"supply.csv",       "\n3,",             "\n7,",            "line 4: month"     },
        {"vaccines.charter", "office",           "ofice",           "ofice"             },
    };
    static const char *const names[] = {"countries.csv", "parameters.csv", "supply.csv",
                                        "vaccines.charter"};

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        char directory[] = "/tmp/cy-epidemic-XXXXXX";
        uint32_t stages = 0;
        cy_err e;

        anew();
        assert_non_null(mkdtemp(directory));
        for (size_t k = 0; k < CY_COUNT(names); k++)
            copy_with(directory, rows[i].file, names[k], rows[i].from, rows[i].to);
        e = cy_epidemic_read(&desk_, directory, &scenario_);
        if (cy_ok(e))
            e = cy_epidemic_share(&desk_, &scenario_, 0, NULL, NULL, &doses_, &stages);
        assert_code(e, MODEL_INPUT);
        if (i < 8 && strstr(desk_.why, rows[i].words) == NULL)
            fail_msg("%zu: %s", i, desk_.why);
        for (size_t k = 0; k < CY_COUNT(names); k++) {
            char path[64];

            (void)snprintf(path, sizeof path, "%s/%s", directory, names[k]);
            (void)unlink(path);
        }
        (void)rmdir(directory);
    }
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
        cmocka_unit_test(the_final_size),
        cmocka_unit_test(vaccines_save_lives),
        cmocka_unit_test(shares_by_the_charter),
        cmocka_unit_test(the_story),
        cmocka_unit_test(facts_are_those_of_the_source),
        cmocka_unit_test(tables_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, end);
}
