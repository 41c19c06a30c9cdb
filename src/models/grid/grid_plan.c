#include "models/grid/grid_plan.h"

#include "crypto/hash.h"
#include "models/grid/sparse_ldl.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { REFINE = 4, KIND_BOUNDED = 5, PRICE_DIGITS = 10, LAW_DIGITS = 15 };

#define POWER ((double)CY_GRID_POWER)
#define SCALE ((double)CY_GRID_SCALE)

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static cy_err stalled(void)
{
    return cy_fail(CY_E_MODEL_STALLED, 0);
}

/* --- rounding the plan --- */

static int64_t clamp(const struct cy_grid_column *column, double v)
{
    const int64_t x = llround(fmin(fmax(v * POWER, -4e18), 4e18));

    return x < column->lower ? column->lower : x > column->upper ? column->upper : x;
}

static bool adjusts(const struct cy_grid_column *column)
{
    return column->kind == CY_GRID_OUTPUT || column->kind == CY_GRID_SHED;
}

/* Shares out what a period's balance misses: where there is most room first. */
static bool balance(const struct cy_grid_program *p, uint32_t period, int64_t missing, int64_t *x)
{
    while (missing != 0) {
        int64_t best = 0;
        uint32_t at = CY_LP_NONE;

        for (uint32_t j = p->first[period]; j < p->flow[period]; j++) {
            const int64_t room =
                missing > 0 ? p->columns[j].upper - x[j] : x[j] - p->columns[j].lower;

            if (adjusts(&p->columns[j]) && room > best) {
                best = room;
                at = j;
            }
        }
        if (at == CY_LP_NONE)
            return false;
        best = best < llabs(missing) ? best : llabs(missing);
        x[at] += missing > 0 ? best : -best;
        missing -= missing > 0 ? best : -best;
    }
    return true;
}

/* injection[bus] of a period, in units; returns their sum. */
static int64_t injections(const struct cy_grid_program *p, uint32_t period, const int64_t *x,
                          int64_t *injection)
{
    const uint32_t n = p->grid->n_buses;
    int64_t sum = 0;

    for (uint32_t b = 0; b < n; b++)
        injection[b] = -p->rows[cy_grid_balance(p, period, b)].right;
    for (uint32_t j = p->first[period]; j < p->first[period + 1]; j++) {
        const struct cy_grid_column *column = &p->columns[j];
        const struct cy_grid_term *term = &p->terms[column->first];

        if (column->kind != CY_GRID_FLOW && column->kind != CY_GRID_ANGLE_OF &&
            column->kind != CY_GRID_LEVEL)
            injection[p->rows[term->row].item] += term->by > 0 ? x[j] : -x[j];
    }
    for (uint32_t b = 0; b < n; b++)
        sum += injection[b];
    return sum;
}

static bool round_outputs(const struct cy_grid_program *p, const double *advice, int64_t *x)
{
    int64_t *injection = cy_lp_alloc(p->grid->n_buses, sizeof *injection);
    bool good = true;

    for (uint32_t j = 0; j < p->n_columns; j++) {
        if (p->columns[j].kind != CY_GRID_FLOW && p->columns[j].kind != CY_GRID_ANGLE_OF)
            x[j] = clamp(&p->columns[j], advice[j]);
    }
    for (uint32_t t = 0; t < p->rules->n_periods && good; t++)
        good = balance(p, t, -injections(p, t, x, injection), x);
    free(injection);
    return good;
}

/* Levels follow from what goes in and out; what is lost is rounded down. */
static bool round_levels(const struct cy_grid_program *p, int64_t *x)
{
    const uint32_t n = p->rules->n_stores;
    int64_t *before = cy_lp_alloc(n, sizeof *before);
    bool good = true;

    for (uint32_t s = 0; s < n; s++)
        before[s] = p->rules->stores[s].start;
    for (uint32_t j = 0; j < p->n_columns; j++) {
        const struct cy_grid_column *level = &p->columns[j];
        cy_grid_wide sum = 0;
        int64_t most = 0;

        if (level->kind != CY_GRID_LEVEL)
            continue;
        for (uint32_t k = 1; k <= 2; k++) /* charge and discharge stand before the level */
            sum -= (cy_grid_wide)p->terms[level[-(int)k].first + 1].by * x[j - k];
        most = before[level->item] + (int64_t)(sum >= 0
                                                   ? sum / CY_GRID_SCALE
                                                   : -((-sum + CY_GRID_SCALE - 1) / CY_GRID_SCALE));
        x[j] = most < level->upper ? most : level->upper;
        good = good && x[j] >= level->lower;
        before[level->item] = x[j];
    }
    free(before);
    return good;
}

