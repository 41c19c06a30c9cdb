#include "models/epidemic/epidemic_table.h"

#include "models/lp/lp_program.h"

#include <stdlib.h>

enum { PATH_MAX_BYTES = 4096 };

#define FILE_MAX_BYTES ((size_t)1 << 20)

struct table {
    struct cy_desk *desk;
    const char *path;
    struct cy_csv csv;
};

static cy_err wrong(const struct table *t, size_t row, const char *column, const char *what)
{
    struct cy_desk_fault fault;

    (void)cy_desk_at(&fault, row < t->csv.n_rows ? t->csv.lines[row] : 1, 0, "%s: %s", column,
                     what);
    return cy_desk_refuse(t->desk, t->path, &fault);
}

static const char *cell(const struct table *t, size_t row, const char *column)
{
    const size_t at = cy_csv_column(&t->csv, column);

    return at == SIZE_MAX ? NULL : cy_csv_cell(&t->csv, row, at);
}

/* A number between two bounds, both in. */
static cy_err number(const struct table *t, size_t row, const char *column, double low, double high,
                     double *out)
{
    const char *text = cell(t, row, column);
    bool good = false;
    mpq_t v;

    mpq_init(v);
    good = text != NULL && cy_lp_read_number(text, v);
    *out = good ? mpq_get_d(v) : 0;
    mpq_clear(v);
    if (!good || *out < low || *out > high) {
        char what[100];

        (void)snprintf(what, sizeof what, "a number from %g to %g stands here", low, high);
        return wrong(t, row, column, what);
    }
    return CY_OK;
}

static cy_err word(const struct table *t, size_t row, const char *column,
                   char out[static CY_EPIDEMIC_NAME])
{
    const char *text = cell(t, row, column);

    if (text == NULL || text[0] == 0 || strlen(text) >= CY_EPIDEMIC_NAME)
        return wrong(t, row, column, "1 to 63 letters stand here");
    (void)snprintf(out, CY_EPIDEMIC_NAME, "%s", text);
    return CY_OK;
}

static cy_err sourced(const struct table *t, size_t row)
{
    const char *text = cell(t, row, "source");

    return text != NULL && text[0] != 0 ? CY_OK : wrong(t, row, "source", "say where it is from");
}

/* --- countries --- */

static cy_err read_country(const struct table *t, size_t row, struct cy_epidemic_world *world)
{
    struct cy_epidemic_country *c = &world->countries[world->n_countries];

    CY_TRY(word(t, row, "country", c->code));
    CY_TRY(word(t, row, "name", c->name));
    if (strpbrk(c->code, " \t#") != NULL)
        return wrong(t, row, "country", "a code without blanks stands here");
    for (uint32_t i = 0; i < world->n_countries; i++) {
        if (strcmp(world->countries[i].code, c->code) == 0)
            return wrong(t, row, "country", "this country stands twice");
    }
    CY_TRY(number(t, row, "population", 1000, 1e10, &c->population));
    CY_TRY(number(t, row, "over65", 0.1, 99, &c->over65));
    CY_TRY(number(t, row, "income", 0, 1e7, &c->income));
    CY_TRY(number(t, row, "cases", 0, c->population, &c->cases));
    CY_TRY(number(t, row, "cases_before", 0, c->cases, &c->cases_before));
    CY_TRY(number(t, row, "deaths", 0, c->population, &c->deaths));
    c->over65 /= 100;
    world->n_countries++;
    return sourced(t, row);
}

static cy_err read_countries(const struct table *t, struct cy_epidemic_world *world)
{
    if (t->csv.n_rows < 2 || t->csv.n_rows > CY_EPIDEMIC_COUNTRIES_MAX)
        return wrong(t, 0, "country", "2 to 200 countries");
    for (size_t row = 0; row < t->csv.n_rows; row++)
        CY_TRY(read_country(t, row, world));
    return CY_OK;
}

/* --- parameters --- */

