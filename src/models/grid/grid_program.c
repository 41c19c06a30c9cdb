#include "models/grid/grid_program.h"

#include "models/grid/interior.h"

#include <math.h>
#include <stdlib.h>

enum { WATT = 1000 }; /* units of power */

#define BASE_MW 100.0    /* the search counts power in this */
#define BASE_ANGLE 1e6   /* and angles in radians */
#define MARGIN 1e-5      /* MW by which it stays inside of limits, to leave room for rounding */
#define ANGLE_MOST 200.0 /* radians; the search's own bound */
#define SCALE ((double)CY_GRID_SCALE)
#define POWER ((double)CY_GRID_POWER)

/* --- building --- */

static struct cy_grid_column *add_column(struct cy_grid_program *p, enum cy_grid_kind kind,
                                         uint32_t period, uint32_t item)
{
    struct cy_grid_column *column = NULL;

    if (p->n_columns == p->columns_room) {
        p->columns_room = 2 * p->columns_room + 256;
        p->columns = cy_lp_grow(p->columns, p->columns_room, sizeof *p->columns);
    }
    column = &p->columns[p->n_columns++];
    *column =
        (struct cy_grid_column){.kind = kind, .period = period, .item = item, .first = p->n_terms};
    mpq_inits(column->cost, column->quadratic, NULL);
    return column;
}

/* Adds a term to the last column. */
static void add_term(struct cy_grid_program *p, uint32_t row, int64_t by)
{
    if (p->n_terms == p->terms_room) {
        p->terms_room = 2 * p->terms_room + 1024;
        p->terms = cy_lp_grow(p->terms, p->terms_room, sizeof *p->terms);
    }
    p->terms[p->n_terms++] = (struct cy_grid_term){row, by};
    p->columns[p->n_columns - 1].n++;
}

/* v * hours of the period. */
static void for_hours(const struct cy_grid_program *p, uint32_t period, mpq_ptr v)
{
    mpq_t hours;

    mpq_init(hours);
    mpq_set_si(hours, p->rules->periods[period].hours, CY_GRID_SCALE);
    mpq_canonicalize(hours);
    mpq_mul(v, v, hours);
    mpq_clear(hours);
}

/* What a generator's place in the order of merit adds to its cost. */
static void add_merit(const struct cy_grid_program *p, uint32_t generator, mpq_ptr cost)
{
    const uint8_t class = p->rules->class_of[generator];
    mpq_t more;

    if (class >= p->rules->n_classes || p->rules->place[class] == CY_LP_NONE)
        return;
    mpq_init(more);
    mpq_set_si(more, p->rules->step, CY_GRID_MONEY);
    mpq_canonicalize(more);
    mpz_mul_ui(mpq_numref(more), mpq_numref(more), p->rules->place[class]);
    mpq_canonicalize(more);
    mpq_add(cost, cost, more);
    mpq_clear(more);
}

static struct cy_grid_column *add_output(struct cy_grid_program *p, uint32_t period, uint32_t g,
                                         mpq_srcptr cost)
{
    struct cy_grid_column *column = add_column(p, CY_GRID_OUTPUT, period, g);

    mpq_set(column->cost, cost);
    add_merit(p, g, column->cost);
    for_hours(p, period, column->cost);
    add_term(p, cy_grid_balance(p, period, p->grid->generators[g].bus), CY_GRID_SCALE);
    return column;
}

static void add_generator(struct cy_grid_program *p, uint32_t period, uint32_t g)
{
    const struct cy_grid_generator *one = &p->grid->generators[g];
    int64_t left = p->rules->mosts[period * p->grid->n_generators + g];
    struct cy_grid_column *column = add_output(p, period, g, one->linear);
    mpq_t constant;

    mpq_init(constant);
    mpq_set(constant, one->constant);
    for_hours(p, period, constant);
    mpq_add(p->constant, p->constant, constant);
    mpq_clear(constant);
    column->lower = one->least;
    column->upper = left;
    mpq_set(column->quadratic, one->quadratic);
    for_hours(p, period, column->quadratic);
    if (one->n_segments == 0)
        return;
    column->upper = one->least;
    left -= one->least;
    for (uint32_t s = 0; s < one->n_segments; s++) {
        column = add_output(p, period, g, one->segments[s].slope);
        column->part = s + 1;
        column->upper = one->segments[s].width < left ? one->segments[s].width : left;
        left -= column->upper;
    }
}