/* The network's own matrix, factored once for all periods. */
struct laws {
    struct cy_ldl *ldl;
    double *angle;
    double *left;
    int64_t *injection;
    int64_t *residual;
};

static double stiffness(const struct cy_grid_line *line)
{
    return SCALE / (double)line->reactance; /* MW for a microradian */
}

static bool laws_make(const struct cy_grid_program *p, struct laws *laws)
{
    const struct cy_grid_case *grid = p->grid;
    const uint32_t n = grid->n_buses;
    const uint32_t count = n + grid->n_lines;
    struct cy_ldl_entry *entries = cy_lp_alloc(count, sizeof *entries);
    double *numbers = cy_lp_alloc(count, sizeof *numbers);
    bool good = false;

    for (uint32_t b = 0; b < n; b++)
        entries[b] = (struct cy_ldl_entry){b, b};
    numbers[grid->reference] = 1; /* its row and column are cut off */
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        const struct cy_grid_line *line = &grid->lines[l];
        const bool cut = line->from == grid->reference || line->to == grid->reference;

        entries[n + l] = (struct cy_ldl_entry){line->from, line->to};
        numbers[n + l] = cut ? 0 : -stiffness(line);
        if (line->from != grid->reference)
            numbers[line->from] += stiffness(line);
        if (line->to != grid->reference)
            numbers[line->to] += stiffness(line);
    }
    laws->ldl = cy_ldl_new(n, entries, count);
    laws->angle = cy_lp_alloc(n, sizeof *laws->angle);
    laws->left = cy_lp_alloc(n, sizeof *laws->left);
    laws->injection = cy_lp_alloc(n, sizeof *laws->injection);
    laws->residual = cy_lp_alloc(n, sizeof *laws->residual);
    good = cy_ldl_factor(laws->ldl, numbers, 0, 0);
    free(entries);
    free(numbers);
    return good;
}

static void laws_free(struct laws *laws)
{
    cy_ldl_free(laws->ldl);
    free(laws->angle);
    free(laws->left);
    free(laws->injection);
    free(laws->residual);
}

/* Flow by the law at the angles, in MW. */
static long double flow_of(const struct cy_grid_line *line, const double *angle)
{
    const long double between = (long double)angle[line->from] - (long double)angle[line->to] -
                                (long double)line->shift / CY_GRID_ANGLE;

    return between * CY_GRID_SCALE / (long double)line->reactance;
}

static void solve_angles(const struct cy_grid_program *p, struct laws *laws)
{
    const struct cy_grid_case *grid = p->grid;
    const uint32_t n = grid->n_buses;
    long double *miss = cy_lp_alloc(n, sizeof *miss);

    for (uint32_t b = 0; b < n; b++)
        laws->angle[b] = 0;
    for (unsigned k = 0; k < REFINE; k++) {
        for (uint32_t b = 0; b < n; b++)
            miss[b] = (long double)laws->injection[b] / CY_GRID_POWER;
        for (uint32_t l = 0; l < grid->n_lines; l++) {
            const long double flow = flow_of(&grid->lines[l], laws->angle);

            miss[grid->lines[l].from] -= flow;
            miss[grid->lines[l].to] += flow;
        }
        for (uint32_t b = 0; b < n; b++)
            laws->left[b] = b == grid->reference ? 0 : (double)miss[b];
        cy_ldl_solve(laws->ldl, laws->left);
        for (uint32_t b = 0; b < n; b++)
            laws->angle[b] += laws->left[b];
    }
    free(miss);
}

/* Adds to the lines of the tree what the buses' balances miss, from the leaves inwards. */
static void along_tree(const struct cy_grid_program *p, int64_t *residual, int64_t *flow)
{
    for (uint32_t i = p->grid->n_buses; i-- > 1;) {
        const uint32_t bus = p->tree[i];
        const struct cy_grid_line *line = &p->grid->lines[p->tree_line[bus]];
        const bool out = line->from == bus;

        flow[p->tree_line[bus]] += out ? residual[bus] : -residual[bus];
        residual[out ? line->to : line->from] += residual[bus];
        residual[bus] = 0;
    }
}

