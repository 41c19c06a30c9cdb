#include "models/lp/lp_simplex.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { REPLACED_MAX = 40, IDLE_MAX = 30 };

#define NEAR_ZERO 1e-9

static struct cy_lp_sparse column_of(const struct cy_lp_simplex *s, uint32_t j)
{
    if (j >= s->lp->n_columns)
        return (struct cy_lp_sparse){&s->units[j - s->lp->n_columns], 1};
    return (struct cy_lp_sparse){s->lp->columns[j].terms, s->lp->columns[j].n_terms};
}

static bool fixed(const struct cy_lp_variable_state *v)
{
    return v->lower.has && v->upper.has && mpq_equal(v->lower.at, v->upper.at);
}

/* --- making --- */

static void copy_bound(struct cy_lp_bound *to, const struct cy_lp_bound *from)
{
    to->has = from->has;
    mpq_init(to->at);
    mpq_set(to->at, from->at);
}

struct cy_lp_simplex *cy_lp_simplex_new(const struct cy_lp_program *lp)
{
    struct cy_lp_simplex *s = cy_lp_alloc(1, sizeof *s);

    CY_ASSERT(lp->scaled);
    s->lp = lp;
    s->n_rows = lp->n_rows;
    s->n = lp->n_rows + lp->n_columns;
    s->variables = cy_lp_alloc(s->n, sizeof *s->variables);
    s->basis = cy_lp_alloc(s->n_rows, sizeof *s->basis);
    s->units = cy_lp_alloc(s->n_rows, sizeof *s->units);
    s->y = cy_lp_alloc(s->n_rows, sizeof *s->y);
    s->image = cy_lp_alloc(s->n_rows, sizeof *s->image);
    s->y_near = cy_lp_alloc(s->n_rows, sizeof *s->y_near);
    for (uint32_t j = 0; j < s->n; j++) {
        struct cy_lp_variable_state *v = &s->variables[j];
        const bool row = j >= lp->n_columns;

        copy_bound(&v->lower, row ? &lp->rows[j - lp->n_columns].lower : &lp->columns[j].lower);
        copy_bound(&v->upper, row ? &lp->rows[j - lp->n_columns].upper : &lp->columns[j].upper);
        mpq_inits(v->cost, v->x, NULL);
        if (!row)
            mpq_set(v->cost, lp->columns[j].cost);
        v->place = row ? CY_LP_BASIC : CY_LP_AT_LOWER;
    }
    for (uint32_t i = 0; i < s->n_rows; i++) {
        s->units[i].row = i;
        mpq_init(s->units[i].by);
        mpq_set_si(s->units[i].by, -1, 1);
        mpq_inits(s->y[i], s->image[i], NULL);
    }
    cy_lp_simplex_begin(s, NULL);
    return s;
}

void cy_lp_simplex_free(struct cy_lp_simplex *s)
{
    if (s == NULL)
        return;
    for (uint32_t j = 0; j < s->n; j++)
        mpq_clears(s->variables[j].lower.at, s->variables[j].upper.at, s->variables[j].cost,
                   s->variables[j].x, NULL);
    for (uint32_t i = 0; i < s->n_rows; i++)
        mpq_clears(s->units[i].by, s->y[i], s->image[i], NULL);
    cy_lp_factor_free(s->factor);
    free(s->variables);
    free(s->basis);
    free(s->units);
    free(s->y);
    free(s->image);
    free(s->y_near);
    free(s);
}

/* --- basis --- */

/* A place outside of the basis that this variable has. */
static enum cy_lp_place rest(const struct cy_lp_variable_state *v, enum cy_lp_place wish)
{
    if (wish == CY_LP_AT_UPPER && v->upper.has)
        return CY_LP_AT_UPPER;
    if (v->lower.has)
        return CY_LP_AT_LOWER;
    return v->upper.has ? CY_LP_AT_UPPER : CY_LP_AT_ZERO;
}

static void put_down(struct cy_lp_variable_state *v, enum cy_lp_place wish)
{
    v->place = rest(v, wish);
    if (v->place == CY_LP_AT_ZERO)
        mpq_set_ui(v->x, 0, 1);
    else
        mpq_set(v->x, v->place == CY_LP_AT_LOWER ? v->lower.at : v->upper.at);
}

