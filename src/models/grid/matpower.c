#include "models/grid/matpower.h"

#include "models/grid/matpower_text.h"

#include <stdlib.h>

enum { COLUMNS_MAX = 200 };

struct reader {
    struct cy_desk *desk;
    enum cy_grid_physics physics;
    struct cy_case_text text;
    struct cy_grid_case *out;
    struct cy_desk_fault *fault;
};

static cy_err at_cell(const struct reader *r, const struct cy_case_cell *cell, const char *what)
{
    return cy_desk_at(r->fault, cell->line, cell->column, "%s", what);
}

/* --- numbers --- */

bool cy_grid_fixed(mpq_srcptr v, int64_t units, int64_t *out)
{
    mpz_t above;
    mpz_t below;
    bool good = false;

    mpz_inits(above, below, NULL);
    mpz_mul_si(above, mpq_numref(v), units);
    mpz_mul_2exp(above, above, 1);
    mpz_set(below, mpq_denref(v));
    if (mpz_sgn(above) < 0)
        mpz_sub(above, above, below);
    else
        mpz_add(above, above, below);
    mpz_mul_2exp(below, below, 1);
    mpz_tdiv_q(above, above, below);
    good = mpz_sizeinbase(above, 2) <= 62;
    *out = good ? mpz_get_si(above) : 0;
    mpz_clears(above, below, NULL);
    return good;
}

static const struct cy_case_cell *cell_at(const struct reader *r, enum cy_case_table_of t,
                                          uint32_t row, uint32_t column)
{
    return &r->text.tables[t].cells[(size_t)row * r->text.tables[t].n_columns + column];
}

static cy_err exact(const struct reader *r, enum cy_case_table_of t, uint32_t row, uint32_t column,
                    mpq_ptr out)
{
    return cy_case_number(cell_at(r, t, row, column), out, r->fault);
}

/* Power in its unit: at most 10^8 MW. */
static cy_err power(const struct reader *r, enum cy_case_table_of t, uint32_t row, uint32_t column,
                    int64_t *out)
{
    cy_err e;
    mpq_t v;

    mpq_init(v);
    e = exact(r, t, row, column, v);
    if (cy_ok(e) && (!cy_grid_fixed(v, CY_GRID_POWER, out) || *out > 100000000 * CY_GRID_POWER ||
                     *out < -100000000 * CY_GRID_POWER))
        e = at_cell(r, cell_at(r, t, row, column), "no grid has that many megawatts");
    mpq_clear(v);
    return e;
}

static cy_err whole(const struct reader *r, enum cy_case_table_of t, uint32_t row, uint32_t column,
                    uint32_t most, uint32_t *out)
{
    cy_err e;
    mpq_t v;

    mpq_init(v);
    e = exact(r, t, row, column, v);
    if (cy_ok(e) && (mpz_cmp_ui(mpq_denref(v), 1) != 0 || mpq_sgn(v) < 0 ||
                     mpz_cmp_ui(mpq_numref(v), most) > 0))
        e = at_cell(r, cell_at(r, t, row, column), "a whole number is expected here");
    *out = cy_ok(e) ? (uint32_t)mpz_get_ui(mpq_numref(v)) : 0;
    mpq_clear(v);
    return e;
}

/* --- buses --- */

static int by_number(const void *a, const void *b)
{
    const uint32_t x = ((const struct cy_grid_bus *)a)->number;
    const uint32_t y = ((const struct cy_grid_bus *)b)->number;

    return x < y ? -1 : x > y;
}

uint32_t cy_grid_bus_find(const struct cy_grid_case *grid, uint32_t number)
{
    const struct cy_grid_bus key = {.number = number};
    const struct cy_grid_bus *found = grid->n_buses == 0 ? NULL
                                                         : bsearch(&key, grid->buses, grid->n_buses,
                                                                   sizeof *grid->buses, by_number);

    return found == NULL ? CY_LP_NONE : (uint32_t)(found - grid->buses);
}