static bool round_flows(const struct cy_grid_program *p, uint32_t period, struct laws *laws,
                        int64_t *x)
{
    const struct cy_grid_case *grid = p->grid;
    const uint32_t flow = p->flow[period];
    const uint32_t angle = flow + grid->n_lines;

    (void)injections(p, period, x, laws->injection);
    solve_angles(p, laws);
    memcpy(laws->residual, laws->injection, grid->n_buses * sizeof *laws->residual);
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        x[flow + l] = llroundl(flow_of(&grid->lines[l], laws->angle) * CY_GRID_POWER);
        laws->residual[grid->lines[l].from] -= x[flow + l];
        laws->residual[grid->lines[l].to] += x[flow + l];
    }
    along_tree(p, laws->residual, &x[flow]);
    for (uint32_t b = 0; b < grid->n_buses; b++)
        x[angle + b] = llround(laws->angle[b] * CY_GRID_ANGLE);
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        if (x[flow + l] < grid->lines[l].least || x[flow + l] > grid->lines[l].most)
            return false;
    }
    return true;
}

static bool round_plan(const struct cy_grid_program *p, const double *advice, int64_t *x)
{
    struct laws laws;
    bool good = round_outputs(p, advice, x) && round_levels(p, x);

    if (!good)
        return false;
    good = laws_make(p, &laws);
    for (uint32_t t = 0; t < p->rules->n_periods && good; t++)
        good = round_flows(p, t, &laws, x);
    laws_free(&laws);
    return good;
}

static double strain(const struct cy_grid_program *p, const int64_t *x)
{
    const struct cy_grid_case *grid = p->grid;
    double most = 0;

    for (uint32_t t = 0; t < p->rules->n_periods; t++) {
        for (uint32_t l = 0; l < grid->n_lines; l++) {
            const struct cy_grid_line *line = &grid->lines[l];
            const int64_t *flow = &x[p->flow[t]];
            const cy_grid_wide between = (cy_grid_wide)flow[grid->n_lines + line->from] -
                                         flow[grid->n_lines + line->to] - line->shift;
            const cy_grid_wide miss =
                (cy_grid_wide)flow[l] * line->reactance - between * CY_GRID_SCALE;

            most = fmax(most, fabs((double)miss / (double)line->reactance / 1000));
        }
    }
    return most;
}

/* --- multipliers --- */

static mpq_t *numbers(uint32_t n)
{
    mpq_t *v = cy_lp_alloc(n, sizeof *v);

    for (uint32_t i = 0; i < n; i++)
        mpq_init(v[i]);
    return v;
}

static void drop(mpq_t *v, uint32_t n)
{
    for (uint32_t i = 0; v != NULL && i < n; i++)
        mpq_clear(v[i]);
    free(v);
}

static void rounded(double v, unsigned digits, mpq_ptr out)
{
    mpz_ui_pow_ui(mpq_denref(out), 10, digits);
    mpz_set_d(mpq_numref(out), round(v * pow(10, digits)));
    mpq_canonicalize(out);
}

/* Laws of a period: rounded so that at each bus but the reference what leaves is what comes in;
 * then the angles have no price, and need no bounds. */
static void round_laws(const struct cy_grid_program *p, uint32_t period, const double *y,
                       mpq_t *out)
{
    const struct cy_grid_case *grid = p->grid;
    const uint32_t law = cy_grid_law(p, period, 0);
    mpq_t *residual = numbers(grid->n_buses);

    for (uint32_t l = 0; l < grid->n_lines; l++) {
        rounded(y[law + l], LAW_DIGITS, out[law + l]);
        mpq_sub(residual[grid->lines[l].from], residual[grid->lines[l].from], out[law + l]);
        mpq_add(residual[grid->lines[l].to], residual[grid->lines[l].to], out[law + l]);
    }
    for (uint32_t i = grid->n_buses; i-- > 1;) {
        const uint32_t bus = p->tree[i];
        const uint32_t l = p->tree_line[bus];
        const bool leaves = grid->lines[l].from == bus;
        const uint32_t other = leaves ? grid->lines[l].to : grid->lines[l].from;

        if (leaves)
            mpq_add(out[law + l], out[law + l], residual[bus]);
        else
            mpq_sub(out[law + l], out[law + l], residual[bus]);
        mpq_add(residual[other], residual[other], residual[bus]);
    }
    drop(residual, grid->n_buses);
}