/* Factors the basis; a column that depends on others gives way to a row's own. */
static void factor_basis(struct cy_lp_simplex *s)
{
    struct cy_lp_sparse *columns = cy_lp_alloc(s->n_rows, sizeof *columns);

    cy_lp_factor_free(s->factor);
    for (;;) {
        uint32_t bad_column = 0;
        uint32_t bad_row = 0;

        for (uint32_t i = 0; i < s->n_rows; i++)
            columns[i] = column_of(s, s->basis[i]);
        s->factor = cy_lp_factor_new(columns, s->n_rows, &bad_column, &bad_row);
        if (s->factor != NULL)
            break;
        put_down(&s->variables[s->basis[bad_column]], CY_LP_AT_LOWER);
        s->basis[bad_column] = s->lp->n_columns + bad_row;
        s->variables[s->basis[bad_column]].place = CY_LP_BASIC;
        s->variables[s->basis[bad_column]].position = bad_column;
    }
    free(columns);
}

/* The basic variables' values from those of the others. */
static void compute_values(struct cy_lp_simplex *s)
{
    mpq_t v;

    mpq_init(v);
    for (uint32_t i = 0; i < s->n_rows; i++)
        mpq_set_ui(s->image[i], 0, 1);
    for (uint32_t j = 0; j < s->n; j++) {
        const struct cy_lp_sparse column = column_of(s, j);

        if (s->variables[j].place == CY_LP_BASIC || mpq_sgn(s->variables[j].x) == 0)
            continue;
        for (uint32_t t = 0; t < column.n; t++) {
            mpq_mul(v, column.terms[t].by, s->variables[j].x);
            mpq_sub(s->image[column.terms[t].row], s->image[column.terms[t].row], v);
        }
    }
    cy_lp_factor_columns(s->factor, s->image);
    for (uint32_t i = 0; i < s->n_rows; i++)
        mpq_set(s->variables[s->basis[i]].x, s->image[i]);
    mpq_clear(v);
}

void cy_lp_simplex_begin(struct cy_lp_simplex *s, const enum cy_lp_place *places)
{
    uint32_t count = 0;

    for (uint32_t j = 0; j < s->n; j++) {
        struct cy_lp_variable_state *v = &s->variables[j];
        const enum cy_lp_place wish = places != NULL          ? places[j]
                                      : j >= s->lp->n_columns ? CY_LP_BASIC
                                                              : CY_LP_AT_LOWER;

        if (wish == CY_LP_BASIC && count < s->n_rows) {
            v->place = CY_LP_BASIC;
            v->position = count;
            s->basis[count++] = j;
        } else
            put_down(v, wish);
    }
    for (uint32_t j = s->lp->n_columns; j < s->n && count < s->n_rows; j++) {
        struct cy_lp_variable_state *v = &s->variables[j];

        if (v->place == CY_LP_BASIC)
            continue;
        v->place = CY_LP_BASIC;
        v->position = count;
        s->basis[count++] = j;
    }
    factor_basis(s);
    compute_values(s);
}

void cy_lp_simplex_bounds(struct cy_lp_simplex *s, uint32_t column, mpq_srcptr lower,
                          mpq_srcptr upper)
{
    struct cy_lp_variable_state *v = &s->variables[column];

    cy_lp_bound_drop(&v->lower);
    cy_lp_bound_drop(&v->upper);
    if (lower != NULL)
        cy_lp_bound_set(&v->lower, lower);
    if (upper != NULL)
        cy_lp_bound_set(&v->upper, upper);
    if (v->place != CY_LP_BASIC) {
        put_down(v, v->place);
        compute_values(s);
    }
}

/* --- prices --- */

/* -1 below its lower bound, 1 above its upper one, else 0. */
static int outside(const struct cy_lp_variable_state *v)
{
    if (v->lower.has && mpq_cmp(v->x, v->lower.at) < 0)
        return -1;
    return v->upper.has && mpq_cmp(v->x, v->upper.at) > 0;
}

/* y for the costs, or for the sum of what is outside of its bounds. Returns how many are. */
static uint32_t multipliers(struct cy_lp_simplex *s, bool repair)
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < s->n_rows; i++) {
        const struct cy_lp_variable_state *v = &s->variables[s->basis[i]];

        if (repair) {
            const int side = outside(v);

            mpq_set_si(s->y[i], side, 1);
            wrong += side != 0;
        } else
            mpq_set(s->y[i], v->cost);
    }
    if (repair && wrong == 0)
        return 0;
    cy_lp_factor_rows(s->factor, s->y);
    for (uint32_t i = 0; i < s->n_rows; i++)
        s->y_near[i] = mpq_get_d(s->y[i]);
    return wrong;
}