static cy_err read_bus(struct reader *r, uint32_t row)
{
    struct cy_grid_bus *bus = &r->out->buses[r->out->n_buses];
    uint32_t type = 0;
    int64_t shunt = 0;

    *bus = (struct cy_grid_bus){0};
    CY_TRY(whole(r, CY_CASE_BUS, row, 0, INT32_MAX, &bus->number));
    CY_TRY(whole(r, CY_CASE_BUS, row, 1, 4, &type));
    CY_TRY(power(r, CY_CASE_BUS, row, 2, &bus->load));
    CY_TRY(power(r, CY_CASE_BUS, row, 4, &shunt));
    bus->load += shunt;
    bus->reference = type == 3;
    if (type == 0)
        return at_cell(r, cell_at(r, CY_CASE_BUS, row, 1), "a bus is of type 1, 2, 3 or 4");
    if (type != 4)
        r->out->n_buses++;
    return CY_OK;
}

static cy_err read_buses(struct reader *r)
{
    struct cy_grid_case *grid = r->out;

    grid->buses =
        cy_desk_take(r->desk, (r->text.tables[CY_CASE_BUS].n_rows + 1) * sizeof *grid->buses);
    if (grid->buses == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (uint32_t i = 0; i < r->text.tables[CY_CASE_BUS].n_rows; i++)
        CY_TRY(read_bus(r, i));
    qsort(grid->buses, grid->n_buses, sizeof *grid->buses, by_number);
    for (uint32_t b = 0; b < grid->n_buses; b++) {
        if (b > 0 && grid->buses[b].number == grid->buses[b - 1].number)
            return cy_desk_at(r->fault, 0, 0, "bus %u stands twice", grid->buses[b].number);
        if (grid->buses[b].reference)
            grid->reference = b;
    }
    return grid->n_buses > 0 ? CY_OK : cy_desk_at(r->fault, 0, 0, "there is no bus in service");
}

/* The bus of a row; CY_LP_NONE for one that is out of service (type 4). */
static cy_err bus_of(const struct reader *r, enum cy_case_table_of t, uint32_t row, uint32_t column,
                     uint32_t *out)
{
    uint32_t number = 0;

    CY_TRY(whole(r, t, row, column, INT32_MAX, &number));
    *out = cy_grid_bus_find(r->out, number);
    if (*out != CY_LP_NONE)
        return CY_OK;
    for (uint32_t i = 0; i < r->text.tables[CY_CASE_BUS].n_rows; i++) {
        uint32_t other = 0;

        CY_TRY(whole(r, CY_CASE_BUS, i, 0, INT32_MAX, &other));
        if (other == number)
            return CY_OK;
    }
    return at_cell(r, cell_at(r, t, row, column), "there is no bus of this number");
}

/* --- costs --- */

static cy_err read_polynomial(const struct reader *r, uint32_t row, uint32_t n,
                              struct cy_grid_generator *g)
{
    mpq_ptr at[] = {g->constant, g->linear, g->quadratic};
    cy_err e = CY_OK;
    mpq_t v;

    mpq_init(v);
    for (uint32_t k = 0; k < n && cy_ok(e); k++) {
        const uint32_t power_of = n - 1 - k;

        e = exact(r, CY_CASE_COST, row, 4 + k, power_of < 3 ? at[power_of] : v);
        if (cy_ok(e) && power_of >= 3 && mpq_sgn(v) != 0)
            e = at_cell(r, cell_at(r, CY_CASE_COST, row, 4 + k),
                        "costs of the third degree and above are not read");
        if (cy_ok(e) && power_of == 2 && mpq_sgn(g->quadratic) < 0)
            e = at_cell(r, cell_at(r, CY_CASE_COST, row, 4 + k),
                        "this cost falls with the amount, so no proof of the least one is "
                        "possible; it must be 0 or more");
    }
    mpq_clear(v);
    return e;
}

/* Adds the piece between two corners, as far as it lies between least and most. */
static cy_err add_segment(const struct reader *r, uint32_t row, uint32_t column, mpq_t corner[4],
                          bool first, bool last, struct cy_grid_generator *g)
{
    struct cy_grid_segment *s = &g->segments[g->n_segments];
    int64_t from = 0;
    int64_t to = 0;
    cy_err e = CY_OK;
    mpq_t run;

    mpq_inits(run, s->slope, NULL);
    g->n_segments++;
    mpq_sub(run, corner[2], corner[0]);
    mpq_sub(s->slope, corner[3], corner[1]);
    if (mpq_sgn(run) <= 0)
        e = at_cell(r, cell_at(r, CY_CASE_COST, row, column), "the corners of a cost must rise");
    else
        mpq_div(s->slope, s->slope, run);
    mpq_clear(run);
    CY_TRY(e);
    if (!first && mpq_cmp(s->slope, g->segments[g->n_segments - 2].slope) < 0)
        return at_cell(r, cell_at(r, CY_CASE_COST, row, column),
                       "the cost becomes flatter here, so no proof of the least one is possible; "
                       "each piece must be at least as steep as the one before");
    if (!cy_grid_fixed(corner[0], CY_GRID_POWER, &from) ||
        !cy_grid_fixed(corner[2], CY_GRID_POWER, &to))
        return at_cell(r, cell_at(r, CY_CASE_COST, row, column), "no grid has that many megawatts");
    from = first || from < g->least ? g->least : from;
    to = last || to > g->most ? g->most : to;
    s->width = to > from ? to - from : 0;
    return CY_OK;
}

/* Sets constant and linear so that they give the cost of `least` by the first corner's line. */
static void anchor(struct cy_grid_generator *g, mpq_t corner[4])
{
    mpq_t v;

    mpq_init(v);
    mpq_mul(v, g->segments[0].slope, corner[0]);
    mpq_sub(g->constant, corner[1], v);
    mpq_set_si(v, 0, 1);
    mpq_set(g->linear, g->segments[0].slope);
    mpq_clear(v);
}

static cy_err read_pieces(struct reader *r, uint32_t row, uint32_t n, struct cy_grid_generator *g)
{
    mpq_t corner[4];
    cy_err e = CY_OK;

    if (n < 2 || n > CY_GRID_SEGMENTS_MAX)
        return at_cell(r, cell_at(r, CY_CASE_COST, row, 3), "a cost in pieces has 2 to 64 corners");
    g->segments = cy_desk_take(r->desk, n * sizeof *g->segments);
    if (g->segments == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (unsigned i = 0; i < 4; i++)
        mpq_init(corner[i]);
    for (uint32_t k = 0; k < n && cy_ok(e); k++) {
        mpq_set(corner[0], corner[2]);
        mpq_set(corner[1], corner[3]);
        e = exact(r, CY_CASE_COST, row, 4 + 2 * k, corner[2]);
        if (cy_ok(e))
            e = exact(r, CY_CASE_COST, row, 5 + 2 * k, corner[3]);
        if (cy_ok(e) && k > 0)
            e = add_segment(r, row, 4 + 2 * k, corner, k == 1, k + 1 == n, g);
        if (cy_ok(e) && k == 1)
            anchor(g, corner);
    }
    for (unsigned i = 0; i < 4; i++)
        mpq_clear(corner[i]);
    return e;
}

static cy_err read_cost(struct reader *r, uint32_t row, struct cy_grid_generator *g)
{
    const uint32_t columns = r->text.tables[CY_CASE_COST].n_columns;
    uint32_t model = 0;
    uint32_t n = 0;

    CY_TRY(whole(r, CY_CASE_COST, row, 0, 2, &model));
    CY_TRY(whole(r, CY_CASE_COST, row, 3, COLUMNS_MAX, &n));
    if (model == 0 || 4 + (model == 1 ? 2 * n : n) > columns)
        return at_cell(r, cell_at(r, CY_CASE_COST, row, model == 0 ? 0 : 3),
                       "the model of a cost is 1 (corners) or 2 (polynomial), and its numbers "
                       "must stand in the row");
    return model == 2 ? read_polynomial(r, row, n, g) : read_pieces(r, row, n, g);
}

/* --- generators --- */

static cy_err read_generator(struct reader *r, uint32_t row)
{
    struct cy_grid_generator *g = &r->out->generators[r->out->n_generators];
    cy_err e;
    mpq_t status;

    mpq_init(status);
    e = exact(r, CY_CASE_GEN, row, 7, status);
    g->number = row + 1;
    if (cy_ok(e))
        e = bus_of(r, CY_CASE_GEN, row, 0, &g->bus);
    if (cy_ok(e) && (mpq_sgn(status) <= 0 || g->bus == CY_LP_NONE)) {
        mpq_clear(status);
        return CY_OK;
    }
    mpq_clear(status);
    CY_TRY(e);
    CY_TRY(power(r, CY_CASE_GEN, row, 8, &g->most));
    CY_TRY(power(r, CY_CASE_GEN, row, 9, &g->least));
    if (g->least > g->most)
        return at_cell(r, cell_at(r, CY_CASE_GEN, row, 9), "the least output is above the most");
    mpq_inits(g->quadratic, g->linear, g->constant, NULL);
    r->out->n_generators++;
    return read_cost(r, row, g);
}

static cy_err read_generators(struct reader *r)
{
    const uint32_t n = r->text.tables[CY_CASE_GEN].n_rows;
    struct cy_grid_case *grid = r->out;

    if (r->text.tables[CY_CASE_COST].n_rows != n && r->text.tables[CY_CASE_COST].n_rows != 2 * n)
        return cy_desk_at(r->fault, 0, 0,
                          "mpc.gencost has %u rows, mpc.gen %u; each generator "
                          "needs its cost",
                          r->text.tables[CY_CASE_COST].n_rows, n);
    grid->generators = cy_desk_take(r->desk, (n + 1) * sizeof *grid->generators);
    if (grid->generators == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (uint32_t i = 0; i < n; i++)
        CY_TRY(read_generator(r, i));
    return CY_OK;
}

/* --- lines --- */

/* The reactance as the physics has it: microradians per MW. r, x, ratio in; *out exact. */
static bool reactance_of(const struct reader *r, mpq_t v[3], mpq_ptr out)
{
    mpq_t square;
    bool good = mpq_sgn(v[1]) != 0;

    if (!good)
        return false;
    mpq_init(square);
    mpq_set_ui(out, 1000000, 1);
    mpq_div(out, out, r->text.base);
    if (r->physics == CY_GRID_TAPS) {
        mpq_mul(out, out, v[1]);
        if (mpq_sgn(v[2]) != 0)
            mpq_mul(out, out, v[2]);
    } else {
        mpq_mul(square, v[0], v[0]);
        mpq_div(square, square, v[1]);
        mpq_add(square, square, v[1]);
        mpq_mul(out, out, square);
    }
    mpq_clear(square);
    return good;
}

/* Degrees to microradians, with 3.14159265358979323846 for pi. */
static void radians(mpq_ptr v)
{
    mpq_t pi;

    mpq_init(pi);
    (void)mpq_set_str(pi, "314159265358979323846/18000000000000000", 10);
    mpq_canonicalize(pi);
    mpq_mul(v, v, pi);
    mpq_clear(pi);
}

static cy_err read_reactance(const struct reader *r, uint32_t row, struct cy_grid_line *line)
{
    static const uint32_t columns[] = {2, 3, 8};
    cy_err e = CY_OK;
    mpq_t v[3];
    mpq_t out;

    mpq_inits(v[0], v[1], v[2], out, NULL);
    for (unsigned i = 0; i < 3 && cy_ok(e); i++)
        e = exact(r, CY_CASE_BRANCH, row, columns[i], v[i]);
    if (cy_ok(e) && (!reactance_of(r, v, out) ||
                     !cy_grid_fixed(out, CY_GRID_SCALE, &line->reactance) || line->reactance == 0))
        e = at_cell(r, cell_at(r, CY_CASE_BRANCH, row, 3),
                    "a line needs a reactance that is not 0 and not out of all measure; make one "
                    "bus of two that nothing separates");
    if (cy_ok(e))
        e = exact(r, CY_CASE_BRANCH, row, 9, out);
    if (cy_ok(e) && r->physics == CY_GRID_TAPS) {
        radians(out);
        if (!cy_grid_fixed(out, CY_GRID_ANGLE, &line->shift))
            e = at_cell(r, cell_at(r, CY_CASE_BRANCH, row, 9), "this angle is out of all measure");
    }
    mpq_clears(v[0], v[1], v[2], out, NULL);
    return e;
}

/* Whether v lies between -limit and limit. */
static bool inside(mpq_srcptr v, mpq_srcptr limit)
{
    bool good = false;
    mpq_t size;

    mpq_init(size);
    mpq_abs(size, v);
    good = mpq_cmp(size, limit) < 0;
    mpq_clear(size);
    return good;
}

/* The flow at which the angle between the ends reaches `degrees`. */
static cy_err flow_at(const struct reader *r, uint32_t row, uint32_t column,
                      const struct cy_grid_line *line, bool *limits, int64_t *out)
{
    cy_err e;
    mpq_t v;
    mpq_t by;

    mpq_inits(v, by, NULL);
    *limits = false;
    e = exact(r, CY_CASE_BRANCH, row, column, v);
    mpq_set_si(by, 360, 1);
    if (cy_ok(e) && inside(v, by) && mpq_sgn(v) != 0) {
        radians(v);
        mpq_set_si(by, line->shift, CY_GRID_ANGLE);
        mpq_canonicalize(by);
        mpq_sub(v, v, by);
        mpq_set_si(by, line->reactance, CY_GRID_SCALE);
        mpq_canonicalize(by);
        mpq_div(v, v, by);
        *limits = cy_grid_fixed(v, CY_GRID_POWER, out);
    }
    mpq_clears(v, by, NULL);
    return e;
}

static cy_err read_limits(const struct reader *r, uint32_t row, struct cy_grid_line *line)
{
    int64_t rate = 0;

    CY_TRY(power(r, CY_CASE_BRANCH, row, 5, &rate));
    if (rate < 0)
        return at_cell(r, cell_at(r, CY_CASE_BRANCH, row, 5), "a rating is 0 (none) or more");
    line->least = INT64_MIN;
    line->most = INT64_MAX;
    if (rate > 0) {
        line->least = -rate;
        line->most = rate;
    }
    for (uint32_t side = 0; side < 2 && r->text.tables[CY_CASE_BRANCH].n_columns > 12; side++) {
        const bool upper = (side == 1) == (line->reactance > 0);
        bool limits = false;
        int64_t flow = 0;

        CY_TRY(flow_at(r, row, 11 + side, line, &limits, &flow));
        if (limits && upper && flow < line->most)
            line->most = flow;
        if (limits && !upper && flow > line->least)
            line->least = flow;
    }
    line->rated = line->least != INT64_MIN && line->most != INT64_MAX;
    if (line->least > line->most)
        return at_cell(r, cell_at(r, CY_CASE_BRANCH, row, 11),
                       "no flow keeps the limits of this line");
    return CY_OK;
}

static cy_err read_line(struct reader *r, uint32_t row)
{
    struct cy_grid_line *line = &r->out->lines[r->out->n_lines];
    bool on = false;
    cy_err e;
    mpq_t status;

    *line = (struct cy_grid_line){.number = row + 1};
    mpq_init(status);
    e = exact(r, CY_CASE_BRANCH, row, 10, status);
    on = mpq_sgn(status) > 0;
    mpq_clear(status);
    CY_TRY(e);
    CY_TRY(bus_of(r, CY_CASE_BRANCH, row, 0, &line->from));
    CY_TRY(bus_of(r, CY_CASE_BRANCH, row, 1, &line->to));
    if (!on || line->from == CY_LP_NONE || line->to == CY_LP_NONE)
        return CY_OK;
    if (line->from == line->to)
        return at_cell(r, cell_at(r, CY_CASE_BRANCH, row, 1), "a line leads to another bus");
    CY_TRY(read_reactance(r, row, line));
    CY_TRY(read_limits(r, row, line));
    r->out->n_lines++;
    return CY_OK;
}

/* A line without any limit cannot carry more than all that flows in anywhere, and what the shifts
 * drive around (each is worth two injections at its ends). */
static cy_err close_limits(struct reader *r)
{
    struct cy_grid_case *grid = r->out;
    cy_grid_wide most = 0;

    for (uint32_t g = 0; g < grid->n_generators; g++) {
        most += grid->generators[g].most > 0 ? grid->generators[g].most : 0;
        most += grid->generators[g].least < 0 ? -grid->generators[g].least : 0;
    }
    for (uint32_t b = 0; b < grid->n_buses; b++)
        most += llabs(grid->buses[b].load);
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        const struct cy_grid_line *line = &grid->lines[l];

        if (line->reactance < 0 && !line->rated)
            return cy_desk_at(r->fault, 0, 0,
                              "line %u has a reactance below 0 and no rating; give it one",
                              line->number);
        most += 2 * ((cy_grid_wide)llabs(line->shift) * CY_GRID_SCALE / llabs(line->reactance) + 1);
    }
    if (most > INT64_MAX / 4)
        return cy_desk_at(r->fault, 0, 0, "no grid has that many megawatts");
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        if (grid->lines[l].least == INT64_MIN)
            grid->lines[l].least = -(int64_t)most;
        if (grid->lines[l].most == INT64_MAX)
            grid->lines[l].most = (int64_t)most;
    }
    return CY_OK;
}

static cy_err read_lines(struct reader *r)
{
    const uint32_t n = r->text.tables[CY_CASE_BRANCH].n_rows;

    r->out->lines = cy_desk_take(r->desk, (n + 1) * sizeof *r->out->lines);
    if (r->out->lines == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (uint32_t i = 0; i < n; i++)
        CY_TRY(read_line(r, i));
    return close_limits(r);
}

/* --- the whole --- */

static cy_err all_there(const struct reader *r)
{
    static const uint32_t least[] = {13, 10, 11, 5, 0};

    if (!r->text.has_version || !r->text.has_base)
        return cy_desk_at(r->fault, 0, 0, "mpc.version = '2' or mpc.baseMVA is missing");
    for (enum cy_case_table_of t = CY_CASE_BUS; t < CY_CASE_DCLINE; t++) {
        if (!r->text.tables[t].there ||
            (r->text.tables[t].n_rows > 0 && r->text.tables[t].n_columns < least[t]))
            return cy_desk_at(r->fault, 0, 0, "mpc.%s is missing or has fewer than %u columns",
                              cy_case_table_name(t), least[t]);
    }
    if (r->text.tables[CY_CASE_DCLINE].n_rows > 0)
        return cy_desk_at(r->fault, 0, 0,
                          "lines of direct current (mpc.dcline) are not modelled; "
                          "write each as a generator at either end");
    return CY_OK;
}

/* Every bus is reached from the reference. */
static cy_err connected(struct reader *r)
{
    const struct cy_grid_case *grid = r->out;
    uint32_t *group = cy_desk_take(r->desk, grid->n_buses * sizeof *group);
    uint32_t islands = 0;
    uint32_t away = 0;

    if (group == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (uint32_t b = 0; b < grid->n_buses; b++)
        group[b] = b;
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        uint32_t a = grid->lines[l].from;
        uint32_t b = grid->lines[l].to;

        while (group[a] != a)
            a = group[a] = group[group[a]];
        while (group[b] != b)
            b = group[b] = group[group[b]];
        group[a] = b;
    }
    for (uint32_t b = 0; b < grid->n_buses; b++)
        islands += group[b] == b;
    if (islands == 1)
        return CY_OK;
    for (uint32_t b = 0; b < grid->n_buses; b++) {
        uint32_t a = b;
        uint32_t c = grid->reference;

        while (group[a] != a)
            a = group[a];
        while (group[c] != c)
            c = group[c];
        away = a != c ? b : away;
    }
    return cy_desk_at(r->fault, 0, 0,
                      "the lines in service leave %u islands: no way leads from bus %u to bus %u; "
                      "switch a line on, or give each island as a case of its own",
                      islands, grid->buses[grid->reference].number, grid->buses[away].number);
}

cy_err cy_matpower_read(struct cy_desk *desk, struct cy_span text, enum cy_grid_physics physics,
                        struct cy_grid_case *out, struct cy_desk_fault *fault)
{
    struct reader r = {.desk = desk, .physics = physics, .out = out, .fault = fault};
    cy_err e;

    *out = (struct cy_grid_case){0};
    e = cy_case_text_read(desk, text, &r.text, fault);
    (void)snprintf(out->name, sizeof out->name, "%s", r.text.name);
    if (cy_ok(e))
        e = all_there(&r);
    if (cy_ok(e))
        e = read_buses(&r);
    if (cy_ok(e))
        e = read_generators(&r);
    if (cy_ok(e))
        e = read_lines(&r);
    if (cy_ok(e))
        e = connected(&r);
    cy_case_text_free(&r.text);
    return e;
}

void cy_grid_case_free(struct cy_grid_case *grid)
{
    for (uint32_t g = 0; g < grid->n_generators; g++) {
        struct cy_grid_generator *one = &grid->generators[g];

        mpq_clears(one->quadratic, one->linear, one->constant, NULL);
        for (uint32_t s = 0; s < one->n_segments; s++)
            mpq_clear(one->segments[s].slope);
    }
    grid->n_generators = 0;
}