static void round_multipliers(const struct cy_grid_program *p, const double *y, mpq_t *out)
{
    for (uint32_t i = 0; i < p->n_rows; i++) {
        if (p->rows[i].kind == CY_GRID_BALANCE)
            rounded(y[i], PRICE_DIGITS, out[i]);
        if (p->rows[i].kind == CY_GRID_STORED) /* they lean on the upper side only */
            rounded(y[i] < 0 ? y[i] : 0, PRICE_DIGITS, out[i]);
    }
    for (uint32_t t = 0; t < p->rules->n_periods; t++)
        round_laws(p, t, y, out);
}

/* As the certificate counts them: against the scaled row, in scaled money. */
static void put_multipliers(const struct cy_lp_program *lp, mpq_t *y, bool priced,
                            struct cy_lp_bytes *out)
{
    mpq_t *scaled = numbers(lp->n_rows);
    mpq_t by;

    mpq_init(by);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        mpz_set_ui(mpq_numref(by), 1);
        if (priced)
            mpz_set(mpq_numref(by), lp->scale);
        mpz_set(mpq_denref(by), lp->rows[i].by);
        mpq_canonicalize(by);
        mpq_mul(scaled[i], y[i], by);
    }
    cy_lp_witness_vector(out, scaled, lp->n_rows);
    mpq_clear(by);
    drop(scaled, lp->n_rows);
}

static void put_point(const int64_t *x, uint32_t n, struct cy_lp_bytes *out)
{
    mpq_t *v = numbers(n);

    for (uint32_t j = 0; j < n; j++) {
        mpz_set_si(mpq_numref(v[j]), x[j]);
        mpz_set_si(mpq_denref(v[j]), CY_GRID_POWER);
        mpq_canonicalize(v[j]);
    }
    cy_lp_witness_vector(out, v, n);
    drop(v, n);
}

/* --- judging --- */

static void begin(const struct cy_grid_program *program, struct cy_grid_plan *out)
{
    *out = (struct cy_grid_plan){.n_rows = program->n_rows};
    mpq_inits(out->value, out->bound, out->money, out->missing, NULL);
    out->x = cy_lp_alloc(program->n_columns, sizeof *out->x);
    out->y = numbers(program->n_rows);
}

void cy_grid_plan_free(struct cy_grid_plan *plan)
{
    mpq_clears(plan->value, plan->bound, plan->money, plan->missing, NULL);
    drop(plan->y, plan->n_rows);
    free(plan->x);
    free(plan->certificate.at);
}

/* How many megawatts the multipliers prove to be missing: what they add up to, over the greatest
 * weight of a balance. */
static void count_missing(const struct cy_grid_program *p, struct cy_grid_plan *out)
{
    mpq_t pull;
    mpq_t v;
    mpq_t most;

    mpq_inits(pull, v, most, NULL);
    mpq_set_si(out->missing, 0, 1);
    for (uint32_t i = 0; i < p->n_rows; i++) {
        const int64_t by = p->rows[i].right;

        mpz_set_si(mpq_numref(v), by);
        mpz_set_si(mpq_denref(v), CY_GRID_POWER);
        mpq_canonicalize(v);
        mpq_mul(v, v, out->y[i]);
        mpq_add(out->missing, out->missing, v);
        mpq_abs(pull, out->y[i]);
        if (p->rows[i].kind == CY_GRID_BALANCE && mpq_cmp(pull, most) > 0)
            mpq_set(most, pull);
        if (p->rows[i].kind != CY_GRID_LAW)
            continue;
        mpz_set_si(mpq_numref(v), p->rows[i].tolerance);
        mpz_set_si(mpq_denref(v), CY_GRID_SCALE);
        mpq_canonicalize(v);
        mpq_mul(v, v, pull);
        mpq_sub(out->missing, out->missing, v);
    }
    for (uint32_t j = 0; j < p->n_columns; j++) {
        const struct cy_grid_column *column = &p->columns[j];

        cy_grid_pull(p, out, j, pull);
        mpz_set_si(mpq_numref(v), mpq_sgn(pull) > 0 ? column->lower : column->upper);
        mpz_set_si(mpq_denref(v), CY_GRID_POWER);
        mpq_canonicalize(v);
        mpq_mul(v, v, pull);
        mpq_add(out->missing, out->missing, v);
    }
    if (mpq_sgn(most) > 0)
        mpq_div(out->missing, out->missing, most);
    mpq_clears(pull, v, most, NULL);
}