static void price_of(const struct cy_lp_simplex *s, uint32_t j, bool repair, mpq_ptr out)
{
    const struct cy_lp_sparse column = column_of(s, j);
    mpq_t v;

    mpq_init(v);
    if (repair)
        mpq_set_ui(out, 0, 1);
    else
        mpq_set(out, s->variables[j].cost);
    for (uint32_t t = 0; t < column.n; t++) {
        if (mpq_sgn(s->y[column.terms[t].row]) == 0)
            continue;
        mpq_mul(v, column.terms[t].by, s->y[column.terms[t].row]);
        mpq_sub(out, out, v);
    }
    mpq_clear(v);
}

static bool gains(const struct cy_lp_variable_state *v, int sign)
{
    if (sign == 0 || v->place == CY_LP_BASIC || fixed(v))
        return false;
    return v->place == CY_LP_AT_ZERO || (v->place == CY_LP_AT_LOWER ? sign < 0 : sign > 0);
}

/* The best column by nearby numbers, which exact ones then confirm. */
static bool enter_near(struct cy_lp_simplex *s, bool repair, mpq_ptr price)
{
    double best = NEAR_ZERO;
    uint32_t found = CY_LP_NONE;

    for (uint32_t j = 0; j < s->n; j++) {
        const struct cy_lp_sparse column = column_of(s, j);
        double near = repair ? 0 : mpq_get_d(s->variables[j].cost);

        if (s->variables[j].place == CY_LP_BASIC)
            continue;
        for (uint32_t t = 0; t < column.n; t++)
            near -= mpq_get_d(column.terms[t].by) * s->y_near[column.terms[t].row];
        if (fabs(near) > best && gains(&s->variables[j], near < 0 ? -1 : 1)) {
            best = fabs(near);
            found = j;
        }
    }
    if (found == CY_LP_NONE)
        return false;
    price_of(s, found, repair, price);
    if (!gains(&s->variables[found], mpq_sgn(price)))
        return false;
    s->entering = found;
    return true;
}

static bool enter_exact(struct cy_lp_simplex *s, bool repair, mpq_ptr price)
{
    for (uint32_t j = 0; j < s->n; j++) {
        if (s->variables[j].place == CY_LP_BASIC)
            continue;
        price_of(s, j, repair, price);
        if (gains(&s->variables[j], mpq_sgn(price))) {
            s->entering = j;
            return true;
        }
    }
    return false;
}

static bool enter(struct cy_lp_simplex *s, bool repair)
{
    bool found = false;
    mpq_t price;

    mpq_init(price);
    found = (s->idle < IDLE_MAX && enter_near(s, repair, price)) || enter_exact(s, repair, price);
    if (found)
        s->rising = mpq_sgn(price) < 0;
    mpq_clear(price);
    return found;
}

/* --- one step --- */

static void entering_image(struct cy_lp_simplex *s)
{
    const struct cy_lp_sparse column = column_of(s, s->entering);

    for (uint32_t i = 0; i < s->n_rows; i++)
        mpq_set_ui(s->image[i], 0, 1);
    for (uint32_t t = 0; t < column.n; t++)
        mpq_set(s->image[column.terms[t].row], column.terms[t].by);
    cy_lp_factor_columns(s->factor, s->image);
}

/* Where a basic variable that moves by `rate` (its sign) stops: the bound, or NULL. */
static const struct cy_lp_bound *stop_of(const struct cy_lp_variable_state *v, int rate)
{
    const int side = outside(v);
    const struct cy_lp_bound *bound = rate > 0 ? &v->upper : &v->lower;

    if (side < 0)
        bound = rate > 0 ? &v->lower : NULL;
    else if (side > 0)
        bound = rate > 0 ? NULL : &v->upper;
    return bound != NULL && bound->has ? bound : NULL;
}

/* The longest step, and who ends it: a position, or CY_LP_NONE for the entering variable itself.
 * False when nothing ends it. */
static bool ratio(const struct cy_lp_simplex *s, mpq_ptr length, uint32_t *leaving, bool *at_lower)
{
    const struct cy_lp_variable_state *in = &s->variables[s->entering];
    bool found = in->lower.has && in->upper.has;
    mpq_t v;

    mpq_init(v);
    *leaving = CY_LP_NONE;
    if (found)
        mpq_sub(length, in->upper.at, in->lower.at);
    for (uint32_t i = 0; i < s->n_rows; i++) {
        const struct cy_lp_variable_state *b = &s->variables[s->basis[i]];
        const int rate = s->rising ? -mpq_sgn(s->image[i]) : mpq_sgn(s->image[i]);
        const struct cy_lp_bound *stop = rate == 0 ? NULL : stop_of(b, rate);
        int order = -1;

        if (stop == NULL)
            continue;
        mpq_sub(v, stop->at, b->x);
        mpq_div(v, v, s->image[i]);
        if (s->rising)
            mpq_neg(v, v);
        if (found)
            order = mpq_cmp(v, length);
        if (order > 0 ||
            (order == 0 && (*leaving == CY_LP_NONE || s->basis[*leaving] < s->basis[i])))
            continue;
        mpq_set(length, v);
        *leaving = i;
        *at_lower = stop == &b->lower;
        found = true;
    }
    mpq_clear(v);
    return found;
}