/* Price, and a rise of it up to the last of the load: price * s + rise / (2 load) * s^2. */
static void add_shed(struct cy_grid_program *p, uint32_t period, uint32_t bus)
{
    const int64_t load = p->rules->loads[period * p->grid->n_buses + bus];
    struct cy_grid_column *column = NULL;
    mpq_t half;

    if (p->rules->shed_price[bus] < 0 || load <= 0)
        return;
    column = add_column(p, CY_GRID_SHED, period, bus);
    column->upper = load;
    mpq_set_si(column->cost, p->rules->shed_price[bus], CY_GRID_MONEY);
    mpq_canonicalize(column->cost);
    for_hours(p, period, column->cost);
    mpq_init(half);
    mpq_set_si(column->quadratic, p->rules->shed_rise[bus], CY_GRID_MONEY);
    mpq_canonicalize(column->quadratic);
    mpq_set_si(half, 2 * load, CY_GRID_POWER);
    mpq_canonicalize(half);
    mpq_div(column->quadratic, column->quadratic, half);
    for_hours(p, period, column->quadratic);
    mpq_clear(half);
    add_term(p, cy_grid_balance(p, period, bus), CY_GRID_SCALE);
}

static void add_flow(struct cy_grid_program *p, uint32_t period, uint32_t l)
{
    const struct cy_grid_line *line = &p->grid->lines[l];
    struct cy_grid_column *column = add_column(p, CY_GRID_FLOW, period, l);

    column->lower = line->least;
    column->upper = line->most;
    add_term(p, cy_grid_balance(p, period, line->from), -CY_GRID_SCALE);
    add_term(p, cy_grid_balance(p, period, line->to), CY_GRID_SCALE);
    add_term(p, cy_grid_law(p, period, l), line->reactance);
}

/* Lines by bus, in one list each. */
struct ends {
    uint32_t *start;
    uint32_t *line;
};

static struct ends ends_of(const struct cy_grid_case *grid)
{
    struct ends e = {cy_lp_alloc((size_t)grid->n_buses + 2, sizeof *e.start),
                     cy_lp_alloc((size_t)2 * grid->n_lines, sizeof *e.line)};

    for (uint32_t l = 0; l < grid->n_lines; l++) {
        e.start[grid->lines[l].from + 2]++;
        e.start[grid->lines[l].to + 2]++;
    }
    for (uint32_t b = 0; b < grid->n_buses; b++)
        e.start[b + 2] += e.start[b + 1];
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        e.line[e.start[grid->lines[l].from + 1]++] = l;
        e.line[e.start[grid->lines[l].to + 1]++] = l;
    }
    return e;
}

static void add_angle(struct cy_grid_program *p, uint32_t period, uint32_t bus,
                      const struct ends *ends)
{
    struct cy_grid_column *column = add_column(p, CY_GRID_ANGLE_OF, period, bus);

    column->open = bus != p->grid->reference;
    for (uint32_t k = ends->start[bus]; k < ends->start[bus + 1]; k++) {
        const uint32_t l = ends->line[k];

        add_term(p, cy_grid_law(p, period, l),
                 p->grid->lines[l].from == bus ? -CY_GRID_SCALE : CY_GRID_SCALE);
    }
}

static uint32_t stored_row(const struct cy_grid_program *p, uint32_t period, uint32_t store)
{
    return period * p->rows_per_period + p->grid->n_buses + p->grid->n_lines + store;
}

static int64_t scaled(int64_t a, int64_t b)
{
    return (int64_t)((cy_grid_wide)a * b / CY_GRID_SCALE);
}

