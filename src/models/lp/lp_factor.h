/* lp_factor: a square matrix of exact fractions, split into triangles once, then solved with often.
 *
 * Rows and columns are eliminated in the order that makes least fill (Markowitz 1957): singletons
 * first, which is nearly all of a usual basis. A column of the matrix may later be replaced: what
 * that changes is kept as one more factor (product form of the inverse).
 *
 * Owns: its numbers. Never: rounds. */
#ifndef CY_MODELS_LP_LP_FACTOR_H
#define CY_MODELS_LP_LP_FACTOR_H

#include "models/lp/lp_program.h"

struct cy_lp_factor;

/* One column of the matrix, borrowed. */
struct cy_lp_sparse {
    const struct cy_lp_term *terms;
    uint32_t n;
};

/* cy_lp_factor_new factors the matrix of `columns` (n of them, rows 0..n - 1). Where the columns
 * depend on one another it returns NULL, and *bad_column and *bad_row name a column to take out and
 * a row whose unit column mends it. */
struct cy_lp_factor *cy_lp_factor_new(const struct cy_lp_sparse *columns, uint32_t n,
                                      uint32_t *bad_column, uint32_t *bad_row);
void cy_lp_factor_free(struct cy_lp_factor *factor);

/* cy_lp_factor_columns solves M x = b: b by rows in, x by columns out, in place. */
void cy_lp_factor_columns(struct cy_lp_factor *factor, mpq_t *b);

/* cy_lp_factor_rows solves M' y = c: c by columns in, y by rows out, in place. */
void cy_lp_factor_rows(struct cy_lp_factor *factor, mpq_t *c);

/* cy_lp_factor_replace puts another column in place `at`; `image` is that column after
 * cy_lp_factor_columns. Returns how many were replaced since the start. */
uint32_t cy_lp_factor_replace(struct cy_lp_factor *factor, uint32_t at, mpq_t *image);

#endif
