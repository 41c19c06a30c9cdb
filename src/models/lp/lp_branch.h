/* lp_branch: whole-number columns by branching, with the tree kept as proof.
 *
 *      x <= floor(v)  |  x >= floor(v) + 1      depth first, the left side first
 *
 * Every leaf keeps the multipliers that prove it: no point, or none better than the best so far.
 * The best only gets better afterwards, so what a leaf proved stays proved.
 *
 * Owns: nothing. Never: cuts a leaf off on a number that was rounded. */
#ifndef CY_MODELS_LP_LP_BRANCH_H
#define CY_MODELS_LP_LP_BRANCH_H

#include "models/lp/lp_witness.h"

/* cy_lp_branch searches from the simplex as it stands; the tree's nodes are appended to *nodes.
 * CY_LP_FOUND: the columns' x are the best point; CY_LP_NO_POINT: there is none; CY_LP_NO_LIMIT:
 * the program without whole numbers has no least value; CY_LP_STOPPED: time or `leaves_max` is
 * over. */
enum cy_lp_outcome cy_lp_branch(struct cy_lp_simplex *s, uint32_t leaves_max,
                                struct cy_lp_bytes *nodes);

/* cy_lp_has_integers says whether some column must be whole. */
bool cy_lp_has_integers(const struct cy_lp_program *lp);

#endif