static void add_store(struct cy_grid_program *p, uint32_t period, uint32_t s)
{
    const struct cy_grid_store *store = &p->rules->stores[s];
    const int64_t hours = p->rules->periods[period].hours;
    const bool last = period + 1 == p->rules->n_periods;
    struct cy_grid_column *column = add_column(p, CY_GRID_CHARGE, period, s);

    column->upper = store->charge;
    add_term(p, cy_grid_balance(p, period, store->bus), -CY_GRID_SCALE);
    add_term(p, stored_row(p, period, s), -scaled(hours, store->efficiency));
    column = add_column(p, CY_GRID_DISCHARGE, period, s);
    column->upper = store->discharge;
    add_term(p, cy_grid_balance(p, period, store->bus), CY_GRID_SCALE);
    add_term(p, stored_row(p, period, s), hours);
    column = add_column(p, CY_GRID_LEVEL, period, s);
    column->lower = last ? store->end : 0;
    column->upper = store->energy;
    add_term(p, stored_row(p, period, s), CY_GRID_SCALE);
    if (!last)
        add_term(p, stored_row(p, period + 1, s), -CY_GRID_SCALE);
}

static void make_rows(struct cy_grid_program *p)
{
    const struct cy_grid_case *grid = p->grid;

    for (uint32_t t = 0; t < p->rules->n_periods; t++) {
        struct cy_grid_row *rows = &p->rows[t * p->rows_per_period];

        for (uint32_t b = 0; b < grid->n_buses; b++)
            rows[b] = (struct cy_grid_row){CY_GRID_BALANCE, t, b,
                                           p->rules->loads[t * grid->n_buses + b], 0};
        for (uint32_t l = 0; l < grid->n_lines; l++) {
            const int64_t x = grid->lines[l].reactance;
            const int64_t watt = (x < 0 ? -x : x) / (CY_GRID_POWER / WATT);

            rows[grid->n_buses + l] =
                (struct cy_grid_row){CY_GRID_LAW, t, l, -grid->lines[l].shift, watt > 0 ? watt : 1};
        }
        for (uint32_t s = 0; s < p->rules->n_stores; s++)
            rows[grid->n_buses + grid->n_lines + s] = (struct cy_grid_row){
                CY_GRID_STORED, t, s, t == 0 ? p->rules->stores[s].start : 0, 0};
    }
}

/* Buses breadth first from the reference. */
static void make_tree(struct cy_grid_program *p, const struct ends *ends)
{
    const struct cy_grid_case *grid = p->grid;
    bool *seen = cy_lp_alloc(grid->n_buses, sizeof *seen);
    uint32_t n = 1;

    p->tree[0] = grid->reference;
    p->tree_line[grid->reference] = CY_LP_NONE;
    seen[grid->reference] = true;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t bus = p->tree[i];

        for (uint32_t k = ends->start[bus]; k < ends->start[bus + 1]; k++) {
            const struct cy_grid_line *line = &grid->lines[ends->line[k]];
            const uint32_t other = line->from == bus ? line->to : line->from;

            if (seen[other])
                continue;
            seen[other] = true;
            p->tree_line[other] = ends->line[k];
            p->tree[n++] = other;
        }
    }
    CY_ASSERT(n == grid->n_buses);
    free(seen);
}

void cy_grid_program_make(const struct cy_grid_case *grid, const struct cy_grid_rules *rules,
                          struct cy_grid_program *out)
{
    const struct ends ends = ends_of(grid);

