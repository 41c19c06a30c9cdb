#include "models/grid/interior.h"

#include "models/lp/lp_program.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS_MAX = 120, REFINE = 3 };

#define TINY_SIDE 1e-10 /* a column with less room than this is held */
#define GOOD 1e-10      /* wanted */
#define ENOUGH 1e-7     /* taken when no step helps any more */
#define REGULAR 1e-8    /* exact pivots are at least this */
#define INSIDE 1e-14
#define SHY 0.9995 /* how near to a bound a step goes */

struct state {
    const struct cy_box *box;
    uint32_t n;
    uint32_t m;
    double *x;
    double *y;
    double *zl;
    double *zu;
    double *gap; /* rows: b - A x */
    double *off; /* columns: reduced cost - zl + zu */
    double *dx;
    double *dy;
    double *al; /* complementarity wanted */
    double *au;
    double *h;
    double *numbers;
    double *right;
    double *left;
    double *move;
    bool *held;
    uint32_t n_free;
    struct cy_ldl *ldl;
    double scale_b;
    double scale_c;
};

/* --- products --- */

static void residuals(struct state *s)
{
    const struct cy_box *box = s->box;

    for (uint32_t i = 0; i < s->m; i++)
        s->gap[i] = box->right[i];
    for (uint32_t j = 0; j < s->n; j++) {
        s->off[j] = box->cost[j] + 2 * box->quadratic[j] * s->x[j] - s->zl[j] + s->zu[j];
        for (uint32_t t = box->start[j]; t < box->start[j + 1]; t++) {
            s->gap[box->row[t]] -= box->by[t] * s->x[j];
            s->off[j] -= box->by[t] * s->y[box->row[t]];
        }
        if (s->held[j])
            s->off[j] = 0;
    }
}

static double worst(const double *v, uint32_t n)
{
    double most = 0;

    for (uint32_t i = 0; i < n; i++)
        most = fabs(v[i]) > most ? fabs(v[i]) : most;
    return most;
}

static double middle(const struct state *s)
{
    double sum = 0;

    for (uint32_t j = 0; j < s->n; j++) {
        if (!s->held[j])
            sum +=
                (s->x[j] - s->box->lower[j]) * s->zl[j] + (s->box->upper[j] - s->x[j]) * s->zu[j];
    }
    return s->n_free == 0 ? 0 : sum / (2.0 * s->n_free);
}

/* --- the augmented system --- */

/* Entries: the diagonal of columns, the diagonal of rows, then A. */
static void make_pattern(struct state *s)
{
    const uint32_t terms = s->box->start[s->n];
    struct cy_ldl_entry *entries = cy_lp_alloc((size_t)s->n + s->m + terms, sizeof *entries);

    for (uint32_t k = 0; k < s->n + s->m; k++)
        entries[k] = (struct cy_ldl_entry){k, k};
    for (uint32_t j = 0; j < s->n; j++) {
        for (uint32_t t = s->box->start[j]; t < s->box->start[j + 1]; t++)
            entries[s->n + s->m + t] = (struct cy_ldl_entry){s->n + s->box->row[t], j};
    }
    s->ldl = cy_ldl_new(s->n + s->m, entries, s->n + s->m + terms);
    free(entries);
}

static bool factor(struct state *s)
{
    const struct cy_box *box = s->box;

    for (uint32_t j = 0; j < s->n; j++) {
        s->h[j] = 2 * box->quadratic[j];
        if (s->held[j])
            s->h[j] = 1;
        else
            s->h[j] += s->zl[j] / (s->x[j] - box->lower[j]) + s->zu[j] / (box->upper[j] - s->x[j]);
        s->numbers[j] = -s->h[j] - REGULAR;
        for (uint32_t t = box->start[j]; t < box->start[j + 1]; t++)
            s->numbers[s->n + s->m + t] = s->held[j] ? 0 : box->by[t];
    }
    for (uint32_t i = 0; i < s->m; i++)
        s->numbers[s->n + i] = REGULAR;
    return cy_ldl_factor(s->ldl, s->numbers, s->n, REGULAR);
}

/* left = right - K * (dx, dy), without what was added to make it regular. */
static void remainder_of(struct state *s)
{
    const struct cy_box *box = s->box;

    for (uint32_t i = 0; i < s->m; i++)
        s->left[s->n + i] = s->right[s->n + i];
    for (uint32_t j = 0; j < s->n; j++) {
        s->left[j] = s->right[j] + s->h[j] * s->dx[j];
        for (uint32_t t = box->start[j]; t < box->start[j + 1] && !s->held[j]; t++) {
            s->left[j] -= box->by[t] * s->dy[box->row[t]];
            s->left[s->n + box->row[t]] -= box->by[t] * s->dx[j];
        }
    }
}