/* The plan out of the verdict: units, multipliers, value and bound. */
static cy_err take_verdict(const struct cy_grid_program *program, const struct cy_lp_program *lp,
                           const struct cy_lp_verdict *verdict, struct cy_grid_plan *out)
{
    const bool found = verdict->kind == CY_LP_BOUNDED || verdict->kind == CY_LP_OPTIMAL;
    cy_err e = CY_OK;
    mpq_t v;

    if (!found && verdict->kind != CY_LP_INFEASIBLE)
        return cy_fail(CY_E_CERT_FORM, 0);
    mpq_init(v);
    out->found = found;
    for (uint32_t i = 0; i < program->n_rows; i++) {
        cy_lp_fraction(&verdict->multipliers.numbers[i], &verdict->multipliers.divisor, out->y[i]);
        mpz_set(mpq_numref(v), lp->rows[i].by);
        mpz_set_ui(mpq_denref(v), 1);
        if (found)
            mpz_set(mpq_denref(v), lp->scale);
        mpq_canonicalize(v);
        mpq_mul(out->y[i], out->y[i], v);
    }
    for (uint32_t j = 0; found && j < program->n_columns && cy_ok(e); j++) {
        int64_t x = 0;

        cy_lp_fraction(&verdict->point.numbers[j], &verdict->point.divisor, v);
        mpz_mul_si(mpq_numref(v), mpq_numref(v), CY_GRID_POWER);
        mpq_canonicalize(v);
        if (mpz_cmp_ui(mpq_denref(v), 1) != 0 || !mpz_fits_slong_p(mpq_numref(v)))
            e = cy_fail(CY_E_CERT_FORM, 0);
        x = cy_ok(e) ? mpz_get_si(mpq_numref(v)) : 0;
        if (mpq_sgn(program->columns[j].quadratic) != 0 && x != out->x[j])
            e = cy_fail(CY_E_CERT_OTHER, 0); /* its line touches the curve elsewhere */
        out->x[j] = x;
    }
    if (found && cy_ok(e)) {
        cy_lp_fraction(&verdict->value_above, &verdict->value_below, out->value);
        cy_lp_fraction(&verdict->bound_above, &verdict->bound_below, out->bound);
        cy_grid_cost(program, out->x, out->money);
        out->strain_w = strain(program, out->x);
    }
    if (!found)
        count_missing(program, out);
    mpq_clear(v);
    return e;
}

static cy_err judge(const struct cy_grid_program *program, const struct cy_lp_program *lp,
                    const struct cy_lp_bytes *bytes, struct cy_span certificate,
                    struct cy_grid_plan *out)
{
    struct cy_lp_judged judged;
    const uint64_t start = now_ns();
    cy_err e = cy_lp_judge(cy_span_of(bytes->at, bytes->n), certificate, &judged);

    out->program = cy_sha256(cy_span_of(bytes->at, bytes->n));
    out->program_bytes = bytes->n;
    out->check_ns = now_ns() - start;
    if (cy_ok(e))
        e = take_verdict(program, lp, &judged.verdict, out);
    cy_lp_judged_free(&judged);
    return e;
}

cy_err cy_grid_plan_judge(const struct cy_grid_program *program, const int64_t *x,
                          struct cy_span certificate, struct cy_grid_plan *out)
{
    struct cy_lp_program *lp = cy_grid_program_exact(program, x);
    struct cy_lp_bytes bytes = {0};
    cy_err e = cy_fail(CY_E_NO_ROOM, 0);

    begin(program, out);
    memcpy(out->x, x, program->n_columns * sizeof *x);
    cy_lp_put(&out->certificate, certificate.at, certificate.n);
    if (lp != NULL) {
        cy_lp_encode(lp, &bytes);
        e = judge(program, lp, &bytes, certificate, out);
    }
    free(bytes.at);
    cy_lp_program_free(lp);
    return e;
}

/* --- finding --- */

static cy_err prove(const struct cy_grid_program *program, const double *y, bool found,
                    struct cy_grid_plan *out)
{
    struct cy_lp_program *lp = cy_grid_program_exact(program, out->x);
    struct cy_lp_bytes bytes = {0};
    struct cy_id id;
    cy_err e;

