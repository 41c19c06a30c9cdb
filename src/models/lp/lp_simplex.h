/* lp_simplex: the bounded simplex method in exact fractions.
 *
 * It begins at any basis: that of a solver in floating point, which is then mostly optimal already
 * and only has to be recomputed exactly, or that of the rows themselves. What is wrong with it is
 * mended by exact steps: first towards keeping all bounds, then towards the least cost. The choice
 * falls back to the lowest number after steps that gained nothing, so that it ends (Bland 1977).
 *
 * Variables are numbered: columns 0..n - 1, then one for each row, the row's value.
 *
 *      columns . x - rows = 0,     lower <= x, rows <= upper
 *
 * The work needed depends on the basis, the answer's value never; the answer's point does only
 * where several are equally good, and cy_lp_simplex_settle then takes one and the same.
 *
 * Owns: its numbers and copies of bounds and costs; borrows the program. Never: rounds. */
#ifndef CY_MODELS_LP_LP_SIMPLEX_H
#define CY_MODELS_LP_LP_SIMPLEX_H

#include "models/lp/lp_factor.h"

enum cy_lp_place { CY_LP_AT_LOWER, CY_LP_AT_UPPER, CY_LP_AT_ZERO, CY_LP_BASIC };

enum cy_lp_outcome { CY_LP_FOUND, CY_LP_NO_POINT, CY_LP_NO_LIMIT, CY_LP_STOPPED };

struct cy_lp_variable_state {
    struct cy_lp_bound lower;
    struct cy_lp_bound upper;
    mpq_t cost;
    mpq_t x;
    enum cy_lp_place place;
    uint32_t position; /* in the basis */
};

struct cy_lp_simplex {
    const struct cy_lp_program *lp;
    uint32_t n_rows;
    uint32_t n; /* variables: columns and rows */
    struct cy_lp_variable_state *variables;
    uint32_t *basis;
    struct cy_lp_term *units; /* the column of each row's variable */
    struct cy_lp_factor *factor;
    mpq_t *y;     /* multipliers of the rows: of the costs, or of a proof that there is no point */
    mpq_t *image; /* a column through the basis; after CY_LP_NO_LIMIT with `entering` the ray */
    uint32_t entering;
    bool rising;
    double *y_near;
    uint64_t steps;    /* exact steps taken */
    uint32_t idle;     /* steps in a row that gained nothing */
    uint64_t deadline; /* nanoseconds of the monotonic clock; 0: none */
};

/* cy_lp_simplex_new makes one at the basis of the rows. The program is scaled and outlives it. */
struct cy_lp_simplex *cy_lp_simplex_new(const struct cy_lp_program *lp);
void cy_lp_simplex_free(struct cy_lp_simplex *s);

/* cy_lp_simplex_begin takes places advised by others: any advice is good enough, a basis that is
 * too small, too large or dependent is mended. */
void cy_lp_simplex_begin(struct cy_lp_simplex *s, const enum cy_lp_place *places);

/* cy_lp_simplex_run goes on to the end, or to the deadline. */
enum cy_lp_outcome cy_lp_simplex_run(struct cy_lp_simplex *s);

/* cy_lp_simplex_bounds sets both bounds of a column (NULL: none) and keeps the basis. */
void cy_lp_simplex_bounds(struct cy_lp_simplex *s, uint32_t column, mpq_srcptr lower,
                          mpq_srcptr upper);

/* cy_lp_simplex_settle, after CY_LP_FOUND: among all points of the same value takes the one whose
 * columns, in the order given, are least. False when that point is not reached (a column of it has
 * no least value, or time is over). Costs, bounds and y are changed: read y before. */
CY_MUST_USE bool cy_lp_simplex_settle(struct cy_lp_simplex *s, const uint32_t *order, uint32_t n);

#endif