static void move(struct cy_lp_simplex *s, mpq_ptr length)
{
    mpq_t v;

    mpq_init(v);
    if (!s->rising)
        mpq_neg(length, length);
    for (uint32_t i = 0; i < s->n_rows; i++) {
        struct cy_lp_variable_state *b = &s->variables[s->basis[i]];

        if (mpq_sgn(s->image[i]) == 0)
            continue;
        mpq_mul(v, s->image[i], length);
        mpq_sub(b->x, b->x, v);
    }
    mpq_add(s->variables[s->entering].x, s->variables[s->entering].x, length);
    mpq_clear(v);
}

static void exchange(struct cy_lp_simplex *s, uint32_t leaving, bool at_lower)
{
    struct cy_lp_variable_state *in = &s->variables[s->entering];
    struct cy_lp_variable_state *out = NULL;

    if (leaving == CY_LP_NONE) {
        in->place = s->rising ? CY_LP_AT_UPPER : CY_LP_AT_LOWER;
        return;
    }
    out = &s->variables[s->basis[leaving]];
    out->place = at_lower ? CY_LP_AT_LOWER : CY_LP_AT_UPPER;
    in->place = CY_LP_BASIC;
    in->position = leaving;
    s->basis[leaving] = s->entering;
    if (cy_lp_factor_replace(s->factor, leaving, s->image) >= REPLACED_MAX)
        factor_basis(s);
}

static bool late(const struct cy_lp_simplex *s)
{
    struct timespec now;

    if (s->deadline == 0)
        return false;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec > s->deadline;
}

/* Steps until nothing gains. */
static enum cy_lp_outcome improve(struct cy_lp_simplex *s, bool repair)
{
    enum cy_lp_outcome outcome = CY_LP_STOPPED;
    mpq_t length;

    mpq_init(length);
    s->idle = 0;
    while (!late(s)) {
        uint32_t leaving = 0;
        bool at_lower = false;

        if (multipliers(s, repair) == 0 && repair) {
            outcome = CY_LP_FOUND;
            break;
        }
        if (!enter(s, repair)) {
            outcome = repair ? CY_LP_NO_POINT : CY_LP_FOUND;
            break;
        }
        entering_image(s);
        if (!ratio(s, length, &leaving, &at_lower)) {
            CY_ASSERT(!repair);
            outcome = CY_LP_NO_LIMIT;
            break;
        }
        s->idle = mpq_sgn(length) == 0 ? s->idle + 1 : 0;
        move(s, length);
        exchange(s, leaving, at_lower);
        s->steps++;
    }
    mpq_clear(length);
    return outcome;
}

enum cy_lp_outcome cy_lp_simplex_run(struct cy_lp_simplex *s)
{
    const enum cy_lp_outcome outcome = improve(s, true);

    return outcome == CY_LP_FOUND ? improve(s, false) : outcome;
}

/* --- one point of many --- */

/* Holds what may not move on the face of equal value; says how many could still. */
static uint32_t hold_face(struct cy_lp_simplex *s)
{
    uint32_t open = 0;
    mpq_t price;

    mpq_init(price);
    for (uint32_t j = 0; j < s->n; j++) {
        struct cy_lp_variable_state *v = &s->variables[j];

        if (v->place == CY_LP_BASIC || fixed(v))
            continue;
        price_of(s, j, false, price);
        if (mpq_sgn(price) == 0) {
            open++;
            continue;
        }
        cy_lp_bound_set(&v->lower, v->x);
        cy_lp_bound_set(&v->upper, v->x);
        v->place = CY_LP_AT_LOWER;
    }
    mpq_clear(price);
    return open;
}

bool cy_lp_simplex_settle(struct cy_lp_simplex *s, const uint32_t *order, uint32_t n)
{
    for (uint32_t k = 0; k < n && hold_face(s) > 0; k++) {
        if (s->variables[order[k]].place != CY_LP_BASIC && fixed(&s->variables[order[k]]))
            continue;
        for (uint32_t j = 0; j < s->n; j++)
            mpq_set_ui(s->variables[j].cost, 0, 1);
        mpq_set_ui(s->variables[order[k]].cost, 1, 1);
        if (improve(s, false) != CY_LP_FOUND)
            return false;
    }
    return true;
}
