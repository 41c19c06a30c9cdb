/* sparse_ldl: a symmetric sparse matrix, split as L D L' once its order is known.
 *
 *      order    least degree first (Tinney and Walker 1967): networks stay nearly as sparse
 *      factor   column by column from the left (George and Liu 1981), any signs in D
 *      solve    L, D, L'
 *
 * The pattern is given once; numbers may be given often. For quasi-definite matrices every order
 * works (Vanderbei 1995). It is floating point, and advises only.
 *
 * Owns: pattern and factor. Never: claims that a solution is exact. */
#ifndef CY_MODELS_GRID_SPARSE_LDL_H
#define CY_MODELS_GRID_SPARSE_LDL_H

#include <stdbool.h>
#include <stdint.h>

struct cy_ldl;

/* One entry of the lower or upper half, or the diagonal. What stands at one place
 * twice is added up. */
struct cy_ldl_entry {
    uint32_t row;
    uint32_t column;
};

/* cy_ldl_new orders and takes the pattern of n x n with these entries; every diagonal counts as
 * there. Never fails (memory ends the program). */
struct cy_ldl *cy_ldl_new(uint32_t n, const struct cy_ldl_entry *entries, uint32_t n_entries);
void cy_ldl_free(struct cy_ldl *ldl);

/* cy_ldl_factor takes one number for each entry, in their order. With least > 0 the matrix is
 * quasi- definite: its first n_below pivots should be below -least, the others above least, and one
 * that rounding left elsewhere is put there (refinement then mends it). With least 0 it is as it
 * is. False when a pivot vanishes. */
bool cy_ldl_factor(struct cy_ldl *ldl, const double *numbers, uint32_t n_below, double least);

/* cy_ldl_solve solves in place. */
void cy_ldl_solve(const struct cy_ldl *ldl, double *b);

#endif