    if (lp == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    cy_lp_encode(lp, &bytes);
    id = cy_sha256(cy_span_of(bytes.at, bytes.n));
    round_multipliers(program, y, out->y);
    out->certificate.n = 0;
    cy_lp_witness_head(&out->certificate, found ? KIND_BOUNDED : CY_LP_WITNESS_NOTHING, &id);
    if (found)
        put_point(out->x, program->n_columns, &out->certificate);
    put_multipliers(lp, out->y, found, &out->certificate);
    e = judge(program, lp, &bytes, cy_span_of(out->certificate.at, out->certificate.n), out);
    free(bytes.at);
    cy_lp_program_free(lp);
    return e;
}

/* No plan was found: the proof that there is none. */
static cy_err refute(const struct cy_grid_program *program, struct cy_grid_plan *out)
{
    struct cy_grid_advice advice;
    double most = 0;
    cy_err e;

    cy_grid_program_search(program, true, &advice);
    for (uint32_t i = 0; i < program->n_rows; i++) {
        if (program->rows[i].kind == CY_GRID_BALANCE)
            most = fmax(most, fabs(advice.y[i]));
    }
    for (uint32_t i = 0; i < program->n_rows && most > 0; i++)
        advice.y[i] /= most;
    memset(out->x, 0, program->n_columns * sizeof *out->x);
    e = prove(program, advice.y, false, out);
    cy_grid_advice_free(&advice);
    if (e.code == CY_E_CERT_WRONG)
        return stalled();
    return e;
}

cy_err cy_grid_plan_find(const struct cy_grid_program *program, struct cy_grid_plan *out)
{
    struct cy_grid_advice advice;
    const uint64_t start = now_ns();
    bool good = false;
    cy_err e;

    begin(program, out);
    cy_grid_program_search(program, false, &advice);
    out->steps = advice.steps;
    out->search_ns = now_ns() - start;
    good = advice.good && round_plan(program, advice.x, out->x);
    e = good ? prove(program, advice.y, true, out) : refute(program, out);
    out->prove_ns = now_ns() - start - out->search_ns - out->check_ns;
    cy_grid_advice_free(&advice);
    return e;
}

/* --- what it comes to --- */

void cy_grid_cost(const struct cy_grid_program *program, const int64_t *x, mpq_ptr out)
{
    mpq_t at;
    mpq_t v;

    mpq_inits(at, v, NULL);
    mpq_set(out, program->constant);
    for (uint32_t j = 0; j < program->n_columns; j++) {
        const struct cy_grid_column *column = &program->columns[j];
        const struct cy_grid_generator *g = &program->grid->generators[column->item];

        if (column->kind != CY_GRID_OUTPUT)
            continue;
        mpz_set_si(mpq_numref(at), x[j]);
        mpz_set_si(mpq_denref(at), CY_GRID_POWER);
        mpq_canonicalize(at);
        mpq_mul(v, g->quadratic, at);
        mpq_add(v, v, column->part == 0 ? g->linear : g->segments[column->part - 1].slope);
        mpq_mul(v, v, at);
        mpz_set_si(mpq_numref(at), program->rules->periods[column->period].hours);
        mpz_set_si(mpq_denref(at), CY_GRID_SCALE);
        mpq_canonicalize(at);
        mpq_mul(v, v, at);
        mpq_add(out, out, v);
    }
    mpq_clears(at, v, NULL);
}

void cy_grid_pull(const struct cy_grid_program *program, const struct cy_grid_plan *plan,
                  uint32_t column, mpq_ptr out)
{
    const struct cy_grid_column *c = &program->columns[column];
    mpq_t v;

    mpq_init(v);
    mpq_set_si(out, 0, 1);
    if (plan->found) {
        mpz_set_si(mpq_numref(v), plan->x[column]);
        mpz_set_si(mpq_denref(v), CY_GRID_POWER);
        mpq_canonicalize(v);
        mpq_mul(v, v, c->quadratic);
        mpq_add(v, v, v);
        mpq_add(out, c->cost, v);
    }
    for (uint32_t t = c->first; t < c->first + c->n; t++) {
        mpz_set_si(mpq_numref(v), program->terms[t].by);
        mpz_set_si(mpq_denref(v), CY_GRID_SCALE);
        mpq_canonicalize(v);
        mpq_mul(v, v, plan->y[program->terms[t].row]);
        mpq_sub(out, out, v);
    }
    mpq_clear(v);
}