    *out = (struct cy_grid_program){.grid = grid, .rules = rules};
    mpq_init(out->constant);
    out->rows_per_period = grid->n_buses + grid->n_lines + rules->n_stores;
    out->n_rows = out->rows_per_period * rules->n_periods;
    out->rows = cy_lp_alloc(out->n_rows, sizeof *out->rows);
    out->first = cy_lp_alloc(rules->n_periods + 1, sizeof *out->first);
    out->flow = cy_lp_alloc(rules->n_periods, sizeof *out->flow);
    out->tree = cy_lp_alloc(grid->n_buses, sizeof *out->tree);
    out->tree_line = cy_lp_alloc(grid->n_buses, sizeof *out->tree_line);
    make_rows(out);
    make_tree(out, &ends);
    for (uint32_t t = 0; t < rules->n_periods; t++) {
        out->first[t] = out->n_columns;
        for (uint32_t g = 0; g < grid->n_generators; g++)
            add_generator(out, t, g);
        for (uint32_t b = 0; b < grid->n_buses; b++)
            add_shed(out, t, b);
        out->flow[t] = out->n_columns;
        for (uint32_t l = 0; l < grid->n_lines; l++)
            add_flow(out, t, l);
        for (uint32_t b = 0; b < grid->n_buses; b++)
            add_angle(out, t, b, &ends);
        for (uint32_t s = 0; s < rules->n_stores; s++)
            add_store(out, t, s);
    }
    out->first[rules->n_periods] = out->n_columns;
    free(ends.start);
    free(ends.line);
}

void cy_grid_program_free(struct cy_grid_program *program)
{
    for (uint32_t j = 0; j < program->n_columns; j++)
        mpq_clears(program->columns[j].cost, program->columns[j].quadratic, NULL);
    mpq_clear(program->constant);
    free(program->columns);
    free(program->terms);
    free(program->rows);
    free(program->first);
    free(program->flow);
    free(program->tree);
    free(program->tree_line);
}

/* --- exact --- */

static void put(mpq_ptr out, int64_t above, int64_t below)
{
    mpz_set_si(mpq_numref(out), above);
    mpz_set_si(mpq_denref(out), below);
    mpq_canonicalize(out);
}

static void exact_row(const struct cy_grid_row *row, struct cy_lp_row *out)
{
    mpq_t v;
    mpq_t more;

    mpq_inits(v, more, NULL);
    put(v, row->right, CY_GRID_POWER); /* angles: the same number of units in a microradian */
    if (row->kind == CY_GRID_LAW) {
        put(more, row->tolerance, CY_GRID_SCALE);
        mpq_sub(v, v, more);
        cy_lp_bound_set(&out->lower, v);
        mpq_add(v, v, more);
        mpq_add(v, v, more);
    }
    if (row->kind == CY_GRID_BALANCE)
        cy_lp_bound_set(&out->lower, v);
    cy_lp_bound_set(&out->upper, v);
    mpq_clears(v, more, NULL);
}

/* The line that touches cost + quadratic at x: its slope, and what its constant adds. */
static void touch(const struct cy_grid_column *column, int64_t x, mpq_ptr slope, mpq_ptr constant)
{
    mpq_t at;
    mpq_t v;

    if (mpq_sgn(column->quadratic) == 0) {
        mpq_set(slope, column->cost);
        return;
    }
    mpq_inits(at, v, NULL);
    put(at, x, CY_GRID_POWER);
    mpq_mul(v, column->quadratic, at);
    mpq_add(slope, column->cost, v);
    mpq_add(slope, slope, v);
    mpq_mul(v, v, at);
    mpq_sub(constant, constant, v);
    mpq_clears(at, v, NULL);
}

static bool exact_column(const struct cy_grid_program *p, uint32_t j, int64_t x,
                         struct cy_lp_program *lp)
{
    const struct cy_grid_column *column = &p->columns[j];
    struct cy_lp_variable *out = NULL;
    char name[24];
    bool good = true;
    mpq_t v;

    mpq_init(v);
    (void)snprintf(name, sizeof name, "x%u", j);
    (void)cy_lp_column_add(lp, name);
    out = &lp->columns[j];
    cy_lp_bound_drop(&out->lower);
    if (!column->open) {
        put(v, column->lower, CY_GRID_POWER);
        cy_lp_bound_set(&out->lower, v);
        put(v, column->upper, CY_GRID_POWER);
        cy_lp_bound_set(&out->upper, v);
    }
    touch(column, x, out->cost, lp->constant);
    for (uint32_t t = column->first; t < column->first + column->n; t++) {
        put(v, p->terms[t].by, CY_GRID_SCALE);
        good = cy_lp_term_add(lp, p->terms[t].row, j, v) && good;
    }
    mpq_clear(v);
    return good;
}