static void add_move(struct state *s, double sign)
{
    for (uint32_t j = 0; j < s->n; j++)
        s->dx[j] += s->held[j] ? 0 : sign * s->move[j];
    for (uint32_t i = 0; i < s->m; i++)
        s->dy[i] += sign * s->move[s->n + i];
}

/* The step for the complementarity wanted in al and au. */
static void direction(struct state *s)
{
    const struct cy_box *box = s->box;
    double last = 0;

    for (uint32_t j = 0; j < s->n; j++) {
        const double low = s->x[j] - box->lower[j];
        const double high = box->upper[j] - s->x[j];

        s->right[j] = 0;
        if (!s->held[j])
            s->right[j] =
                s->off[j] - (s->al[j] - s->zl[j] * low) / low + (s->au[j] - s->zu[j] * high) / high;
        s->dx[j] = 0;
    }
    for (uint32_t i = 0; i < s->m; i++) {
        s->right[s->n + i] = s->gap[i];
        s->dy[i] = 0;
    }
    remainder_of(s);
    last = worst(s->left, s->n + s->m);
    for (unsigned k = 0; k <= REFINE && last > 0; k++) {
        double now = 0;

        cy_ldl_solve(s->ldl, s->left);
        memcpy(s->move, s->left, ((size_t)s->n + s->m) * sizeof *s->move);
        add_move(s, 1);
        remainder_of(s);
        now = worst(s->left, s->n + s->m);
        if (!(now < last)) {
            add_move(s, -1);
            break;
        }
        last = now;
    }
}

/* The steps of the multipliers that follow from dx. */
static double dzl(const struct state *s, uint32_t j)
{
    return (s->al[j] - s->zl[j] * s->dx[j]) / (s->x[j] - s->box->lower[j]) - s->zl[j];
}

static double dzu(const struct state *s, uint32_t j)
{
    return (s->au[j] + s->zu[j] * s->dx[j]) / (s->box->upper[j] - s->x[j]) - s->zu[j];
}

/* How far one may go: points and multipliers apart. */
static void lengths(const struct state *s, double *point, double *multiplier)
{
    *point = 1 / SHY;
    *multiplier = 1 / SHY;
    for (uint32_t j = 0; j < s->n; j++) {
        const double low = s->x[j] - s->box->lower[j];
        const double high = s->box->upper[j] - s->x[j];

        if (s->held[j])
            continue;
        if (-s->dx[j] * *point > low)
            *point = -low / s->dx[j];
        if (s->dx[j] * *point > high)
            *point = high / s->dx[j];
        if (-dzl(s, j) * *multiplier > s->zl[j])
            *multiplier = -s->zl[j] / dzl(s, j);
        if (-dzu(s, j) * *multiplier > s->zu[j])
            *multiplier = -s->zu[j] / dzu(s, j);
    }
}

static void predict(struct state *s, double mu)
{
    double point = 0;
    double multiplier = 0;
    double after = 0;
    double aim = 0;

    for (uint32_t j = 0; j < s->n; j++) {
        s->al[j] = 0;
        s->au[j] = 0;
    }
    direction(s);
    lengths(s, &point, &multiplier);
    point = fmin(1, point);
    multiplier = fmin(1, multiplier);
    for (uint32_t j = 0; j < s->n; j++) {
        const double to = s->x[j] + point * s->dx[j];

        if (s->held[j])
            continue;
        after += (to - s->box->lower[j]) * (s->zl[j] + multiplier * dzl(s, j)) +
                 (s->box->upper[j] - to) * (s->zu[j] + multiplier * dzu(s, j));
    }
    after /= 2.0 * s->n_free;
    aim = pow(after / mu, 3) * mu;
    for (uint32_t j = 0; j < s->n; j++) {
        const double low = s->held[j] ? 0 : s->dx[j] * dzl(s, j);
        const double high = s->held[j] ? 0 : -s->dx[j] * dzu(s, j);

        s->al[j] = aim - low;
        s->au[j] = aim - high;
    }
}

/* Rounding must not put a column onto its bound. */
static double inside(const struct cy_box *box, uint32_t j, double x)
{
    const double low = box->lower[j] + INSIDE * fmax(1, fabs(box->lower[j]));
    const double high = box->upper[j] - INSIDE * fmax(1, fabs(box->upper[j]));

    return fmax(fmin(x, high), low);
}

