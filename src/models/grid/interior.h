/* interior: least linear or convex quadratic cost in a box, by an interior-point method.
 *
 *      least  cost . x + x . diag(quadratic) . x      such that  A x = b,  lower <= x <= upper
 *
 * Mehrotra's predictor and corrector (1992) on the augmented system, factored by sparse_ldl, with
 * two steps of refinement. Floating point: what comes out is advice; whoever uses it rounds it and
 * proves it.
 *
 * Owns: nothing after it returns. Never: decides. */
#ifndef CY_MODELS_GRID_INTERIOR_H
#define CY_MODELS_GRID_INTERIOR_H

#include "models/grid/sparse_ldl.h"

/* Columns as in a program; `start` has n_columns + 1 places into row and by. */
struct cy_box {
    uint32_t n_rows;
    uint32_t n_columns;
    const uint32_t *start;
    const uint32_t *row;
    const double *by;
    const double *right;
    const double *lower; /* all finite */
    const double *upper;
    const double *cost;
    const double *quadratic; /* 0 or more */
};

enum cy_box_end {
    CY_BOX_GOOD,    /* to eight digits or better */
    CY_BOX_STALLED, /* no further: no point, or numbers too far apart */
};

/* cy_box_solve gives x (n_columns) and multipliers y (n_rows), and how many steps it took. */
enum cy_box_end cy_box_solve(const struct cy_box *box, double *x, double *y, uint32_t *steps);

#endif