struct cy_lp_program *cy_grid_program_exact(const struct cy_grid_program *program, const int64_t *x)
{
    struct cy_lp_program *lp = cy_lp_program_new();
    const char *place = NULL;
    bool good = true;

    mpq_set(lp->constant, program->constant);
    for (uint32_t i = 0; i < program->n_rows; i++) {
        char name[24];

        (void)snprintf(name, sizeof name, "r%u", i);
        (void)cy_lp_row_add(lp, name);
        exact_row(&program->rows[i], &lp->rows[i]);
    }
    for (uint32_t j = 0; j < program->n_columns; j++)
        good = exact_column(program, j, x == NULL ? 0 : x[j], lp) && good;
    if (good && cy_lp_scale(lp, &place))
        return lp;
    cy_lp_program_free(lp);
    return NULL;
}

/* --- the search --- */

/* The program in floating point; memory of its own. */
struct near {
    struct cy_box box;
    uint32_t *start;
    uint32_t *row;
    double *by;
    double *right;
    double *lower;
    double *upper;
    double *cost;
    double *quadratic;
    double money; /* costs were divided by this */
};

static double unit_of(const struct cy_grid_column *column)
{
    return column->kind == CY_GRID_ANGLE_OF ? BASE_ANGLE : BASE_MW;
}

static double row_unit(const struct cy_grid_row *row)
{
    return row->kind == CY_GRID_LAW ? BASE_ANGLE : BASE_MW;
}

/* Limits with a margin for rounding, where there is room for one. */
static void near_limits(const struct cy_grid_column *column, struct near *n, uint32_t j)
{
    const double unit = unit_of(column);
    double margin = column->kind == CY_GRID_OUTPUT || column->kind == CY_GRID_SHED ? 0 : MARGIN;

    if (column->open) {
        n->lower[j] = -ANGLE_MOST;
        n->upper[j] = ANGLE_MOST;
        return;
    }
    n->lower[j] = (double)column->lower / POWER;
    n->upper[j] = (double)column->upper / POWER;
    if (n->upper[j] - n->lower[j] < 4 * margin)
        margin = 0;
    n->lower[j] = (n->lower[j] + margin) / unit;
    n->upper[j] = (n->upper[j] - margin) / unit;
}

static void near_column(const struct cy_grid_program *p, uint32_t j, bool priced, struct near *n)
{
    const struct cy_grid_column *column = &p->columns[j];
    const double unit = unit_of(column);

    near_limits(column, n, j);
    n->cost[j] = priced ? mpq_get_d(column->cost) * unit : 0;
    n->quadratic[j] = priced ? mpq_get_d(column->quadratic) * unit * unit : 0;
    n->start[j] = column->first;
    for (uint32_t t = column->first; t < column->first + column->n; t++) {
        n->row[t] = p->terms[t].row;
        n->by[t] = (double)p->terms[t].by / SCALE * unit / row_unit(&p->rows[p->terms[t].row]);
    }
}

/* One more column with one term. */
static void near_single(struct near *n, uint32_t *columns, uint32_t *terms, uint32_t row, double by,
                        double upper, double cost)
{
    n->start[*columns] = *terms;
    n->row[*terms] = row;
    n->by[(*terms)++] = by;
    n->lower[*columns] = 0;
    n->upper[*columns] = upper;
    n->cost[*columns] = cost;
    n->quadratic[(*columns)++] = 0;
}