static bool go(struct state *s)
{
    double point = 0;
    double multiplier = 0;

    direction(s);
    lengths(s, &point, &multiplier);
    if (!(point > 1e-10) && !(multiplier > 1e-10))
        return false;
    point = fmin(1, SHY * point);
    multiplier = fmin(1, SHY * multiplier);
    for (uint32_t j = 0; j < s->n; j++) {
        const double low = s->held[j] ? 0 : dzl(s, j);
        const double high = s->held[j] ? 0 : dzu(s, j);

        if (s->held[j])
            continue;
        s->zl[j] += multiplier * low;
        s->zu[j] += multiplier * high;
        s->x[j] = inside(s->box, j, s->x[j] + point * s->dx[j]);
    }
    for (uint32_t i = 0; i < s->m; i++)
        s->y[i] += multiplier * s->dy[i];
    return true;
}

/* --- the whole --- */

static void begin(struct state *s, const struct cy_box *box, double *x, double *y)
{
    const uint32_t n = box->n_columns;
    const uint32_t m = box->n_rows;

    *s = (struct state){.box = box, .n = n, .m = m, .x = x, .y = y};
    s->zl = cy_lp_alloc(n, sizeof *s->zl);
    s->zu = cy_lp_alloc(n, sizeof *s->zu);
    s->gap = cy_lp_alloc(m, sizeof *s->gap);
    s->off = cy_lp_alloc(n, sizeof *s->off);
    s->dx = cy_lp_alloc(n, sizeof *s->dx);
    s->dy = cy_lp_alloc(m, sizeof *s->dy);
    s->al = cy_lp_alloc(n, sizeof *s->al);
    s->au = cy_lp_alloc(n, sizeof *s->au);
    s->h = cy_lp_alloc(n, sizeof *s->h);
    s->held = cy_lp_alloc(n, sizeof *s->held);
    s->right = cy_lp_alloc((size_t)n + m, sizeof *s->right);
    s->left = cy_lp_alloc((size_t)n + m, sizeof *s->left);
    s->move = cy_lp_alloc((size_t)n + m, sizeof *s->move);
    s->numbers = cy_lp_alloc((size_t)n + m + box->start[n], sizeof *s->numbers);
    s->scale_b = 1 + worst(box->right, m);
    s->scale_c = 1 + worst(box->cost, n);
    for (uint32_t j = 0; j < n; j++) {
        s->held[j] = box->upper[j] - box->lower[j] <= TINY_SIDE;
        s->n_free += !s->held[j];
        s->x[j] = box->lower[j] + (box->upper[j] - box->lower[j]) / 2;
        s->zl[j] = s->held[j] ? 0 : s->scale_c;
        s->zu[j] = s->zl[j];
    }
    for (uint32_t i = 0; i < m; i++)
        s->y[i] = 0;
    make_pattern(s);
}

static void end(struct state *s)
{
    cy_ldl_free(s->ldl);
    free(s->zl);
    free(s->zu);
    free(s->gap);
    free(s->off);
    free(s->dx);
    free(s->dy);
    free(s->al);
    free(s->au);
    free(s->h);
    free(s->held);
    free(s->right);
    free(s->left);
    free(s->move);
    free(s->numbers);
}

/* The largest of the three things that must vanish, each against its own measure. */
static double error_of(const struct state *s, double mu)
{
    double value = 0;
    const double rows = worst(s->gap, s->m) / s->scale_b;
    const double columns = worst(s->off, s->n) / s->scale_c;
    double between = 0;

    for (uint32_t j = 0; j < s->n; j++)
        value += (s->box->cost[j] + s->box->quadratic[j] * s->x[j]) * s->x[j];
    between = 2.0 * mu * s->n_free / (1 + fabs(value));
    return fmax(between, fmax(rows, columns));
}

enum cy_box_end cy_box_solve(const struct cy_box *box, double *x, double *y, uint32_t *steps)
{
    struct state s;
    double *best_x = cy_lp_alloc(box->n_columns, sizeof *best_x);
    double *best_y = cy_lp_alloc(box->n_rows, sizeof *best_y);
    double best = HUGE_VAL;
    uint32_t since = 0;

    begin(&s, box, x, y);
    for (*steps = 0; *steps < STEPS_MAX && since < 12; ++*steps, since++) {
        const double mu = middle(&s);
        double error = 0;

        residuals(&s);
        error = error_of(&s, mu);
        if (error < best) {
            since = error < 0.9 * best ? 0 : since;
            best = error;
            memcpy(best_x, x, box->n_columns * sizeof *x);
            memcpy(best_y, y, box->n_rows * sizeof *y);
        }
        if (best < GOOD || !isfinite(error) || !factor(&s))
            break;
        predict(&s, mu);
        if (!go(&s))
            break;
    }
    memcpy(x, best_x, box->n_columns * sizeof *x);
    memcpy(y, best_y, box->n_rows * sizeof *y);
    free(best_x);
    free(best_y);
    end(&s);
    return best < ENOUGH ? CY_BOX_GOOD : CY_BOX_STALLED;
}