static cy_err read_parameters(const struct table *t, struct cy_epidemic_world *world)
{
    struct cy_epidemic_parameters *p = &world->parameters;
    const struct {
        const char *name;
        double low;
        double high;
        double by; /* from the table's unit */
        double *at;
    } rows[] = {
        {"reproduction",      0.1,  30,   1,    &p->reproduction     },
        {"latent",            1,    60,   1,    &p->latent           },
        {"infectious",        1,    60,   1,    &p->infectious       },
        {"fatality_old",      0.01, 90,   0.01, &p->fatality_old     },
        {"fatality_young",    0.01, 90,   0.01, &p->fatality_young   },
        {"reported",          1,    100,  0.01, &p->reported         },
        {"travel",            0,    100,  0.01, &p->travel           },
        {"caution",           0.01, 1000, 1,    &p->caution          },
        {"caution_most",      0,    99,   0.01, &p->caution_most     },
        {"vaccine_infection", 0,    99,   0.01, &p->vaccine_infection},
        {"vaccine_death",     0,    100,  0.01, &p->vaccine_death    },
        {"doses",             1,    4,    1,    &p->doses            },
        {"willing",           1,    100,  0.01, &p->willing          },
        {"capacity",          0.01, 10,   0.01, &p->capacity         },
        {"variant_every",     1,    1e5,  1e6,  &p->variant_every    },
        {"variant_faster",    0,    200,  0.01, &p->variant_faster   },
        {"variant_escape",    0,    100,  0.01, &p->variant_escape   },
        {"hoard",             100,  1000, 0.01, &p->hoard            },
    };
    bool seen[CY_COUNT(rows)] = {false};

    for (size_t row = 0; row < t->csv.n_rows; row++) {
        char name[CY_EPIDEMIC_NAME];
        size_t k = 0;

        CY_TRY(word(t, row, "parameter", name));
        while (k < CY_COUNT(rows) && strcmp(rows[k].name, name) != 0)
            k++;
        if (k == CY_COUNT(rows) || seen[k])
            return wrong(t, row, "parameter", "it is not known, or stands twice");
        seen[k] = true;
        CY_TRY(number(t, row, "value", rows[k].low, rows[k].high, rows[k].at));
        *rows[k].at *= rows[k].by;
        CY_TRY(sourced(t, row));
    }
    for (size_t k = 0; k < CY_COUNT(rows); k++) {
        if (!seen[k])
            return wrong(t, t->csv.n_rows, rows[k].name, "this parameter is missing");
    }
    if (p->vaccine_death < p->vaccine_infection)
        return wrong(t, t->csv.n_rows, "vaccine_death", "it includes the one from infection");
    return CY_OK;
}

/* --- supply --- */

static cy_err read_supply(const struct table *t, struct cy_epidemic_world *world)
{
    if (t->csv.n_rows == 0 || t->csv.n_rows > CY_EPIDEMIC_MONTHS_MAX)
        return wrong(t, 0, "month", "1 to 60 months");
    for (size_t row = 0; row < t->csv.n_rows; row++) {
        double month = 0;

        CY_TRY(number(t, row, "month", (double)row + 1, (double)row + 1, &month));
        CY_TRY(number(t, row, "doses", 0, 1e11, &world->supply[row]));
        CY_TRY(sourced(t, row));
        world->n_months++;
    }
    return CY_OK;
}

/* --- the whole --- */

static cy_err path_of(struct cy_desk *desk, const char *directory, const char *name, char **out)
{
    *out = cy_desk_take(desk, PATH_MAX_BYTES);
    if (*out == NULL)
        return desk->failed;
    if (snprintf(*out, PATH_MAX_BYTES, "%s/%s", directory, name) >= PATH_MAX_BYTES)
        return cy_desk_note(desk, cy_fail(CY_E_NO_FILE, 0), "the path is too long");
    return CY_OK;
}

cy_err cy_epidemic_read(struct cy_desk *desk, const char *directory,
                        struct cy_epidemic_scenario *out)
{
    static const struct {
        const char *name;
        cy_err (*read)(const struct table *, struct cy_epidemic_world *);
    } files[] = {
        {"countries.csv",  read_countries },
        {"parameters.csv", read_parameters},
        {"supply.csv",     read_supply    },
    };
    static struct table t;
    char *path = NULL;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < CY_COUNT(files); i++) {
        t.desk = desk;
        CY_TRY(path_of(desk, directory, files[i].name, &path));
        t.path = path;
        CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &t.csv));
        CY_TRY(files[i].read(&t, &out->world));
    }
    CY_TRY(path_of(desk, directory, "vaccines.charter", &path));
    return cy_desk_read(desk, path, FILE_MAX_BYTES, &out->charter);
}