/* Columns of the search alone: what stores lose, and, with short_of, what balances miss. */
static void near_extra(const struct cy_grid_program *p, bool short_of, struct near *n)
{
    uint32_t columns = p->n_columns;
    uint32_t terms = p->n_terms;
    double most = 1;

    for (uint32_t i = 0; i < p->n_rows; i++)
        most += fabs((double)p->rows[i].right / POWER / BASE_MW);
    for (uint32_t j = 0; j < p->n_columns; j++) {
        if (p->columns[j].kind == CY_GRID_OUTPUT)
            most += fabs(n->upper[j]) + fabs(n->lower[j]);
    }
    for (uint32_t i = 0; i < p->n_rows; i++) {
        if (p->rows[i].kind == CY_GRID_STORED)
            near_single(n, &columns, &terms, i, 1, most * 1000, 0);
        if (p->rows[i].kind == CY_GRID_BALANCE && short_of) {
            near_single(n, &columns, &terms, i, 1, most, 1);
            near_single(n, &columns, &terms, i, -1, most, 1);
        }
    }
    n->start[columns] = terms;
    n->box.n_columns = columns;
}

static void near_scale(struct near *n)
{
    n->money = 0;
    for (uint32_t j = 0; j < n->box.n_columns; j++)
        n->money = fmax(n->money, fabs(n->cost[j]));
    n->money = n->money > 0 ? n->money : 1;
    for (uint32_t j = 0; j < n->box.n_columns; j++) {
        n->cost[j] /= n->money;
        n->quadratic[j] /= n->money;
    }
}

static void near_make(const struct cy_grid_program *p, bool short_of, struct near *n)
{
    const size_t columns = (size_t)p->n_columns + 2 * (size_t)p->n_rows + 1;
    const size_t terms = (size_t)p->n_terms + 2 * (size_t)p->n_rows;

    *n = (struct near){.start = cy_lp_alloc(columns, sizeof *n->start)};
    n->row = cy_lp_alloc(terms, sizeof *n->row);
    n->by = cy_lp_alloc(terms, sizeof *n->by);
    n->right = cy_lp_alloc(p->n_rows, sizeof *n->right);
    n->lower = cy_lp_alloc(columns, sizeof *n->lower);
    n->upper = cy_lp_alloc(columns, sizeof *n->upper);
    n->cost = cy_lp_alloc(columns, sizeof *n->cost);
    n->quadratic = cy_lp_alloc(columns, sizeof *n->quadratic);
    for (uint32_t j = 0; j < p->n_columns; j++)
        near_column(p, j, !short_of, n);
    for (uint32_t i = 0; i < p->n_rows; i++) {
        n->right[i] = (double)p->rows[i].right / POWER;
        if (p->rows[i].kind == CY_GRID_STORED)
            n->right[i] -= MARGIN;
        n->right[i] /= row_unit(&p->rows[i]);
    }
    near_extra(p, short_of, n);
    near_scale(n);
    n->box = (struct cy_box){p->n_rows, n->box.n_columns, n->start, n->row,  n->by,
                             n->right,  n->lower,         n->upper, n->cost, n->quadratic};
}

static void near_free(struct near *n)
{
    free(n->start);
    free(n->row);
    free(n->by);
    free(n->right);
    free(n->lower);
    free(n->upper);
    free(n->cost);
    free(n->quadratic);
}

void cy_grid_program_search(const struct cy_grid_program *program, bool short_of,
                            struct cy_grid_advice *out)
{
    struct near n;

    near_make(program, short_of, &n);
    out->x = cy_lp_alloc(n.box.n_columns, sizeof *out->x);
    out->y = cy_lp_alloc(program->n_rows, sizeof *out->y);
    out->good = cy_box_solve(&n.box, out->x, out->y, &out->steps) == CY_BOX_GOOD;
    for (uint32_t j = 0; j < program->n_columns; j++)
        out->x[j] *= unit_of(&program->columns[j]);
    for (uint32_t i = 0; i < program->n_rows; i++)
        out->y[i] *= n.money / row_unit(&program->rows[i]);
    near_free(&n);
}

void cy_grid_advice_free(struct cy_grid_advice *advice)
{
    free(advice->x);
    free(advice->y);
}
